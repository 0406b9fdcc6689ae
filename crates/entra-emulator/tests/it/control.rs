//! Steering an emulator from a test.

use std::time::Duration;

use entra_emulator::{ConsentGrant, Directory, DirectoryError, Emulator, Fault, demo};

use crate::support::World;

#[tokio::test]
async fn every_time_follows_the_clock() {
    let world = World::new().await;
    let clock = world.emulator.clock();
    clock.freeze_at(2_000_000_000);
    let claims = world.daemon(&[]).await.token().claims;
    assert_eq!(
        (&claims["iat"], &claims["nbf"]),
        (&1_999_999_700.into(), &1_999_999_700.into())
    );
    assert_eq!(claims["exp"], 2_000_003_600_i64);
    clock.advance(Duration::from_secs(100));
    assert_eq!(
        world.daemon(&[]).await.token().claims["iat"],
        1_999_999_800_i64
    );
    assert_eq!(world.forged().claims()["iat"], 1_999_999_800_i64);
    clock.rewind(Duration::from_secs(50));
    let answer = world.token(&[]).await;
    assert_eq!(answer.text("timestamp"), "2033-05-18 03:34:10Z");
}

#[tokio::test]
async fn two_emulators_share_nothing() {
    let (one, two) = (World::new().await, World::new().await);
    assert_ne!(one.emulator.base_url(), two.emulator.base_url());
    one.emulator.clock().freeze_at(0);
    one.emulator.rotate_keys();
    one.emulator
        .fail_next(Fault::status("/token", 503).times(100));
    one.emulator
        .disable_user(demo::TENANT, demo::ALICE)
        .unwrap();

    let answer = two.sign_in(demo::MCP_READ_SCOPE).await;
    assert!(answer.token().claims["iat"].as_i64().unwrap() > 1_700_000_000);
    assert_eq!(two.emulator.journal().entries().len(), 2);
    assert_eq!(one.emulator.journal().entries().len(), 0);
    let keys = |world: &World| {
        world
            .emulator
            .forge()
            .id_token(demo::TENANT, demo::BOB, demo::MCP_CLIENT)
            .unwrap()
            .sign()
            .unwrap()
    };
    assert_ne!(keys(&one).split('.').next(), keys(&two).split('.').next());
    // A code of the one is nothing to the other.
    let code = two.code(demo::MCP_READ_SCOPE).await;
    let three = World::new().await;
    three
        .redeem(&code)
        .await
        .refused(400, "invalid_grant", 70000);
}

#[tokio::test]
async fn the_journal_tells_what_was_asked() {
    let world = World::new().await;
    let journal = world.emulator.journal();
    world.daemon(&[]).await.token();
    world.daemon(&[("client_secret", "wrong")]).await;
    let entries = journal.entries();
    assert_eq!(entries.len(), 2);
    let path = format!("/{}/oauth2/v2.0/token", demo::TENANT);
    for entry in &entries {
        assert_eq!((entry.method(), entry.path()), ("POST", path.as_str()));
        assert_eq!(entry.client_id(), Some(demo::DAEMON));
        assert_eq!(entry.param("client_secret"), Some("<masked>"));
        assert_eq!(entry.param("scope"), Some(demo::MCP_DEFAULT_SCOPE));
    }
    assert_eq!((entries[0].status(), entries[0].error_code()), (200, None));
    assert_eq!(
        (entries[1].status(), entries[1].error_code()),
        (401, Some(7000215))
    );
    assert_eq!(journal.count_grant("client_credentials"), 2);
    assert_eq!(journal.count(|e| e.status() == 401), 1);
    journal.clear();
    assert_eq!(journal.entries().len(), 0);
}

#[tokio::test]
async fn a_fault_answers_once_and_then_the_truth() {
    let world = World::new().await;
    world
        .emulator
        .fail_next(Fault::status("/token", 429).header("Retry-After", "7"));
    let answer = world.daemon(&[]).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.headers["retry-after"], "7");
    world.daemon(&[]).await.token();

    let page = Fault::status("/keys", 200)
        .body("text/html", "<p>not JSON</p>")
        .times(2);
    world.emulator.fail_next(page);
    for _ in 0..2 {
        let answer = world.get("/common/discovery/v2.0/keys").await;
        assert_eq!(answer.headers["content-type"], "text/html");
        assert_eq!(answer.json, "<p>not JSON</p>");
    }
    assert!(world.get("/common/discovery/v2.0/keys").await.json["keys"].is_array());
}

#[tokio::test]
async fn a_fault_can_be_an_error_of_entras() {
    let world = World::new().await;
    for (code, status, error) in [
        (50076, 400, "interaction_required"),
        (90055, 429, "temporarily_unavailable"),
        (90033, 503, "temporarily_unavailable"),
        (65001, 400, "invalid_grant"),
        (123456, 400, "invalid_grant"),
    ] {
        world
            .emulator
            .fail_next(Fault::aadsts("/oauth2/v2.0/token", code));
        world
            .daemon(&[])
            .await
            .refused(status, error, u64::from(code));
        let entry = world.emulator.journal().last().unwrap();
        assert_eq!(entry.error_code(), Some(code));
    }
    world.daemon(&[]).await.token();
}

