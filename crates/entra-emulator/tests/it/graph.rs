//! The small Microsoft Graph: what it answers, to whom, and how it refuses.

use entra_emulator::{ConsentGrant, Directory, Tenant, User, demo};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, World, answer};

const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const GROUPS: [&str; 3] = [
    "c0de0000-6209-4000-8000-000000000001",
    "c0de0000-6209-4000-8000-000000000002",
    "c0de0000-6209-4000-8000-000000000003",
];

async fn world() -> World {
    let directory = Directory::demo().map_user(demo::ALICE, |user: User| {
        GROUPS.iter().fold(user, User::group).administrator()
    });
    World::with(directory).await
}

impl World {
    pub(crate) fn graph_token(&self, scopes: &[&str]) -> String {
        let forge = self.emulator.forge();
        let client = demo::MCP_SERVER;
        let token = forge.user_token(demo::TENANT, demo::ALICE, client, GRAPH, scopes);
        token.unwrap().sign().unwrap()
    }

    fn app_token(&self, roles: &[&str]) -> String {
        let forge = self.emulator.forge();
        let token = forge.app_token(demo::TENANT, demo::DAEMON, GRAPH, roles);
        token.unwrap().sign().unwrap()
    }

    pub(crate) async fn graph(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Answer {
        let url = format!("{}{path}", self.emulator.base_url());
        let mut request = self.http.request(method, url);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request.send().await.unwrap()).await
    }
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    let error = &answer.json["error"];
    assert_eq!(
        (answer.status, &error["code"]),
        (status, &json!(code)),
        "{}",
        answer.json
    );
    assert!(error["message"].is_string() && error["innerError"]["request-id"].is_string());
    assert_eq!(
        answer.headers["request-id"],
        error["innerError"]["request-id"].as_str().unwrap()
    );
}

#[tokio::test]
async fn a_user_reads_itself_with_the_token_that_it_gets() {
    let world = world().await;
    let assertion = world.forged().sign().unwrap();
    let scope = [("scope", demo::GRAPH_SCOPE)];
    let token = world.obo(&assertion, &scope).await.token();
    let me = world
        .graph(Method::GET, "/graph/v1.0/me", &token.text, None)
        .await;
    assert_eq!(me.text("id"), demo::ALICE);
    assert_eq!(me.text("userPrincipalName"), demo::ALICE_UPN);
    assert_eq!(
        (me.text("givenName"), me.text("surname")),
        ("Alice", "Example")
    );
    let some = "/graph/v1.0/me?$select=id,userType";
    let some = world.graph(Method::GET, some, &token.text, None).await.json;
    assert_eq!(some["userType"], "Member");
    assert_eq!(some.as_object().unwrap().len(), 3, "{some}");
}

