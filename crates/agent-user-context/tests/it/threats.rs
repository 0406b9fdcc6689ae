//! The threats that a signed user context is there for, one test each.

use agent_user_context::{
    ContextKeys, ContextReason as Reason, ContextSigner as _, ContextUse, LocalSigner,
    TrustedIssuer,
};
use entra_claims::dangerous::TestToken;
use foundry_scopes::ClientId;
use serde_json::json;

use crate::rights::{Everything, read_orders};
use crate::support::*;

/// A model or a tool names another user: there is no way to say one. An agent asks with its own token and the turn
/// context, and whatever it asks for, the user is the one of the turn.
#[tokio::test]
async fn a_model_cannot_name_another_user() {
    let world = World::new();
    let call = world.orders_context().await;
    let context = world.outcome(call.expose()).await.unwrap();
    let acting = context
        .authorize(&read_orders(), &Everything)
        .await
        .unwrap();
    assert_eq!(acting.user(), world.user(ALICE).principal().key());
    // Editing the text is what is left to it.
    let edited = call.expose().replacen(
        call.expose().split('.').nth(1).unwrap(),
        &{
            let mut claims = world.claims();
            claims["sub"] = json!(BOB.to_string());
            encode(claims.to_string().as_bytes())
        },
        1,
    );
    assert_eq!(
        world.outcome(&edited).await.err(),
        Some(Reason::BadSignature)
    );
}

#[tokio::test]
async fn a_stolen_context_is_worth_nothing_to_another_agent() {
    let world = World::new();
    let call = world.orders_context().await;
    let found = verify(
        &world.orders(),
        AGENT_B,
        call.expose(),
        ContextUse::UntilItEnds,
    )
    .await;
    assert_eq!(found.err(), Some(Reason::WrongAgent));
}

#[tokio::test]
async fn a_context_for_one_api_is_refused_by_another() {
    let world = World::new();
    let call = world.orders_context().await;
    let invoices = world.verifier_builder(INVOICES).build().unwrap();
    let found = verify(&invoices, AGENT_A, call.expose(), ContextUse::UntilItEnds).await;
    assert_eq!(found.err(), Some(Reason::WrongAudience));
}

#[tokio::test]
async fn a_replayed_context_is_refused_where_it_counts_and_everywhere_once_it_ended() {
    let world = World::new();
    let verifier = world.orders();
    let call = world.orders_context().await;
    assert!(
        verify(&verifier, AGENT_A, call.expose(), ContextUse::Once)
            .await
            .is_ok()
    );
    let again = verify(&verifier, AGENT_A, call.expose(), ContextUse::Once).await;
    assert_eq!(again.err(), Some(Reason::Replayed));
    world.pass(90);
    let late = verify(&verifier, AGENT_A, call.expose(), ContextUse::UntilItEnds).await;
    assert_eq!(late.err(), Some(Reason::Expired));
}

#[tokio::test]
async fn an_access_token_is_no_context_and_a_context_no_access_token() {
    let world = World::new();
    let token = agents_token(AGENT_A);
    assert_eq!(
        world.outcome(token.expose_token()).await.err(),
        Some(Reason::WrongType)
    );
    // Signed by the issuer, with the claims of a context, and the type of an access token.
    for typ in ["JWT", "at+jwt"] {
        let mut header = world.header();
        header["typ"] = json!(typ);
        let context = world.forge(&header, &world.claims()).await;
        assert_eq!(world.outcome(&context).await.err(), Some(Reason::WrongType));
    }
    let validator = entra_claims::Validator::new(
        foundry_scopes::Cloud::public(),
        entra_claims::TenantPolicy::single(TENANT),
        entra_claims::AcceptedAudiences::for_client(TestToken::API),
    );
    let call = world.orders_context().await;
    assert!(
        validator
            .verify(call.expose(), &entra_claims::KeySet::empty())
            .is_err()
    );
}

#[tokio::test]
async fn a_turn_context_is_accepted_by_no_api() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    assert_eq!(
        world.outcome(turn.expose()).await.err(),
        Some(Reason::WrongType)
    );
    // By its audience as well, were the type not looked at.
    let mut claims = world.claims();
    claims["aud"] = json!(ISSUER);
    let context = world.forge_claims(&claims).await;
    assert_eq!(
        world.outcome(&context).await.err(),
        Some(Reason::WrongAudience)
    );
}

#[tokio::test]
async fn no_algorithm_hmac_with_the_public_key_and_a_key_of_ones_own_are_refused() {
    let world = World::new();
    let (header, claims) = (world.header(), world.claims());
    let part = |value: &serde_json::Value| encode(value.to_string().as_bytes());
    let mut none = header.clone();
    none["alg"] = json!("none");
    for signature in ["", "AA"] {
        let context = format!("{}.{}.{signature}", part(&none), part(&claims));
        assert!(matches!(
            world.outcome(&context).await.err(),
            Some(Reason::Malformed | Reason::AlgorithmNotAllowed)
        ));
    }
    let mut hmac = header.clone();
    hmac["alg"] = json!("HS256");
    let message = format!("{}.{}", part(&hmac), part(&claims));
    let key = aws_lc_rs::hmac::Key::new(
        aws_lc_rs::hmac::HMAC_SHA256,
        world.issuer.key_set().as_bytes(),
    );
    let context = format!(
        "{message}.{}",
        encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()).as_ref())
    );
    assert_eq!(
        world.outcome(&context).await.err(),
        Some(Reason::AlgorithmNotAllowed)
    );
    // A key that the context brings along.
    let mine = LocalSigner::generate().unwrap();
    let mut brought = header.clone();
    brought["jwk"] = json!({"kty": "EC"});
    brought["kid"] = json!(mine.public_key().thumbprint());
    let context = sign(&mine, &brought.to_string(), &claims.to_string()).await;
    assert_eq!(
        world.outcome(&context).await.err(),
        Some(Reason::ForbiddenHeaderMember)
    );
}

