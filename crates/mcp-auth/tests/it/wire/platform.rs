//! Headers by which a platform in front says who is calling.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entra_claims::TenantPolicy;
use foundry_scopes::TenantId;
use http::{HeaderMap, HeaderValue};
use mcp_auth::{AuthLayer, ClientPrincipal, ClientPrincipalError as Error, ClientPrincipalReader};
use serde_json::{Value, json};

use super::server::Server;

const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const OBJECT: &str = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";

fn reader() -> ClientPrincipalReader {
    ClientPrincipalReader::new(TenantPolicy::single(TenantId::parse(TENANT).unwrap()))
}

fn read(json: impl AsRef<[u8]>) -> Result<ClientPrincipal, Error> {
    read_header(&STANDARD.encode(json))
}

fn read_header(value: &str) -> Result<ClientPrincipal, Error> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(value).unwrap();
    headers.insert("x-ms-client-principal", value);
    reader().read(&headers)
}

fn claim(typ: &str, val: &str) -> Value {
    json!({"typ": typ, "val": val})
}

fn principal(claims: &[Value]) -> String {
    json!({"auth_typ": "aad", "claims": claims, "name_typ": "name", "role_typ": "roles"})
        .to_string()
}

#[tokio::test]
async fn the_headers_of_app_service_do_not_reach_a_handler() {
    let headers = [
        "X-MS-CLIENT-PRINCIPAL",
        "x-ms-client-principal-id",
        "X-MS-CLIENT-PRINCIPAL-NAME",
        "X-MS-TOKEN-AAD-ACCESS-TOKEN",
        "X-MS-TOKEN-AAD-ID-TOKEN",
        "X-MS-TOKEN-AAD-REFRESH-TOKEN",
        "X-MS-TOKEN-AAD-EXPIRES-ON",
    ];
    for (server, kept) in [
        (Server::start().await, false),
        (Server::with(AuthLayer::optional).await, false),
        (
            Server::with(AuthLayer::trust_app_service_headers).await,
            true,
        ),
    ] {
        let mut ask = server
            .post()
            .token(&server.token())
            .field("x-ms-request-id", "1");
        for name in headers {
            ask = ask.field(name, "x").field(name, "y");
        }
        let reply = ask.send().await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let seen = reply.json()["headers"].to_string();
        for name in headers {
            assert_eq!(seen.contains(&name.to_lowercase()), kept, "{seen}");
        }
        assert!(seen.contains("x-ms-request-id"));
        assert!(!seen.contains("authorization"), "{seen}");
    }
    // They open nothing.
    let server = Server::with(AuthLayer::trust_app_service_headers).await;
    let value = STANDARD.encode(principal(&[claim("tid", TENANT), claim("oid", OBJECT)]));
    let reply = server.post().field("X-MS-CLIENT-PRINCIPAL", &value);
    assert_eq!(reply.send().await.status, 401);
}

#[test]
fn a_client_principal_under_short_and_long_names() {
    let long = "http://schemas.microsoft.com/identity/claims/";
    for [tid, oid, scp, role] in [
        ["tid", "oid", "scp", "roles"].map(str::to_owned),
        [
            format!("{long}tenantid"),
            format!("{long}objectidentifier"),
            format!("{long}scope"),
            "roles".to_owned(),
        ],
    ] {
        let read = read(principal(&[
            claim(&tid, TENANT),
            claim(&oid, OBJECT),
            claim(&scp, "orders.read  orders.write"),
            claim(&role, "Reader"),
            claim(&role, "Writer"),
            claim("name", "Alice"),
        ]))
        .unwrap();
        assert_eq!(read.tenant().to_string(), TENANT);
        assert_eq!(read.object().to_string(), OBJECT);
        let all = |values: Vec<&str>| values.join(" ");
        assert_eq!(all(read.scopes().collect()), "orders.read orders.write");
        assert_eq!(all(read.roles().collect()), "Reader Writer");
        assert_eq!(read.display_name(), Some("Alice"));
        assert_eq!(read.claim("name").count(), 1);
        let shown = format!("{read:?}");
        assert!(
            !shown.contains("Alice") && shown.contains(OBJECT),
            "{shown}"
        );
    }
}

/// The platform checks no tenant where the site's issuer is not a tenant's.
#[test]
fn another_tenant_is_refused_whatever_the_platform_let_through() {
    let other = "11111111-2222-3333-4444-555555555555";
    let error = read(principal(&[claim("tid", other), claim("oid", OBJECT)])).unwrap_err();
    assert!(matches!(error, Error::TenantNotAllowed { tenant, .. } if tenant.to_string() == other));
    // And none is named twice with two meanings, whichever name comes first.
    let long = "http://schemas.microsoft.com/identity/claims/tenantid";
    for claims in [
        [claim("tid", TENANT), claim(long, other)],
        [claim(long, other), claim("tid", TENANT)],
        [claim("tid", other), claim("tid", TENANT)],
    ] {
        let all: Vec<_> = claims.into_iter().chain([claim("oid", OBJECT)]).collect();
        let error = read(principal(&all)).unwrap_err();
        assert!(
            matches!(error, Error::NoIdentity { claim: "tid", .. }),
            "{error}"
        );
    }
}