#[tokio::test]
async fn an_ordered_error_can_carry_claims_or_a_body_of_its_own() {
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    let world = World::new().await;
    let text = ("text/plain", "not what Entra says");
    let ordered = [
        // With claims.
        (Fault::aadsts("/token", 53003).claims(claims), 53003, 400),
        (Fault::status("/token", 418).claims(claims), 50076, 418),
        (
            Fault::aadsts("/token", 53003)
                .body(text.0, text.1)
                .claims(claims),
            53003,
            400,
        ),
        // With a body.
        (
            Fault::aadsts("/token", 53003).body(text.0, text.1),
            53003,
            400,
        ),
        (
            Fault::aadsts("/token", 90055)
                .claims(claims)
                .body(text.0, text.1),
            90055,
            429,
        ),
    ];
    for (n, (fault, code, status)) in ordered.into_iter().enumerate() {
        world.emulator.fail_next(fault);
        let answer = world.daemon(&[]).await;
        assert_eq!(answer.status, status, "{n}");
        if n < 3 {
            assert_eq!(answer.json["claims"], claims, "{n}");
            assert_eq!(answer.json["error_codes"][0], code, "{n}");
        } else {
            assert_eq!(answer.headers["content-type"], text.0, "{n}");
            assert_eq!(answer.json, text.1, "{n}");
        }
        let entry = world.emulator.journal().last().unwrap();
        assert_eq!(entry.error_code(), Some(code), "{n}");
    }
    world.emulator.fail_next(Fault::aadsts("/token", 50076));
    assert!(world.daemon(&[]).await.json.get("claims").is_none());
}

#[tokio::test]
async fn rotation_publishes_what_it_signs_with() {
    let world = World::new().await;
    let path = "/common/discovery/v2.0/keys";
    let (old_keys, old) = (world.get(path).await.json, world.daemon(&[]).await.token());
    world.emulator.rotate_keys();
    let (new_keys, new) = (world.get(path).await.json, world.daemon(&[]).await.token());
    assert_ne!(old.header["kid"], new.header["kid"]);
    assert!(old.verifies(&old_keys) && !new.verifies(&old_keys));
    assert!(old.verifies(&new_keys) && new.verifies(&new_keys));
    world.emulator.drop_old_keys();
    let keys = world.get(path).await.json;
    assert!(!old.verifies(&keys) && new.verifies(&keys));
}

#[tokio::test]
async fn changes_that_contradict_the_directory_change_nothing() {
    let world = World::new().await;
    let emulator = &world.emulator;
    let cases = [
        (
            demo::TENANT,
            ConsentGrant::delegated("x", demo::ORDERS_API, [demo::ORDERS_READ]),
        ),
        (
            demo::TENANT,
            ConsentGrant::delegated(demo::DAEMON, "x", [demo::ORDERS_READ]),
        ),
        (
            demo::TENANT,
            ConsentGrant::delegated(demo::DAEMON, demo::ORDERS_API, ["x"]),
        ),
        (
            demo::TENANT,
            ConsentGrant::app_roles(demo::DAEMON, demo::ORDERS_API, ["x"]),
        ),
        (
            demo::TENANT,
            ConsentGrant::user_roles("x", demo::ORDERS_API, [demo::ORDERS_ROLE]),
        ),
        (
            "nobody.example",
            ConsentGrant::app_roles(demo::DAEMON, demo::ORDERS_API, ["x"]),
        ),
    ];
    for (tenant, grant) in cases {
        let error = emulator.grant_consent(tenant, grant).unwrap_err();
        assert!(matches!(error, DirectoryError::Unknown { .. }), "{error}");
    }
    assert!(emulator.disable_user(demo::TENANT, demo::CAROL).is_err());
    assert!(
        emulator
            .revoke_consent("nobody", demo::DAEMON, demo::ORDERS_API)
            .is_err()
    );
    let twice = emulator
        .directory()
        .tenant(entra_emulator::Tenant::new(demo::TENANT, "a.b"));
    assert!(matches!(
        emulator.replace_directory(twice),
        Err(DirectoryError::Duplicate { .. })
    ));
    world.daemon(&[]).await.token();
}

#[tokio::test]
async fn the_directory_can_be_replaced_while_it_runs() {
    let world = World::new().await;
    let changed = world
        .emulator
        .directory()
        .map_app(demo::DAEMON, |app| app.secret("second"));
    world.emulator.replace_directory(changed).unwrap();
    world.daemon(&[("client_secret", "second")]).await.token();
    world.emulator.replace_directory(Directory::new()).unwrap();
    world
        .daemon(&[])
        .await
        .refused(400, "invalid_request", 90002);
}

#[tokio::test]
async fn shutdown_frees_the_port_and_so_does_drop() {
    let world = World::new().await;
    let base = world.emulator.base_url().to_owned();
    let port = base.rsplit(':').next().unwrap().parse().unwrap();
    world.get("/common/discovery/v2.0/keys").await;
    world.emulator.shutdown().await;
    assert!(world.http.get(&base).send().await.is_err());
    let again = Emulator::builder(Directory::demo())
        .port(port)
        .start()
        .await
        .unwrap();
    assert_eq!(again.base_url(), base);
}

#[test]
fn handles_cross_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<Emulator>();
    check::<entra_emulator::Forge>();
    check::<entra_emulator::ForgedToken>();
    check::<entra_emulator::Journal>();
    check::<entra_emulator::EmulatorClock>();
    check::<entra_emulator::StartError>();
}
