//! No secret in anything that is printed.

use std::error::Error;
use std::fmt::{Debug, Display};

use crate::support::flows;
use crate::support::*;
use entra_obo::credential::CredentialError;
use entra_obo::store::SealingSecret;
use entra_obo::{
    ClaimsChallenge, ClientCredential, ClientSecret, ExchangeClient, ExchangeError,
    InvalidChallenge, UserAssertion,
};
use foundry_scopes::ClientId;

fn debugged(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}\n")
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
async fn nothing_that_a_flow_makes_or_answers_shows_a_secret() {
    for (what, endpoint) in flows::endpoints() {
        let played = flows::play(&endpoint).await;
        let secrets = flows::secrets(&endpoint.seen(), &played);
        assert!(secrets.len() > 10, "{what}: {}", secrets.len());
        let mut text = played.shown;
        let mut refused = 0;
        for (flow, got) in &played.results {
            text += &format!("\n{flow}:\n{}", debugged(got));
            if let Err(error) = got {
                refused += 1;
                let told = (error.claims(), error.next(), error.remedy(), error.codes());
                let known = (error.correlation_id(), error.remedy(), error.entra());
                text += &(error_text(error) + &debugged(&told) + &debugged(&known));
            }
        }
        assert_clean(what, &text, &secrets);
        let all = played.results.len();
        let meant = match what {
            "tokens" | "forged scopes" => 0,
            _ => all,
        };
        // A request that finds no better token passes the API's answer on.
        assert!(
            refused == meant || refused + 1 == meant,
            "{what}: {refused} of {all}"
        );
    }
}

#[tokio::test]
async fn what_is_refused_before_it_is_sent_is_not_repeated() {
    let world = World::new(Endpoint::granting());
    let foreign = token(OTHER_TENANT, 1, "");
    let error = world.api.token_on_behalf_of(&assertion_of(&foreign)).await;
    assert_clean("a mismatch", &error_text(&error.unwrap_err()), &[foreign]);

    let forging =
        r#""name":"x\r\n\u001b[31m\u2028y","preferred_username":"a\r\nb","scp":"a\u2028b","exp":1"#;
    let expired = compact(TENANT, 1, "", forging);
    let assertion = assertion_of(&expired);
    let error = world.api.token_on_behalf_of(&assertion).await.unwrap_err();
    let text = debugged(&assertion) + &error_text(&error);
    assert_clean("an expired assertion", &text, &[expired]);

    let app = compact(
        TENANT,
        1,
        "",
        r#""idtyp":"app","roles":["a"],"exp":4000000000"#,
    );
    let verified = entra_claims::dangerous::assume_verified(&app).unwrap();
    let error = UserAssertion::try_from(&verified).unwrap_err();
    assert_clean("an application's assertion", &error_text(&error), &[app]);

    let secret = "8tSLVZVNZ6cT2Xkka9gMsnU9SfkVHN84W3SkRm0ZVnE";
    let broken = SealingSecret::from_base64(&secret[..40]).unwrap_err();
    assert_clean("a broken sealing secret", &error_text(&broken), &[secret]);
    assert!(world.endpoint.seen().is_empty());
}

#[test]
fn values_that_hold_a_secret_do_not_print_it() {
    let credential = ClientCredential::secret(ClientSecret::new(SECRET));
    let client = ClientId::parse(CLIENT).unwrap();
    let builder = ExchangeClient::builder(authority(), client, credential.clone());
    let text = debugged(&ClientSecret::new(SECRET)) + &debugged(&credential) + &debugged(&builder);
    assert_clean("a client secret", &text, &[SECRET]);

    let forged = "{\"a\":\"\\u001b[31m\u{2028}\"}";
    let challenge = ClaimsChallenge::from_json(forged).unwrap();
    assert_clean("a challenge", &debugged(&challenge), &[SECRET]);
    let field = format!("Bearer claims=\"{SECRET}\r\n\u{2028}");
    let error: InvalidChallenge = ClaimsChallenge::from_www_authenticate(&field).unwrap_err();
    assert_clean("a broken challenge", &error_text(&error), &[SECRET]);
    let error = CredentialError::other("the key is gone");
    assert_clean("a signer's error", &error_text(&error), &[SECRET]);
}

#[test]
fn handles_are_small_and_cross_threads() {
    fn check<T: Send + Sync + Clone + 'static>() {}
    check::<ExchangeClient>();
    check::<entra_obo::Downstream>();
    check::<UserAssertion>();
    check::<entra_obo::AccessToken>();
    check::<entra_obo::EntraError>();
    check::<ExchangeError>();
    assert!(
        size_of::<ExchangeError>() <= 64,
        "{}",
        size_of::<ExchangeError>()
    );
    assert!(size_of::<entra_obo::AccessToken>() <= 2 * size_of::<usize>());
}
