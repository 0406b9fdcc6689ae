//! One exchange: what is checked before, what is sent, what comes back, what is kept.

use std::time::Duration;

use crate::support::*;
use entra_claims::dangerous;
use entra_claims::transport::TransportError;
use entra_obo::{
    AssertionError, ClaimsChallenge, ClientCredential, ClientSecret, ErrorKind, ExchangeClient,
    NextStep, UserAssertion,
};
use foundry_scopes::ClientId;

#[tokio::test]
async fn the_request_is_the_documented_one() {
    let world = World::new(Endpoint::granting());
    let assertion = token(TENANT, 1, "");
    let got = world
        .api
        .token_on_behalf_of(&assertion_of(&assertion))
        .await
        .unwrap();
    assert_eq!(got.expose(), expected(&assertion, SCOPE));
    assert_eq!(got.expires_at_unix(), NOW + 3600);
    assert_eq!(got.scopes().collect::<Vec<_>>(), [SCOPE]);

    let seen = &world.endpoint.seen()[0];
    assert_eq!(
        seen.uri,
        format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token")
    );
    let mut names: Vec<_> = seen.form.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "assertion",
            "client_id",
            "client_secret",
            "grant_type",
            "requested_token_use",
            "scope"
        ]
    );
    assert_eq!(
        seen.get("grant_type"),
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    );
    assert_eq!(seen.get("requested_token_use"), "on_behalf_of");
    assert_eq!(seen.get("client_id"), CLIENT);
    assert_eq!(seen.get("client_secret"), SECRET);
    assert_eq!(seen.get("assertion"), assertion);
    assert_eq!(seen.get("scope"), SCOPE);
    assert_eq!(seen.headers["return-client-request-id"], "true");
    assert_eq!(seen.headers["x-ms-lib-capability"], "retry-after, h429");
}

#[test]
fn a_token_without_a_user_is_no_assertion() {
    let app = format!(
        r#""idtyp":"app","roles":["Tasks.Read"],"exp":{}"#,
        NOW + 4000
    );
    let app = dangerous::assume_verified(&compact(TENANT, 1, "", &app)).unwrap();
    let error = UserAssertion::try_from(&app).unwrap_err();
    let AssertionError::AppOnly { client } = error else {
        panic!("{error:?}");
    };
    assert_eq!(client, app.principal().client());
    assert!(error.to_string().contains("stands for no user"));
}

#[tokio::test]
async fn a_token_of_another_tenant_is_refused_before_anything_is_sent() {
    let world = World::new(Endpoint::granting());
    let guest = assertion_of(&token(OTHER_TENANT, 1, ""));
    let error = world.api.token_on_behalf_of(&guest).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Assertion);
    let text = error.to_string();
    assert!(
        text.contains(OTHER_TENANT) && text.contains(TENANT),
        "{text}"
    );
    assert_eq!(error.next(), NextStep::FixConfiguration);
    assert!(world.api.cached(&guest).is_none());
    assert_eq!(world.endpoint.calls(), 0);

    let there = world.client.for_tenant(tenant(OTHER_TENANT));
    let api = there.downstream(scopes(SCOPE)).unwrap();
    api.token_on_behalf_of(&guest).await.unwrap();
    assert!(world.endpoint.seen()[0].uri.contains(OTHER_TENANT));
    assert_eq!(world.client.stats().entries, 1, "the cache is shared");
}

#[tokio::test]
async fn an_expired_assertion_is_refused_even_when_a_token_is_cached() {
    let world = World::new(Endpoint::new(|seen, _| grant(seen, 7200, "")));
    let user = user(1);
    world.clock.advance(Duration::from_secs(3999));
    world.api.token_on_behalf_of(&user).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    let error = world.api.token_on_behalf_of(&user).await.unwrap_err();
    assert!(error.entra().is_none());
    assert!(
        error
            .to_string()
            .starts_with("the user's token expired at 2023-")
    );
    assert_eq!(error.next(), NextStep::SignInAgain);
    assert!(world.api.cached(&user).is_none());
    assert_eq!(world.endpoint.calls(), 1);
}