#[tokio::test]
async fn tokens_are_verified() {
    let world = world().await;
    let forge = world.emulator.forge();
    let right = forge.user_token(
        demo::TENANT,
        demo::ALICE,
        demo::MCP_SERVER,
        GRAPH,
        &["User.Read"],
    );
    let right = right.unwrap();
    let foreign = right
        .clone()
        .key(entra_emulator::ForgeKey::UnpublishedUnderLiveKid);
    let bad = [
        String::new(),
        "x".to_owned(),
        world.forged().sign().unwrap(),
        right.clone().claim("exp", 1).sign().unwrap(),
        right
            .clone()
            .claim("nbf", 9_000_000_000_i64)
            .sign()
            .unwrap(),
        right
            .clone()
            .claim("iss", "http://localhost/x/")
            .sign()
            .unwrap(),
        foreign.sign().unwrap(),
    ];
    for token in &bad {
        let answer = world
            .graph(Method::GET, "/graph/v1.0/me", token, None)
            .await;
        refused(&answer, 401, "InvalidAuthenticationToken");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    let good = right.sign().unwrap();
    let path = "/graph/v1.0/me";
    assert_eq!(
        world.graph(Method::GET, path, &good, None).await.status,
        200
    );
    world
        .emulator
        .disable_user(demo::TENANT, demo::ALICE)
        .unwrap();
    let gone = world.graph(Method::GET, path, &good, None).await;
    refused(&gone, 401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn permissions_are_enforced() {
    let world = world().await;
    let bob = format!("/graph/v1.0/users/{}", demo::BOB);
    let own = world.graph_token(&["User.Read"]);
    for (token, path, status) in [
        (
            own.as_str(),
            format!("/graph/v1.0/users/{}", demo::ALICE),
            200,
        ),
        (&own, format!("/graph/v1.0/users/{}", demo::ALICE_UPN), 200),
        (&own, bob.clone(), 403),
        (&own, "/graph/v1.0/users/nobody".to_owned(), 403),
        (&own, format!("{bob}/memberOf"), 403),
        (
            &world.graph_token(&["Mail.Read"]),
            "/graph/v1.0/me".to_owned(),
            403,
        ),
        (
            &world.graph_token(&["User.ReadBasic.All"]),
            bob.clone(),
            200,
        ),
        (
            &world.graph_token(&["User.ReadBasic.All"]),
            format!("{bob}/memberOf"),
            403,
        ),
        (
            &world.graph_token(&["GroupMember.Read.All"]),
            format!("{bob}/memberOf"),
            200,
        ),
        (&world.app_token(&["User.Read.All"]), bob.clone(), 200),
        (&world.app_token(&["User.Read"]), bob.clone(), 403),
        (&world.app_token(&[]), bob, 403),
    ] {
        let answer = world.graph(Method::GET, &path, token, None).await;
        assert_eq!(answer.status, status, "{path} {}", answer.json);
        if status == 403 {
            refused(&answer, 403, "Authorization_RequestDenied");
        }
    }
    let all = world.app_token(&["User.Read.All"]);
    let nobody = world
        .graph(Method::GET, "/graph/v1.0/users/nobody", &all, None)
        .await;
    refused(&nobody, 404, "Request_ResourceNotFound");
    let me = world.graph(Method::GET, "/graph/v1.0/me", &all, None).await;
    refused(&me, 400, "BadRequest");
}

#[tokio::test]
async fn groups_come_in_pages_or_as_ids() {
    let world = world().await;
    let token = world.graph_token(&["User.Read"]);
    let mut path = "/graph/v1.0/me/memberOf?$top=2".to_owned();
    let mut ids = Vec::new();
    for more in [true, false] {
        let page = world.graph(Method::GET, &path, &token, None).await.json;
        let value = page["value"].as_array().unwrap();
        ids.extend(value.iter().map(|g| g["id"].as_str().unwrap().to_owned()));
        let link = page["@odata.nextLink"].as_str();
        assert_eq!(link.is_some(), more, "{page}");
        path = link
            .unwrap_or_default()
            .replace(world.emulator.base_url(), "");
    }
    assert_eq!(ids, GROUPS);
    let bad = world
        .graph(Method::GET, "/graph/v1.0/me/memberOf?$top=x", &token, None)
        .await;
    refused(&bad, 400, "Request_BadRequest");

    let overage = format!("/{}/users/{}/getMemberObjects", demo::TENANT, demo::ALICE);
    for path in ["/graph/v1.0/me/getMemberObjects", &overage] {
        for (only, count) in [(true, 3), (false, 4)] {
            let body = json!({ "securityEnabledOnly": only });
            let answer = world.graph(Method::POST, path, &token, Some(body)).await;
            assert_eq!(
                answer.json["value"].as_array().unwrap().len(),
                count,
                "{path}"
            );
        }
        let answer = world
            .graph(Method::POST, path, &token, Some(json!({})))
            .await;
        refused(&answer, 400, "Request_BadRequest");
    }
}

#[tokio::test]
async fn an_administrator_grants_and_assigns() {
    let world = world().await;
    let token = world.app_token(&[
        "DelegatedPermissionGrant.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
    ]);
    let find = async |app: &str| {
        let url = format!("/graph/v1.0/servicePrincipals?$filter=appId%20eq%20'{app}'");
        let found = world.graph(Method::GET, &url, &token, None).await.json;
        found["value"][0].clone()
    };
    let (server, payroll, orders) = (
        find(demo::MCP_SERVER).await,
        find(demo::PAYROLL_API).await,
        find(demo::ORDERS_API).await,
    );
    let assertion = world.forged().sign().unwrap();
    let scope = [("scope", demo::PAYROLL_READ_SCOPE)];
    world
        .obo(&assertion, &scope)
        .await
        .refused(400, "invalid_grant", 65001);
    let wanted = json!({
        "clientId": server["id"], "consentType": "AllPrincipals", "resourceId": payroll["id"],
        "scope": demo::PAYROLL_READ,
    });
    let path = "/graph/v1.0/oauth2PermissionGrants";
    let reader = world.app_token(&["Application.Read.All"]);
    let denied = world
        .graph(Method::POST, path, &reader, Some(wanted.clone()))
        .await;
    refused(&denied, 403, "Authorization_RequestDenied");
    let added = world
        .graph(Method::POST, path, &token, Some(wanted.clone()))
        .await;
    assert_eq!(added.status, 201, "{}", added.json);
    world.obo(&assertion, &scope).await.token();
    let listed = world.graph(Method::GET, path, &reader, None).await.json;
    assert!(listed["value"].as_array().unwrap().contains(&added.json));
    let one = format!("{path}/{}", added.text("id"));
    assert_eq!(
        world.graph(Method::DELETE, &one, &token, None).await.status,
        204
    );
    world
        .obo(&assertion, &scope)
        .await
        .refused(400, "invalid_grant", 65001);
    let again = world.graph(Method::DELETE, &one, &token, None).await;
    refused(&again, 404, "Request_ResourceNotFound");
    let mut wrong = wanted;
    wrong["scope"] = json!("no.such");
    let answer = world.graph(Method::POST, path, &token, Some(wrong)).await;
    refused(&answer, 400, "Request_BadRequest");

    let daemon = find(demo::DAEMON).await;
    let id = daemon["id"].as_str().unwrap();
    let path = format!("/graph/v1.0/servicePrincipals/{id}/appRoleAssignments");
    let assign = json!({
        "principalId": id, "resourceId": orders["id"], "appRoleId": orders["appRoles"][0]["id"],
    });
    let added = world
        .graph(Method::POST, &path, &token, Some(assign.clone()))
        .await;
    assert_eq!(added.status, 201, "{}", added.json);
    let scope = [("scope", demo::ORDERS_DEFAULT_SCOPE)];
    let claims = world.daemon(&scope).await.token().claims;
    assert_eq!(claims["roles"], json!([demo::ORDERS_ROLE]));
    let mut wrong = assign;
    wrong["appRoleId"] = json!("c0de0000-0000-4000-8000-000000000000");
    let answer = world.graph(Method::POST, &path, &token, Some(wrong)).await;
    refused(&answer, 400, "Request_BadRequest");
}

#[tokio::test]
async fn the_directory_may_consent_to_graph() {
    let directory = Directory::demo();
    let grant = ConsentGrant::delegated(demo::MCP_CLIENT, GRAPH, ["User.Read"]);
    let tenants = directory.tenants().cloned();
    let tenants = tenants.map(|t: Tenant| t.grant(grant.clone()));
    let world = World::with(tenants.fold(Directory::new(), Directory::tenant)).await;
    let answer = world.sign_in("openid profile User.Read").await;
    let scopes = answer.text("scope");
    assert_eq!(scopes, "openid profile email User.Read");
    let token = answer.token();
    let me = world
        .graph(Method::GET, "/graph/v1.0/me", &token.text, None)
        .await;
    assert_eq!(me.status, 200, "{}", me.json);
    let unknown = ConsentGrant::delegated(demo::MCP_CLIENT, GRAPH, ["No.Such"]);
    assert!(world.emulator.grant_consent(demo::TENANT, unknown).is_err());
}
