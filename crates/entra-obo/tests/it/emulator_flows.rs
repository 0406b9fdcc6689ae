//! Every flow and credential against a local Entra ID, which shares no code with this crate
//! and says in the token who it is for.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_claims::dangerous;
use entra_emulator::{
    App, AppCertificate, ConsentGrant, Directory, Emulator, FederatedCredential, User, demo,
};
use entra_obo::credential::ClientCertificate;
use entra_obo::managed_identity::ManagedIdentity;
use entra_obo::{
    AccessToken, AgentUser, ClientCredential, ClientSecret, ErrorKind, ExchangeClient,
    UserAssertion,
};
use foundry_scopes::{ClientId, Cloud, ObjectId, Scope, ScopeSet, TenantAuthority, TenantId};
use serde_json::Value;

const PEM: &str = include_str!("data/client.pem");
const OTHER_PEM: &str = include_str!("data/other.pem");
const BLUEPRINT: &str = "c0de0000-a6e0-4000-8000-0000000000b1";
const AGENT: &str = "c0de0000-a6e0-4000-8000-0000000000a1";
const AGENT_USER: &str = "c0de0000-0b1e-4000-8000-0000000000a1";
const AGENT_UPN: &str = "agent@contoso.onmicrosoft.com";
const MACHINE: &str = "c0de0000-da30-4000-8000-0000000000f1";
const MACHINE_OBJECT: &str = "c0de0000-da30-4000-8000-0000000000f2";

struct World {
    emulator: Emulator,
}

impl World {
    async fn start() -> Self {
        let certificate = AppCertificate::from_pem(certificate_of(PEM)).unwrap();
        let directory =
            Directory::demo().map_app(demo::DAEMON, |app| app.certificate(certificate.clone()));
        let mut tenants = directory.tenants().cloned();
        let tenant = tenants
            .next()
            .unwrap()
            .app(
                App::new(BLUEPRINT, "Blueprint")
                    .blueprint()
                    .secret("s")
                    .identifier_uri(format!("api://{BLUEPRINT}"))
                    .scope("access_as_user"),
            )
            .app(App::new(AGENT, "Agent").agent_identity_of(BLUEPRINT))
            .app(
                App::new(MACHINE, "Machine")
                    .service_principal(MACHINE_OBJECT)
                    .user_assigned_identity("/subscriptions/s/identities/machine"),
            )
            .user(User::new(AGENT_USER, AGENT_UPN, "Agent").agent_account_of(AGENT))
            .grant(ConsentGrant::delegated(
                AGENT,
                demo::ORDERS_API,
                [demo::ORDERS_READ],
            ))
            .grant(ConsentGrant::app_roles(
                AGENT,
                demo::ORDERS_API,
                [demo::ORDERS_ROLE],
            ));
        let emulator = Emulator::start(Directory::new().tenant(tenant))
            .await
            .unwrap();
        Self { emulator }
    }

    fn client(&self, id: &str, credential: ClientCredential) -> ExchangeClient {
        let cloud = Cloud::loopback(self.emulator.base_url()).unwrap();
        let authority = TenantAuthority::new(cloud, TenantId::parse(demo::TENANT).unwrap());
        ExchangeClient::new(authority, ClientId::parse(id).unwrap(), credential).unwrap()
    }

    fn blueprint(&self) -> ExchangeClient {
        self.client(BLUEPRINT, ClientCredential::secret(ClientSecret::new("s")))
    }
}

/// The certificates alone, as a registration shows them.
fn certificate_of(pem: &str) -> &str {
    &pem[pem.find("-----BEGIN CERTIFICATE-----").unwrap()..]
}

fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

