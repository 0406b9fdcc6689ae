//! Links of consent pages in other hands: what is done with one costs its user a new call at most.

use entra_emulator::demo;
use serde_json::json;

use super::browser::{Browser, page};
use super::scene::{Scene, url};

/// More pages than a user has places for are voided, and the next call gets one all the same.
#[tokio::test]
async fn a_link_that_others_void_takes_no_place_of_its_user() {
    let scene = Scene::paged().await;
    let alice = scene.modern(demo::ALICE, url());
    let mut seen = Vec::new();
    for _ in 0..7 {
        let link = page(&alice.call("payslip", json!({})).await);
        assert!(!seen.contains(&link), "another one");
        let mut bob = Browser::new(&scene);
        let callback = bob.sign_in(&link, demo::BOB).await;
        bob.get(&callback).await.says(403, "not for this account");
        seen.push(link);
    }
    let link = page(&alice.call("payslip", json!({})).await);
    let mut browser = Browser::new(&scene);
    browser.consent(&link, demo::ALICE).await.says(200, "Done");
}

#[tokio::test]
async fn a_link_that_others_use_up_is_replaced_by_the_next_call() {
    let scene = Scene::paged().await;
    let alice = scene.modern(demo::ALICE, url());
    for _ in 0..6 {
        let link = page(&alice.call("payslip", json!({})).await);
        let mut stranger = Browser::new(&scene);
        for _ in 0..10 {
            assert_eq!(stranger.press(&link).await.status, 200);
        }
        let used_up = stranger.press(&link).await;
        used_up.says(429, "Too many tries");
    }
    let link = page(&alice.call("payslip", json!({})).await);
    let mut browser = Browser::new(&scene);
    browser.consent(&link, demo::ALICE).await.says(200, "Done");
}

/// Only the user declines: who has the link and does not sign in says nothing about them.
#[tokio::test]
async fn who_only_has_the_link_cannot_decline() {
    let scene = Scene::paged().await;
    let alice = scene.modern(demo::ALICE, url());
    let link = page(&alice.call("payslip", json!({})).await);
    let mut stranger = Browser::new(&scene);
    let callback = stranger.sign_in(&link, demo::BOB).await;
    let (path, query) = callback.split_once('?').unwrap();
    let state = query.split('&').find(|pair| pair.starts_with("state="));
    let refused = format!("{path}?error=access_denied&{}", state.unwrap());
    stranger.get(&refused).await.says(200, "did not sign in");
    assert_eq!(page(&alice.call("payslip", json!({})).await), link);
    let mut browser = Browser::new(&scene);
    browser.consent(&link, demo::ALICE).await.says(200, "Done");
}

/// A sign-in of another browser leaves the one under way alone.
#[tokio::test]
async fn a_press_in_another_browser_does_not_end_a_sign_in() {
    let scene = Scene::paged().await;
    let alice = scene.modern(demo::ALICE, url());
    let link = page(&alice.call("payslip", json!({})).await);
    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&link, demo::ALICE).await;
    assert_eq!(Browser::new(&scene).press(&link).await.status, 200);
    let done = browser.go_on(&callback, &["accept"]).await;
    browser.get(&done).await.says(200, "Done");
}
