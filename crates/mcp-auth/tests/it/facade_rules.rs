//! What the facade forwards, and what it refuses, against a recording transport.

use std::sync::Arc;

use crate::common::{API, Upstream, authority, form, json, request, resource, text};
use entra_claims::transport::TransportError;
use http::{Response, StatusCode};
use http_body_util::Full;
use mcp_auth::{FacadeLimits, MetadataBody, MetadataService};
use serde_json::json as value;
use tower::ServiceExt as _;

type Answer = Response<MetadataBody>;

const CODE: &str = "grant_type=authorization_code&client_id=c&code=s3cret-code&code_verifier=s3cret-verifier&redirect_uri=http%3A%2F%2Flocalhost%2Fcb";

async fn ask(upstream: &Arc<Upstream>, request: http::Request<Full<bytes::Bytes>>) -> Answer {
    let resource = resource("https://mcp.test/mcp").facade().build().unwrap();
    let service = MetadataService::with_transport(&resource, upstream.clone());
    service.oneshot(request).await.unwrap()
}

fn entra() -> Arc<Upstream> {
    let document = value!({
        "issuer": authority().issuer_v2(),
        "authorization_endpoint": authority().authorize_endpoint(),
        "token_endpoint": authority().token_endpoint(),
        "jwks_uri": "https://login.microsoftonline.com/keys",
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "registration_endpoint": "https://evil.example/register",
    });
    Upstream::answering(200, &document.to_string())
}

#[tokio::test]
async fn the_metadata_is_where_clients_look_and_points_to_the_facade() {
    for path in [
        "/.well-known/oauth-authorization-server/as",
        "/.well-known/openid-configuration/as",
        "/as/.well-known/openid-configuration",
    ] {
        let upstream = entra();
        let answer = ask(&upstream, request("GET", path)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["cache-control"], "public, max-age=3600");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert_eq!(
            upstream.last().uri().to_string(),
            authority().discovery_url()
        );
        let document = json(answer).await;
        // The issuer is the listed one, byte for byte (RFC 8414, section 3.3).
        assert_eq!(document["issuer"], "https://mcp.test/as");
        assert_eq!(
            document["authorization_endpoint"],
            "https://mcp.test/as/authorize"
        );
        assert_eq!(document["token_endpoint"], "https://mcp.test/as/token");
        assert_eq!(
            document["code_challenge_methods_supported"],
            value!(["S256"])
        );
        assert_eq!(
            document["scopes_supported"],
            value!([format!("{API}/mcp.read"), "offline_access"])
        );
        assert_eq!(
            document["jwks_uri"],
            "https://login.microsoftonline.com/keys"
        );
        assert!(document.get("registration_endpoint").is_none());
    }
}

#[tokio::test]
async fn without_entra_the_metadata_is_503() {
    let upstream = Upstream::giving(Err(TransportError::Connect));
    let answer = ask(
        &upstream,
        request("GET", "/.well-known/oauth-authorization-server/as"),
    )
    .await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "5");
    assert_eq!(answer.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn authorize_redirects_to_the_tenant_and_nowhere_else() {
    let upstream = entra();
    let query = "response_type=code&client_id=c&redirect_uri=https%3A%2F%2Fevil.example&state=a%2Bb\
                 &scope=api%3A%2F%2Fx%2Fy+offline_access&prompt=consent&resource=https%3A%2F%2Fmcp.test%2Fmcp";
    let answer = ask(&upstream, request("GET", &format!("/as/authorize?{query}"))).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let kept = "response_type=code&client_id=c&redirect_uri=https%3A%2F%2Fevil.example&state=a%2Bb\
                &scope=api%3A%2F%2Fx%2Fy+offline_access";
    let expected = format!("{}?{kept}", authority().authorize_endpoint());
    assert_eq!(answer.headers()["location"], expected.as_str());
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(upstream.calls(), 0);
    let answer = ask(&upstream, request("POST", "/as/authorize")).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "GET, HEAD, OPTIONS");
}

