//! A claims challenge on its way: from the authority, through the exchange, to the client.

use cross_crate_tests::World;
use entra_emulator::{Fault, demo};
use entra_obo::{ClaimsChallenge, ErrorKind, ExchangeError, NextStep, UserAssertion};
use foundry_scopes::ScopeSet;
use mcp_auth::Challenge;

const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

async fn refused(fault: Fault) -> ExchangeError {
    let world = World::start().await.unwrap();
    let orders = world
        .exchange()
        .unwrap()
        .downstream(ScopeSet::parse(demo::ORDERS_READ_SCOPE).unwrap())
        .unwrap();
    let token = world.token_of(demo::ALICE).unwrap().sign().unwrap();
    let authenticator = world.authenticator(demo::MCP_SERVER).unwrap();
    let verified = authenticator.authenticate(&token).await.unwrap();
    let alice = UserAssertion::try_from(&verified).unwrap();
    world.emulator().fail_next(fault);
    orders.token_on_behalf_of(&alice).await.unwrap_err()
}

#[tokio::test]
async fn the_claims_reach_the_client_unchanged() {
    let error = refused(Fault::aadsts("/oauth2/v2.0/token", 50076).claims(CLAIMS)).await;
    assert_eq!(error.codes(), [50076]);
    assert_eq!(error.next(), NextStep::PassOnClaims);
    let claims = error.claims().unwrap();
    assert_eq!(*claims, ClaimsChallenge::from_json(CLAIMS).unwrap());

    let header = Challenge::bearer().claims(claims.as_json()).to_header();
    assert_eq!(header, format!("Bearer claims=\"{}\"", claims.to_base64()));
}

#[tokio::test]
async fn without_claims_the_user_signs_in_again() {
    let error = refused(Fault::aadsts("/oauth2/v2.0/token", 50076)).await;
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(error.next(), NextStep::SignInAgain);
}