#[test]
fn a_client_that_cannot_work_is_not_made() {
    let client = ClientId::parse(CLIENT).unwrap();
    for (secret, why) in [
        ("", "is empty"),
        ("s3cret\n", "line break"),
        (" s3cret", "blank"),
    ] {
        let credential = ClientCredential::secret(ClientSecret::new(secret));
        let error = ExchangeClient::new(authority(), client, credential).unwrap_err();
        assert_eq!(error.next(), NextStep::FixConfiguration);
        let text = error.to_string();
        assert!(text.contains(why) && !text.contains("s3cret"), "{text}");
    }

    let world = World::new(Endpoint::granting());
    for oidc in ["openid", "offline_access"] {
        let wanted = scopes(&format!("{SCOPE} {oidc}"));
        let error = world.client.downstream(wanted).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}

#[tokio::test]
async fn refusals_carry_everything_and_are_not_cached() {
    let endpoint = Endpoint::new(|seen, n| match n {
        0 => Ok(json(
            400,
            r#"{"error":"invalid_grant","suberror":"consent_required","error_codes":[65001],"trace_id":"t-1","correlation_id":"c-1"}"#,
        )),
        _ => grant(seen, 3600, ""),
    });
    let world = World::new(endpoint);
    let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    assert_eq!(error.next(), NextStep::AskConsent);
    assert_eq!(error.kind(), ErrorKind::Consent);
    assert_eq!(error.entra().unwrap().error(), Some("invalid_grant"));
    assert_eq!(error.entra().unwrap().suberror(), Some("consent_required"));
    assert_eq!(error.codes(), [65001]);
    assert_eq!(error.entra().unwrap().trace_id(), Some("t-1"));
    assert_eq!(error.correlation_id(), Some("c-1"));
    assert!(error.remedy().contains("consent"));
    // Consent was given: the next call sees it at once.
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    assert_eq!(world.endpoint.calls(), 2);
}

#[tokio::test]
async fn the_request_id_is_the_correlation_id_where_none_comes_back() {
    let endpoint = Endpoint::new(|_, n| match n {
        0 => Ok(refuse(400, "invalid_scope", "", 70011)),
        1 => Ok(json(200, "<html>")),
        _ => Err(TransportError::Timeout),
    });
    let world = World::new(endpoint);
    for kind in [
        ErrorKind::Configuration,
        ErrorKind::Unintelligible,
        ErrorKind::Unreachable,
    ] {
        let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let sent = world.endpoint.seen().pop().unwrap();
        let sent = sent.headers["client-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        assert_eq!(error.correlation_id(), Some(sent.as_str()));
    }
}

#[tokio::test]
async fn a_challenge_of_the_api_goes_past_the_cache_and_renews_it() {
    let endpoint = Endpoint::new(|seen, n| {
        let token = format!("token-{n}");
        let _ = seen;
        Ok(json(
            200,
            format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{token}"}}"#),
        ))
    });
    let world = World::new(endpoint);
    let user = user(1);
    assert_eq!(
        world.api.token_on_behalf_of(&user).await.unwrap().expose(),
        "token-0"
    );
    let json = r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}"#;
    let challenged = world
        .api
        .with_claims(ClaimsChallenge::from_json(json).unwrap());
    assert!(challenged.cached(&user).is_none());
    assert_eq!(
        challenged.token_on_behalf_of(&user).await.unwrap().expose(),
        "token-1"
    );
    assert_eq!(
        challenged.token_on_behalf_of(&user).await.unwrap().expose(),
        "token-2"
    );
    assert_eq!(
        world.endpoint.seen()[1].get("claims"),
        json,
        "byte for byte"
    );
    assert_eq!(world.endpoint.seen()[0].get("claims"), "");
    // What came last serves calls without claims; no second entry is kept.
    assert_eq!(
        world.api.token_on_behalf_of(&user).await.unwrap().expose(),
        "token-2"
    );
    assert_eq!(world.client.stats().entries, 1);
    assert_eq!(world.endpoint.calls(), 3);
}

#[tokio::test]
async fn a_challenge_that_fails_keeps_the_old_token_and_says_what_to_do() {
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    let endpoint = Endpoint::new(move |seen, n| match n {
        0 => grant(seen, 3600, ""),
        _ => Ok(json(
            400,
            format!(
                r#"{{"error":"interaction_required","error_codes":[50076],"claims":{claims:?}}}"#
            ),
        )),
    });
    let world = World::new(endpoint);
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    let challenge = ClaimsChallenge::from_json(claims).unwrap();
    let error = world
        .api
        .with_claims(challenge)
        .token_on_behalf_of(&user(1))
        .await
        .unwrap_err();
    assert_eq!(error.next(), NextStep::PassOnClaims);
    assert_eq!(error.claims().unwrap().as_json(), claims);
    assert!(world.api.cached(&user(1)).is_some());
}

#[tokio::test]
async fn capabilities_are_sent_with_every_request_and_are_part_of_the_key() {
    let endpoint = Endpoint::granting();
    let world = World::with(endpoint, |builder| builder.client_capabilities(["cp1"]));
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    let claims = world.endpoint.seen()[0].get("claims").to_owned();
    assert_eq!(claims, r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#);
}

#[tokio::test(start_paused = true)]
async fn one_repetition_after_a_failure_that_passes_and_none_otherwise() {
    type Script = fn() -> Reply;
    let table: [(&str, Script, usize, ErrorKind); 11] = [
        (
            "no connection",
            || Err(TransportError::Connect),
            2,
            ErrorKind::Unreachable,
        ),
        (
            "timeout",
            || Err(TransportError::Timeout),
            1,
            ErrorKind::Unreachable,
        ),
        (
            "broken",
            || Err(TransportError::Exchange),
            2,
            ErrorKind::Unreachable,
        ),
        ("408", || Ok(json(408, "")), 2, ErrorKind::Transient),
        ("500", || Ok(json(500, "<html>")), 2, ErrorKind::Transient),
        (
            "503 with Retry-After",
            || with_header(json(503, ""), "retry-after", "9"),
            1,
            ErrorKind::Throttled,
        ),
        ("429", || Ok(json(429, "")), 1, ErrorKind::Throttled),
        (
            "400 that passes",
            || Ok(refuse(400, "temporarily_unavailable", "", 90033)),
            2,
            ErrorKind::Transient,
        ),
        (
            "400 that passes, by its number",
            || Ok(refuse(400, "invalid_grant", "", 90033)),
            2,
            ErrorKind::Transient,
        ),
        (
            "400 that says when",
            || {
                with_header(
                    refuse(400, "temporarily_unavailable", "", 90033),
                    "retry-after",
                    "9",
                )
            },
            1,
            ErrorKind::Throttled,
        ),
        (
            "400",
            || Ok(refuse(400, "invalid_grant", "", 50173)),
            1,
            ErrorKind::Interaction,
        ),
    ];
    for (name, script, calls, kind) in table {
        let world = World::new(Endpoint::new(move |_, _| script()));
        let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        assert_eq!(world.endpoint.calls(), calls, "{name}");
        assert_eq!(error.kind(), kind, "{name}");
        let ids: Vec<_> = world
            .endpoint
            .seen()
            .into_iter()
            .map(|s| s.headers["client-request-id"].clone())
            .collect();
        assert!(ids.iter().all(|id| id == ids[0]), "{name}: one id for both");
    }
    let world = World::new(Endpoint::new(|seen, n| match n {
        0 => Ok(json(502, "")),
        _ => grant(seen, 3600, ""),
    }));
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    assert_eq!(world.client.stats().requests, 2);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let world = World::new(Endpoint::new(|_, _| {
        with_header(json(307, ""), "location", "https://evil.example/")
    }));
    let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unintelligible);
    assert_eq!(error.entra().unwrap().status(), 307);
    assert_eq!(world.endpoint.calls(), 1);
}

#[tokio::test]
async fn the_wait_of_one_user_holds_nobody_else_and_ends() {
    let slow = token(TENANT, 1, "");
    let endpoint = Endpoint::new(move |seen, n| match n {
        0 => with_header(json(429, "{}"), "retry-after", "120"),
        _ => grant(seen, 3600, ""),
    });
    let world = World::new(endpoint);
    let (slow, other) = (assertion_of(&slow), user(2));
    let error = world.api.token_on_behalf_of(&slow).await.unwrap_err();
    let until = time::OffsetDateTime::from_unix_timestamp(NOW + 120).unwrap();
    assert_eq!(error.next(), NextStep::RetryAt(until));

    let error = world.api.token_on_behalf_of(&slow).await.unwrap_err();
    assert_eq!(
        (error.retry_at(), error.entra().is_none()),
        (Some(until), true)
    );
    assert_eq!(world.endpoint.calls(), 1, "not sent while waiting");
    // A new token of the same user does not get round it, a claims challenge neither.
    let again = assertion_of(&token(TENANT, 1, "new"));
    assert!(world.api.token_on_behalf_of(&again).await.is_err());
    let challenge = ClaimsChallenge::from_json(r#"{"a":1}"#).unwrap();
    assert!(
        world
            .api
            .with_claims(challenge)
            .token_on_behalf_of(&slow)
            .await
            .is_err()
    );
    assert_eq!(world.endpoint.calls(), 1);

    world.api.token_on_behalf_of(&other).await.unwrap();
    assert_eq!(world.endpoint.calls(), 2, "another user is not held back");
    world.clock.advance(Duration::from_secs(119));
    assert!(world.api.token_on_behalf_of(&slow).await.is_err());
    world.clock.advance(Duration::from_secs(1));
    world.api.token_on_behalf_of(&slow).await.unwrap();
    assert_eq!(world.client.stats().throttled, 4);
}

#[tokio::test]
async fn without_a_header_a_429_waits_a_minute() {
    let world = World::new(Endpoint::new(|seen, n| match n {
        0 => Ok(json(429, "")),
        _ => grant(seen, 3600, ""),
    }));
    assert!(world.api.token_on_behalf_of(&user(1)).await.is_err());
    world.clock.advance(Duration::from_secs(59));
    assert!(world.api.token_on_behalf_of(&user(1)).await.is_err());
    assert_eq!(world.endpoint.calls(), 1);
    world.clock.advance(Duration::from_secs(1));
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
}

/// An answer whose ID token, or `client_info`, names somebody else is an error, and the next request
/// asks again.
#[tokio::test]
async fn a_token_of_another_user_is_neither_handed_out_nor_kept() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let other = "99999999-0000-4000-8000-000000000000";
    let endpoint = Endpoint::new(move |seen, n| {
        let info = URL_SAFE_NO_PAD.encode(format!(r#"{{"uid":"{other}","utid":"{TENANT}"}}"#));
        match n {
            0 => grant(seen, 3600, &format!(r#""client_info":"{info}","#)),
            _ => grant(seen, 3600, ""),
        }
    });
    let world = World::new(endpoint);
    let user = assertion_of(&token(TENANT, 1, ""));
    let error = world.api.token_on_behalf_of(&user).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unintelligible);
    assert!(error.to_string().contains("another user"), "{error}");
    assert!(world.api.token_on_behalf_of(&user).await.is_ok());
    assert_eq!(world.endpoint.calls(), 2);
}
