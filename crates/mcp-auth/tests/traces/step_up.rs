//! What is traced of consent and step-up: no token, no code, no link, no state, no name.

use entra_emulator::demo;
use serde_json::json;

use crate::browser::{Browser, page};
use crate::common::log::{Log, traced};
use crate::scene::{Scene, retry, url};

#[tokio::test]
async fn the_whole_story_leaves_nothing_in_the_log() {
    traced();
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let scene = Scene::paged().await;
    let token = scene.world.token_of(demo::ALICE);
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("payslip", json!({"month": "May"})).await;
    let state = reply.result()["requestState"].clone();
    let link = page(&reply);
    // Somebody else first, then a link of one's own.
    let mut bob = Browser::new(&scene);
    let callback = bob.sign_in(&link, demo::BOB).await;
    bob.get(&callback).await.says(403, "not for this account");
    let fresh = page(&alice.call("payslip", json!({"month": "May"})).await);
    let mut browser = Browser::new(&scene);
    let signed_in = browser.sign_in(&fresh, demo::ALICE).await;
    let done = browser.go_on(&signed_in, &["accept"]).await;
    browser.get(&done).await.says(200, "Done");
    let params = retry("payslip", json!({"month": "May"}), &state, "accept");
    let reply = alice.request("tools/call", params).await;
    assert_eq!(reply.content()["payslip"], "May");

    // The HTTP and MCP libraries have logs of their own; ours are these.
    let text = log.text();
    let ours: Vec<_> = text
        .lines()
        .filter(|line| line.contains(" mcp_auth") || line.contains(" entra_"))
        .collect();
    assert!(
        ours.iter()
            .any(|line| line.contains("opened by somebody else")),
        "{text}"
    );
    assert!(
        ours.iter().any(|line| line.contains("mcp_auth::exchange")),
        "{text}"
    );
    let part = |url: &str, name: &str| {
        let url = url::Url::parse(url).unwrap();
        let value = url
            .query_pairs()
            .find(|(found, _)| found == name)
            .unwrap()
            .1;
        value.into_owned()
    };
    let mut secrets = vec![
        token,
        state.as_str().unwrap().to_owned(),
        link.rsplit('/').next().unwrap().to_owned(),
        fresh.rsplit('/').next().unwrap().to_owned(),
        demo::ALICE_UPN.to_owned(),
        demo::ALICE_NAME.to_owned(),
        demo::MCP_SERVER_SECRET.to_owned(),
    ];
    for callback in [&callback, &signed_in, &done] {
        secrets.push(part(callback, "code"));
        secrets.push(part(callback, "state"));
    }
    secrets.extend(browser.cookies.values().cloned());
    for secret in secrets {
        for line in &ours {
            assert!(!line.contains(&secret), "{secret} in {line}");
        }
    }
}
