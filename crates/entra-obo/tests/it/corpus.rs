//! A corpus of answers of a token endpoint, good, odd and broken: what comes of each, how
//! often it is asked, and that nothing but a usable token is ever kept.

use crate::support;
use crate::support::{Endpoint, Reply, World, json, user, with_header};
use entra_obo::{ErrorKind, ExchangeError, NextStep};

/// `Ok` with the seconds it lasts, or what kind of failure it is.
type Expected = Result<u64, ErrorKind>;

struct Case {
    what: &'static str,
    reply: Box<dyn Fn() -> Reply + Send + Sync>,
    expected: Expected,
    /// How often the endpoint is asked: twice only where the failure passes.
    requests: usize,
}

fn case(
    what: &'static str,
    expected: Expected,
    requests: usize,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> Case {
    Case {
        what,
        reply: Box::new(reply),
        expected,
        requests,
    }
}

fn ok(what: &'static str, expected: Expected, body: impl Into<Vec<u8>>) -> Case {
    let body = body.into();
    case(what, expected, 1, move || Ok(json(200, body.clone())))
}

fn refused(what: &'static str, status: u16, expected: ErrorKind, body: &'static str) -> Case {
    case(what, Err(expected), 1, move || Ok(json(status, body)))
}

const UNREADABLE: Expected = Err(ErrorKind::Unintelligible);

fn granted(token: &str, kind: &str, expires: &str) -> String {
    format!(r#"{{"token_type":{kind},"access_token":{token},{expires}"scope":"s"}}"#)
}

fn with_life(expires: &str) -> String {
    granted(r#""h.p.s""#, r#""Bearer""#, expires)
}

fn with_token(token: &str) -> String {
    granted(token, r#""Bearer""#, r#""expires_in":3599,"#)
}

fn with_type(kind: &str) -> String {
    granted(r#""h.p.s""#, kind, r#""expires_in":3599,"#)
}

/// Status 200.
fn grants() -> Vec<Case> {
    let good = with_life(r#""expires_in":3599,"#);
    let long = format!("\"{}\"", "x".repeat(1024 * 1024));
    vec![
        ok("the documented answer", Ok(3599), good.clone()),
        ok("no body", UNREADABLE, ""),
        ok("HTML", UNREADABLE, "<!doctype html><title>Sign in</title>"),
        ok("a JSON array", UNREADABLE, r#"["h.p.s","Bearer",3599]"#),
        ok("two values", UNREADABLE, format!("{good}{good}")),
        ok("not UTF-8", UNREADABLE, vec![0xff, 0xfe, b'{', b'}']),
        ok("a byte order mark", Ok(3599), format!("\u{feff}{good}")),
        ok(
            "no token",
            UNREADABLE,
            r#"{"token_type":"Bearer","expires_in":3599}"#,
        ),
        ok("an empty token", UNREADABLE, with_token(r#""""#)),
        ok("a number for a token", UNREADABLE, with_token("7")),
        ok(
            "a token with a line break",
            UNREADABLE,
            with_token(r#""a\r\nSet-Cookie: b""#),
        ),
        ok("a token with blanks", UNREADABLE, with_token(r#""a b""#)),
        ok("a token of a megabyte", UNREADABLE, with_token(&long)),
        ok(
            "no type",
            UNREADABLE,
            r#"{"access_token":"h.p.s","expires_in":3599}"#,
        ),
        ok("another type", UNREADABLE, with_type(r#""mac""#)),
        ok(
            "a proof-of-possession token",
            UNREADABLE,
            with_type(r#""PoP""#),
        ),
        ok("the type in lower case", Ok(3599), with_type(r#""bearer""#)),
        ok("no life", UNREADABLE, with_life("")),
        ok(
            "a life of zero",
            UNREADABLE,
            with_life(r#""expires_in":0,"#),
        ),
        ok(
            "a negative life",
            UNREADABLE,
            with_life(r#""expires_in":-1,"#),
        ),
        ok(
            "a life as text",
            Ok(3599),
            with_life(r#""expires_in":"3599","#),
        ),
        ok(
            "a life with a fraction",
            Ok(3599),
            with_life(r#""expires_in":3599.9,"#),
        ),
        ok(
            "a life that is no number",
            UNREADABLE,
            with_life(r#""expires_in":NaN,"#),
        ),
        ok(
            "NaN as text",
            UNREADABLE,
            with_life(r#""expires_in":"NaN","#),
        ),
        ok(
            "a life without end",
            Ok(28 * 3600),
            with_life(r#""expires_in":1e18,"#),
        ),
        ok(
            "the extended life alone",
            UNREADABLE,
            with_life(r#""ext_expires_in":3599,"#),
        ),
        ok(
            "a refresh token and an ID token beside it",
            Ok(3599),
            with_life(
                r#""expires_in":3599,"refresh_token":"0.refresh-secret","id_token":"a.b.c","#,
            ),
        ),
        ok(
            "a member twice",
            UNREADABLE,
            with_life(r#""expires_in":3599,"access_token":"other","#),
        ),
        ok(
            "an unknown member twice",
            Ok(3599),
            with_life(r#""expires_in":3599,"foo":1,"foo":2,"#),
        ),
        case("another content type", Ok(3599), 1, {
            let body = good.clone();
            move || with_header(json(200, body.clone()), "content-type", "text/plain")
        }),
        case("a grant with a status that is none", UNREADABLE, 1, {
            move || Ok(json(201, good.clone()))
        }),
    ]
}

/// Status 400 and 401 with an error, and what is none.
fn refusals() -> Vec<Case> {
    use ErrorKind as K;
    let huge = format!(
        r#"{{"error":"invalid_grant","error_description":"{}"}}"#,
        "x".repeat(10 * 1024 * 1024)
    );
    vec![
        refused(
            "a bad token",
            400,
            K::Assertion,
            r#"{"error":"invalid_grant","suberror":"bad_token"}"#,
        ),
        refused(
            "an expired token",
            400,
            K::Assertion,
            r#"{"error":"invalid_grant","suberror":"token_expired"}"#,
        ),
        refused(
            "consent",
            400,
            K::Consent,
            r#"{"error":"invalid_grant","suberror":"consent_required"}"#,
        ),
        refused(
            "a basic action",
            400,
            K::Interaction,
            r#"{"error":"invalid_grant","suberror":"basic_action"}"#,
        ),
        refused(
            "50013",
            400,
            K::Assertion,
            r#"{"error":"invalid_grant","error_codes":[50013]}"#,
        ),
        refused(
            "50076",
            400,
            K::Interaction,
            r#"{"error":"invalid_grant","error_codes":[50076]}"#,
        ),
        refused(
            "50079",
            400,
            K::Interaction,
            r#"{"error":"interaction_required","error_codes":[50079]}"#,
        ),
        refused(
            "65001",
            400,
            K::Consent,
            r#"{"error":"invalid_grant","error_codes":[65001]}"#,
        ),
        refused(
            "70000",
            400,
            K::Interaction,
            r#"{"error":"invalid_grant","error_codes":[70000]}"#,
        ),
        refused(
            "7000215",
            401,
            K::Credential,
            r#"{"error":"invalid_client","error_codes":[7000215]}"#,
        ),
        refused(
            "500131",
            400,
            K::Assertion,
            r#"{"error":"invalid_grant","error_codes":[500131]}"#,
        ),
        refused(
            "an application without a user",
            400,
            K::Assertion,
            r#"{"error":"unauthorized_client","error_codes":[7000114]}"#,
        ),
        refused(
            "an unknown client",
            400,
            K::Configuration,
            r#"{"error":"unauthorized_client","error_codes":[700016]}"#,
        ),
        refused(
            "an unknown error",
            400,
            K::Unintelligible,
            r#"{"error":"something_new"}"#,
        ),
        refused("no JSON", 400, K::Unintelligible, "Bad Request"),
        refused("no body", 401, K::Unintelligible, ""),
        refused(
            "no error member",
            400,
            K::Unintelligible,
            r#"{"message":"no"}"#,
        ),
        case(
            "a description of ten megabytes",
            Err(K::Unintelligible),
            1,
            move || Ok(json(400, huge.clone())),
        ),
        // Repeated once, as with 503.
        case("a transient error with 400", Err(K::Transient), 2, || {
            Ok(json(
                400,
                r#"{"error":"temporarily_unavailable","error_codes":[90033]}"#,
            ))
        }),
        case(
            "a loop that is told by a number",
            Err(K::Transient),
            1,
            || {
                Ok(json(
                    400,
                    r#"{"error":"invalid_grant","error_codes":[50196]}"#,
                ))
            },
        ),
        case("HTML with 500", Err(K::Transient), 2, || {
            Ok(json(500, "<html>"))
        }),
        case("503 without a time", Err(K::Transient), 2, || {
            Ok(json(503, ""))
        }),
        case("408", Err(K::Transient), 2, || Ok(json(408, ""))),
        case("503 with a time", Err(K::Throttled), 1, || {
            with_header(json(503, "<html>"), "retry-after", "30")
        }),
        case("no content", UNREADABLE, 1, || Ok(json(204, ""))),
        case("not modified", UNREADABLE, 1, || Ok(json(304, ""))),
    ]
}

#[tokio::test(start_paused = true)]
async fn every_answer_comes_to_what_it_is_worth() {
    for case in grants().into_iter().chain(refusals()) {
        let Case {
            what,
            reply,
            expected,
            requests,
        } = case;
        let world = World::new(Endpoint::new(move |_, _| reply()));
        let got = world.api.token_on_behalf_of(&user(1)).await;
        let seen = got
            .as_ref()
            .map(|token| u64::try_from(token.expires_at_unix() - support::NOW).unwrap())
            .map_err(ExchangeError::kind);
        assert_eq!(seen, expected, "{what}: {got:?}");
        assert_eq!(world.endpoint.calls(), requests, "{what}");
        let kept = usize::from(expected.is_ok());
        assert_eq!(world.client.stats().entries, kept, "{what}");
        if let Err(error) = got {
            let text = format!("{error} {error:?} {}", error.remedy());
            assert!(
                !text.contains("h.p.s") && !text.contains("refresh-secret"),
                "{what}: {text}"
            );
            assert!(!text.chars().any(char::is_control), "{what}: {text:?}");
            // Never a negative entry: the next call asks again, unless it has to wait.
            let again = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
            let more = usize::from(error.kind() != ErrorKind::Throttled) * requests;
            assert_eq!(world.endpoint.calls(), requests + more, "{what}: {again:?}");
        }
    }
}

/// Of all forms of `Retry-After`: the wait is kept between a second and an hour, a minute
/// where it says nothing.
#[tokio::test]
async fn a_429_says_until_when_and_nothing_is_sent_before() {
    let table = [
        (Some("30"), 30),
        (Some("0"), 1),
        (Some("-1"), 60),
        (Some("1e12"), 60),
        (Some("999999999999999999999999"), 3600),
        (Some("Tue, 14 Nov 2023 22:14:20 GMT"), 60),
        (Some("soon"), 60),
        (None, 60),
    ];
    for (header, seconds) in table {
        let world = World::new(Endpoint::new(move |_, _| match header {
            Some(value) => with_header(json(429, ""), "retry-after", value),
            None => Ok(json(429, "")),
        }));
        let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        let NextStep::RetryAt(at) = error.next() else {
            panic!("{header:?}: {error:?}");
        };
        assert_eq!(at.unix_timestamp() - support::NOW, seconds, "{header:?}");
        world.clock.advance(std::time::Duration::from_secs(
            u64::try_from(seconds).unwrap() - 1,
        ));
        world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        assert_eq!(world.endpoint.calls(), 1, "{header:?}: not before");
        world.clock.advance(std::time::Duration::from_secs(1));
        world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        assert_eq!(world.endpoint.calls(), 2, "{header:?}: then again");
    }
}

/// Claims come back byte for byte, escapes and all, whatever the error is called.
#[tokio::test]
async fn claims_are_passed_on_byte_for_byte() {
    let claims =
        r#"{"access_token":{"polids":{"essential":true,"values":["9ab\u0033e19/\\\"é"]}}}"#;
    let body = serde_json::json!({"error": "interaction_required", "error_codes": [50079], "claims": claims,
        "error_description": "AADSTS50079: a\r\nTrace ID: contoso.example \u{1b}[31m"});
    let world = World::new(Endpoint::new(move |_, _| Ok(json(400, body.to_string()))));
    let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    assert_eq!(error.claims().unwrap().as_json(), claims);
    assert_eq!(error.next(), NextStep::PassOnClaims);
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("contoso.example") && !shown.chars().any(char::is_control));
}

/// What was granted is reported, be it less or other than what was asked for.
#[tokio::test]
async fn the_granted_scopes_are_reported() {
    for (scope, expected) in [
        (
            "api://downstream/orders.read",
            vec!["api://downstream/orders.read"],
        ),
        ("a b  c", vec!["a", "b", "c"]),
        ("", vec![]),
    ] {
        let body = format!(
            r#"{{"token_type":"Bearer","access_token":"h.p.s","expires_in":3599,"scope":"{scope}"}}"#
        );
        let world = World::new(Endpoint::new(move |_, _| Ok(json(200, body.clone()))));
        let token = world.api.token_on_behalf_of(&user(1)).await.unwrap();
        assert_eq!(token.scopes().collect::<Vec<_>>(), expected);
    }
}
