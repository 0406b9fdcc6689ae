//! Directories as text: files, snapshots, the way back to the seed.

use entra_emulator::{
    AccessPolicy, App, AppCertificate, ConsentGrant, ConsentKind, DeclarationError, Directory,
    DirectoryError, Emulator, FederatedCredential, OptionalClaim, PolicyRequirement,
    RequestedTokenVersion, Tenant, User, demo,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{VERIFIER, World, answer, challenge, query, redemption, sign_in};

const T: &str = "0a1b2c3d-0000-4000-8000-000000000000";
const HOME: &str = "0a1b2c3d-0000-4000-8000-00000000000f";

fn id(last: u8) -> String {
    format!("0a1b2c3d-0000-4000-8000-0000000000{last:02x}")
}

/// Everything that a directory can say.
fn everything(pem: &str) -> Directory {
    let certificate = || AppCertificate::from_pem(pem).unwrap();
    let federated = FederatedCredential::new("https://cluster.example/", "worker");
    let api = App::new(id(1), "API")
        .secret("one")
        .secret_until("two", 2_000_000_000)
        .certificate(certificate())
        .trusted_subject("client.example", certificate())
        .federated_credential(federated.clone().key_set(json!({ "keys": [] })))
        .federated_credential(federated.with_audience("another"))
        .identifier_uri("api://api")
        .redirect_uri("https://api.example/callback")
        .token_version(RequestedTokenVersion::V2)
        .scope("read")
        .scope_for("manage", ConsentKind::Admin)
        .role("Run.All")
        .pre_authorize(id(2), ["read"])
        .known_client(id(2))
        .requires(id(3), ["read"])
        .assignment_required()
        .group_claims()
        .microsoft_resource()
        .token_lifetime(600)
        .service_principal(id(9));
    let api = OptionalClaim::ALL
        .into_iter()
        .fold(api, App::optional_claim);
    let requirements = [
        PolicyRequirement::Mfa,
        PolicyRequirement::Conditions,
        PolicyRequirement::Block,
        PolicyRequirement::CompliantDevice,
        PolicyRequirement::ExternalChallenge,
        PolicyRequirement::SecurityPolicy,
        PolicyRequirement::SignInFrequency { seconds: 60 },
    ];
    let tenant = Tenant::new(T, "contoso.example")
        .domain("contoso.test")
        .display_name("Contoso")
        .without_user_consent()
        .user(
            User::new(id(0x20), "ada@contoso.example", "Ada")
                .email("ada@contoso.example")
                .group(id(0x30))
                .administrator()
                .without_second_factor()
                .expired_password("old")
                .revoke_sessions_before(5),
        )
        .user(User::new(id(0x21), "guest", "Guest").guest_from(HOME, id(0x22)))
        .user(User::new(id(0x23), "agent", "Agent").agent_account_of(id(5)))
        .user(User::new(id(0x24), "gone", "Gone").disabled().password("p"))
        .app(api)
        .app(App::new(id(2), "Tool").public())
        .app(App::new(id(3), "Off").scope("read").disabled())
        .app(App::new(id(4), "Blueprint").blueprint())
        .app(App::new(id(5), "Identity").agent_identity_of(id(4)))
        .app(App::new(id(6), "Machine").system_assigned_identity())
        .app(App::new(id(7), "Other").user_assigned_identity("/subscriptions/x"))
        .grant(ConsentGrant::delegated(id(2), id(1), ["read"]))
        .grant(ConsentGrant::delegated(id(2), id(1), ["manage"]).only_for(id(0x20)))
        .grant(ConsentGrant::app_roles(id(4), id(1), ["Run.All"]))
        .grant(ConsentGrant::user_roles(id(0x20), id(1), ["Run.All"]))
        .grant(ConsentGrant::group_roles(
            id(0x30),
            id(1),
            Vec::<String>::new(),
        ));
    let policy = |(at, requirement)| {
        let last = u8::try_from(at).unwrap() + 0x40;
        AccessPolicy::new(id(last), requirement)
            .resource(id(1))
            .user(id(0x20))
    };
    let policies = requirements.into_iter().enumerate().map(policy);
    let tenant = policies.fold(tenant, Tenant::policy);
    let tenant = tenant.policy(AccessPolicy::new(id(0x50), PolicyRequirement::Mfa).disabled());
    let home =
        Tenant::new(HOME, "home.example").user(User::new(id(0x22), "guest@home.example", "G"));
    Directory::new().tenant(tenant).tenant(home)
}

#[tokio::test]
async fn everything_survives_the_way_through_json_and_toml() {
    let emulator = Emulator::builder(Directory::new()).tls().start().await;
    let emulator = emulator.unwrap();
    let directory = everything(emulator.ca_certificate_pem().unwrap());
    assert_eq!(directory.check(), Ok(()));

    let json = Directory::from_json(&directory.to_json().to_string()).unwrap();
    assert_eq!(json.to_json(), directory.to_json());
    let toml = Directory::from_toml(&toml::to_string(&directory).unwrap()).unwrap();
    assert_eq!(toml.to_json(), directory.to_json());
    let (one, two) = (format!("{directory:#?}"), format!("{json:#?}"));
    assert_eq!(one, two, "also what Debug shows");

    let apps = &directory.to_json()["tenants"][0]["apps"];
    let claims = apps[0]["optional_claims"].as_array().unwrap().iter();
    let names: Vec<_> = OptionalClaim::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(
        claims.map(|c| c.as_str().unwrap()).collect::<Vec<_>>(),
        names
    );
}

#[test]
fn ids_are_read_in_any_case() {
    let text = Directory::demo().to_json().to_string();
    let upper = text.replace(demo::DAEMON, &demo::DAEMON.to_uppercase());
    let upper = upper.replace(demo::ALICE, &demo::ALICE.to_uppercase());
    assert_ne!(upper, text);
    assert_eq!(
        Directory::from_json(&upper).unwrap().to_json().to_string(),
        text
    );
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let with = |pointer: &str, value: Value| {
        let mut json = Directory::demo().to_json();
        *json.pointer_mut(pointer).expect(pointer) = value;
        Directory::from_json(&json.to_string())
            .unwrap_err()
            .to_string()
    };
    let mut app = json!({ "client_id": T, "display_name": "x" });
    for (pointer, value, wanted) in [
        (
            "/tenants/0/users/1/object_id",
            json!(5),
            "tenants[0].users[1].object_id: invalid type",
        ),
        (
            "/tenants/0/users/0/state",
            json!("off"),
            "tenants[0].users[0].state: unknown variant",
        ),
        (
            "/tenants/0/grants/0",
            json!({ "resource": T }),
            "tenants[0].grants[0]: consent is",
        ),
        (
            "/tenants/0/apps/1/secrets/0",
            json!({}),
            "tenants[0].apps[1].secrets[0]: missing field",
        ),
    ] {
        let text = with(pointer, value);
        assert!(text.starts_with(wanted), "{text}");
    }
    app["certificates"] = json!(["no PEM"]);
    let text = with("/tenants/0/apps/0", app);
    assert!(
        text.starts_with("tenants[0].apps[0].certificates[0]: certificate"),
        "{text}"
    );

    let toml = Directory::from_toml("[[tenants]]\nid = 1\n").unwrap_err();
    assert!(toml.to_string().starts_with("tenants[0].id: "), "{toml}");
    for text in ["[[tenants", "tenant = 1", "tenants = 1"] {
        let refused = Directory::from_toml(text).unwrap_err();
        assert!(matches!(refused, DeclarationError::Shape { .. }), "{text}");
    }
    for text in ["", "{}{}", "[]", "{\"tenants\":[],\"tenants\":[]}"] {
        let refused = Directory::from_json(text).unwrap_err();
        assert!(matches!(refused, DeclarationError::Shape { .. }), "{text}");
    }
    let mut homeless = Directory::demo().to_json();
    homeless["tenants"][0]["domains"] = json!([]);
    let refused = Directory::from_json(&homeless.to_string()).unwrap_err();
    let DeclarationError::Directory(DirectoryError::Invalid { reason, .. }) = refused else {
        panic!("{refused}");
    };
    assert_eq!(reason, "it has no domain");
}

impl World {
    async fn steered(&self, method: Method, operation: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/__emulator/{operation}", self.emulator.base_url());
        let request = self.http.request(method, url).json(&body);
        let answer = answer(request.send().await.unwrap()).await;
        (answer.status, answer.json)
    }
}

#[tokio::test]
async fn a_snapshot_is_fed_back_to_another_emulator() {
    let world = World::new().await;
    let tenant = demo::TENANT;
    world
        .emulator
        .require_assignment(tenant, demo::MCP_SERVER)
        .unwrap();
    let (status, snapshot) = world.steered(Method::GET, "directory", json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(snapshot, world.emulator.directory().to_json());

    let other = World::with(Directory::new()).await;
    other
        .daemon(&[])
        .await
        .refused(400, "invalid_request", 90002);
    let fed = other
        .steered(Method::POST, "directory", snapshot.clone())
        .await;
    assert_eq!(fed, (200, snapshot.clone()));
    other.daemon(&[]).await.token();

    let mut wrong = snapshot.clone();
    wrong["tenants"][0]["apps"][0]["colour"] = json!("blue");
    let (status, refusal) = other.steered(Method::POST, "directory", wrong).await;
    assert_eq!(status, 400);
    let text = refusal["error"].as_str().unwrap();
    assert!(
        text.starts_with("tenants[0].apps[0].colour: unknown field"),
        "{text}"
    );
    let mut wrong = snapshot.clone();
    wrong["tenants"][0]["grants"][0]["scopes"] = json!(["no.such"]);
    let (status, refusal) = other.steered(Method::POST, "directory", wrong).await;
    assert_eq!(status, 400);
    assert!(refusal["error"].as_str().unwrap().contains("no.such"));
    assert_eq!(
        other.emulator.directory().to_json(),
        snapshot,
        "the old one stays"
    );
}

#[tokio::test]
async fn reset_goes_back_to_the_seed() {
    let world = World::new().await;
    let emulator = &world.emulator;
    let key = world.daemon(&[]).await.token().header["kid"].clone();
    emulator.replace_directory(Directory::new()).unwrap();
    emulator.clock().freeze_at(5);
    emulator.rotate_keys();
    emulator.fail_next(entra_emulator::Fault::status("/token", 503).always());
    emulator.set_identity_state(entra_emulator::IdentityState::Failing);
    assert_eq!(world.daemon(&[]).await.status, 503);

    let done = world.steered(Method::POST, "reset", json!({})).await;
    assert_eq!(done, (200, json!({ "reset": true })));
    assert_eq!(emulator.journal().entries().len(), 0);
    assert_eq!(emulator.pending_faults().len(), 0);
    assert_eq!(emulator.directory().to_json(), Directory::demo().to_json());
    let token = world.daemon(&[]).await.token();
    assert_eq!(token.header["kid"], key);
    assert!(token.claims["iat"].as_i64().unwrap() > 1_700_000_000);
    let (_, identity) = world
        .steered(Method::GET, "managed-identity", json!({}))
        .await;
    assert_eq!(identity["state"], "ready");
}

#[tokio::test]
async fn reset_forgets_codes_and_refresh_tokens() {
    let world = World::new().await;
    let challenge = challenge(VERIFIER);
    let scope = format!("{} offline_access", demo::MCP_READ_SCOPE);
    let form = sign_in(&challenge, &scope);
    let code = || async { query(&world.authorize(&form).await, "code").unwrap() };
    let (one, two) = (code().await, code().await);
    let tokens = world.token(&redemption(&one)).await;
    let before = tokens.text("refresh_token").to_owned();
    world.emulator.reset();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", before.as_str()),
        ("scope", demo::MCP_READ_SCOPE),
    ];
    assert_eq!(world.token(&form).await.json["error"], "invalid_grant");
    let late = world.token(&redemption(&two)).await;
    assert_eq!(late.json["error"], "invalid_grant");
}

#[tokio::test]
async fn policies_and_assignment_over_http() {
    let world = World::new().await;
    let (tenant, policy) = (demo::TENANT, id(0x60));
    let assertion = world.emulator.forge();
    let assertion = assertion
        .user_token(
            tenant,
            demo::ALICE,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &[demo::MCP_READ],
        )
        .unwrap()
        .sign()
        .unwrap();
    assert_eq!(world.obo(&assertion, &[]).await.status, 200);
    let set = json!({
        "tenant": tenant,
        "policy": { "id": policy, "requirement": "block", "resources": [demo::ORDERS_API] },
    });
    assert_eq!(
        world.steered(Method::POST, "policies", set.clone()).await.0,
        200
    );
    assert_eq!(world.obo(&assertion, &[]).await.code(), 53003);
    let off = json!({ "tenant": tenant, "policy": { "id": policy, "requirement": "block", "enabled": false } });
    assert_eq!(world.steered(Method::POST, "policies", off).await.0, 200);
    assert_eq!(world.obo(&assertion, &[]).await.status, 200);
    assert_eq!(
        world.steered(Method::POST, "policies", set.clone()).await.0,
        200
    );
    let removed = json!({ "tenant": tenant, "id": policy });
    assert_eq!(
        world.steered(Method::DELETE, "policies", removed).await.0,
        200
    );
    assert_eq!(world.obo(&assertion, &[]).await.status, 200);

    let assignment =
        |value: &str| json!({ "tenant": tenant, "app": demo::ORDERS_API, "assignment": value });
    let required = assignment("required");
    assert_eq!(
        world.steered(Method::POST, "assignment", required).await.0,
        200
    );
    assert_eq!(world.obo(&assertion, &[]).await.code(), 50105);
    let optional = assignment("optional");
    assert_eq!(
        world.steered(Method::POST, "assignment", optional).await.0,
        200
    );
    assert_eq!(world.obo(&assertion, &[]).await.status, 200);

    let mut unknown = set.clone();
    unknown["policy"]["resources"] = json!([T]);
    let mut odd = set.clone();
    odd["policy"]["requirement"] = json!("prayer");
    for (method, operation, body, reason) in [
        (Method::POST, "policies", unknown, T),
        (Method::POST, "policies", odd, "policy.requirement"),
        (
            Method::DELETE,
            "policies",
            json!({ "tenant": "x", "id": "y" }),
            "tenant `x`",
        ),
        (
            Method::POST,
            "assignment",
            assignment("maybe"),
            "assignment",
        ),
        (
            Method::POST,
            "assignment",
            json!({ "tenant": tenant, "app": T, "assignment": "required" }),
            "app",
        ),
    ] {
        let (status, refusal) = world.steered(method, operation, body).await;
        assert_eq!(status, 400, "{refusal}");
        assert!(
            refusal["error"].as_str().unwrap().contains(reason),
            "{refusal}"
        );
    }
}
