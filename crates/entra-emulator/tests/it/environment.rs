//! What points client libraries at an emulator.

use entra_emulator::{Directory, Emulator, EnvironmentError, EnvironmentFor, SdkFamily, demo};
use reqwest::Client;
use serde_json::Value;

use crate::support::World;

async fn get(emulator: &Emulator, query: &[(&str, &str)]) -> (u16, Value) {
    let ca = emulator.ca_certificate_pem().unwrap().as_bytes();
    let http = Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(ca).unwrap()])
        .build()
        .unwrap();
    let url = format!("{}/__emulator/environment", emulator.base_url());
    let url = url::Url::parse_with_params(&url, query).unwrap();
    let answer = http.get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn with_tls() -> Emulator {
    let builder = Emulator::builder(Directory::demo()).tls();
    builder.start().await.unwrap()
}

#[tokio::test]
async fn each_family_is_told_its_own_variables() {
    let emulator = with_tls().await;
    for family in SdkFamily::ALL {
        let wanted = EnvironmentFor::new(family).ca_file("/tmp/ca.pem");
        let environment = emulator.environment(&wanted).unwrap();
        let trusts = |name| environment.get(name) == Some("/tmp/ca.pem");
        let name = family.name();
        let node = ["msal-node", "azure-identity-node", "validator-node"].contains(&name);
        let requests = ["msal-python", "azure-identity-python"].contains(&name);
        assert_eq!(trusts("NODE_EXTRA_CA_CERTS"), node, "{name}");
        let identity = name == "managed-identity";
        assert_eq!(trusts("SSL_CERT_FILE"), !node && !identity, "{name}");
        assert_eq!(trusts("REQUESTS_CA_BUNDLE"), requests, "{name}");
        // A managed identity stands in no environment beside a credential.
        let host = environment.get("AZURE_AUTHORITY_HOST");
        assert_eq!(host, (!identity).then_some(emulator.base_url()), "{name}");
        for variable in [
            "IDENTITY_ENDPOINT",
            "IDENTITY_HEADER",
            "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        ] {
            assert_eq!(environment.get(variable).is_some(), identity, "{name}");
        }
        let credential = environment.get("AZURE_CLIENT_SECRET").is_some();
        assert_eq!(credential, name == "entra-rs", "{name}");
        assert!(environment.notes().count() > 0, "{name}");
    }
}

#[tokio::test]
async fn its_values_get_a_token() {
    let emulator = with_tls().await;
    let wanted = EnvironmentFor::new(SdkFamily::EntraRs).client(demo::DAEMON);
    let environment = emulator.environment(&wanted).unwrap();
    let value = |name| environment.get(name).unwrap();
    let ca = emulator.ca_certificate_pem().unwrap().as_bytes();
    let http = Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(ca).unwrap()])
        .build()
        .unwrap();
    let (host, tenant) = (value("AZURE_AUTHORITY_HOST"), value("AZURE_TENANT_ID"));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", value("AZURE_CLIENT_ID")),
        ("client_secret", value("AZURE_CLIENT_SECRET")),
        ("scope", demo::MCP_DEFAULT_SCOPE),
    ];
    let url = format!("{host}/{tenant}/oauth2/v2.0/token");
    let answer = http.post(url).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);

    let identity = EnvironmentFor::new(SdkFamily::ManagedIdentity);
    let identity = emulator.environment(&identity).unwrap();
    let value = |name| identity.get(name).unwrap();
    let (endpoint, header) = (value("IDENTITY_ENDPOINT"), value("IDENTITY_HEADER"));
    let query = "api-version=2019-08-01&resource=https://vault.example.test";
    let ask = |header: &str| {
        let request = http.get(format!("{endpoint}?{query}"));
        request.header("x-identity-header", header).send()
    };
    let (right, wrong) = (ask(header).await.unwrap(), ask("wrong").await.unwrap());
    assert_ne!(
        right.status(),
        wrong.status(),
        "the header is the right one"
    );
}

