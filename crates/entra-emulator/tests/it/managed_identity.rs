//! Tokens for managed identities, over both endpoints.

use entra_emulator::{
    App, ConsentGrant, Directory, Emulator, Fault, IdentityState, Reading, Tenant, demo,
};
use reqwest::RequestBuilder;
use serde_json::json;

use crate::support::{Answer, Token, World, answer};

const VM: &str = "c0de0000-1de0-4000-8000-000000000e01";
const VM_OBJECT: &str = "c0de0000-1de0-4000-8000-000000000e02";
const WORKER: &str = "c0de0000-1de0-4000-8000-000000000e11";
const WORKER_OBJECT: &str = "c0de0000-1de0-4000-8000-000000000e12";
const WORKER_ID: &str = "/subscriptions/s/resourcegroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/worker";

fn worker() -> App {
    App::new(WORKER, "worker")
        .service_principal(WORKER_OBJECT)
        .user_assigned_identity(WORKER_ID)
}

/// The demo tenant with these identities.
fn machine(identities: impl IntoIterator<Item = App>) -> Directory {
    let demo = Directory::demo();
    let tenant = demo.tenants().find(|t| t.id() == demo::TENANT).unwrap();
    Directory::new().tenant(identities.into_iter().fold(tenant.clone(), Tenant::app))
}

fn both() -> Directory {
    let vm = App::new(VM, "vm")
        .service_principal(VM_OBJECT)
        .system_assigned_identity();
    machine([vm, worker()])
}

impl World {
    fn ask_imds(&self, query: &str) -> RequestBuilder {
        let url = format!(
            "{}/metadata/identity/oauth2/token?{query}",
            self.emulator.metadata_base_url()
        );
        self.http.get(url).header("metadata", "true")
    }

    async fn imds(&self, query: &str) -> Answer {
        answer(self.ask_imds(query).send().await.unwrap()).await
    }

    fn ask_app_service(&self, query: &str) -> RequestBuilder {
        let endpoint = self.emulator.identity_endpoint();
        self.http.get(format!("{endpoint}?{query}"))
    }

    async fn app_service(&self, query: &str) -> Answer {
        let request = self.ask_app_service(query);
        let request = request.header("X-Identity-Header", self.emulator.identity_header());
        answer(request.send().await.unwrap()).await
    }
}

const VAULT: &str = "api-version=2018-02-01&resource=https://vault.azure.net";

#[tokio::test]
async fn imds_answers_with_strings_for_numbers() {
    let world = World::with(both()).await;
    world.emulator.clock().freeze_at(1_800_000_000);
    let answer = world.imds(VAULT).await;
    let mut body = answer.json.clone();
    body["access_token"] = json!("");
    assert_eq!(
        body,
        json!({
            "access_token": "", "client_id": VM, "expires_in": "86399",
            "expires_on": "1800086400", "ext_expires_in": "86399", "not_before": "1799999700",
            "resource": "https://vault.azure.net", "token_type": "Bearer",
        })
    );
    let token = answer.token();
    assert!(token.verifies(&world.get("/common/discovery/v2.0/keys").await.json));
    let claims = &token.claims;
    assert_eq!(
        [
            &claims["aud"],
            &claims["oid"],
            &claims["appid"],
            &claims["appidacr"],
            &claims["ver"]
        ],
        ["https://vault.azure.net", VM_OBJECT, VM, "2", "1.0"]
    );
    assert_eq!(claims["exp"], 1_800_086_400);
    // What a client asks with a slash at the end, or encoded, or by the later version.
    let url = format!(
        "{}/metadata/identity/oauth2/token/?{VAULT}",
        world.emulator.metadata_base_url()
    );
    let slash = world
        .http
        .get(url)
        .header("Metadata", "True")
        .send()
        .await
        .unwrap();
    assert_eq!(slash.status(), 200);
    let later = "api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net%2F";
    assert_eq!(
        world.imds(later).await.token().claims["aud"],
        "https://vault.azure.net/"
    );
}

