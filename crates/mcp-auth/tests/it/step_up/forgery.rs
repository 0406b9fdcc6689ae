//! The server's own consent pages under attack: other people, other browsers, other sites, and
//! programs that follow links.

use entra_emulator::demo;
use serde_json::json;

use super::browser::{Browser, page};
use super::scene::{Scene, url};
use crate::common::mcp::Raw;

async fn asked(scene: &Scene) -> (Raw, String) {
    let alice = scene.modern(demo::ALICE, url());
    let page = page(&alice.call("payslip", json!({})).await);
    (alice, page)
}

/// Alice's link in Bob's hands: refused before anything is asked, and void for everybody.
#[tokio::test]
async fn a_link_is_for_the_one_whose_call_it_was() {
    let scene = Scene::paged().await;
    let (alice, link) = asked(&scene).await;
    let mut bob = Browser::new(&scene);
    let callback = bob.sign_in(&link, demo::BOB).await;
    bob.get(&callback).await.says(403, "not for this account");
    for url in [&link, &callback] {
        bob.get(url).await.says(404, "not valid");
    }
    let mut browser = Browser::new(&scene);
    browser.get(&link).await.says(404, "not valid");
    browser.press(&link).await.says(404, "not valid");
    // Bob consented to nothing, and Alice's next call makes a new page, which works.
    let reply = scene
        .modern(demo::BOB, json!({}))
        .call("payslip", json!({}))
        .await;
    assert_eq!(reply.content()["error"], "consent_required");
    let fresh = page(&alice.call("payslip", json!({})).await);
    assert_ne!(fresh, link);
    browser.consent(&fresh, demo::ALICE).await.says(200, "Done");
}

/// Previews, scanners and impatient people: no number of looks changes anything.
#[tokio::test]
async fn looking_changes_nothing() {
    let scene = Scene::paged().await;
    let (_, link) = asked(&scene).await;
    let mut stranger = Browser::new(&scene);
    for headers in [
        &[][..],
        &[("sec-purpose", "prefetch")],
        &[("sec-purpose", "prefetch;prerender")],
        &[("purpose", "prefetch")],
    ] {
        stranger
            .request("GET", &link, headers)
            .await
            .says(200, "Continue");
        let head = stranger.request("HEAD", &link, headers).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    }
    assert!(stranger.cookies.is_empty(), "nothing began");

    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&link, demo::ALICE).await;
    let head = browser.request("HEAD", &callback, &[]).await;
    assert_eq!(head.status, 204);
    let ahead = browser
        .request("GET", &callback, &[("sec-purpose", "prefetch")])
        .await;
    assert_eq!(ahead.status, 503);
    // Twice at once, as some browsers do: the code is redeemed once, and both go on.
    let first = browser.get(&callback).await;
    let second = browser.get(&callback).await;
    assert_eq!(first.status, 303);
    assert_eq!(first.headers["location"], second.headers["location"]);
    let done = browser.go_on(&callback, &["accept"]).await;
    for _ in 0..2 {
        browser.get(&done).await.says(200, "Done");
    }
}

/// A button that is pressed twice: the second sign-in counts, the first is forgotten.
#[tokio::test]
async fn a_second_press_starts_anew() {
    let scene = Scene::paged().await;
    let (_, link) = asked(&scene).await;
    let mut browser = Browser::new(&scene);
    let old = browser.sign_in(&link, demo::ALICE).await;
    let new = browser.sign_in(&link, demo::ALICE).await;
    browser.get(&old).await.says(404, "not valid");
    let done = browser.go_on(&new, &["accept"]).await;
    browser.get(&done).await.says(200, "Done");
}

/// An answer of Entra ID in another browser than the one that began: nothing happens, and the
/// one that began goes on.
#[tokio::test]
async fn an_answer_counts_in_its_own_browser_only() {
    let scene = Scene::paged().await;
    let (_, link) = asked(&scene).await;
    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&link, demo::ALICE).await;
    let mut other = Browser::new(&scene);
    other.get(&callback).await.says(404, "not valid");
    other.press(&link).await;
    // It has a cookie of its own now, and a sign-in of its own.
    other.get(&callback).await.says(404, "not valid");
    let sent = browser.get(&callback).await;
    assert_eq!(sent.status, 303);
    let done = browser.go_on(&callback, &["accept"]).await;
    other.get(&done).await.says(404, "not valid");
    browser.get(&done).await.says(200, "Done");
}