#[tokio::test]
async fn over_http_it_is_the_same() {
    let emulator = with_tls().await;
    let query = [
        ("for", "msal-python"),
        ("tenant", demo::OTHER_TENANT_DOMAIN),
        ("client", demo::MCP_SERVER),
        ("ca_file", "/a b/ca.pem"),
    ];
    let (status, told) = get(&emulator, &query).await;
    assert_eq!(status, 200, "{told}");
    let wanted = EnvironmentFor::new(SdkFamily::MsalPython)
        .tenant(demo::OTHER_TENANT)
        .client(demo::MCP_SERVER)
        .ca_file("/a b/ca.pem");
    let environment = emulator.environment(&wanted).unwrap();
    assert_eq!(told["file"], environment.to_string());
    let file = told["file"].as_str().unwrap();
    assert!(
        file.contains("REQUESTS_CA_BUNDLE='/a b/ca.pem'\n"),
        "{file}"
    );
    assert!(file.contains("instance_discovery=False"), "{file}");
    assert_eq!(told["variables"]["AZURE_TENANT_ID"], demo::OTHER_TENANT);

    for (query, reason) in [
        (vec![("for", "msal-cobol")], "msal-python"),
        (vec![], "for"),
        (vec![("for", "entra-rs"), ("tenant", "x")], "no tenant `x`"),
        (vec![("for", "entra-rs"), ("client", "y")], "no app `y`"),
        (vec![("for", "entra-rs"), ("colour", "z")], "colour"),
    ] {
        let (status, told) = get(&emulator, &query).await;
        assert_eq!(status, 400, "{told}");
        assert!(told["error"].as_str().unwrap().contains(reason), "{told}");
    }
}

#[tokio::test]
async fn what_is_missing_is_told() {
    let wanted = EnvironmentFor::new(SdkFamily::MsalNode);
    let plain = Emulator::start(Directory::demo()).await.unwrap();
    let text = plain.environment(&wanted).unwrap().to_string();
    assert!(text.contains("start with --tls"), "{text}");
    let text = with_tls().await.environment(&wanted).unwrap().to_string();
    assert!(text.contains("set NODE_EXTRA_CA_CERTS to it"), "{text}");
    let empty = Emulator::start(Directory::new()).await.unwrap();
    let refused = empty.environment(&wanted).unwrap_err();
    assert_eq!(refused, EnvironmentError::NoTenant);
}

#[tokio::test]
async fn the_workspaces_own_crates_get_an_api_with_one_credential() {
    let own = "https://api.contoso.example/orders";
    let directory =
        Directory::demo().map_app(demo::MCP_SERVER, |app| app.secret_until("expired", 1));
    let emulator = Emulator::start(directory.clone()).await.unwrap();
    let wanted = EnvironmentFor::new(SdkFamily::EntraRs);
    let environment = emulator.environment(&wanted).unwrap();
    assert_eq!(
        environment.variables().collect::<Vec<_>>(),
        [
            ("AZURE_AUTHORITY_HOST", emulator.base_url()),
            ("AZURE_TENANT_ID", demo::TENANT),
            ("NO_PROXY", "localhost,127.0.0.1,::1"),
            ("AZURE_CLIENT_ID", demo::MCP_SERVER),
            ("AZURE_CLIENT_SECRET", demo::MCP_SERVER_SECRET),
        ]
    );
    // Another URI than `api://<client id>` is told.
    let directory = Directory::from_json(&directory.to_json().to_string().replace(
        &format!("\"{}\"", demo::MCP_SERVER_URI),
        &format!("\"{own}\""),
    ));
    let emulator = Emulator::start(directory.unwrap()).await.unwrap();
    let environment = emulator.environment(&wanted).unwrap();
    assert_eq!(environment.get("ENTRA_IDENTIFIER_URI"), Some(own));
}

#[tokio::test]
async fn shells_get_their_own_form() {
    let world = World::new().await;
    let text = |format: &str| {
        let path = format!("/__emulator/environment?for=entra-rs&format={format}");
        let world = &world;
        async move { world.get(&path).await }
    };
    let base = world.emulator.base_url();
    for (format, line) in [
        ("dotenv", format!("\nAZURE_AUTHORITY_HOST={base}\n")),
        ("sh", format!("\nexport AZURE_AUTHORITY_HOST={base}\n")),
        (
            "powershell",
            format!("\n$env:AZURE_AUTHORITY_HOST = '{base}'\n"),
        ),
    ] {
        let answer = text(format).await;
        assert!(answer.text("file").contains(&line), "{}", answer.json);
    }
    assert_eq!(text("cmd").await.status, 400);
}
