//! The server's own consent pages: the whole way, and how it ends.

use std::time::Duration;

use entra_emulator::{AccessPolicy, Fault, PolicyRequirement, demo};
use serde_json::{Value, json};

use super::browser::{Browser, page};
use super::scene::{Scene, retry, url};
use crate::common::mcp::{Raw, Reply};

fn page_in_error(reply: &Reply) -> String {
    let url = &reply.error()["data"]["elicitations"][0]["url"];
    url.as_str()
        .unwrap_or_else(|| panic!("{reply:?}"))
        .to_owned()
}

/// The whole story: a tool, no consent, a page, the user there, the result.
#[tokio::test]
async fn the_user_consents_on_the_page_and_the_call_goes_on() {
    let scene = Scene::paged().await;
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("payslip", json!({"month": "May"})).await;
    let state = reply.result()["requestState"].clone();
    let page = page(&reply);

    let mut browser = Browser::new(&scene);
    let shown = browser.get(&page).await;
    shown.says(200, "Contoso &lt;Payroll&gt;");
    shown.says(200, demo::PAYROLL_READ_SCOPE);
    browser.consent(&page, demo::ALICE).await.says(200, "Done");

    let params = retry("payslip", json!({"month": "May"}), &state, "accept");
    let reply = alice.request("tools/call", params).await;
    assert_eq!(reply.content()["payslip"], "May");
    // It is done, and cannot be used once more.
    browser.get(&page).await.says(200, "Done");
    browser.press(&page).await.says(200, "Done");
}

/// The same in the older era; a second call does not open a second page.
#[tokio::test]
async fn a_second_call_leads_to_the_same_page() {
    let scene = Scene::paged().await;
    let alice = scene.legacy(demo::ALICE, url()).await;
    let page = page_in_error(&alice.call("payslip", json!({})).await);
    assert_eq!(page_in_error(&alice.call("bonus", json!({})).await), page);
    let bob = scene.legacy(demo::BOB, url()).await;
    assert_ne!(page_in_error(&bob.call("payslip", json!({})).await), page);
    Browser::new(&scene)
        .consent(&page, demo::ALICE)
        .await
        .says(200, "Done");
    let reply = alice.call("bonus", json!({})).await;
    assert_eq!(reply.content()["bonus"], "");
}

/// The address is 192 random bits on this server and says nothing about anybody.
#[tokio::test]
async fn the_address_says_nothing() {
    let scene = Scene::paged().await;
    let mut seen = std::collections::HashSet::new();
    for user in [demo::ALICE, demo::BOB] {
        let plain = scene.modern(user, json!({}));
        let reply = plain.call("payslip", json!({})).await;
        let link = reply.content()["url"].as_str().unwrap();
        let id = link
            .strip_prefix(&format!("{}/consent/", scene.origin))
            .unwrap();
        assert_eq!(id.len(), 32);
        assert!(
            id.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
        assert!(seen.insert(id.to_owned()));
        // And the page that it opens says no more than what is asked for.
        let shown = Browser::new(&scene).get(link).await;
        for person in [
            demo::ALICE,
            demo::BOB,
            demo::ALICE_UPN,
            demo::ALICE_NAME,
            demo::TENANT,
        ] {
            assert!(!shown.text.contains(person) && !link.contains(person));
        }
    }
}

/// Whoever declines at Entra ID is not asked again by the next call.
#[tokio::test]
async fn declining_is_remembered_for_a_while() {
    let scene = Scene::paged().await;
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("payslip", json!({})).await;
    let (page, state) = (page(&reply), reply.result()["requestState"].clone());
    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&page, demo::ALICE).await;
    let callback = browser.go_on(&callback, &["decline"]).await;
    assert!(callback.contains("error=access_denied"), "{callback}");
    browser
        .get(&callback)
        .await
        .says(200, "Nothing was allowed");

    let again = retry("payslip", json!({}), &state, "accept");
    for reply in [
        alice.request("tools/call", again).await,
        alice.call("payslip", json!({})).await,
    ] {
        assert_eq!(reply.content()["error"], "consent_declined", "{reply:?}");
    }
    scene.clock.advance(Duration::from_secs(600));
    let reply = alice.call("payslip", json!({})).await;
    assert_eq!(reply.result()["resultType"], "input_required");
}