/// An internal caller writes the header itself: without the issuer's key it is nothing.
#[tokio::test]
async fn a_header_that_an_internal_caller_wrote_is_refused() {
    let world = World::new();
    let plain = json!({"sub": ALICE.to_string(), "tid": TENANT.to_string()}).to_string();
    for text in [
        plain.as_str(),
        &encode(plain.as_bytes()),
        "alice@contoso.example",
    ] {
        assert_eq!(
            world.outcome(text).await.err(),
            Some(Reason::Malformed),
            "{text}"
        );
    }
    let mine = LocalSigner::generate().unwrap();
    let context = sign(
        &mine,
        &world.header().to_string(),
        &world.claims().to_string(),
    )
    .await;
    assert_eq!(
        world.outcome(&context).await.err(),
        Some(Reason::BadSignature)
    );
}

#[tokio::test]
async fn an_issuer_speaks_of_its_own_agents_only() {
    let world = World::new();
    let verifier = agent_user_context::ContextVerifier::builder(ORDERS.parse().unwrap())
        .issuer(TrustedIssuer::new(
            ISSUER,
            world.published(),
            [agent_id(AGENT_B)],
            [TENANT],
        ))
        .clock(std::sync::Arc::clone(&world.clock) as _)
        .build()
        .unwrap();
    let call = world.orders_context().await;
    let found = verify(&verifier, AGENT_A, call.expose(), ContextUse::UntilItEnds).await;
    assert_eq!(found.err(), Some(Reason::IssuerNotForAgent));
}

/// The keys are another test's matter (`a_withdrawn_key_is_refused_after_ten_minutes_at_the_latest`); the other switch is
/// the app role, which ends with the agent's token.
#[tokio::test]
async fn without_the_app_role_an_agent_speaks_for_nobody() {
    let world = World::new();
    let call = world.orders_context().await;
    let token = agents_token_with(AGENT_A, &["Orders.Read.All"]);
    let refusal = world
        .orders()
        .verify(&token, call.expose(), ContextUse::UntilItEnds)
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::AgentNotAdmitted);
}

/// A user who is disabled at the API is refused there, whatever a context says.
#[tokio::test]
async fn a_disabled_user_is_refused_by_the_apis_own_rule() {
    use agent_user_context::{Operation, UserRight, UserRules};
    #[derive(Debug)]
    struct Disabled;
    #[async_trait::async_trait]
    impl UserRules for Disabled {
        async fn right(&self, _: entra_claims::PrincipalKey, _: &Operation) -> UserRight {
            UserRight::Unknown
        }
    }
    let world = World::new();
    let call = world.orders_context().await;
    let context = world.outcome(call.expose()).await.unwrap();
    let refusal = context
        .authorize(&read_orders(), &Disabled)
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::UnknownUser);
    assert!(call.expires_at_unix() - world.now() <= 300);
}

/// An RSA key under the name of the P-256 one, in the key set of another trusted issuer, does not make its contexts the
/// first one's.
#[tokio::test]
async fn a_trusted_issuer_cannot_sign_in_the_name_of_another() {
    let world = World::new();
    let mine = std::sync::Arc::new(LocalSigner::generate().unwrap());
    let keys = agent_user_context::SigningKeys::new(std::sync::Arc::clone(&mine)).unwrap();
    let publisher = agent_user_context::Issuer::builder(
        "https://other.contoso.example",
        keys,
        world.sessions.clone(),
    )
    .agent(agent_id(AGENT_A), all_scopes())
    .build()
    .unwrap();
    // It publishes its key under the victim's name.
    let victim = world.signer.public_key().thumbprint();
    let set = publisher
        .key_set()
        .replace(&mine.public_key().thumbprint(), &victim);
    let other = TrustedIssuer::new(
        "https://other.contoso.example",
        ContextKeys::from_json(set.as_bytes()).unwrap(),
        [agent_id(AGENT_A)],
        [TENANT],
    );
    let verifier = agent_user_context::ContextVerifier::builder(ORDERS.parse().unwrap())
        .issuer(other)
        .issuer(world.trusted(world.published()))
        .clock(std::sync::Arc::clone(&world.clock) as _)
        .build()
        .unwrap();
    let forged = sign(
        &*mine,
        &world.header().to_string(),
        &world.claims().to_string(),
    )
    .await;
    let found = verify(&verifier, AGENT_A, &forged, ContextUse::UntilItEnds).await;
    assert_eq!(found.err(), Some(Reason::BadSignature));
    // And cannot keep the victim's from being accepted.
    let call = world.orders_context().await;
    assert!(
        verify(&verifier, AGENT_A, call.expose(), ContextUse::UntilItEnds)
            .await
            .is_ok()
    );
}

/// A user's own token beside a context: which of the two would count? Refused.
#[tokio::test]
async fn a_users_token_with_a_context_is_refused() {
    let world = World::new();
    let call = world.orders_context().await;
    let user = TestToken::agent_for_user()
        .client(ClientId::from_u128(AGENT_A))
        .build()
        .unwrap();
    let refusal = world
        .orders()
        .verify(&user, call.expose(), ContextUse::UntilItEnds)
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::NotAppOnly);
}
