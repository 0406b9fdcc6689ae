//! What each answer of the token endpoint means and what to do about it.

use entra_obo::{ClaimsChallenge, EntraError, ErrorKind, NextStep};
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
const CLAIMS: &str = r#"{"access_token":{"capolids":{"essential":true,"values":["0123"]}}}"#;

fn answer(status: u16, body: &str) -> EntraError {
    EntraError::from_response(status, None, body.as_bytes(), NOW)
}

fn oauth(status: u16, error: &str, suberror: &str, code: u32) -> EntraError {
    let suberror = match suberror {
        "" => String::new(),
        text => format!(r#","suberror":"{text}""#),
    };
    answer(
        status,
        &format!(r#"{{"error":"{error}","error_codes":[{code}]{suberror}}}"#),
    )
}

#[test]
fn answers_without_claims() {
    use ErrorKind as K;
    let retry = NextStep::RetryAt(NOW + Duration::seconds(5));
    let table = [
        // status, error, suberror, number, kind, next
        (
            400,
            "invalid_grant",
            "consent_required",
            65001,
            K::Consent,
            NextStep::AskConsent,
        ),
        (
            400,
            "invalid_grant",
            "consent_required",
            999,
            K::Consent,
            NextStep::AskConsent,
        ),
        (
            400,
            "invalid_grant",
            "",
            65001,
            K::Consent,
            NextStep::AskConsent,
        ),
        (
            400,
            "consent_required",
            "",
            65001,
            K::Consent,
            NextStep::AskConsent,
        ),
        (
            400,
            "interaction_required",
            "consent_required",
            65001,
            K::Consent,
            NextStep::AskConsent,
        ),
        (
            400,
            "access_denied",
            "",
            90094,
            K::Consent,
            NextStep::AskConsent,
        ),
        (
            400,
            "access_denied",
            "",
            500_213,
            K::Denied,
            NextStep::Denied,
        ),
        (
            400,
            "interaction_required",
            "",
            50079,
            K::Interaction,
            NextStep::SignInAgain,
        ),
        (
            400,
            "interaction_required",
            "basic_action",
            50076,
            K::Interaction,
            NextStep::SignInAgain,
        ),
        (
            400,
            "invalid_grant",
            "basic_action",
            50076,
            K::Interaction,
            NextStep::SignInAgain,
        ),
        (
            400,
            "invalid_grant",
            "message_only",
            53003,
            K::Denied,
            NextStep::Denied,
        ),
        (
            400,
            "invalid_grant",
            "",
            50173,
            K::Interaction,
            NextStep::SignInAgain,
        ),
        (
            400,
            "invalid_grant",
            "",
            12345,
            K::Interaction,
            NextStep::SignInAgain,
        ),
        (
            400,
            "login_required",
            "",
            50058,
            K::Interaction,
            NextStep::SignInAgain,
        ),
        (
            400,
            "user_password_expired",
            "user_password_expired",
            50055,
            K::Interaction,
            NextStep::SignInAgain,
        ),
        (400, "invalid_grant", "", 53003, K::Denied, NextStep::Denied),
        (400, "invalid_grant", "", 50020, K::Denied, NextStep::Denied),
        (
            400,
            "invalid_grant",
            "client_mismatch",
            50013,
            K::Denied,
            NextStep::Denied,
        ),
        (
            400,
            "invalid_grant",
            "protection_policy_required",
            50005,
            K::Denied,
            NextStep::Denied,
        ),
        (
            400,
            "invalid_grant",
            "",
            500_133,
            K::Assertion,
            NextStep::SignInAgain,
        ),
        (
            400,
            "invalid_grant",
            "",
            50013,
            K::Assertion,
            NextStep::SignInAgain,
        ),
        (
            400,
            "invalid_grant",
            "bad_token",
            70000,
            K::Assertion,
            NextStep::SignInAgain,
        ),
        (
            400,
            "invalid_grant",
            "",
            500_131,
            K::Assertion,
            NextStep::FixConfiguration,
        ),
        (
            400,
            "unauthorized_client",
            "",
            7_000_114,
            K::Assertion,
            NextStep::FixConfiguration,
        ),
        (
            400,
            "unauthorized_client",
            "",
            700_016,
            K::Configuration,
            NextStep::FixConfiguration,
        ),
        (
            401,
            "invalid_client",
            "",
            7_000_215,
            K::Credential,
            NextStep::FixConfiguration,
        ),
        (
            401,
            "invalid_client",
            "",
            7_000_222,
            K::Credential,
            NextStep::FixConfiguration,
        ),
        (
            401,
            "invalid_client",
            "",
            700_213,
            K::Credential,
            NextStep::FixConfiguration,
        ),
        (
            401,
            "invalid_client",
            "",
            650_056,
            K::Configuration,
            NextStep::FixConfiguration,
        ),
        (
            400,
            "invalid_client",
            "",
            650_053,
            K::Configuration,
            NextStep::FixConfiguration,
        ),
        (
            400,
            "invalid_target",
            "",
            9_010_010,
            K::Configuration,
            NextStep::FixConfiguration,
        ),
        (
            400,
            "invalid_scope",
            "",
            70011,
            K::Configuration,
            NextStep::FixConfiguration,
        ),
        (
            400,
            "invalid_resource",
            "",
            500_011,
            K::Configuration,
            NextStep::FixConfiguration,
        ),
        (
            400,
            "invalid_request",
            "",
            900_144,
            K::Configuration,
            NextStep::FixConfiguration,
        ),
        (
            400,
            "unsupported_grant_type",
            "",
            70003,
            K::Configuration,
            NextStep::FixConfiguration,
        ),
        (
            400,
            "temporarily_unavailable",
            "",
            90033,
            K::Transient,
            retry,
        ),
        (400, "server_error", "", 50000, K::Transient, retry),
        (400, "invalid_grant", "", 50196, K::Transient, retry),
        (
            503,
            "invalid_grant",
            "consent_required",
            65001,
            K::Transient,
            retry,
        ),
        (
            400,
            "something_new",
            "",
            1,
            K::Unintelligible,
            NextStep::Unrecoverable,
        ),
    ];
    for (status, error, suberror, code, kind, next) in table {
        let answer = oauth(status, error, suberror, code);
        assert_eq!(answer.kind(), kind, "{answer:?}");
        assert_eq!(answer.next(), next, "{answer:?}");
        assert_eq!(answer.codes(), [u64::from(code)]);
        assert_eq!(answer.error(), Some(error));
    }
}

#[test]
fn claims_are_a_challenge_whatever_error_says() {
    let escaped = CLAIMS.replace('"', "\\\"");
    for error in ["interaction_required", "invalid_grant", "something_new"] {
        for claims in [CLAIMS.to_owned(), format!("\"{escaped}\"")] {
            let body = format!(
                r#"{{"error":"{error}","suberror":"message_only","error_codes":[53003],"claims":{claims}}}"#
            );
            let answer = answer(400, &body);
            assert_eq!(answer.kind(), ErrorKind::ClaimsChallenge, "{body}");
            let expected = ClaimsChallenge::from_json(CLAIMS).unwrap();
            assert_eq!(answer.next(), NextStep::PassOnClaims);
            assert_eq!(answer.claims(), Some(&expected));
        }
    }
    // A failure of the service is no verdict about the user, even with claims in it.
    let body = format!(r#"{{"error":"interaction_required","claims":{CLAIMS}}}"#);
    assert_eq!(answer(502, &body).kind(), ErrorKind::Transient);
}

#[test]
fn waiting_is_asked_for_and_bounded() {
    let wait = |status, header: Option<&str>, body: &str| {
        let answer = EntraError::from_response(status, header, body.as_bytes(), NOW);
        (
            answer.kind(),
            answer.next(),
            answer.retry_after().unwrap().as_secs(),
        )
    };
    let at = |seconds: i64| NextStep::RetryAt(NOW + Duration::seconds(seconds));
    use ErrorKind::{Throttled, Transient};
    assert_eq!(wait(429, Some("30"), "<html>"), (Throttled, at(30), 30));
    assert_eq!(wait(429, None, ""), (Throttled, at(60), 60));
    assert_eq!(wait(429, Some("garbage"), ""), (Throttled, at(60), 60));
    assert_eq!(wait(429, Some("1e12"), ""), (Throttled, at(60), 60));
    assert_eq!(wait(429, Some("86400"), ""), (Throttled, at(3600), 3600));
    assert_eq!(wait(503, Some("120"), ""), (Throttled, at(120), 120));
    assert_eq!(wait(503, None, ""), (Transient, at(5), 5));
    assert_eq!(wait(408, None, ""), (Transient, at(5), 5));
    let unavailable = r#"{"error":"temporarily_unavailable"}"#;
    assert_eq!(wait(400, Some("7"), unavailable), (Throttled, at(7), 7));
}

#[test]
fn an_answer_that_is_not_entra_ids_is_unintelligible() {
    for (status, body) in [
        (400, ""),
        (400, "<html>Bad Request</html>"),
        (404, r#"{"statusCode":404,"message":"Resource not found"}"#),
        (302, r#"{"error":"invalid_grant"}"#),
        (307, ""),
    ] {
        let answer = answer(status, body);
        assert_eq!(answer.kind(), ErrorKind::Unintelligible, "{status} {body}");
        assert_eq!(answer.next(), NextStep::Unrecoverable);
        assert!(answer.to_string().contains(&status.to_string()) || status == 302);
    }
}

#[test]
fn messages_carry_ids_and_never_the_prose() {
    let answer = answer(
        400,
        r#"{"error":"invalid_grant","suberror":"consent_required","error_codes":[65001],
            "error_description":"AADSTS65001: evil\r\nForged: line \u001b[31m",
            "correlation_id":"73d656cf-54b1-4eb2-b429-26d8165a52d7","trace_id":"b72a68c3-0926-4b8e-bc35-3150069c2800"}"#,
    );
    let display = answer.to_string();
    assert_eq!(
        display,
        "Entra ID answered invalid_grant (consent_required), AADSTS65001: nobody consented to this \
         permission of the middle tier for the downstream API \
         (correlation id 73d656cf-54b1-4eb2-b429-26d8165a52d7)"
    );
    for text in [display, format!("{answer:?}"), format!("{answer:#?}")] {
        assert!(!text.contains("evil") && !text.contains('\u{1b}'), "{text}");
    }
    assert!(answer.description().unwrap().contains("evil"));
    assert_eq!(
        answer.trace_id(),
        Some("b72a68c3-0926-4b8e-bc35-3150069c2800")
    );
}