#[tokio::test]
async fn each_spelling_of_a_selector_finds_its_identity() {
    let world = World::with(both()).await;
    for (name, value) in [
        ("client_id", WORKER),
        ("client_id", &WORKER.to_uppercase()),
        ("object_id", WORKER_OBJECT),
        ("principal_id", WORKER_OBJECT),
        ("msi_res_id", WORKER_ID),
        ("mi_res_id", WORKER_ID),
        ("mi_res_id", &WORKER_ID.to_uppercase()),
    ] {
        let imds = world.imds(&format!("{VAULT}&{name}={value}")).await;
        assert_eq!(imds.text("client_id"), WORKER, "{name}");
        assert_eq!(imds.token().claims["xms_mirid"], WORKER_ID);
        let query =
            format!("api-version=2019-08-01&resource=https://vault.azure.net&{name}={value}");
        assert_eq!(
            world.app_service(&query).await.text("client_id"),
            WORKER,
            "{name}"
        );
    }
    for (query, text) in [
        (
            format!("{VAULT}&client_id={}", demo::DAEMON),
            "Identity not found",
        ),
        (format!("{VAULT}&mi_res_id=/x"), "Identity not found"),
        (
            format!("{VAULT}&client_id={WORKER}&object_id={WORKER_OBJECT}"),
            "Only one of",
        ),
    ] {
        let refused = world.imds(&query).await;
        assert_eq!(
            (refused.status, refused.text("error")),
            (400, "invalid_request")
        );
        assert!(
            refused.text("error_description").starts_with(text),
            "{}",
            refused.json
        );
    }
}

#[tokio::test]
async fn without_a_selector_the_choice_must_be_clear() {
    let world = World::with(machine([worker()])).await;
    assert_eq!(
        world.imds(VAULT).await.text("client_id"),
        WORKER,
        "the only one"
    );
    let second = App::new(VM, "second").user_assigned_identity("/second");
    world
        .emulator
        .replace_directory(machine([worker(), second]))
        .unwrap();
    let refused = world.imds(VAULT).await;
    assert!(
        refused
            .text("error_description")
            .starts_with("Multiple user assigned")
    );
    world
        .emulator
        .replace_directory(machine([worker().disabled()]))
        .unwrap();
    assert_eq!(
        world.imds(VAULT).await.text("error_description"),
        "Identity not found"
    );
}

#[tokio::test]
async fn imds_refuses_what_a_browser_or_a_proxy_would_send() {
    let world = World::with(both()).await;
    let url = world.ask_imds(VAULT).build().unwrap().url().clone();
    let plain = answer(world.http.get(url.clone()).send().await.unwrap()).await;
    assert_eq!(
        (plain.status, plain.text("error_description")),
        (400, "Required metadata header not specified")
    );
    let wrong = world
        .http
        .get(url)
        .header("metadata", "false")
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 400);
    let forwarded = world
        .ask_imds(VAULT)
        .header("x-forwarded-for", "192.0.2.1")
        .send();
    assert_eq!(forwarded.await.unwrap().status(), 400);
    for query in [
        "resource=https://vault.azure.net",
        "api-version=2017-01-01&resource=https://vault.azure.net",
        "api-version=now&resource=https://vault.azure.net",
    ] {
        assert_eq!(
            world.imds(query).await.text("error"),
            "invalid_request",
            "{query}"
        );
    }
    for resource in [
        "",
        "api://nobody",
        "vault",
        "https://vault.azure.net/.default",
        // A typo in the audience fails here.
        "https://vault.azure.example",
        "https://orders.contoso.example",
    ] {
        let refused = world
            .imds(&format!("api-version=2018-02-01&resource={resource}"))
            .await;
        assert_eq!(
            (refused.status, refused.text("error")),
            (400, "invalid_resource"),
            "{resource}"
        );
    }
}

#[tokio::test]
async fn app_service_wants_its_header_and_has_errors_of_its_own() {
    let world = World::with(both()).await;
    let query = "api-version=2019-08-01&resource=https://vault.azure.net";
    let body = world.app_service(query).await;
    assert!(body.text("expires_on").parse::<i64>().unwrap() > 1_700_000_000);
    assert!(body.json.get("expires_in").is_none());
    body.token();
    for header in [None, Some("guess")] {
        let mut request = world.ask_app_service(query);
        if let Some(header) = header {
            request = request.header("x-identity-header", header);
        }
        let refused = answer(request.send().await.unwrap()).await;
        assert_eq!(
            (refused.status, &refused.json["statusCode"]),
            (401, &json!(401))
        );
    }
    let missing = world
        .app_service(&format!("{query}&client_id={}", demo::DAEMON))
        .await;
    assert_eq!(
        (missing.status, &missing.json["statusCode"]),
        (400, &json!(400))
    );
    assert!(missing.text("message").starts_with("No User Assigned"));
    assert_eq!(
        world
            .app_service("resource=https://vault.azure.net")
            .await
            .status,
        400
    );
    let two = World::new().await;
    assert_ne!(
        world.emulator.identity_header(),
        two.emulator.identity_header()
    );
}

