//! Federated credentials that name this emulator: its tenants and its managed identities.

use entra_emulator::{App, Directory, FederatedCredential, demo};

use crate::support::{Answer, World};

const IDENTITY: &str = "c0de0000-3a9a-4000-8000-0000000000f1";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const EXCHANGE: &str = "api://AzureADTokenExchange";

fn directory(credential: &FederatedCredential) -> Directory {
    let identity = App::new(IDENTITY, "machine").system_assigned_identity();
    let directory = Directory::demo().map_app(demo::DAEMON, |app| {
        app.federated_credential(credential.clone())
    });
    let tenants = directory
        .tenants()
        .cloned()
        .map(|tenant| match tenant.id() {
            demo::TENANT => tenant.app(identity.clone()),
            _ => tenant,
        });
    tenants.fold(Directory::new(), Directory::tenant)
}

async fn with_assertion(world: &World, assertion: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::DAEMON),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
        ("scope", demo::MCP_DEFAULT_SCOPE),
    ];
    world.token(&form).await
}

async fn of_the_machine(world: &World, resource: &str) -> String {
    let url = format!(
        "{}/metadata/identity/oauth2/token",
        world.emulator.metadata_base_url()
    );
    let query = [("api-version", "2018-02-01"), ("resource", resource)];
    let url = url::Url::parse_with_params(&url, query).unwrap();
    let request = world.http.get(url).header("metadata", "true");
    let answer = crate::support::answer(request.send().await.unwrap()).await;
    answer.text("access_token").to_owned()
}

#[tokio::test]
async fn a_managed_identity_is_named_by_its_client_id() {
    let directory = directory(&FederatedCredential::of_managed_identity(IDENTITY));
    let world = World::with(directory).await;
    let assertion = of_the_machine(&world, EXCHANGE).await;
    let token = with_assertion(&world, &assertion).await.token();
    assert_eq!(token.claims["azp"], demo::DAEMON);
    // A token for something else is none for this.
    let other = of_the_machine(&world, demo::MCP_SERVER_URI).await;
    let refused = with_assertion(&world, &other).await;
    assert_eq!(refused.status, 401, "{}", refused.json);
}

#[tokio::test]
async fn an_issuer_may_stand_for_the_emulator_whatever_its_port() {
    let issuer = format!("{{emulator}}/{}/v2.0", demo::TENANT);
    let directory = directory(&FederatedCredential::new(issuer, "the subject"));
    let text = directory.to_json().to_string();
    assert!(text.contains("{emulator}/"), "it stays what was declared");
    let world = World::with(directory).await;
    let path = std::env::temp_dir().join(format!("federated-own-{}", std::process::id()));
    let file = world
        .emulator
        .federated_token_file(&path, demo::TENANT, "the subject")
        .unwrap();
    let assertion = std::fs::read_to_string(file.path()).unwrap();
    with_assertion(&world, &assertion).await.token();
    let _ = std::fs::remove_file(path);
}

#[test]
fn what_names_nothing_or_two_things_is_refused() {
    let both = r#"{"managed_identity": "c0de0000-3a9a-4000-8000-0000000000f1", "issuer": "https://a.example", "subject": "s"}"#;
    let nothing = r#"{"audience": "api://AzureADTokenExchange"}"#;
    let unknown = r#"{"managed_identity": "c0de0000-3a9a-4000-8000-0000000000ff"}"#;
    let ordinary = format!(r#"{{"managed_identity": "{}"}}"#, demo::ORDERS_API);
    for text in [both, nothing, unknown, &ordinary] {
        let credential: FederatedCredential = serde_json::from_str(text).unwrap();
        assert!(directory(&credential).check().is_err(), "{text}");
    }
}
