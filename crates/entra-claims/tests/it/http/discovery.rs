//! What the authority may say about itself.

use std::time::Duration;

use entra_claims::transport::{HttpClient, HttpTransport, TransportError};
use entra_claims::{Reason, RejectionClass};
use serde_json::{Value, json};

use super::script::{Reply, Script, authenticator, discovery_url, keys_url, metadata};
use crate::support::{OTHER_TENANT, TENANT, sign, user, v2_issuer, with};

/// The refusal of a good token while the discovery document is this.
async fn refusal(document: &Value) -> (Reason, RejectionClass, usize) {
    let script = Script::new();
    script.json(&discovery_url(TENANT), document);
    let (authenticator, _) = authenticator(&script);
    let refusal = authenticator
        .authenticate(&sign(&user()))
        .await
        .unwrap_err();
    (refusal.reason(), refusal.class(), script.requests())
}

#[tokio::test]
async fn another_issuers_document_is_a_configuration_error() {
    for issuer in [
        v2_issuer(OTHER_TENANT),
        v2_issuer("{tenantid}"),
        format!("{}/", v2_issuer(TENANT)),
        "https://evil.example/".to_owned(),
        String::new(),
    ] {
        let document = with(&metadata(TENANT), &[("issuer", json!(issuer))]);
        let expected = (Reason::WrongMetadata, RejectionClass::Misconfigured, 1);
        assert_eq!(refusal(&document).await, expected, "{issuer}");
    }
}

#[tokio::test]
async fn keys_come_from_the_authoritys_own_origin() {
    for uri in [
        "http://login.microsoftonline.com/keys",
        "https://evil.example/keys",
        "https://login.microsoftonline.com.evil.example/keys",
        "https://login.microsoftonline.com:444/keys",
        "https://login.microsoftonline.com@evil.example/keys",
        "https://u@login.microsoftonline.com/keys",
        "https://127.0.0.1/keys",
        "https://169.254.169.254/keys",
        "https:\\\\login.microsoftonline.com/keys",
        "HTTPS://login.microsoftonline.com/keys",
        "https://login.microsoftonline.com",
        "https://login.microsoftonline.com/a\\b",
        "https://login.microsoftonline.com/a b",
        "https://login.microsoftonline.com/a\r\nb",
        "//evil.example/keys",
        "/keys",
        "",
    ] {
        let document = with(&metadata(TENANT), &[("jwks_uri", json!(uri))]);
        let expected = (Reason::WrongMetadata, RejectionClass::Misconfigured, 1);
        assert_eq!(refusal(&document).await, expected, "{uri}");
    }
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_no_verdict() {
    for document in [
        json!(null),
        json!([]),
        json!({}),
        with(&metadata(TENANT), &[("issuer", Value::Null)]),
        with(&metadata(TENANT), &[("jwks_uri", Value::Null)]),
        with(&metadata(TENANT), &[("issuer", json!([v2_issuer(TENANT)]))]),
    ] {
        let (reason, _, requests) = refusal(&document).await;
        assert_eq!(
            (reason, requests),
            (Reason::KeysUnavailable, 1),
            "{document}"
        );
    }
    let twice = metadata(TENANT)
        .to_string()
        .replacen('{', r#"{"jwks_uri":"x","#, 1);
    let script = Script::new();
    script.answer(&discovery_url(TENANT), Reply::Body(200, twice.into_bytes()));
    let (authenticator, _) = authenticator(&script);
    let refusal = authenticator
        .authenticate(&sign(&user()))
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::KeysUnavailable);
}

#[tokio::test]
async fn no_status_but_200_is_an_answer_and_no_redirect_is_followed() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let mut requests = 0;
    for status in [
        201, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 410, 500, 502, 504,
    ] {
        let keys = script_keys();
        script.answer(&keys_url(TENANT), Reply::Body(status, keys));
        let refusal = authenticator
            .authenticate(&sign(&user()))
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::KeysUnavailable, "{status}");
        assert!(
            refusal.explain().contains(&status.to_string()),
            "{}",
            refusal.explain()
        );
        assert!(
            refusal
                .explain()
                .contains("authority is https://login.microsoftonline.com"),
            "{}",
            refusal.explain()
        );
        requests += 2;
        assert_eq!(script.requests(), requests);
        clock.advance(Duration::from_secs(2));
    }
    script.answer(&keys_url(TENANT), Reply::Redirect("https://evil.example/"));
    assert!(authenticator.authenticate(&sign(&user())).await.is_err());
    assert_eq!(script.count("https://evil.example/"), 0);
}

fn script_keys() -> Vec<u8> {
    crate::support::key_document().to_string().into_bytes()
}

#[tokio::test]
async fn a_pause_that_the_authority_asks_for_is_kept_within_limits() {
    for (value, expected) in [
        ("30", 30),
        ("0", 1),
        ("100000", 3600),
        ("-1", 60),
        ("soon", 60),
    ] {
        for status in [429, 503] {
            let script = Script::new();
            script.answer_all(&Reply::RetryAfter(status, value));
            let (authenticator, clock) = authenticator(&script);
            let refusal = authenticator
                .authenticate(&sign(&user()))
                .await
                .unwrap_err();
            let retry_after = Duration::from_secs(expected);
            assert_eq!(
                refusal.class(),
                RejectionClass::Unavailable { retry_after },
                "{value}"
            );
            script.tenant(TENANT);
            clock.advance(retry_after - Duration::from_millis(1));
            assert!(authenticator.authenticate(&sign(&user())).await.is_err());
            assert_eq!(script.requests(), 1);
            clock.advance(Duration::from_millis(1));
            assert!(authenticator.authenticate(&sign(&user())).await.is_ok());
        }
    }
}

#[tokio::test]
async fn the_client_talks_https_and_to_loopback_only_when_told() {
    let send = async |client: &HttpClient, url: &str| {
        client
            .send(http::Request::get(url).body(Vec::new()).unwrap())
            .await
            .unwrap_err()
    };
    let strict = HttpClient::new().unwrap();
    let local = HttpClient::allowing_loopback().unwrap();
    for url in [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
    ] {
        assert_eq!(send(&strict, url).await, TransportError::NotHttps, "{url}");
        assert_eq!(send(&local, url).await, TransportError::Connect, "{url}");
    }
    for url in [
        "http://login.microsoftonline.com/",
        "http://127.0.0.2:1/",
        "http://localhost.evil.example/",
        "ftp://localhost/",
    ] {
        assert_eq!(send(&strict, url).await, TransportError::NotHttps, "{url}");
        assert_eq!(send(&local, url).await, TransportError::NotHttps, "{url}");
    }
}
