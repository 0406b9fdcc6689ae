//! No secret in anything that is printed.
#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod support;

use std::error::Error;
use std::fmt::{Debug, Display};

use entra_claims::transport::TransportError;
use entra_obo::{ClaimsChallenge, ClientCredential, ClientSecret, ExchangeClient, ExchangeError};
use foundry_scopes::ClientId;
use support::*;

fn debugged(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

fn error_text<E: Display + Debug + Error>(error: &E) -> String {
    let mut text = format!("{error}\n{error:#}\n{}", debugged(error));
    let mut source = error.source();
    while let Some(inner) = source {
        text += &format!("\n{inner}\n{inner:?}");
        source = inner.source();
    }
    text
}

#[tokio::test(start_paused = true)]
async fn nothing_that_can_be_printed_shows_a_secret() {
    let assertion = token(TENANT, 1, "");
    let downstream_token = expected(&assertion, SCOPE);
    let secrets = vec![SECRET.to_owned(), assertion.clone(), downstream_token];

    let world = World::new(Endpoint::granting());
    let user = assertion_of(&assertion);
    let got = world.api.token_for(&user).await.unwrap();
    assert_eq!(got.expose(), secrets[2]);
    let builder = ExchangeClient::builder(
        authority(),
        ClientId::parse(CLIENT).unwrap(),
        ClientCredential::secret(ClientSecret::new(SECRET)),
    );
    let printable: [(&str, &dyn Debug); 9] = [
        ("the client", &world.client),
        ("the downstream", &world.api),
        ("the assertion", &user),
        ("the token", &got),
        ("the result", &Ok::<_, ExchangeError>(got.clone())),
        ("the secret", &ClientSecret::new(SECRET)),
        (
            "the credential",
            &ClientCredential::secret(ClientSecret::new(SECRET)),
        ),
        ("the builder", &builder),
        ("the figures", &world.client.stats()),
    ];
    for (what, value) in printable {
        assert_clean(what, &debugged(value), &secrets);
    }

    // An endpoint that echoes everything it was sent, in every place it can.
    type Echo = fn(&Seen) -> Reply;
    let echoes: [(&str, Echo); 6] = [
        ("a refusal", |seen| {
            let all = format!(
                "{} {}\\r\\n\\u001b[31m",
                seen.get("assertion"),
                seen.get("client_secret")
            );
            Ok(json(
                400,
                format!(
                    r#"{{"error":"invalid_grant","error_description":"{all}","error_uri":"{all}"}}"#
                ),
            ))
        }),
        ("a page", |seen| {
            Ok(json(
                400,
                format!("<html>{}</html>", seen.get("client_secret")),
            ))
        }),
        ("a failure", |seen| {
            Ok(json(500, seen.get("assertion").as_bytes()))
        }),
        ("a throttle", |seen| {
            Ok(json(429, seen.get("assertion").as_bytes()))
        }),
        ("an unusable token", |seen| {
            Ok(json(
                200,
                format!(r#"{{"access_token":"{}"}}"#, seen.get("assertion")),
            ))
        }),
        ("no answer", |_| Err(TransportError::Exchange)),
    ];
    for (what, echo) in echoes {
        let world = World::new(Endpoint::new(move |seen, _| echo(seen)));
        let error = world.api.token_for(&user).await.unwrap_err();
        assert_clean(what, &error_text(&error), &secrets);
        if what == "a throttle" {
            let held = world.api.token_for(&user).await.unwrap_err();
            assert_clean("being held back", &error_text(&held), &secrets);
        }
    }
    let other = assertion_of(&token(OTHER_TENANT, 1, ""));
    let mismatch = world.api.token_for(&other).await.unwrap_err();
    assert_clean(
        "a mismatch",
        &error_text(&mismatch),
        &[token(OTHER_TENANT, 1, "")],
    );
    let challenge = ClaimsChallenge::from_json("{\"a\":\"\\u001b[31m\"}").unwrap();
    assert_clean("a challenge", &debugged(&challenge), &secrets);
}

#[test]
fn handles_are_small_and_cross_threads() {
    fn check<T: Send + Sync + Clone + 'static>() {}
    check::<ExchangeClient>();
    check::<entra_obo::Downstream>();
    check::<entra_obo::UserAssertion>();
    check::<entra_obo::AccessToken>();
    check::<entra_obo::EntraError>();
    check::<ExchangeError>();
    assert!(
        size_of::<ExchangeError>() <= 64,
        "{}",
        size_of::<ExchangeError>()
    );
    assert_eq!(size_of::<entra_obo::AccessToken>(), size_of::<usize>());
}
