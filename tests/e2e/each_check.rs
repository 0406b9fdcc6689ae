//! One broken thing per token: each check refuses on its own, with its own reason.
//!
//! The tokens are made by the emulator, which shares no code with the validator. A row
//! fails as soon as its check is removed.

use std::collections::HashSet;

use cross_crate_tests::{GuardedApi, World};
use entra_claims::{Reason, Requirement};
use entra_emulator::{ForgeKey, ForgedToken, demo};
use foundry_scopes::ScopeName;
use reqwest::StatusCode;

type Break = fn(ForgedToken, &World) -> ForgedToken;

const BROKEN: &[(&str, Break, Reason)] = &[
    (
        "signature: another key under the published name",
        |t, _| t.key(ForgeKey::UnpublishedUnderLiveKid),
        Reason::BadSignature,
    ),
    (
        "key: not published",
        |t, _| t.key(ForgeKey::Unpublished),
        Reason::UnknownKey,
    ),
    (
        "issuer: another authority",
        |t, _| {
            t.claim(
                "iss",
                format!("https://login.example/{}/v2.0", demo::TENANT),
            )
        },
        Reason::WrongIssuer,
    ),
    (
        "issuer: another tenant than tid",
        |t, w| t.claim("iss", issuer(w, demo::OTHER_TENANT)),
        Reason::TenantMismatch,
    ),
    (
        "tenant: a real one that is not configured",
        |t, w| {
            t.claim("iss", issuer(w, demo::OTHER_TENANT))
                .claim("tid", demo::OTHER_TENANT)
        },
        Reason::TenantNotAllowed,
    ),
    (
        "audience: another API",
        |t, _| t.claim("aud", demo::ORDERS_API),
        Reason::WrongAudience,
    ),
    (
        "audience: none",
        |t, _| t.without_claim("aud"),
        Reason::MissingClaim,
    ),
    (
        "audience: two",
        |t, _| t.claim("aud", vec![demo::MCP_SERVER, demo::ORDERS_API]),
        Reason::WrongType,
    ),
    (
        "expiry: past",
        |t, _| t.claim("exp", 1_000_000_000),
        Reason::BadLifetime,
    ),
    (
        "expiry: past, with a lifetime that fits",
        |t, _| t.claim("nbf", 999_996_400).claim("exp", 1_000_000_000),
        Reason::Expired,
    ),
    (
        "expiry: none",
        |t, _| t.without_claim("exp"),
        Reason::MissingClaim,
    ),
    (
        "not before: ahead",
        |t, _| {
            t.claim("nbf", 4_000_000_000_u64)
                .claim("exp", 4_000_003_600_u64)
        },
        Reason::NotYetValid,
    ),
    (
        "algorithm: none",
        |t, _| t.header("alg", "none"),
        Reason::UnsupportedAlgorithm,
    ),
    (
        "header: an extension that must be understood",
        |t, _| t.header("crit", vec!["b64"]),
        Reason::UnsupportedHeader,
    ),
    (
        "kind: an ID token",
        |t, _| t.claim("at_hash", "x"),
        Reason::IdToken,
    ),
    (
        "bearer: bound to a key",
        |t, _| t.claim("cnf", serde_json::json!({ "kid": "x" })),
        Reason::SenderConstrained,
    ),
];

fn issuer(world: &World, tenant: &str) -> String {
    format!("{}/{tenant}/v2.0", world.emulator().base_url())
}

async fn mcp_api(world: &World) -> GuardedApi {
    GuardedApi::start(
        world.authenticator(demo::MCP_SERVER).unwrap(),
        demo::MCP_SERVER_URI,
        Requirement::scope(ScopeName::parse(demo::MCP_READ).unwrap()),
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn every_broken_token_is_refused_for_its_own_reason() {
    let world = World::start().await.unwrap();
    let authenticator = world.authenticator(demo::MCP_SERVER).unwrap();
    let right = world.token_of(demo::ALICE).unwrap();
    let good = authenticator
        .authenticate(&right.sign().unwrap())
        .await
        .unwrap();
    assert_eq!(good.principal().object().to_string(), demo::ALICE);

    for (what, break_it, expected) in BROKEN {
        let token = break_it(right.clone(), &world).sign().unwrap();
        let Err(rejection) = authenticator.authenticate(&token).await else {
            panic!("accepted: {what}");
        };
        assert_eq!(
            rejection.reason(),
            *expected,
            "{what}: {}",
            rejection.explain()
        );
        assert!(!rejection.explain().contains(&token), "{what}");
    }
}

#[tokio::test]
async fn every_broken_token_is_a_401_and_says_the_same_to_the_client() {
    let world = World::start().await.unwrap();
    let api = mcp_api(&world).await;
    let right = world.token_of(demo::ALICE).unwrap();
    let (status, _, me) = api.call(&right.sign().unwrap()).await.unwrap();
    assert_eq!((status, &me["oid"]), (StatusCode::OK, &demo::ALICE.into()));

    let mut answers = Vec::new();
    let mut incidents = HashSet::new();
    for (what, break_it, _) in BROKEN {
        let token = break_it(right.clone(), &world).sign().unwrap();
        let (status, challenge, mut body) = api.call(&token).await.unwrap();
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}: {challenge}");
        // The id under which the operator finds the reason is another one each time.
        let incident = body
            .as_object_mut()
            .and_then(|all| all.remove("incident_id"));
        assert!(
            incident.is_some_and(|id| incidents.insert(id.to_string())),
            "{what}"
        );
        assert!(
            challenge.contains("error=\"invalid_token\""),
            "{what}: {challenge}"
        );
        answers.push((challenge, body));
    }
    // Which check failed is for the log; an attacker learns nothing from the answer,
    // but that a token has expired, which clients want to know.
    answers.sort_by_key(|(challenge, _)| challenge.clone());
    answers.dedup();
    assert!(answers.len() <= 2, "{answers:#?}");
}

#[tokio::test]
async fn a_scope_is_a_users_and_exact() {
    let world = World::start().await.unwrap();
    let api = mcp_api(&world).await;
    let right = world.token_of(demo::ALICE).unwrap();
    for scp in ["mcp.write", "mcp.readwrite", "Mcp.Read", "xmcp.read"] {
        let token = right.clone().claim("scp", scp).sign().unwrap();
        let (status, challenge, _) = api.call(&token).await.unwrap();
        assert_eq!(status, StatusCode::FORBIDDEN, "{scp}");
        assert!(
            challenge.contains("error=\"insufficient_scope\""),
            "{challenge}"
        );
        assert!(challenge.contains(demo::MCP_READ_SCOPE), "{challenge}");
    }
    // Any application of the tenant can get an app-only token for any API.
    let app = world
        .emulator()
        .forge()
        .app_token(
            demo::TENANT,
            demo::DAEMON,
            demo::MCP_SERVER,
            &[demo::MCP_RUN_ROLE],
        )
        .unwrap()
        .sign()
        .unwrap();
    let (status, challenge, _) = api.call(&app).await.unwrap();
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(
        !challenge.contains("scope="),
        "no scope would help: {challenge}"
    );
}
