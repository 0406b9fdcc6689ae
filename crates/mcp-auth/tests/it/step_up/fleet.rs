//! Two instances that share a store: pages, sign-ins and challenges hold on both.

use std::sync::Arc;

use entra_emulator::{AccessPolicy, PolicyRequirement, demo};
use mcp_auth::shared::MemoryStore;
use serde_json::json;

use super::browser::{Browser, page};
use super::scene::{Scene, retry, url};
use crate::common::mcp::Raw;

const POLICY: &str = "c0de0000-ca00-4000-8000-000000000001";

/// Each step is at the other instance than the one before: link, page, button, callbacks, retry.
#[tokio::test]
async fn a_page_is_open_at_every_instance() {
    let store = Arc::new(MemoryStore::default());
    let scene = Scene::fleet(Arc::clone(&store)).await;
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("payslip", json!({"month": "May"})).await;
    let state = reply.result()["requestState"].clone();
    let link = page(&reply);
    // Another call, at the other instance, leads to the same page.
    let again = alice.call("payslip", json!({"month": "May"})).await;
    assert_eq!(page(&again), link);

    let mut browser = Browser::new(&scene);
    for _ in 0..2 {
        browser.get(&link).await.says(200, demo::PAYROLL_READ_SCOPE);
    }
    browser.consent(&link, demo::ALICE).await.says(200, "Done");
    for _ in 0..2 {
        browser.get(&link).await.says(200, "Done");
        let params = retry("payslip", json!({"month": "May"}), &state, "accept");
        let reply = alice.request("tools/call", params).await;
        assert_eq!(reply.content()["payslip"], "May");
    }

    // What is in the store says neither who nor what.
    for name in store.names() {
        let (value, _) = store.value(&name).unwrap();
        let text = String::from_utf8_lossy(&value).to_lowercase() + &name;
        for secret in [demo::ALICE, "payroll", link.rsplit('/').next().unwrap()] {
            assert!(!text.contains(&secret.to_lowercase()), "{secret} in {name}");
        }
    }
}

/// A browser that sends the callback twice at once reaches both instances: the code is redeemed once,
/// and both answers send it on.
#[tokio::test]
async fn a_callback_that_comes_twice_is_redeemed_once() {
    let scene = Scene::fleet(Arc::default()).await;
    let alice = scene.modern(demo::ALICE, url());
    let link = page(&alice.call("payslip", json!({})).await);
    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&link, demo::ALICE).await;
    let mut twin = browser.twin();
    let (one, two) = tokio::join!(browser.get(&callback), twin.get(&callback));
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (303, 303));
    assert_eq!(one.headers["location"], two.headers["location"]);
}

/// Another user at the other instance voids the page for all.
#[tokio::test]
async fn a_page_is_void_everywhere_once_another_user_was_there() {
    let scene = Scene::fleet(Arc::default()).await;
    let link = page(
        &scene
            .modern(demo::ALICE, url())
            .call("payslip", json!({}))
            .await,
    );
    let mut bob = Browser::new(&scene);
    let callback = bob.sign_in(&link, demo::BOB).await;
    assert_eq!(bob.get(&callback).await.status, 403);
    for _ in 0..2 {
        assert_eq!(Browser::new(&scene).get(&link).await.status, 404);
    }
}

/// What the store lost is asked for on a new page.
#[tokio::test]
async fn a_lost_store_ends_pages_and_opens_none() {
    let store = Arc::new(MemoryStore::default());
    let scene = Scene::fleet(Arc::clone(&store)).await;
    let alice = scene.modern(demo::ALICE, url());
    let link = page(&alice.call("payslip", json!({})).await);
    store.clear();
    for _ in 0..2 {
        assert_eq!(Browser::new(&scene).get(&link).await.status, 404);
    }
    assert_ne!(page(&alice.call("payslip", json!({})).await), link);
}

/// One 401 for a cause, at whichever instance the client comes back.
#[tokio::test]
async fn a_challenge_is_sent_once_by_all_instances() {
    let scene = Scene::fleet(Arc::default()).await;
    let policy = AccessPolicy::new(POLICY, PolicyRequirement::Mfa).resource(demo::ORDERS_API);
    let emulator = &scene.world.emulator;
    emulator.set_policy(demo::TENANT, policy).unwrap();
    let capable = || {
        let token = scene.forged().claim("xms_cc", json!(["CP1"]));
        token.sign().unwrap()
    };
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let alice = Raw::modern(&scene.origin, &capable(), url());
        statuses.push(alice.call("orders", json!({})).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 200, 200, 200], "in words from then on");
}