#[test]
fn what_says_nobody_is_refused() {
    let good = [claim("tid", TENANT), claim("oid", OBJECT)];
    assert!(read(principal(&good)).is_ok());
    for (claims, missing) in [
        (vec![claim("tid", TENANT)], "oid"),
        (vec![claim("oid", OBJECT)], "tid"),
        (
            vec![claim("tid", "contoso.example"), claim("oid", OBJECT)],
            "tid",
        ),
        (vec![claim("tid", TENANT), claim("oid", "")], "oid"),
        (
            vec![claim("tid", TENANT), claim("oid", &OBJECT.to_uppercase())],
            "oid",
        ),
        (vec![claim("TID", TENANT), claim("oid", OBJECT)], "tid"),
    ] {
        match read(principal(&claims)).unwrap_err() {
            Error::NoIdentity { claim, .. } => assert_eq!(claim, missing),
            other => panic!("{other}"),
        }
    }
    for provider in ["google", "github", "AAD", ""] {
        let json = json!({"auth_typ": provider, "claims": good}).to_string();
        assert_eq!(read(json).unwrap_err(), Error::OtherProvider, "{provider}");
    }
}

/// One form and no other: no second member, no array for an object, nothing behind it.
#[test]
fn what_is_not_of_the_documented_form_is_refused() {
    let claims = format!(r#"[{{"typ":"tid","val":"{TENANT}"}},{{"typ":"oid","val":"{OBJECT}"}}]"#);
    for json in [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"aad\"".to_owned(),
        format!(r#"["aad","name","roles",{claims}]"#),
        format!(r#"{{"claims":{claims}}}"#),
        r#"{"auth_typ":"aad"}"#.to_owned(),
        format!(r#"{{"auth_typ":"aad","claims":{claims}}}x"#),
        format!(r#"{{"auth_typ":"aad","claims":{claims}}}{{}}"#),
        format!("\u{feff}{{\"auth_typ\":\"aad\",\"claims\":{claims}}}"),
        format!(r#"{{"auth_typ":"google","auth_typ":"aad","claims":{claims}}}"#),
        format!(r#"{{"auth_typ":"aad","claims":[],"claims":{claims}}}"#),
        format!(r#"{{"auth_typ":"aad","a\u0075th_typ":"aad","claims":{claims}}}"#),
        format!(r#"{{"auth_typ":["aad"],"claims":{claims}}}"#),
        format!(r#"{{"auth_typ":null,"claims":{claims}}}"#),
        format!(r#"{{"auth_typ":"aad","claims":[["tid","{TENANT}"],["oid","{OBJECT}"]]}}"#),
        format!(r#"{{"auth_typ":"aad","claims":[{{"typ":"tid","typ":"oid","val":"{OBJECT}"}}]}}"#),
        r#"{"auth_typ":"aad","claims":[{"typ":"tid","val":1}]}"#.to_owned(),
        r#"{"auth_typ":"aad","claims":[{"typ":"tid"}]}"#.to_owned(),
        r#"{"auth_typ":"aad","claims":{}}"#.to_owned(),
        format!(r#"{{"auth_typ":"aad","x":{}"#, "[".repeat(5000)),
    ] {
        let error = read(&json).unwrap_err();
        assert!(
            matches!(error, Error::Malformed { .. }),
            "{json:.80}: {error}"
        );
    }
    let many = vec![claim("g", ""); 2001];
    assert!(matches!(
        read(principal(&many)),
        Err(Error::Malformed { .. })
    ));
    // What is unknown is not an error: the platform may say more one day.
    let more = format!(r#"{{"auth_typ":"aad","claims":{claims},"new":{{"a":[1]}}}}"#);
    assert!(read(more).is_ok());
}

#[test]
fn the_header_is_one_text_of_padded_base64_with_an_end() {
    let good = STANDARD.encode(principal(&[claim("tid", TENANT), claim("oid", OBJECT)]));
    assert!(read_header(&good).is_ok());
    for bad in [
        good.trim_end_matches('=').to_owned() + "A",
        format!("{good}="),
        format!("{good} "),
        good.replace('e', "-"),
        "%%%".to_owned(),
    ] {
        let error = read_header(&bad).unwrap_err();
        assert!(
            matches!(error, Error::NotBase64 | Error::Malformed { .. }),
            "{bad:.40}: {error}"
        );
    }
    let long = read_header(&"A".repeat(64 * 1024 + 4)).unwrap_err();
    assert!(matches!(long, Error::TooLong { .. }));
    assert!(matches!(
        read_header(&"A".repeat(64 * 1024)),
        Err(Error::Malformed { .. })
    ));
    let mut twice = HeaderMap::new();
    for value in [&good, &good] {
        twice.append("x-ms-client-principal", value.parse().unwrap());
    }
    assert_eq!(reader().read(&twice).unwrap_err(), Error::Repeated);
    assert_eq!(
        reader().read(&HeaderMap::new()).unwrap_err(),
        Error::Missing
    );
}