/// Ten minutes, to the second.
#[tokio::test]
async fn a_page_ends_after_ten_minutes() {
    let scene = Scene::paged().await;
    let alice = scene.modern(demo::ALICE, url());
    let first = page(&alice.call("payslip", json!({})).await);
    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&first, demo::ALICE).await;
    scene.clock.advance(Duration::from_secs(599));
    browser.get(&first).await.says(200, "Continue");
    scene.clock.advance(Duration::from_secs(1));
    browser.get(&first).await.says(404, "not valid");
    browser.press(&first).await.says(404, "not valid");
    browser.get(&callback).await.says(404, "not valid");
    assert_ne!(page(&alice.call("payslip", json!({})).await), first);
}

/// A client that understands no challenges: the page asks for the second factor, and then the
/// client is sent for a fresh token, once.
#[tokio::test]
async fn further_proof_is_given_on_a_page() {
    let scene = Scene::paged().await;
    let policy = AccessPolicy::new(
        "c0de0000-ca00-4000-8000-000000000001",
        PolicyRequirement::Mfa,
    )
    .resource(demo::ORDERS_API);
    scene
        .world
        .emulator
        .set_policy(demo::TENANT, policy)
        .unwrap();
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("orders", json!({})).await;
    let (page, state) = (page(&reply), reply.result()["requestState"].clone());
    let mut browser = Browser::new(&scene);
    browser.get(&page).await.says(200, "further proof");
    let callback = browser.sign_in(&page, demo::ALICE).await;
    let sent = browser.get(&callback).await;
    let asked: Value = {
        let location = url::Url::parse(sent.headers["location"].to_str().unwrap()).unwrap();
        let claims = location
            .query_pairs()
            .find(|(name, _)| name == "claims")
            .unwrap()
            .1;
        serde_json::from_str(&claims).unwrap()
    };
    assert!(asked["access_token"]["capolids"].is_object(), "{asked}");
    let shown = browser
        .get(sent.headers["location"].to_str().unwrap())
        .await;
    let callback = if shown.status == 302 {
        shown.headers["location"].to_str().unwrap().to_owned()
    } else {
        browser.go_on(&callback, &["approve"]).await
    };
    browser.get(&callback).await.says(200, "Done");

    let params = retry("orders", json!({}), &state, "accept");
    let reply = alice.request("tools/call", params).await;
    assert_eq!(reply.status, 401, "{reply:?}");
    assert!(
        reply
            .challenge()
            .starts_with("Bearer error=\"invalid_token\"")
    );
    let reply = alice.call("orders", json!({})).await;
    assert_eq!(reply.content()["error"], "sign_in_required", "{reply:?}");
}

/// Without URL elicitation the link is in the text, for consent and for further proof.
#[tokio::test]
async fn other_clients_get_the_link_in_a_text() {
    let scene = Scene::paged().await;
    let alice = Raw::modern(&scene.origin, &scene.world.token_of(demo::ALICE), json!({}));
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    let fault = Fault::aadsts("/oauth2/v2.0/token", 50076).claims(claims);
    scene.world.emulator.fail_next(fault);
    for (tool, error) in [
        ("orders", "insufficient_claims"),
        ("payslip", "consent_required"),
    ] {
        let reply = alice.call(tool, json!({})).await;
        assert_eq!(reply.content()["error"], error);
        let link = reply.content()["url"].as_str().unwrap();
        assert!(link.starts_with(&format!("{}/consent/", scene.origin)));
        assert!(reply.content()["message"].as_str().unwrap().contains(link));
    }
}

/// Five pages within ten minutes for one user; another user is not held back.
#[tokio::test]
async fn pages_are_limited_for_each_user() {
    let scene = Scene::paged().await;
    let alice = scene.modern(demo::ALICE, url());
    let ask = async |client: &Raw, number: usize| {
        let claims = format!(r#"{{"access_token":{{"acrs":{{"value":"c{number}"}}}}}}"#);
        let fault = Fault::aadsts("/oauth2/v2.0/token", 50076).claims(claims);
        scene.world.emulator.fail_next(fault);
        client.call("orders", json!({})).await
    };
    for number in 0..5 {
        page(&ask(&alice, number).await);
    }
    let reply = ask(&alice, 5).await;
    assert_eq!(reply.content()["error"], "insufficient_claims");
    assert!(
        reply.content()["message"]
            .as_str()
            .unwrap()
            .contains("too many pages")
    );
    assert!(reply.content()["url"].is_null());
    // One that is open already is still found.
    page(&ask(&alice, 2).await);
    page(&ask(&scene.modern(demo::BOB, url()), 5).await);
    scene.clock.advance(Duration::from_secs(600));
    page(&ask(&alice, 5).await);
}
