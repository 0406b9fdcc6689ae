//! Steps 1 to 5: the agent's token, form, header, key, signature.

use super::*;

#[tokio::test]
async fn step_1_the_agents_token_is_app_only_and_has_the_right_to_speak_for_users() {
    let world = World::new();
    let context = world.forge_claims(&world.claims()).await;
    let verifier = world.orders();
    // A user's token of the same client, with every role.
    let agent = ClientId::from_u128(AGENT_A);
    for token in [
        TestToken::user(),
        TestToken::agent_for_user(),
        TestToken::agent_user_account(),
    ] {
        let token = token
            .client(agent)
            .roles(["UserContext.Assert"])
            .build()
            .unwrap();
        // Without the step for kinds, a requirement of clients would let it in.
        let by_client = world
            .verifier_builder(ORDERS)
            .agents(Requirement::clients([agent]));
        for verifier in [&verifier, &by_client.build().unwrap()] {
            let refusal = verifier
                .verify(&token, &context, ContextUse::UntilItEnds)
                .await
                .unwrap_err();
            assert_eq!(refusal.reason(), Reason::NotAppOnly);
        }
    }
    let without = agents_token_with(AGENT_A, &["Orders.Read.All"]);
    let refusal = verifier
        .verify(&without, &context, ContextUse::UntilItEnds)
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::AgentNotAdmitted);
    // Another requirement takes its place.
    let listed = world
        .verifier_builder(ORDERS)
        .agents(Requirement::clients([agent]))
        .build()
        .unwrap();
    assert!(
        listed
            .verify(&without, &context, ContextUse::UntilItEnds)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn step_2_size_and_form() {
    let world = World::new();
    let good = world.forge_claims(&world.claims()).await;
    for bad in [
        "",
        "x",
        "a.b",
        &format!("{good}."),
        &format!("{good}="),
        &format!("{good}.x"),
        &format!(" {good}"),
    ] {
        assert_eq!(
            world.outcome(bad).await.err(),
            Some(Reason::Malformed),
            "{bad}"
        );
    }
    let mut claims = world.claims();
    claims["more"] = json!("x".repeat(4096));
    let long = world.forge_claims(&claims).await;
    assert_eq!(world.outcome(&long).await.err(), Some(Reason::TooLong));
    // A second spelling of the same bytes is none: the last character has stray bits.
    let (rest, _) = good.split_at(good.len() - 1);
    let spellings = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars();
    let mut taken = 0;
    for last in spellings {
        taken += usize::from(world.outcome(&format!("{rest}{last}")).await.is_ok());
    }
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn step_3_typ_is_that_of_call_contexts() {
    let world = World::new();
    for typ in [
        json!("JWT"),
        json!("at+jwt"),
        json!("user-turn+jwt"),
        json!("USER-CONTEXT+JWT"),
        Value::Null,
    ] {
        let found = refused_header(&world, |header| header["typ"] = typ.clone()).await;
        let malformed = typ.is_null().then_some(Reason::MalformedHeader);
        assert_eq!(found, Some(malformed.unwrap_or(Reason::WrongType)), "{typ}");
    }
    let found = refused_header(&world, |header| {
        drop(header.as_object_mut().unwrap().remove("typ"));
    })
    .await;
    assert_eq!(found, Some(Reason::WrongType));
}

#[tokio::test]
async fn step_3_alg_is_an_allowed_one() {
    let world = World::new();
    for alg in ["none", "HS256", "ES384", "PS256", "es256", ""] {
        let found = refused_header(&world, |header| header["alg"] = json!(alg)).await;
        assert_eq!(found, Some(Reason::AlgorithmNotAllowed), "{alg}");
    }
    let only_rsa = world
        .verifier_builder(ORDERS)
        .algorithms([Algorithm::Rs256])
        .build()
        .unwrap();
    let context = world.forge_claims(&world.claims()).await;
    let found = verify(&only_rsa, AGENT_A, &context, ContextUse::UntilItEnds).await;
    assert_eq!(found.err(), Some(Reason::AlgorithmNotAllowed));
}

#[tokio::test]
async fn step_3_a_kid_is_there_and_nothing_that_hints_at_a_key() {
    let world = World::new();
    for change in [json!(""), Value::Null] {
        let found = refused_header(&world, |header| match change.is_null() {
            true => drop(header.as_object_mut().unwrap().remove("kid")),
            false => header["kid"] = change.clone(),
        });
        assert_eq!(found.await, Some(Reason::NoKeyId));
    }
    for member in [
        "crit", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "zip", "b64",
    ] {
        for value in [
            json!(["x"]),
            json!("https://evil.example/keys"),
            Value::Null,
        ] {
            let found = refused_header(&world, |header| header[member] = value).await;
            assert_eq!(found, Some(Reason::ForbiddenHeaderMember), "{member}");
        }
    }
    let kid = world.signer.public_key().thumbprint();
    let twice =
        format!(r#"{{"alg":"ES256","kid":"{kid}","kid":"{kid}","typ":"user-context+jwt"}}"#);
    let context = sign(&*world.signer, &twice, &world.claims().to_string()).await;
    assert_eq!(
        world.outcome(&context).await.err(),
        Some(Reason::MalformedHeader)
    );
}

#[tokio::test]
async fn step_4_the_issuer_is_a_configured_one_and_the_key_its_own() {
    let world = World::new();
    for iss in [
        "https://evil.example",
        "https://gateway.contoso.example/",
        "https://GATEWAY.contoso.example",
    ] {
        let found = refused(&world, |claims| claims["iss"] = json!(iss)).await;
        assert_eq!(found, Some(Reason::UnknownIssuer), "{iss}");
    }
    let found = refused_header(&world, |header| header["kid"] = json!("another")).await;
    assert_eq!(found, Some(Reason::UnknownKey));
    // Two issuers, whose keys are each other's for nobody.
    let other = Arc::new(LocalSigner::generate().unwrap());
    let both = two_issuers(&world, &other);
    let mut claims = world.claims();
    let mut header = world.header();
    header["kid"] = json!(other.public_key().thumbprint());
    let context = sign(&*other, &header.to_string(), &claims.to_string()).await;
    assert_eq!(
        verify(&both, AGENT_A, &context, ContextUse::UntilItEnds)
            .await
            .err(),
        Some(Reason::UnknownKey)
    );
    claims["iss"] = json!("https://other.contoso.example");
    claims["act"]["sub"] = json!(agent_id(AGENT_B).client().to_string());
    let context = sign(&*other, &header.to_string(), &claims.to_string()).await;
    assert!(
        verify(&both, AGENT_B, &context, ContextUse::UntilItEnds)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn step_4_the_key_is_for_the_algorithm() {
    let world = World::new();
    let found = refused_header(&world, |header| header["alg"] = json!("RS256")).await;
    assert_eq!(found, Some(Reason::KeyUnfit));
}

#[tokio::test]
async fn step_5_the_signature_is_the_keys() {
    let world = World::new();
    let stranger = LocalSigner::generate().unwrap();
    let context = sign(
        &stranger,
        &world.header().to_string(),
        &world.claims().to_string(),
    )
    .await;
    assert_eq!(
        world.outcome(&context).await.err(),
        Some(Reason::BadSignature)
    );
    // Other claims under a good signature.
    let good = world.forge_claims(&world.claims()).await;
    let mut parts: Vec<&str> = good.split('.').collect();
    let mut claims = world.claims();
    claims["sub"] = json!(BOB.to_string());
    let changed = encode(claims.to_string().as_bytes());
    parts[1] = &changed;
    assert_eq!(
        world.outcome(&parts.join(".")).await.err(),
        Some(Reason::BadSignature)
    );
    // DER, and half of it.
    let (message, _) = good.rsplit_once('.').unwrap();
    for signature in [vec![0x30; 70], vec![0; 64], vec![1; 32], vec![0]] {
        let context = format!("{message}.{}", encode(&signature));
        assert_eq!(
            world.outcome(&context).await.err(),
            Some(Reason::BadSignature)
        );
    }
}