fn claims(token: &AccessToken) -> Value {
    let payload = token.expose().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn an_application_authenticates_with_each_form_of_a_certificate() {
    let world = World::start().await;
    let certificate = || ClientCertificate::from_pem(PEM).unwrap();
    for certificate in [
        certificate(),
        certificate().with_rs256(),
        certificate().with_chain(),
        certificate().with_rs256().with_chain(),
    ] {
        let client = world.client(demo::DAEMON, ClientCredential::certificate(certificate));
        let own = client.for_app(scopes(demo::MCP_DEFAULT_SCOPE)).unwrap();
        let claims = claims(&own.token().await.unwrap());
        assert_eq!(claims["azp"], demo::DAEMON);
        assert_eq!(claims["azpacr"], "2");
        assert_eq!(claims["roles"][0], demo::MCP_RUN_ROLE);
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_registered_makes_room_for_the_next_credential() {
    let world = World::start().await;
    let wrong = ClientCertificate::from_pem(OTHER_PEM).unwrap();
    let client = world.client(demo::DAEMON, ClientCredential::certificate(wrong.clone()));
    let own = client.for_app(scopes(demo::MCP_DEFAULT_SCOPE)).unwrap();
    let error = own.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert_eq!(error.codes(), [700_027]);

    let cloud = Cloud::loopback(world.emulator.base_url()).unwrap();
    let authority = TenantAuthority::new(cloud, TenantId::parse(demo::TENANT).unwrap());
    let daemon = ClientId::parse(demo::DAEMON).unwrap();
    let secret = ClientSecret::new(demo::DAEMON_SECRET);
    let client = ExchangeClient::builder(authority, daemon, ClientCredential::certificate(wrong))
        .or_credential(ClientCredential::secret(secret))
        .build()
        .unwrap();
    let own = client.for_app(scopes(demo::MCP_DEFAULT_SCOPE)).unwrap();
    own.token().await.unwrap();
}

#[tokio::test]
async fn an_agent_acts_alone_for_a_user_and_through_its_account() {
    let world = World::start().await;
    let agent = world
        .blueprint()
        .agent(ClientId::parse(AGENT).unwrap())
        .unwrap();

    let own = agent.for_app(scopes(demo::ORDERS_DEFAULT_SCOPE)).unwrap();
    let alone = claims(&own.token().await.unwrap());
    assert_eq!(alone["azp"], AGENT);
    assert_eq!(alone["roles"][0], demo::ORDERS_ROLE);

    let forge = world.emulator.forge();
    let caller = forge
        .user_token(
            demo::TENANT,
            demo::ALICE,
            demo::MCP_CLIENT,
            BLUEPRINT,
            &["access_as_user"],
        )
        .unwrap();
    let caller = dangerous::assume_verified(&caller.sign().unwrap()).unwrap();
    let assertion = UserAssertion::try_from(&caller).unwrap();
    let orders = agent
        .downstream(scopes(demo::ORDERS_DEFAULT_SCOPE))
        .unwrap();
    let for_alice = claims(&orders.token_on_behalf_of(&assertion).await.unwrap());
    assert_eq!(for_alice["oid"], demo::ALICE);
    assert_eq!(for_alice["azp"], AGENT);
    assert_eq!(for_alice["scp"], demo::ORDERS_READ);

    let by_object = AgentUser::object(ObjectId::parse(AGENT_USER).unwrap());
    for user in [AgentUser::upn(AGENT_UPN).unwrap(), by_object] {
        let account = agent
            .user_account(user, scopes(demo::ORDERS_DEFAULT_SCOPE))
            .unwrap();
        let claims = claims(&account.token().await.unwrap());
        assert_eq!(claims["oid"], AGENT_USER);
        assert_eq!(claims["azp"], AGENT);
    }
    // A person's account is not the agent's.
    let alice = AgentUser::upn(demo::ALICE_UPN).unwrap();
    let account = agent
        .user_account(alice, scopes(demo::ORDERS_DEFAULT_SCOPE))
        .unwrap();
    assert_eq!(account.token().await.unwrap_err().codes(), [82_002]);
}

#[tokio::test]
async fn a_machine_gets_tokens_and_stands_in_for_a_secret() {
    let world = World::start().await;
    let emulator = &world.emulator;
    let client = ClientId::parse(MACHINE).unwrap();
    let identity =
        ManagedIdentity::app_service(emulator.identity_endpoint(), emulator.identity_header())
            .identity(entra_obo::managed_identity::IdentitySelector::Client(
                client,
            ))
            .build()
            .unwrap();
    let vault = Scope::parse("https://vault.azure.net/.default").unwrap();
    let token = identity.token(&vault).await.unwrap();
    assert_eq!(claims(&token)["aud"], "https://vault.azure.net");
    assert_eq!(claims(&token)["oid"], MACHINE_OBJECT);

    // The blueprint trusts the machine, and has no other credential.
    let issuer = format!("{}/{}/v2.0", emulator.base_url(), demo::TENANT);
    let trust = FederatedCredential::new(issuer, MACHINE_OBJECT);
    let directory = emulator
        .directory()
        .map_app(BLUEPRINT, |app| app.federated_credential(trust.clone()));
    emulator.replace_directory(directory).unwrap();
    let credential = ClientCredential::federated(Arc::new(identity));
    let blueprint = world.client(BLUEPRINT, credential);
    let agent = blueprint.agent(ClientId::parse(AGENT).unwrap()).unwrap();
    let own = agent.for_app(scopes(demo::ORDERS_DEFAULT_SCOPE)).unwrap();
    assert_eq!(claims(&own.token().await.unwrap())["azp"], AGENT);
}

#[tokio::test]
async fn a_secret_file_is_read_again_when_its_secret_is_refused() {
    let world = World::start().await;
    let path = std::env::temp_dir().join(format!("entra-obo-secret-{}", std::process::id()));
    std::fs::write(&path, "last-months-secret\n").unwrap();
    let credential = ClientCredential::secret_file(&path).unwrap();
    let client = world.client(demo::DAEMON, credential);
    let scopes = || ScopeSet::parse(demo::ORDERS_DEFAULT_SCOPE).unwrap();
    let refused = client.for_app(scopes()).unwrap().token().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Credential);

    std::fs::write(&path, format!("{}\n", demo::DAEMON_SECRET)).unwrap();
    client.for_app(scopes()).unwrap().token().await.unwrap();
    assert!(!format!("{client:?}").contains(demo::DAEMON_SECRET));

    std::fs::remove_file(&path).unwrap();
    let missing = ClientCredential::secret_file(&path).unwrap_err();
    assert!(
        missing.to_string().contains(path.to_str().unwrap()),
        "{missing}"
    );
}
