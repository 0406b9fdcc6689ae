//! The emulator's memory stays flat over a hundred thousand tokens.

use std::sync::Arc;

use entra_emulator::{Directory, Emulator, demo};
use reqwest::Client;
use serde_json::Value;

/// The tokens of the measured part; as many as are remembered go before.
const TOKENS: usize = 100_000;
const BEFORE: usize = 25_000;
/// What the process may grow by over them, in bytes: less than a hundred a token.
const GROWTH: u64 = 8 * 1024 * 1024;
const AT_ONCE: usize = 4;

/// Resident memory of this process.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// A refresh gives an access token, an ID token and another refresh token.
async fn refresh(http: &Client, url: &str, token: &str) -> String {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", token),
    ];
    let answer = http.post(url).form(&form).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["refresh_token"].as_str().unwrap().to_owned()
}

async fn tokens(http: &Client, url: &str, first: &str, count: usize) -> String {
    let tasks = (0..AT_ONCE).map(|_| {
        let (http, url, first) = (http.clone(), url.to_owned(), first.to_owned());
        tokio::spawn(async move {
            let mut token = first;
            for _ in 0..count / AT_ONCE {
                token = refresh(&http, &url, &token).await;
            }
            token
        })
    });
    let mut last = String::new();
    for task in tasks.collect::<Vec<_>>() {
        last = task.await.unwrap();
    }
    last
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs minutes; cargo xtask test --long"]
async fn memory_is_flat_over_a_hundred_thousand_tokens() {
    let emulator = Arc::new(Emulator::start(Directory::demo()).await.unwrap());
    let http = Client::builder().no_proxy().build().unwrap();
    let url = emulator.token_endpoint(demo::TENANT);
    let scope = format!("{} openid offline_access", demo::MCP_READ_SCOPE);
    let started: Value = http
        .post(format!(
            "{}/oauth2/v2.0/devicecode",
            emulator.authority(demo::TENANT)
        ))
        .form(&[("client_id", demo::MCP_CLIENT), ("scope", scope.as_str())])
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let code = started["user_code"].as_str().unwrap();
    emulator
        .approve_device_code(code, demo::TENANT, demo::ALICE)
        .unwrap();
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", demo::MCP_CLIENT),
        ("device_code", started["device_code"].as_str().unwrap()),
    ];
    let signed_in = http.post(&url).form(&form).send().await.unwrap();
    let signed_in: Value = signed_in.json().await.unwrap();
    let first = signed_in["refresh_token"].as_str().unwrap();

    let last = tokens(&http, &url, first, BEFORE).await;
    let before = resident();
    let last = tokens(&http, &url, &last, TOKENS).await;
    let after = resident();
    println!("resident before {before}, after {TOKENS} tokens {after}");
    assert!(
        after.saturating_sub(before) < GROWTH,
        "{} bytes more",
        after.saturating_sub(before)
    );
    // The newest is remembered, the oldest is not.
    refresh(&http, &url, &last).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", first),
    ];
    let old = http.post(&url).form(&form).send().await.unwrap();
    assert_eq!(old.status(), 400);
}
