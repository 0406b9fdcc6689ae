//! Outages, hangs and clocks: counts of fetches, never times of this machine. Floods are in
//! `tests/memory.rs`.

use std::time::Duration;

use entra_claims::transport::{HttpClient, HttpTransport, TransportError};
use entra_claims::{Clock, Reason};
use proptest::prelude::*;
use serde_json::json;

use super::script::{Reply, Script, authenticator, keys_url, settle};
use crate::support::{NOW, TENANT, base64url, sign, user, with};

fn unsigned(kid: u32, payload: &str) -> String {
    let header = format!(r#"{{"alg":"RS256","kid":"made-up-{kid}"}}"#);
    format!("{}.{payload}.AAAA", base64url(header))
}

/// A flood during a fetch that hangs: who waits has a bound, who needs no key waits for nothing.
#[tokio::test]
async fn good_tokens_pass_while_a_fetch_hangs() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    let good = sign(&user());
    assert!(authenticator.authenticate(&good).await.is_ok());
    script.close();
    let payload = base64url(user().to_string());
    let hostile: Vec<String> = (0..64).map(|kid| unsigned(kid, &payload)).collect();
    let mut waiting: Vec<_> = hostile
        .iter()
        .map(|token| Box::pin(authenticator.authenticate(token)))
        .collect();
    for future in &mut waiting {
        assert!(futures_util::poll!(future).is_pending());
    }
    settle().await;
    for i in 0..100 {
        let fresh = sign(&with(&user(), &[("uti", json!(i.to_string()))]));
        let mut good = Box::pin(authenticator.authenticate(&fresh));
        assert!(
            futures_util::poll!(&mut good).is_ready(),
            "waits for nothing"
        );
    }
    assert_eq!(script.key_fetches(), 2);
    script.open();
    for future in waiting {
        assert_eq!(future.await.unwrap_err().reason(), Reason::UnknownKey);
    }
    assert_eq!(script.key_fetches(), 2);
}

/// A key that signs while the authority is down: neither accepted nor hung, and accepted as
/// soon as the authority is back and the pause is over.
#[tokio::test]
async fn a_rotation_during_an_outage_is_undecided_and_then_accepted() {
    let script = Script::new();
    script.publish(&["key-1"]);
    let (authenticator, clock) = authenticator(&script);
    let good = sign(&user());
    assert!(authenticator.authenticate(&good).await.is_ok());
    script.answer_all(&Reply::Fail(TransportError::Timeout));
    let header = json!({"alg": "RS256", "kid": "key-2"});
    let rotated = crate::support::sign_raw("other-key", header.to_string(), user().to_string());
    for _ in 0..10 {
        let refusal = authenticator.authenticate(&rotated).await.unwrap_err();
        assert_eq!(refusal.reason(), Reason::KeysUnavailable);
        assert!(authenticator.authenticate(&good).await.is_ok());
        clock.advance(Duration::from_secs(30));
    }
    script.tenant(TENANT);
    clock.advance(Duration::from_secs(60));
    assert!(authenticator.authenticate(&rotated).await.is_ok());
}

/// One answer lacks a key that is there again: its tokens are refused for a cool-down at most.
#[tokio::test]
async fn a_key_that_is_missing_once_is_back_after_the_cool_down() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let good = sign(&user());
    assert!(authenticator.authenticate(&good).await.is_ok());
    script.publish(&["key-2"]);
    authenticator.refresh_keys().await.unwrap();
    let refusal = authenticator.authenticate(&good).await.unwrap_err();
    assert_eq!(refusal.reason(), Reason::UnknownKey);
    script.tenant(TENANT);
    clock.advance(Duration::from_secs(60));
    assert!(authenticator.authenticate(&good).await.is_ok());
}

/// Half a document is no document: at every byte, good tokens pass and the set stays.
#[tokio::test]
async fn no_truncated_key_set_replaces_a_good_one() {
    let whole = crate::support::key_document().to_string();
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let good = sign(&with(&user(), &[("exp", json!(NOW + 30 * 86_400))]));
    assert!(authenticator.authenticate(&good).await.is_ok());
    for end in 0..whole.len() {
        let half = whole.as_bytes()[..end].to_vec();
        script.answer(&keys_url(TENANT), Reply::Body(200, half));
        clock.advance(Duration::from_secs(61));
        assert!(authenticator.refresh_keys().await.is_err(), "cut at {end}");
        assert!(authenticator.cached(&good).is_some(), "cut at {end}");
        if end % 256 == 0 {
            // Else the keys would be too old at the end.
            script.tenant(TENANT);
            clock.advance(Duration::from_secs(61));
            authenticator.refresh_keys().await.unwrap();
        }
    }
}

