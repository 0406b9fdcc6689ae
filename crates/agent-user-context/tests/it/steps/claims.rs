//! Steps 6 to 11, and the order of all: claims, issuer, times, binding, user, single use.

use super::*;

#[tokio::test]
async fn step_6_claims_are_there_once_and_of_their_types() {
    let world = World::new();
    for member in [
        "iss", "aud", "iat", "exp", "jti", "txn", "sub", "tid", "act", "scope",
    ] {
        let found = refused(&world, |claims| {
            drop(claims.as_object_mut().unwrap().remove(member));
        })
        .await;
        assert_eq!(found, Some(Reason::MissingClaim), "{member}");
        for wrong in [
            json!(null),
            json!(true),
            json!([world.claims()[member]]),
            json!(1.5),
        ] {
            let found = refused(&world, |claims| claims[member] = wrong.clone()).await;
            assert_eq!(found, Some(Reason::MalformedClaims), "{member}: {wrong}");
        }
    }
    for (member, wrong) in [
        ("iat", json!("1")),
        ("exp", json!(1e12)),
        ("jti", json!("short")),
        ("jti", json!("AAAAAAAAAAAAAAAAAAAAAA==")),
        ("txn", json!("")),
        ("ath", json!("AAAA")),
        ("ath", json!(7)),
        ("req", json!("x")),
        ("act", json!({"sub": "agent", "tid": TENANT.to_string()})),
        (
            "act",
            json!({"sub": agent_id(AGENT_A).client().to_string()}),
        ),
    ] {
        let found = refused(&world, |claims| claims[member] = wrong.clone()).await;
        assert_eq!(found, Some(Reason::MalformedClaims), "{member}: {wrong}");
    }
    let found = refused(&world, |claims| claims["scope"] = json!("")).await;
    assert_eq!(found, Some(Reason::MissingClaim));
}