/// Nobody can skip the sign-in by making the second answer up, or change one.
#[tokio::test]
async fn an_answer_that_was_not_asked_for_is_not_taken() {
    let scene = Scene::paged().await;
    let (alice, link) = asked(&scene).await;
    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&link, demo::ALICE).await;
    let id = link.rsplit('/').next().unwrap();
    let base = format!("{}/consent/callback", scene.origin);
    let state = callback
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let secret = state.rsplit('.').next().unwrap();
    for query in [
        String::new(),
        "code=x".to_owned(),
        format!("state={state}"),
        format!("code=&state={state}"),
        format!("code=x&code=y&state={state}"),
        format!("code=x&error=access_denied&state={state}"),
        format!("code=x&state=a.{id}.{secret}"),
        format!("error=access_denied&state=a.{id}.{secret}"),
        format!("code=x&state=s.{id}."),
        format!("error=access_denied&state=s.{id}.{}", "A".repeat(32)),
        format!("code=x&state={state}.x"),
        format!("code=x&state=s.{}.{secret}", "A".repeat(32)),
        format!("code=x&state=x.{id}.{secret}"),
    ] {
        browser
            .get(&format!("{base}?{query}"))
            .await
            .says(404, "not valid");
    }
    // A code that Entra ID does not know says nothing about who is there.
    let wrong = browser.get(&format!("{base}?code=x&state={state}")).await;
    wrong.says(502, "did not work");
    let reply = alice.call("payslip", json!({})).await;
    assert_eq!(page(&reply), link, "the page is still open");
    browser.consent(&link, demo::ALICE).await.says(200, "Done");
}

/// A foreign site cannot press the button, and cannot show the page in a frame.
#[tokio::test]
async fn other_sites_can_neither_press_nor_frame() {
    let scene = Scene::paged().await;
    let (_, link) = asked(&scene).await;
    let mut browser = Browser::new(&scene);
    let own = scene.origin.clone();
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        let refused = browser.request("POST", &link, headers).await;
        refused.says(403, "not pressed on the page");
    }
    assert!(browser.cookies.is_empty());
    let pressed = browser.press(&link).await;
    for shown in [
        browser.get(&link).await,
        pressed,
        browser.get(&format!("{own}/consent/x")).await,
    ] {
        let header = |name: &str| shown.headers[name].to_str().unwrap();
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains("script"),
            "{policy}"
        );
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        for loads in ["<script", "src=", "<link", "@import", "url("] {
            assert!(!shown.text.replace("; url=", "").contains(loads), "{loads}");
        }
    }
}

/// The cookie is this page's own, unreadable to scripts, and goes nowhere else.
#[tokio::test]
async fn the_cookie_is_locked_down() {
    let scene = Scene::paged().await;
    let (_, link) = asked(&scene).await;
    let pressed = Browser::new(&scene).press(&link).await;
    let cookie = pressed.headers["set-cookie"].to_str().unwrap();
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let id = link.rsplit('/').next().unwrap();
    assert!(!cookie.contains(id), "{cookie}");
}

#[tokio::test]
async fn other_methods_and_paths_are_nothing() {
    let scene = Scene::paged().await;
    let (_, link) = asked(&scene).await;
    let mut browser = Browser::new(&scene);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let refused = browser.request(method, &link, &[]).await;
        assert_eq!(refused.status, 405);
        assert_eq!(refused.headers["allow"], "GET, HEAD, POST");
    }
    let callback = format!("{}/consent/callback", scene.origin);
    assert_eq!(browser.request("POST", &callback, &[]).await.status, 405);
    for path in ["/consent", "/consent/", "/consent/a/b", "/consents/x"] {
        let shown = browser.get(&format!("{}{path}", scene.origin)).await;
        assert_eq!(shown.status, 404, "{path}");
    }
    // Eleven presses: at some point enough.
    for _ in 0..10 {
        assert_eq!(browser.press(&link).await.status, 200);
    }
    browser.press(&link).await.says(429, "Too many tries");
}