/// Documents within the size limit that are made to hurt: nesting, entries, names.
#[tokio::test]
async fn documents_made_to_hurt_are_failures_and_no_more() {
    let deep = |open: &str, count| format!("{{\"keys\":{}", open.repeat(count)).into_bytes();
    let names: String = (0..60_000).map(|i| format!("\"a{i}\":0,")).collect();
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let good = sign(&with(&user(), &[("exp", json!(NOW + 86_400))]));
    assert!(authenticator.authenticate(&good).await.is_ok());
    for body in [
        deep("[", 500_000),
        deep("{\"a\":", 150_000),
        format!("{{\"keys\":[{}{{}}]}}", "{},".repeat(300_000)).into_bytes(),
        format!("{{{names}\"keys\":[]}}").into_bytes(),
        vec![b' '; 1024 * 1024 + 1],
        vec![0xff; 1024 * 1024],
    ] {
        for url in [super::script::discovery_url(TENANT), keys_url(TENANT)] {
            script.tenant(TENANT);
            script.answer(&url, Reply::Body(200, body.clone()));
            clock.advance(Duration::from_secs(61));
            assert!(authenticator.refresh_keys().await.is_err());
            assert!(authenticator.authenticate(&good).await.is_ok());
        }
    }
    script.tenant(TENANT);
    clock.advance(Duration::from_secs(61));
    assert!(authenticator.refresh_keys().await.is_ok());
}

/// A server that says nothing, or says it byte by byte, costs ten seconds of tokio's time and
/// not one of ours.
#[tokio::test(start_paused = true)]
async fn a_slow_server_has_ten_seconds() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    for drips in [false, true] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await.unwrap();
            if drips {
                let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
                stream.write_all(head).await.unwrap();
                while stream.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            std::future::pending::<()>().await;
        });
        let client = HttpClient::allowing_loopback().unwrap();
        let began = tokio::time::Instant::now();
        let request = http::Request::get(url).body(Vec::new()).unwrap();
        let error = client.send(request).await.unwrap_err();
        assert_eq!(error, TransportError::Timeout);
        let took = began.elapsed();
        assert!(
            (Duration::from_millis(9_500)..=Duration::from_millis(10_500)).contains(&took),
            "{took:?}"
        );
    }
}

/// A machine that slept: whichever clock went on meanwhile, what has ended is not served, and keys
/// that are too old are fetched first.
#[tokio::test]
async fn after_a_long_sleep_nothing_that_has_ended_is_served() {
    let hour = Duration::from_secs(3600);
    for (asleep, token_is_good) in [
        (Duration::from_secs(600), true),
        (13 * hour, false),
        (25 * hour, false),
    ] {
        let script = Script::new();
        let (authenticator, clock) = authenticator(&script);
        let token = sign(&user());
        assert!(authenticator.authenticate(&token).await.is_ok());
        clock.advance(asleep);
        assert_eq!(authenticator.cached(&token).is_some(), token_is_good);
        assert_eq!(script.key_fetches(), 1, "{asleep:?}");
        let fresh = sign(&with(&user(), &[("exp", json!(NOW + 7 * 86_400))]));
        assert!(authenticator.authenticate(&fresh).await.is_ok());
        settle().await;
        // Due in the background, or too old to be used: fetched, once.
        assert_eq!(script.key_fetches(), 1 + usize::from(asleep > hour));
    }
    // Only the wall clock went on.
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let token = sign(&user());
    assert!(authenticator.authenticate(&token).await.is_ok());
    clock.set_wall(NOW + 86_400);
    assert!(authenticator.cached(&token).is_none());
    let refusal = authenticator.authenticate(&token).await.unwrap_err();
    assert_eq!(refusal.reason(), Reason::Expired);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Pass(u64),
    Jump(i64),
    Down,
    Up,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let jump = prop_oneof![
        Just(0),
        Just(1),
        Just(-1),
        Just(NOW),
        Just(4_291_747_200),
        Just(i64::MIN),
        Just(i64::MAX),
        NOW - 90_000..NOW + 90_000,
        any::<i64>(),
    ];
    let step = prop_oneof![
        4 => (0_u64..100_000).prop_map(Step::Pass),
        4 => jump.prop_map(Step::Jump),
        1 => Just(Step::Down),
        1 => Just(Step::Up),
    ];
    proptest::collection::vec(step, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However the clocks go, a remembered token is served within its times only, and with
    /// keys that are not too old; nothing panics and nothing is accepted outside its times.
    #[test]
    fn clocks_may_do_what_they_want(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let script = Script::new();
            let (authenticator, clock) = authenticator(&script);
            let (nbf, exp) = (NOW - 600, NOW + 3600);
            let token = sign(&user());
            let _ = authenticator.authenticate(&token).await;
            for step in steps {
                match step {
                    Step::Pass(seconds) if clock.wall() < i64::MAX / 2 => {
                        clock.advance(Duration::from_secs(seconds));
                    }
                    Step::Pass(_) => {}
                    Step::Jump(wall) => clock.set_wall(wall),
                    Step::Down => script.answer_all(&Reply::Fail(TransportError::Connect)),
                    Step::Up => script.tenant(TENANT),
                }
                let now = clock.wall();
                if authenticator.cached(&token).is_some() {
                    assert!(now < exp && nbf <= now.saturating_add(300), "{now}");
                    let age = authenticator.key_health()[0].age.unwrap();
                    assert!(age < Duration::from_secs(86_400), "{age:?}");
                }
                if authenticator.authenticate(&token).await.is_ok() {
                    assert!(now.saturating_sub(300) <= exp && nbf <= now.saturating_add(300));
                }
            }
        });
    }
}
