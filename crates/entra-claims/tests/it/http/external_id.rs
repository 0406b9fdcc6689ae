//! External ID from discovery to verdict: the issuer and the keys that its metadata names, on its
//! own hosts and nowhere else.

use std::sync::Arc;

use entra_claims::transport::{BoxFuture, HttpClient, HttpTransport};
use entra_claims::{
    AcceptedAudiences, Authenticator, ConfigError, Reason, RejectionClass, TenantPolicy, Validator,
};
use foundry_scopes::{ClientId, Cloud};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::script::{Answer, Script, build};
use crate::support::{
    API, OTHER_TENANT, TENANT, clock, key_document_with, sign, tenant, user, v2_issuer, with,
};

const AUTHORITY: &str = "https://contoso.ciamlogin.com";

fn discovery() -> String {
    format!("{AUTHORITY}/{TENANT}/v2.0/.well-known/openid-configuration")
}

fn issuer() -> String {
    format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0")
}

fn key_document() -> Value {
    let template = "https://{tenantid}.ciamlogin.com/{tenantid}/v2.0";
    key_document_with(&[("issuer", json!(template))])
}

fn metadata(issuer: &str, keys: &str) -> Value {
    json!({"issuer": issuer, "jwks_uri": keys, "cloud_instance_name": "microsoftonline.com"})
}

fn validator(tenants: TenantPolicy) -> Validator {
    Validator::new(
        Cloud::external_id(AUTHORITY, ["login.contoso.com"]).unwrap(),
        tenants,
        AcceptedAudiences::for_client(ClientId::parse(API).unwrap()),
    )
    .with_clock(clock())
}

fn of(iss: &str) -> String {
    sign(&with(&user(), &[("iss", json!(iss))]))
}

fn one_tenant() -> Validator {
    validator(TenantPolicy::single(tenant(TENANT)))
}

#[tokio::test]
async fn keys_may_be_on_each_of_its_hosts() {
    for host in [
        "contoso.ciamlogin.com",
        "login.contoso.com",
        &format!("{TENANT}.ciamlogin.com"),
    ] {
        let script = Script::new();
        let keys = format!("https://{host}/{TENANT}/discovery/v2.0/keys");
        script.json(&discovery(), &metadata(&issuer(), &keys));
        script.json(&keys, &key_document());
        let authenticator = build(&script, one_tenant());
        assert!(
            authenticator.authenticate(&of(&issuer())).await.is_ok(),
            "{host}"
        );
        assert_eq!((script.count(&keys), script.requests()), (1, 2));
        for other in [
            v2_issuer(TENANT),
            format!("{AUTHORITY}/{TENANT}/v2.0"),
            format!("https://fabrikam.ciamlogin.com/{TENANT}/v2.0"),
        ] {
            let refusal = authenticator.authenticate(&of(&other)).await.unwrap_err();
            assert_eq!(refusal.reason(), Reason::WrongIssuer, "{other}");
        }
        assert_eq!(script.requests(), 2);
    }
}

#[tokio::test]
async fn the_documents_of_an_authority_send_nobody_elsewhere() {
    for foreign in [
        "https://fabrikam.ciamlogin.com/keys".to_owned(),
        format!("https://{OTHER_TENANT}.ciamlogin.com/{TENANT}/discovery/v2.0/keys"),
        "https://login.microsoftonline.com/common/discovery/v2.0/keys".to_owned(),
        "https://contoso.ciamlogin.com.evil.example/keys".to_owned(),
        "https://contoso.ciamlogin.com@evil.example/keys".to_owned(),
        "https://contoso.ciamlogin.com:8443/keys".to_owned(),
        "http://contoso.ciamlogin.com/keys".to_owned(),
        "https://169.254.169.254/keys".to_owned(),
        "https://10.0.0.1/keys".to_owned(),
        "https://[::1]/keys".to_owned(),
        "https://x.login.contoso.com/keys".to_owned(),
    ] {
        let script = Script::new();
        script.json(&discovery(), &metadata(&issuer(), &foreign));
        script.json(&foreign, &key_document());
        let authenticator = build(&script, one_tenant());
        let refusal = authenticator
            .authenticate(&of(&issuer()))
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::WrongMetadata, "{foreign}");
        assert_eq!(refusal.class(), RejectionClass::Misconfigured);
        assert_eq!((script.count(&foreign), script.requests()), (0, 1));
    }
}