/// A client with a metadata document is named by a URL, which passes byte for byte.
#[tokio::test]
async fn a_client_id_that_is_a_url_passes_as_it_is_written() {
    let id = "https%3A%2F%2FEditor.example%3A443%2Foauth%2Fclient.json%3Fv%3D1";
    let upstream = entra();
    let query = format!("response_type=code&client_id={id}&code_challenge=c&state=s");
    let answer = ask(&upstream, request("GET", &format!("/as/authorize?{query}"))).await;
    let location = answer.headers()["location"].to_str().unwrap();
    assert_eq!(
        location,
        format!("{}?{query}", authority().authorize_endpoint())
    );
    let upstream = Upstream::answering(200, r#"{"access_token":"t","token_type":"Bearer"}"#);
    for body in [
        format!("grant_type=authorization_code&client_id={id}&code=c&code_verifier=v"),
        format!("grant_type=refresh_token&client_id={id}&refresh_token=r"),
    ] {
        ask(&upstream, form("/as/token", &body)).await;
        let sent = String::from_utf8(upstream.last().body().to_vec()).unwrap();
        assert_eq!(sent, body);
    }
}

#[tokio::test]
async fn token_goes_to_the_one_endpoint_without_resource() {
    let upstream = Upstream::answering(200, r#"{"access_token":"t","token_type":"Bearer"}"#);
    let body = format!(
        "{CODE}&resource=https%3A%2F%2Fmcp.test%2Fmcp&token_endpoint=https%3A%2F%2Fevil.example&claims=x"
    );
    let mut request = form("/as/token?redirect=https://evil.example", &body);
    for (name, value) in [
        ("origin", "https://spa.example"),
        ("cookie", "session=s3cret"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-ms-client-principal", "x"),
        ("authorization", "Basic Yzpz"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let answer = ask(&upstream, request).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["pragma"], "no-cache");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert_eq!(
        text(answer).await,
        r#"{"access_token":"t","token_type":"Bearer"}"#
    );

    let sent = upstream.last();
    assert_eq!(sent.method(), "POST");
    assert_eq!(sent.uri().to_string(), authority().token_endpoint());
    assert_eq!(sent.body(), CODE.as_bytes());
    let mut names: Vec<_> = sent
        .headers()
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "content-type", "origin"]);
    assert_eq!(sent.headers()["authorization"], "Basic Yzpz");
    assert!(sent.headers()["authorization"].is_sensitive());
}

#[tokio::test]
async fn a_bearer_token_never_goes_to_the_token_endpoint() {
    let upstream = Upstream::answering(200, "{}");
    let mut request = form("/as/token", CODE);
    request
        .headers_mut()
        .insert("authorization", "Bearer s3cret".parse().unwrap());
    ask(&upstream, request).await;
    assert!(!upstream.last().headers().contains_key("authorization"));
}

#[tokio::test]
async fn entras_refusal_is_passed_on_as_it_is() {
    let body =
        r#"{"error":"invalid_grant","error_codes":[70008],"error_description":"AADSTS70008: x"}"#;
    let mut response = Response::new(body.as_bytes().to_vec());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
        .headers_mut()
        .insert("set-cookie", "fpc=x".parse().unwrap());
    response
        .headers_mut()
        .insert("retry-after", "7".parse().unwrap());
    let answer = ask(&Upstream::giving(Ok(response)), form("/as/token", CODE)).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(answer.headers()["retry-after"], "7");
    assert!(!answer.headers().contains_key("set-cookie"));
    assert_eq!(text(answer).await, body);
}

#[tokio::test]
async fn what_is_no_answer_of_a_token_endpoint_is_502() {
    for (status, body) in [(200, "<html>"), (302, "{}"), (200, ""), (101, "{}")] {
        let answer = ask(&Upstream::answering(status, body), form("/as/token", CODE)).await;
        assert_eq!(answer.status(), StatusCode::BAD_GATEWAY, "{status} {body}");
        assert_eq!(json(answer).await["error"], "server_error");
    }
    let down = Upstream::giving(Err(TransportError::Timeout));
    let answer = ask(&down, form("/as/token", CODE)).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn what_is_no_token_request_stays_here() {
    let upstream = Upstream::answering(200, "{}");
    let long = format!("{CODE}&x={}", "a".repeat(64 * 1024));
    for (body, status, error) in [
        ("", 400, "invalid_request"),
        ("client_id=c", 400, "invalid_request"),
        (
            "grant_type=password&username=u&password=p",
            400,
            "unsupported_grant_type",
        ),
        (
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a",
            400,
            "unsupported_grant_type",
        ),
        (
            "grant_type=refresh_token&code=1&code=2",
            400,
            "invalid_request",
        ),
        (long.as_str(), 413, "invalid_request"),
    ] {
        let answer = ask(&upstream, form("/as/token", body)).await;
        assert_eq!(answer.status(), status, "{body:.60}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(json(answer).await["error"], error);
    }
    let mut no_form = form("/as/token", CODE);
    no_form
        .headers_mut()
        .insert("content-type", "application/json".parse().unwrap());
    assert_eq!(
        ask(&upstream, no_form).await.status(),
        StatusCode::BAD_REQUEST
    );
    let mut twice = form("/as/token", CODE);
    for value in ["Basic a", "Basic b"] {
        twice
            .headers_mut()
            .append("authorization", value.parse().unwrap());
    }
    assert_eq!(
        ask(&upstream, twice).await.status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        ask(&upstream, request("GET", "/as/token")).await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(
        ask(&upstream, request("OPTIONS", "/as/token"))
            .await
            .status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(upstream.calls(), 0);
}

/// The route is open to everyone, and each request there is one to Entra ID.
#[tokio::test(start_paused = true)]
async fn more_token_requests_than_the_rate_are_429() {
    let upstream = Upstream::answering(200, "{}");
    let limits = FacadeLimits::default()
        .with_requests_per_second(2)
        .with_burst(3);
    let resource = resource("https://mcp.test/mcp")
        .facade()
        .facade_limits(limits);
    let service = MetadataService::with_transport(&resource.build().unwrap(), upstream.clone());
    let ask = |request| service.clone().oneshot(request);
    // What is not forwarded takes nothing from those who sign in.
    for _ in 0..20 {
        let answer = ask(form("/as/token", "")).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    }
    for _ in 0..3 {
        let answer = ask(form("/as/token", CODE)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    for _ in 0..20 {
        let answer = ask(form("/as/token", CODE)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.headers()["retry-after"], "1");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert_eq!(json(answer).await["error"], "temporarily_unavailable");
    }
    assert_eq!(upstream.calls(), 3);
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    let mut passed = 0;
    for _ in 0..20 {
        let answer = ask(form("/as/token", CODE)).await.unwrap();
        passed += usize::from(answer.status() == StatusCode::OK);
    }
    assert_eq!((passed, upstream.calls()), (2, 5));
    // What asks Entra ID for nothing is not counted.
    let answer = ask(request("GET", "/as/authorize?client_id=c"))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
}

/// One client that asks for all leaves the others their sign-ins.
#[tokio::test(start_paused = true)]
async fn a_client_address_has_a_share_and_only_the_configured_proxy_names_it() {
    let upstream = Upstream::answering(200, "{}");
    let limits = FacadeLimits::default()
        .with_requests_per_second(4)
        .with_burst(20);
    let service = |header: Option<&str>| {
        let resource = resource("https://mcp.test/mcp")
            .facade()
            .facade_limits(limits);
        let resource = match header {
            Some(header) => resource.client_address_header(header),
            None => resource,
        };
        MetadataService::with_transport(&resource.build().unwrap(), upstream.clone())
    };
    let passed = async |service: &MetadataService, addresses: &str| {
        let mut passed = 0;
        for _ in 0..40 {
            let mut request = form("/as/token", CODE);
            let value = addresses.parse().unwrap();
            request.headers_mut().insert("x-forwarded-for", value);
            let answer = service.clone().oneshot(request).await.unwrap();
            passed += usize::from(answer.status() == StatusCode::OK);
        }
        passed
    };
    let behind_proxy = service(Some("x-forwarded-for"));
    assert_eq!(passed(&behind_proxy, "203.0.113.1").await, 5);
    // What the client itself wrote before the proxy's entry changes nothing.
    assert_eq!(passed(&behind_proxy, "198.51.100.9, 203.0.113.1").await, 0);
    assert_eq!(passed(&behind_proxy, "203.0.113.2").await, 5);
    // Without the setting the header is only what a client says.
    let direct = service(None);
    assert_eq!(passed(&direct, "203.0.113.1").await, 20);
    let error = resource("https://mcp.test/mcp")
        .facade()
        .client_address_header("a b");
    assert!(error.build().unwrap_err().to_string().contains("\"a b\""));
}

#[test]
fn a_limit_of_none_is_refused_by_name() {
    let limits = FacadeLimits::default();
    for (limits, name) in [
        (
            limits.with_requests_per_second(0),
            "facade requests per second",
        ),
        (limits.with_burst(0), "facade burst"),
    ] {
        let builder = resource("https://mcp.test/mcp")
            .facade()
            .facade_limits(limits);
        let error = builder.build().unwrap_err().to_string();
        let expected = format!("the limit {name} cannot be 0: 1 or more are allowed");
        assert_eq!(error, expected);
    }
}

#[tokio::test]
async fn an_authorization_request_has_an_end() {
    let upstream = entra();
    let query = "x".repeat(16 * 1024);
    let fits = ask(&upstream, request("GET", &format!("/as/authorize?{query}"))).await;
    assert_eq!(fits.status(), StatusCode::FOUND);
    let long = ask(
        &upstream,
        request("GET", &format!("/as/authorize?{query}x")),
    )
    .await;
    assert_eq!(long.status(), StatusCode::URI_TOO_LONG);
    assert!(!long.headers().contains_key("location"));
}

/// `organizations` and `common`: Entra ID's document there names no tenant, and only that
/// document is taken.
#[tokio::test]
async fn accounts_of_any_organization_sign_in_through_the_facade() {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    for (open, name) in [(true, "organizations"), (false, "common")] {
        let builder = resource("https://mcp.test/mcp").facade();
        let builder = if open {
            builder.any_organization()
        } else {
            builder.any_account()
        };
        let resource = builder.build().unwrap();
        let url = format!("https://login.microsoftonline.com/{name}");
        for (issuer, status) in [(template.to_owned(), 200), (authority().issuer_v2(), 503)] {
            let upstream = Upstream::answering(200, &value!({"issuer": issuer}).to_string());
            let service = MetadataService::with_transport(&resource, upstream.clone());
            let path = "/.well-known/oauth-authorization-server/as";
            let answer = service.clone().oneshot(request("GET", path)).await.unwrap();
            assert_eq!(answer.status(), status, "{issuer}");
            let discovery = format!("{url}/v2.0/.well-known/openid-configuration");
            assert_eq!(upstream.last().uri().to_string(), discovery);
            service
                .clone()
                .oneshot(form("/as/token", CODE))
                .await
                .unwrap();
            let token = format!("{url}/oauth2/v2.0/token");
            assert_eq!(upstream.last().uri().to_string(), token);
            let redirect = service
                .oneshot(request("GET", "/as/authorize?a=b"))
                .await
                .unwrap();
            let authorize = format!("{url}/oauth2/v2.0/authorize?a=b");
            assert_eq!(redirect.headers()["location"], authorize.as_str());
        }
    }
}

/// A form that never ends holds no request for ever.
#[tokio::test(start_paused = true)]
async fn a_form_that_does_not_arrive_is_408() {
    struct Endless;
    impl http_body::Body for Endless {
        type Data = bytes::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }
    let upstream = Upstream::answering(200, "{}");
    let resource = resource("https://mcp.test/mcp").facade();
    let service = MetadataService::with_transport(&resource.build().unwrap(), upstream.clone());
    let request = http::Request::post("/as/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Endless)
        .unwrap();
    let answer = service.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(upstream.calls(), 0);
}
