//! Groups from Microsoft Graph, against the emulator's.

use std::sync::Arc;

use entra_claims::groups::GroupDirectory;
use entra_claims::transport::HttpClient;
use entra_claims::{
    AcceptedAudiences, Authenticator, Reason, Requirement, TenantPolicy, Validator, VerifiedToken,
};
use entra_emulator::{App, ConsentGrant, Directory, Emulator, Fault, User, demo};
use entra_obo::graph_groups::GraphGroups;
use entra_obo::{ClientCredential, ClientSecret, ExchangeClient};
use foundry_scopes::{ClientId, Cloud, ObjectId, TenantAuthority, TenantId};

const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

struct World {
    emulator: Emulator,
    client: ExchangeClient,
}

fn group(n: u32) -> String {
    format!("c0de0000-6e0a-4000-8000-{n:012}")
}

fn requirement(n: u32) -> Requirement {
    Requirement::group(ObjectId::parse(&group(n)).unwrap())
}

/// Alice is in more groups than a token lists.
async fn world() -> World {
    let many = |user: User| (0..250).fold(user, |user, n| user.group(group(n)));
    let directory = Directory::demo()
        .map_user(demo::ALICE, many)
        .map_app(demo::MCP_SERVER, App::group_claims);
    let roles = ["GroupMember.Read.All", "User.ReadBasic.All"];
    let tenants = directory
        .tenants()
        .cloned()
        .map(|tenant| match tenant.id() {
            demo::TENANT => tenant.grant(ConsentGrant::app_roles(demo::MCP_SERVER, GRAPH, roles)),
            _ => tenant,
        });
    let directory = tenants.fold(Directory::new(), Directory::tenant);
    let emulator = Emulator::start(directory).await.unwrap();
    let cloud = Cloud::loopback(emulator.base_url()).unwrap();
    let tenant = TenantId::parse(demo::TENANT).unwrap();
    let client = ExchangeClient::new(
        TenantAuthority::new(cloud, tenant),
        ClientId::parse(demo::MCP_SERVER).unwrap(),
        ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET)),
    );
    World {
        emulator,
        client: client.unwrap(),
    }
}

impl World {
    fn near(&self, groups: GraphGroups) -> GraphGroups {
        let transport = HttpClient::allowing_loopback().unwrap();
        groups
            .at(format!("{}/graph/v1.0/", self.emulator.base_url()))
            .transport(Arc::new(transport))
    }

    fn on_behalf_of(&self) -> GraphGroups {
        self.near(GraphGroups::on_behalf_of(&self.client).unwrap())
    }

    fn as_app(&self) -> GraphGroups {
        self.near(GraphGroups::as_app(&self.client).unwrap())
    }

    async fn user(&self, tenant: &str, user: &str) -> VerifiedToken {
        let forge = self.emulator.forge();
        let scopes = [demo::MCP_READ];
        let token = forge.user_token(tenant, user, demo::MCP_CLIENT, demo::MCP_SERVER, &scopes);
        let token = token.unwrap().sign().unwrap();
        let cloud = Cloud::loopback(self.emulator.base_url()).unwrap();
        let policy = TenantPolicy::single(TenantId::parse(tenant).unwrap());
        let audience = AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap());
        let authenticator = Authenticator::new(Validator::new(cloud, policy, audience)).unwrap();
        authenticator.authenticate(&token).await.unwrap()
    }
}

#[tokio::test]
async fn an_overage_is_decided_by_graph_as_the_user_and_as_the_application() {
    let world = world().await;
    let alice = world.user(demo::TENANT, demo::ALICE).await;
    let here = requirement(249).check(&alice).unwrap_err();
    assert_eq!(here.reason(), Reason::GroupsUnknown);
    for source in [world.on_behalf_of(), world.as_app()] {
        let groups = GroupDirectory::new(source);
        groups.check(&requirement(249), &alice).await.unwrap();
        let refused = groups.check(&requirement(250), &alice).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::MissingGroup);
    }
    let asked = world.emulator.journal().entries();
    let paths: Vec<_> = asked.iter().map(|entry| entry.path().to_owned()).collect();
    let count = |end: &str| paths.iter().filter(|path| path.ends_with(end)).count();
    assert_eq!(count("/me/getMemberObjects"), 1, "one answer is kept");
    assert_eq!(
        count(&format!("/users/{}/getMemberObjects", demo::ALICE)),
        1
    );
}

#[tokio::test]
async fn whatever_goes_wrong_is_no_answer() {
    let world = world().await;
    let alice = world.user(demo::TENANT, demo::ALICE).await;
    let path = "/getMemberObjects";
    let json = "application/json";
    for fault in [
        Fault::status(path, 503),
        Fault::status(path, 429).header("retry-after", "7"),
        Fault::status(path, 403),
        Fault::status(path, 200).body("text/html", "<html>"),
        Fault::status(path, 200).body(json, r#"{"value":["x"]}"#),
        Fault::status(path, 200).body(json, r#"{"value":[],"@odata.nextLink":"x"}"#),
        Fault::redirect(path, "http://127.0.0.1:1/"),
        Fault::close(path),
    ] {
        world.emulator.fail_next(fault.clone());
        let groups = GroupDirectory::new(world.on_behalf_of());
        let refused = groups.check(&requirement(249), &alice).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::GroupsUnavailable, "{fault:?}");
    }
    // A token that there is no consent for is no answer either.
    let emulator = &world.emulator;
    emulator
        .revoke_consent(demo::TENANT, demo::MCP_SERVER, GRAPH)
        .unwrap();
    let bob = world.user(demo::TENANT, demo::BOB).await;
    let groups = world.on_behalf_of();
    let error = entra_claims::groups::GroupSource::groups(&groups, &bob).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("consent"), "{error}");
}

#[tokio::test]
async fn users_of_another_tenant_are_not_asked_for() {
    let world = world().await;
    let carol = world.user(demo::OTHER_TENANT, demo::CAROL).await;
    for source in [world.on_behalf_of(), world.as_app()] {
        let error = entra_claims::groups::GroupSource::groups(&source, &carol).await;
        assert!(error.unwrap_err().to_string().contains("another tenant"));
    }
    let asked = world.emulator.journal().entries();
    assert!(asked.iter().all(|entry| !entry.path().contains("graph")));
}

#[tokio::test]
async fn plain_http_is_refused_unless_the_transport_allows_it() {
    let world = world().await;
    let alice = world.user(demo::TENANT, demo::ALICE).await;
    let groups = GraphGroups::on_behalf_of(&world.client).unwrap();
    let groups = groups.at(format!("{}/graph/v1.0", world.emulator.base_url()));
    let error = entra_claims::groups::GroupSource::groups(&groups, &alice).await;
    assert!(error.is_err());
    assert!(!format!("{groups:?}").contains(demo::MCP_SERVER_SECRET));
}