#[tokio::test]
async fn the_issuer_of_its_metadata_is_on_its_own_hosts() {
    let keys = format!("{AUTHORITY}/{TENANT}/discovery/v2.0/keys");
    for iss in [
        v2_issuer(TENANT),
        v2_issuer("{tenantid}"),
        format!("https://sts.windows.net/{TENANT}/"),
        format!("https://fabrikam.ciamlogin.com/{TENANT}/v2.0"),
        format!("https://{OTHER_TENANT}.ciamlogin.com/{TENANT}/v2.0"),
        format!("https://{OTHER_TENANT}.ciamlogin.com/{OTHER_TENANT}/v2.0"),
        format!("{AUTHORITY}/{OTHER_TENANT}/v2.0"),
        "https://evil.example".to_owned(),
    ] {
        let script = Script::new();
        script.json(&discovery(), &metadata(&iss, &keys));
        script.json(&keys, &key_document());
        let authenticator = build(&script, one_tenant());
        let refusal = authenticator
            .authenticate(&of(&issuer()))
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::WrongMetadata, "{iss}");
        assert_eq!(script.requests(), 1);
    }
    // The document decides which of the possible issuers it is, not the token.
    let named = format!("https://login.contoso.com/{TENANT}/v2.0/");
    let script = Script::new();
    script.json(&discovery(), &metadata(&named, &keys));
    script.json(&keys, &key_document());
    let authenticator = build(&script, one_tenant());
    assert!(authenticator.authenticate(&of(&named)).await.is_ok());
    let refusal = authenticator
        .authenticate(&of(&issuer()))
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::WrongIssuer);
}

#[test]
fn it_serves_named_tenants_only() {
    for open in [
        TenantPolicy::any_work_or_school_tenant(),
        TenantPolicy::any_tenant_including_personal_accounts(),
    ] {
        let error = Authenticator::new(validator(open)).unwrap_err();
        assert_eq!(error, ConfigError::UnnamedTenants);
    }
    let listed = TenantPolicy::allow_list([tenant(TENANT), tenant(OTHER_TENANT)]).unwrap();
    assert!(Authenticator::new(validator(listed)).is_ok());
}

/// The built-in client, with every request sent to this machine instead of where it would go.
#[derive(Debug)]
struct ToThisMachine {
    client: HttpClient,
    base: String,
}

impl HttpTransport for ToThisMachine {
    fn send(&self, request: http::Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        let uri = request.uri();
        assert_eq!(uri.scheme_str(), Some("https"));
        let local = format!("{}/{}{}", self.base, uri.host().unwrap(), uri.path());
        let (mut parts, body) = request.into_parts();
        parts.uri = local.parse().unwrap();
        Box::pin(async move {
            self.client
                .send(http::Request::from_parts(parts, body))
                .await
        })
    }
}

/// Answers over real HTTP, each path once per connection; anything unknown is 404.
async fn serve(answers: Vec<(String, Value)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).await.unwrap() == 0 {
                    break;
                }
                request.push(byte[0]);
            }
            let request = String::from_utf8(request).unwrap();
            let path = request.split(' ').nth(1).unwrap_or_default();
            let body = answers.iter().find(|(own, _)| own == path);
            let (status, body) = match body {
                Some((_, body)) => ("200 OK", body.to_string()),
                None => ("404 Not Found", String::new()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body.as_bytes()).await.unwrap();
        }
    });
    base
}

#[tokio::test]
async fn the_whole_way_over_http() {
    let own = format!("{TENANT}.ciamlogin.com");
    let keys = format!("https://{own}/{TENANT}/discovery/v2.0/keys");
    let base = serve(vec![
        (
            format!("/contoso.ciamlogin.com/{TENANT}/v2.0/.well-known/openid-configuration"),
            metadata(&issuer(), &keys),
        ),
        (
            format!("/{own}/{TENANT}/discovery/v2.0/keys"),
            key_document(),
        ),
    ])
    .await;
    let transport = ToThisMachine {
        client: HttpClient::allowing_loopback().unwrap(),
        base,
    };
    let authenticator = Authenticator::builder(one_tenant())
        .transport(Arc::new(transport))
        .build()
        .unwrap();
    authenticator.warm_up().await.unwrap();
    assert!(authenticator.ready());
    let verified = authenticator.authenticate(&of(&issuer())).await.unwrap();
    assert_eq!(verified.principal().tenant(), tenant(TENANT));
    let theirs = format!("https://{OTHER_TENANT}.ciamlogin.com/{OTHER_TENANT}/v2.0");
    let claims = with(
        &user(),
        &[("iss", json!(theirs)), ("tid", json!(OTHER_TENANT))],
    );
    for (token, reason) in [
        (of(&v2_issuer(TENANT)), Reason::WrongIssuer),
        (sign(&claims), Reason::WrongIssuer),
    ] {
        let refusal = authenticator.authenticate(&token).await.unwrap_err();
        assert_eq!(refusal.reason(), reason);
    }
}
