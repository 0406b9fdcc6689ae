//! The emulator that the clients meet, and what they have to know about it.

use std::path::{Path, PathBuf};

use entra_emulator::{
    AccessPolicy, App, AppCertificate, ConsentGrant, Directory, Emulator, FederatedCredential,
    ForgeKey, ForgedToken, PolicyRequirement, Reading, Tenant, demo,
};
use serde_json::{Value, json};

use crate::program::{Variables, interop};

const REDIRECT: &str = "http://localhost:49152/callback";

pub(crate) struct World {
    emulator: Emulator,
    file: PathBuf,
    ca_file: PathBuf,
}

impl World {
    /// Starts an emulator with https and writes `world.json` for a program.
    pub(crate) async fn start(name: &str) -> Self {
        let page = page_port();
        let emulator = Emulator::builder(directory(page))
            .tls()
            .echo_api()
            .start()
            .await
            .unwrap();
        let folder = interop().join("world").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let ca_file = folder.join("ca.pem");
        std::fs::write(&ca_file, emulator.ca_certificate_pem().unwrap()).unwrap();
        let file = folder.join("world.json");
        std::fs::write(&file, description(&emulator, &ca_file, page).to_string()).unwrap();
        Self {
            emulator,
            file,
            ca_file,
        }
    }

    /// Where a program finds the description, and whom it has to trust: each client reads its
    /// own variable.
    pub(crate) fn variables(&self) -> Variables {
        vec![
            ("ENTRA_WORLD", self.file.clone().into()),
            ("REQUESTS_CA_BUNDLE", self.ca_file.clone().into()),
            ("SSL_CERT_FILE", self.ca_file.clone().into()),
            ("NODE_EXTRA_CA_CERTS", self.ca_file.clone().into()),
        ]
    }

    /// The variables by which App Service tells of a managed identity.
    pub(crate) fn app_service(&self) -> Variables {
        vec![
            (
                "IDENTITY_ENDPOINT",
                self.emulator.identity_endpoint().into(),
            ),
            ("IDENTITY_HEADER", self.emulator.identity_header().into()),
        ]
    }
}

fn keys() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/keys")
}

/// The issuer of federated tokens, and their subject.
const ISSUER: &str = "https://cluster.example/";
const SUBJECT: &str = "system:serviceaccount:default:api";
/// A policy that asks for a second factor before the Reports API.
const POLICY: &str = "c0de0000-ca00-4000-8000-0000000000fa";
/// The machine's identities.
const SYSTEM: &str = "c0de0000-1de0-4000-8000-000000000e01";
/// A storage account, as Azure has it registered.
const STORAGE: &str = "c0de0000-57a0-4000-8000-000000000a01";
const STORAGE_URI: &str = "https://storage.azure.com";
const WORKER: &str = "c0de0000-1de0-4000-8000-000000000e11";
const WORKER_RESOURCE: &str = "/subscriptions/s/resourcegroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/worker";

/// A single-page app, and a client that has its redirect URI on another platform.
const SPA: &str = "c0de0000-c11e-4000-8000-0000000000c5";
const NO_SPA: &str = "c0de0000-c11e-4000-8000-0000000000c6";

/// Where the app's page is, and hears that a person signed out. The registration names it before the page
/// listens, so it is a free port below those that the system gives to connections.
fn page_port() -> u16 {
    let first = std::process::id() % 8_000;
    let mut ports = (0..8_000).map(|n| 20_000 + u16::try_from((first + n) % 8_000).unwrap());
    ports
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap()
}

/// The demo tenant, with a certificate and a federated credential on the MCP server and two
/// managed identities.
fn directory(page: u16) -> Directory {
    let read = |file: &str| std::fs::read_to_string(keys().join(file)).unwrap();
    let certificate = AppCertificate::from_pem(&read("test-only-client.cert.pem")).unwrap();
    let key_set: Value = serde_json::from_str(&read("test-only-issuer.jwks.json")).unwrap();
    let federated = FederatedCredential::new(ISSUER, SUBJECT).key_set(key_set);
    let demo = Directory::demo()
        .reading(Reading::ScopesAsRequested)
        .map_app(demo::MCP_SERVER, |app| {
            app.certificate(certificate.clone())
                .federated_credential(federated.clone())
                .secret_until("expired-secret", 1)
        })
        .map_app(demo::DAEMON, |app| app.redirect_uri(REDIRECT));
    let tenants = demo.tenants().cloned().map(|tenant| match tenant.id() {
        demo::TENANT => with_identities(tenant, page),
        _ => tenant,
    });
    tenants.fold(Directory::new(), Directory::tenant)
}