#[tokio::test]
async fn a_registered_api_gets_its_version_and_the_roles() {
    let world = World::with(both()).await;
    let role = ConsentGrant::app_roles(WORKER, demo::ORDERS_API, [demo::ORDERS_ROLE]);
    world.emulator.grant_consent(demo::TENANT, role).unwrap();
    let query = format!(
        "api-version=2018-02-01&client_id={WORKER}&resource={}",
        demo::ORDERS_API_URI
    );
    let claims = world.imds(&query).await.token().claims;
    assert_eq!(
        (&claims["ver"], &claims["aud"]),
        (&json!("2.0"), &json!(demo::ORDERS_API))
    );
    assert_eq!(
        (&claims["roles"], &claims["azpacr"]),
        (&json!([demo::ORDERS_ROLE]), &json!("2"))
    );
    // The token endpoint has nothing for it: there is no credential.
    let form = [("client_id", WORKER), ("client_secret", "")];
    world
        .daemon(&form)
        .await
        .refused(401, "invalid_client", 7000216);
}

#[tokio::test]
async fn states_last_until_changed_and_faults_are_spent() {
    let world = World::with(both()).await;
    let query = "api-version=2019-08-01&resource=https://vault.azure.net";
    for (state, status) in [
        (IdentityState::NotReady, 404),
        (IdentityState::Updating, 410),
        (IdentityState::Throttled, 429),
        (IdentityState::Failing, 500),
        (IdentityState::Unavailable, 503),
    ] {
        world.emulator.set_identity_state(state);
        for _ in 0..2 {
            let answer = world.imds(VAULT).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.headers.contains_key("retry-after"), status == 429);
            assert!(answer.json["error"].is_string());
        }
        assert_eq!(world.app_service(query).await.status, status);
    }
    let url = format!("{}/__emulator/managed-identity", world.emulator.base_url());
    let ready = world
        .http
        .post(&url)
        .json(&json!({ "state": "ready" }))
        .send()
        .await
        .unwrap();
    let ready = answer(ready).await.json;
    assert_eq!(ready["identity_header"], world.emulator.identity_header());
    assert_eq!(
        ready["identity_endpoint"],
        world.emulator.identity_endpoint()
    );
    world.imds(VAULT).await.token();
    let wrong = world
        .http
        .post(&url)
        .json(&json!({ "state": "tired" }))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 400);

    world
        .emulator
        .fail_next(Fault::status("/metadata/", 410).times(2));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(world.imds(VAULT).await.status);
    }
    assert_eq!(seen, [410, 410, 200]);
    assert!(Token::read(world.imds(VAULT).await.text("access_token")).claims["roles"].is_null());
}

#[tokio::test]
async fn beside_https_they_stay_plain_http() {
    let emulator = Emulator::builder(both()).tls().start().await.unwrap();
    assert!(emulator.metadata_base_url().starts_with("http://"));
    let url = format!(
        "{}/metadata/identity/oauth2/token?{VAULT}",
        emulator.metadata_base_url()
    );
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = answer(
        http.get(url)
            .header("metadata", "true")
            .send()
            .await
            .unwrap(),
    )
    .await
    .token();
    assert!(
        token.claims["iss"]
            .as_str()
            .unwrap()
            .starts_with("https://localhost:")
    );
}

#[tokio::test]
async fn an_unknown_resource_is_refused_at_both_endpoints() {
    let world = World::with(both()).await;
    let unknown = "https://orders.contoso.example";
    let imds = format!("api-version=2018-02-01&resource={unknown}");
    let refused = world.imds(&imds).await;
    let text = format!(
        "AADSTS500011: The resource principal named {unknown} was not found in the tenant named Contoso."
    );
    assert_eq!(
        refused.json,
        json!({ "error": "invalid_resource", "error_description": text })
    );
    let app = format!("api-version=2019-08-01&resource={unknown}");
    let refused = world.app_service(&app).await;
    assert_eq!(
        (refused.status, refused.text("message")),
        (400, text.as_str())
    );
}

#[tokio::test]
async fn the_machine_is_named_in_its_tokens() {
    let world = World::with(both()).await;
    let claims = world.imds(VAULT).await.token().claims;
    let machine = claims["xms_mirid"].as_str().unwrap();
    assert!(
        machine.ends_with("/providers/Microsoft.Compute/virtualMachines/vm"),
        "{machine}"
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        86_700
    );
    let url = format!(
        "{}/metadata/instance/compute",
        world.emulator.metadata_base_url()
    );
    let ask = |url: &str| world.http.get(url).header("metadata", "true").send();
    let compute = answer(ask(&url).await.unwrap()).await;
    assert_eq!(compute.text("azEnvironment"), "AzurePublicCloud");
    assert_eq!(world.http.get(&url).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_probe_without_the_header_is_answered_where_the_directory_says_so() {
    let directory = both().reading(Reading::MetadataHeaderOptional);
    let world = World::with(directory).await;
    let url = world.ask_imds(VAULT).build().unwrap().url().clone();
    let bare = answer(world.http.get(url.clone()).send().await.unwrap()).await;
    bare.token();
    let wrong = world.http.get(url).header("metadata", "false").send().await;
    assert_eq!(wrong.unwrap().status(), 400);
}