#[tokio::test]
async fn step_6_no_member_is_there_twice() {
    let world = World::new();
    let claims = world.claims();
    let agent = claims["act"].to_string();
    let body = claims.to_string();
    let open = body.strip_suffix('}').unwrap();
    let (head, tail) = body.split_once(&agent).unwrap();
    let other = agent_id(AGENT_B).client();
    for doubled in [
        format!(r#"{open},"sub":"{BOB}"}}"#),
        format!(r#"{open},"\u0073ub":"{BOB}"}}"#),
        format!(r#"{open},"more":{{"a":1,"a":2}}}}"#),
        format!(r#"{head}{{"sub":"{other}",{}{tail}"#, &agent[1..]),
    ] {
        let context = sign(&*world.signer, &world.header().to_string(), &doubled).await;
        assert_eq!(
            world.outcome(&context).await.err(),
            Some(Reason::MalformedClaims),
            "{doubled}"
        );
    }
}

#[tokio::test]
async fn step_7_the_issuer_may_speak_of_this_agent() {
    let world = World::new();
    let both = two_issuers(&world, &Arc::new(LocalSigner::generate().unwrap()));
    let mut claims = world.claims();
    claims["act"]["sub"] = json!(agent_id(AGENT_B).client().to_string());
    let context = world.forge_claims(&claims).await;
    let found = verify(&both, AGENT_B, &context, ContextUse::UntilItEnds).await;
    assert_eq!(found.err(), Some(Reason::IssuerNotForAgent));
}

#[tokio::test]
async fn step_7_the_audience_is_this_api_byte_for_byte() {
    let world = World::new();
    for aud in [
        INVOICES,
        ISSUER,
        "api://orders.contoso.example/",
        "API://orders.contoso.example",
    ] {
        let found = refused(&world, |claims| claims["aud"] = json!(aud)).await;
        assert_eq!(found, Some(Reason::WrongAudience), "{aud}");
    }
}

#[tokio::test]
async fn step_8_times_with_thirty_seconds_of_skew() {
    let world = World::new();
    let now = world.now();
    let times = |iat: i64, exp: i64| {
        let world = &world;
        async move {
            refused(world, |claims| {
                claims["iat"] = json!(iat);
                claims["exp"] = json!(exp);
            })
            .await
        }
    };
    assert_eq!(times(now + 30, now + 60).await, None);
    assert_eq!(
        times(now + 31, now + 60).await,
        Some(Reason::IssuedInFuture)
    );
    assert_eq!(times(now - 89, now - 29).await, None);
    assert_eq!(times(now - 90, now - 30).await, Some(Reason::Expired));
    assert_eq!(times(now, now + 300).await, None);
    assert_eq!(times(now, now + 301).await, Some(Reason::LivesTooLong));
    assert_eq!(times(now + 20, now + 20).await, Some(Reason::LivesTooLong));
    assert_eq!(times(now + 20, now + 10).await, Some(Reason::LivesTooLong));
    assert_eq!(times(i64::MIN, i64::MAX).await, Some(Reason::LivesTooLong));
    let strict = world
        .verifier_builder(ORDERS)
        .max_lifetime(Duration::from_secs(60))
        .build()
        .unwrap();
    let mut claims = world.claims();
    claims["exp"] = json!(now + 61);
    let found = verify(
        &strict,
        AGENT_A,
        &world.forge_claims(&claims).await,
        ContextUse::UntilItEnds,
    )
    .await;
    assert_eq!(found.err(), Some(Reason::LivesTooLong));
}

#[tokio::test]
async fn step_9_the_actor_is_the_agent_whose_token_came_with_it() {
    let world = World::new();
    let context = world.forge_claims(&world.claims()).await;
    let found = verify(&world.orders(), AGENT_B, &context, ContextUse::UntilItEnds).await;
    assert_eq!(found.err(), Some(Reason::WrongAgent));
    // The same client id in another tenant is another agent.
    let found = refused(&world, |claims| {
        claims["act"]["tid"] = json!(OTHER_TENANT.to_string());
    })
    .await;
    assert_eq!(found, Some(Reason::WrongAgent));
    // Only the outermost counts.
    let found = refused(&world, |claims| {
        let inner = claims["act"].clone();
        claims["act"] = json!({"sub": agent_id(AGENT_B).client().to_string(), "tid": TENANT.to_string(), "act": inner});
    });
    assert_eq!(found.await, Some(Reason::WrongAgent));
}

#[tokio::test]
async fn step_9_a_token_hash_is_that_of_the_very_token() {
    let world = World::new();
    let token = agents_token(AGENT_A);
    let hash =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.expose_token().as_bytes());
    let right = encode(hash.as_ref());
    assert_eq!(
        refused(&world, |claims| claims["ath"] = json!(right)).await,
        None
    );
    let found = refused(&world, |claims| claims["ath"] = json!(encode(&[7; 32]))).await;
    assert_eq!(found, Some(Reason::WrongAccessToken));
    let required = world
        .verifier_builder(ORDERS)
        .require_token_hash()
        .build()
        .unwrap();
    let without = world.forge_claims(&world.claims()).await;
    let found = verify(&required, AGENT_A, &without, ContextUse::UntilItEnds).await;
    assert_eq!(found.err(), Some(Reason::NotBoundToToken));
    let mut claims = world.claims();
    claims["ath"] = json!(right);
    let with = world.forge_claims(&claims).await;
    assert!(
        verify(&required, AGENT_A, &with, ContextUse::UntilItEnds)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn step_9_a_context_for_one_request_is_refused_for_another_and_where_none_is_compared() {
    let world = World::new();
    let (api, scopes) = (api(ORDERS), [name("orders.write")]);
    let turn = world.turn(AGENT_A).await;
    let bound = RequestDigest::new("POST", "/orders", b"{}");
    let request = agent_user_context::CallRequest::new(&api, &scopes).for_request(bound);
    let token = agents_token(AGENT_A);
    let context = world
        .issuer
        .call_context(&token, turn.expose(), request)
        .await
        .unwrap();
    for (seen, expected) in [
        (Some(bound), None),
        (
            Some(RequestDigest::new("POST", "/orders", b"{ }")),
            Some(Reason::WrongRequest),
        ),
        (
            Some(RequestDigest::new("PUT", "/orders", b"{}")),
            Some(Reason::WrongRequest),
        ),
        (
            Some(RequestDigest::new("POST", "/orders{", b"}")),
            Some(Reason::WrongRequest),
        ),
        (None, Some(Reason::WrongRequest)),
    ] {
        let verifier = world.orders();
        let found = verifier
            .verify_request(&token, context.expose(), ContextUse::UntilItEnds, seen)
            .await;
        assert_eq!(
            found.err().map(|refusal| refusal.reason()),
            expected,
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn step_10_the_user_is_two_guids_of_an_accepted_tenant_and_not_the_agent() {
    let world = World::new();
    let upper = ALICE.to_string().to_uppercase();
    for (sub, tid) in [
        ("alice@contoso.example", TENANT.to_string()),
        (upper.as_str(), TENANT.to_string()),
        ("00000000-0000-0000-0000-000000000000", TENANT.to_string()),
        (&ALICE.to_string(), "common".to_owned()),
    ] {
        let found = refused(&world, |claims| {
            claims["sub"] = json!(sub);
            claims["tid"] = json!(tid);
        });
        assert_eq!(found.await, Some(Reason::MalformedSubject), "{sub} {tid}");
    }
    let found = refused(&world, |claims| {
        claims["tid"] = json!(OTHER_TENANT.to_string());
    })
    .await;
    assert_eq!(found, Some(Reason::SubjectOfOtherTenant));
    let found = refused(&world, |claims| {
        claims["sub"] = claims["act"]["sub"].clone();
    })
    .await;
    assert_eq!(found, Some(Reason::SubjectIsAgent));
    // An agent whose object id is not its client id (single instance) is meant by either.
    let object = ObjectId::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0077);
    let token = TestToken::agent()
        .client(ClientId::from_u128(AGENT_A))
        .object(object)
        .roles(["UserContext.Assert"])
        .build()
        .unwrap();
    for sub in [object.to_string(), agent_id(AGENT_A).client().to_string()] {
        let mut claims = world.claims();
        claims["sub"] = json!(sub);
        let context = world.forge_claims(&claims).await;
        let refusal = world
            .orders()
            .verify(&token, &context, ContextUse::UntilItEnds)
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::SubjectIsAgent);
    }
}

#[tokio::test]
async fn step_11_a_context_that_is_refused_otherwise_is_not_used_up() {
    let world = World::new();
    let verifier = world.orders();
    let context = world.forge_claims(&world.claims()).await;
    for _ in 0..2 {
        let found = verify(&verifier, AGENT_B, &context, ContextUse::Once).await;
        assert_eq!(found.err(), Some(Reason::WrongAgent));
    }
    assert!(
        verify(&verifier, AGENT_A, &context, ContextUse::Once)
            .await
            .is_ok()
    );
    let found = verify(&verifier, AGENT_A, &context, ContextUse::Once).await;
    assert_eq!(found.err(), Some(Reason::Replayed));
}

/// Of two problems the earlier step's is named.
#[tokio::test]
async fn the_steps_are_made_in_their_order() {
    type Change = fn(&World, &mut Value, &mut Value);
    let problems: [(Change, Reason); 13] = [
        (
            |_, header, _| header["typ"] = json!("JWT"),
            Reason::WrongType,
        ),
        (
            |_, header, _| header["alg"] = json!("none"),
            Reason::AlgorithmNotAllowed,
        ),
        (|_, header, _| header["kid"] = json!(""), Reason::NoKeyId),
        (
            |_, header, _| header["crit"] = json!([]),
            Reason::ForbiddenHeaderMember,
        ),
        (
            |_, _, claims| claims["iss"] = json!("https://evil.example"),
            Reason::UnknownIssuer,
        ),
        (
            |_, header, _| header["kid"] = json!("unknown"),
            Reason::UnknownKey,
        ),
        (
            |_, _, claims| claims["txn"] = json!(1),
            Reason::MalformedClaims,
        ),
        (
            |_, _, claims| claims["aud"] = json!(INVOICES),
            Reason::WrongAudience,
        ),
        (
            |world, _, claims| claims["iat"] = json!(world.now() + 40),
            Reason::IssuedInFuture,
        ),
        (
            |world, _, claims| claims["exp"] = json!(world.now() - 40),
            Reason::Expired,
        ),
        (
            |_, _, claims| claims["act"]["tid"] = json!(OTHER_TENANT.to_string()),
            Reason::WrongAgent,
        ),
        (
            |_, _, claims| claims["ath"] = json!(encode(&[0; 32])),
            Reason::WrongAccessToken,
        ),
        (
            |_, _, claims| claims["sub"] = json!("alice"),
            Reason::MalformedSubject,
        ),
    ];
    let world = World::new();
    for (first, (earlier, reason)) in problems.iter().enumerate() {
        for (later, other) in &problems[first..] {
            if (*reason, *other) == (Reason::NoKeyId, Reason::UnknownKey) {
                continue; // the same member
            }
            let (mut header, mut claims) = (world.header(), world.claims());
            later(&world, &mut header, &mut claims);
            earlier(&world, &mut header, &mut claims);
            let found = world.outcome(&world.forge(&header, &claims).await).await;
            assert_eq!(found.err(), Some(*reason), "before {other:?}");
        }
    }
    // A bad signature comes before everything that the claims say.
    let stranger = LocalSigner::generate().unwrap();
    for (change, _) in &problems[6..] {
        let (mut header, mut claims) = (world.header(), world.claims());
        change(&world, &mut header, &mut claims);
        let context = sign(&stranger, &header.to_string(), &claims.to_string()).await;
        assert_eq!(
            world.outcome(&context).await.err(),
            Some(Reason::BadSignature)
        );
    }
}