fn with_identities(tenant: Tenant, page: u16) -> Tenant {
    let spa = App::new(SPA, "Page")
        .spa_redirect_uri("https://localhost/bridge")
        .spa_redirect_uri("https://localhost/")
        .logout_url(format!("https://localhost:{page}/signed-out"));
    let other = App::new(NO_SPA, "Page on another platform")
        .public()
        .redirect_uri("https://localhost/bridge");
    let reads =
        |client: &str, api: &str, scope: &str| ConsentGrant::delegated(client, api, [scope]);
    tenant
        .app(spa)
        .app(other)
        .grant(reads(SPA, demo::MCP_SERVER, demo::MCP_READ))
        .grant(reads(NO_SPA, demo::MCP_SERVER, demo::MCP_READ))
        .grant(reads(SPA, demo::REPORTS_API, demo::REPORTS_READ))
        .policy(AccessPolicy::new(POLICY, PolicyRequirement::Mfa).resource(demo::REPORTS_API))
        .grant(ConsentGrant::delegated(
            demo::MCP_SERVER,
            demo::REPORTS_API,
            [demo::REPORTS_READ],
        ))
        .app(
            App::new(STORAGE, "Azure Storage")
                .identifier_uri(STORAGE_URI)
                .scope("user_impersonation")
                .role("Storage.Read"),
        )
        .grant(ConsentGrant::delegated(
            demo::MCP_SERVER,
            STORAGE,
            ["user_impersonation"],
        ))
        .grant(ConsentGrant::app_roles(
            demo::MCP_SERVER,
            STORAGE,
            ["Storage.Read"],
        ))
        .app(App::new(SYSTEM, "machine").system_assigned_identity())
        .app(App::new(WORKER, "worker").user_assigned_identity(WORKER_RESOURCE))
        .grant(ConsentGrant::app_roles(
            WORKER,
            demo::MCP_SERVER,
            [demo::MCP_RUN_ROLE],
        ))
}

fn description(emulator: &Emulator, ca_file: &Path, page: u16) -> Value {
    let forge = emulator.forge();
    let user = |api: &str| -> ForgedToken {
        let scope = [demo::MCP_READ];
        forge
            .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, api, &scope)
            .unwrap()
    };
    let app = forge
        .app_token(
            demo::TENANT,
            demo::DAEMON,
            demo::MCP_SERVER,
            &[demo::MCP_RUN_ROLE],
        )
        .unwrap();
    let right = user(demo::MCP_SERVER);
    let bob = forge.user_token(
        demo::TENANT,
        demo::BOB,
        demo::MCP_CLIENT,
        demo::MCP_SERVER,
        &[demo::MCP_READ],
    );
    json!({
        "base": emulator.base_url(),
        "ca": ca_file,
        "keys": keys(),
        "artefacts": interop().join("screenshots"),
        "tenant": demo::TENANT,
        "other_tenant": demo::OTHER_TENANT,
        "alice": { "oid": demo::ALICE, "upn": demo::ALICE_UPN, "name": demo::ALICE_NAME },
        "bob": { "oid": demo::BOB, "upn": demo::BOB_UPN },
        "spa": { "id": SPA, "other": NO_SPA, "port": page },
        "public_client": demo::MCP_CLIENT,
        "redirect_uri": REDIRECT,
        "api": { "id": demo::MCP_SERVER, "uri": demo::MCP_SERVER_URI, "secret": demo::MCP_SERVER_SECRET,
                 "scope": demo::MCP_READ_SCOPE, "short": demo::MCP_READ },
        "orders": { "id": demo::ORDERS_API, "scope": demo::ORDERS_READ_SCOPE, "short": demo::ORDERS_READ,
                    "default": demo::ORDERS_DEFAULT_SCOPE, "role": demo::ORDERS_ROLE },
        "reports": { "scope": demo::REPORTS_READ_SCOPE, "policy": POLICY },
        "storage": { "echo": emulator.echo_url(STORAGE) },
        "payroll": { "scope": demo::PAYROLL_READ_SCOPE },
        "daemon": { "id": demo::DAEMON, "secret": demo::DAEMON_SECRET, "scope": demo::MCP_DEFAULT_SCOPE,
                    "role": demo::MCP_RUN_ROLE },
        "federated": { "issuer": ISSUER, "subject": SUBJECT, "kid": "issuer-1" },
        "identity": {
            "system": SYSTEM, "worker": WORKER, "resource_id": WORKER_RESOURCE,
            "imds": emulator.metadata_base_url(),
            "endpoint": emulator.identity_endpoint(), "header": emulator.identity_header(),
        },
        "assertions": {
            "right": right.clone().sign().unwrap(),
            "bob": bob.unwrap().sign().unwrap(),
            "expired": right.clone().claim("exp", 1_000_000).sign().unwrap(),
            "foreign_audience": user(demo::ORDERS_API).sign().unwrap(),
            "wrong_signature": right.clone().key(ForgeKey::UnpublishedUnderLiveKid).sign().unwrap(),
            "unknown_key": right.clone().key(ForgeKey::Unpublished).sign().unwrap(),
            "foreign_issuer": right.clone().claim("iss", "https://evil.example/v2.0").sign().unwrap(),
            "app_only": app.sign().unwrap(),
        },
    })
}
