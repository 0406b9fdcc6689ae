//! Consent for an agent identity: a page that may be refused, an answer that proves nothing, and
//! the administrator's ways beside it.

use entra_emulator::{ConsentGrant, Reading, demo};
use serde_json::json;
use url::Url;

use super::browser::{Browser, page};
use super::scene::{AGENT, Scene, retry, url};

/// The page for the user is Entra ID's `response_type=none`, after a sign-in at the
/// application of the pages, with a state of its own.
#[tokio::test]
async fn the_user_consents_to_the_agent_where_entra_id_records_it() {
    let scene = Scene::with_agent(&[]).await;
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("payslip", json!({"month": "May"})).await;
    let state = reply.result()["requestState"].clone();
    let message = &reply.result()["inputRequests"]["consent"]["params"]["message"];
    assert!(
        message.as_str().unwrap().contains("AADSTS82014"),
        "{message}"
    );
    // The link is this server's, and no link of Entra ID's is in the answer.
    let page = page(&reply);
    assert!(page.starts_with(&scene.origin));
    assert!(!reply.body.to_string().contains("/authorize"));

    let mut browser = Browser::new(&scene);
    browser.get(&page).await.says(200, "AADSTS82014");
    let callback = browser.sign_in(&page, demo::ALICE).await;
    let sent = browser.get(&callback).await;
    let asked = Url::parse(sent.headers["location"].to_str().unwrap()).unwrap();
    let query: std::collections::HashMap<_, _> = asked.query_pairs().collect();
    assert_eq!(query["client_id"], AGENT);
    assert_eq!(query["response_type"], "none");
    assert!(asked.path().starts_with(&format!("/{}/", demo::TENANT)));
    assert!(!query.contains_key("code_challenge"));
    let back = browser.go_on(&callback, &["accept"]).await;
    assert!(!back.contains("code="), "{back}");
    // Nothing is claimed: the exchange decides.
    let done = browser.get(&back).await;
    done.says(200, "Try again");
    assert!(!done.text.contains("Done"));
    let params = retry("payslip", json!({"month": "May"}), &state, "accept");
    let reply = alice.request("tools/call", params).await;
    assert_eq!(reply.content()["payslip"], "May", "{reply:?}");
    // The state is used up, and so is the page.
    browser.get(&back).await.says(200, "Try again");
    browser.press(&page).await.says(200, "Try again");
}

/// An answer without consent behind it leads to the administrator, and to no second page.
#[tokio::test]
async fn an_answer_proves_nothing() {
    let scene = Scene::with_agent(&[]).await;
    let alice = scene.modern(demo::ALICE, url());
    let page = page(&alice.call("payslip", json!({})).await);
    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&page, demo::ALICE).await;
    let sent = browser.get(&callback).await;
    let asked = Url::parse(sent.headers["location"].to_str().unwrap()).unwrap();
    let query: std::collections::HashMap<_, _> = asked.query_pairs().collect();
    let back = |query: &str| format!("{}/consent/callback?{query}", scene.origin);
    // A code is no answer here, and a foreign state is nobody's.
    let state = &query["state"];
    let coded = browser.get(&back(&format!("code=c&state={state}"))).await;
    coded.says(404, "not valid");
    let foreign = browser.get(&back(&format!("state={state}x"))).await;
    foreign.says(404, "not valid");
    let claimed = browser.get(&back(&format!("state={state}"))).await;
    claimed.says(200, "Try again");
    let reply = alice.call("payslip", json!({})).await;
    assert_eq!(reply.content()["error"], "consent_required", "{reply:?}");
    let text = reply.content()["message"].as_str().unwrap();
    for part in [
        AGENT,
        "administrator",
        "inheritable",
        "82014",
        "/v2.0/adminconsent?",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("response_type"), "{text}");
}

/// Where Entra ID refuses the page, the administrator's grant is the way.
#[tokio::test]
async fn a_refused_page_leaves_the_administrators_way() {
    let scene = Scene::with_agent(&[Reading::AgentConsentRefused]).await;
    let alice = scene.modern(demo::ALICE, url());
    let page = page(&alice.call("payslip", json!({"month": "May"})).await);
    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&page, demo::ALICE).await;
    let sent = browser.get(&callback).await;
    let refused = browser
        .get(sent.headers["location"].to_str().unwrap())
        .await;
    refused.says(400, "AADSTS82014");
    let grant = ConsentGrant::delegated(AGENT, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    scene
        .world
        .emulator
        .grant_consent(demo::TENANT, grant)
        .unwrap();
    let reply = alice.call("payslip", json!({"month": "May"})).await;
    assert_eq!(reply.content()["payslip"], "May", "{reply:?}");
}

/// Another user at the page is refused before anything is asked for.
#[tokio::test]
async fn nobody_else_consents_to_the_agent() {
    let scene = Scene::with_agent(&[]).await;
    let alice = scene.modern(demo::ALICE, url());
    let page = page(&alice.call("payslip", json!({})).await);
    let mut browser = Browser::new(&scene);
    let callback = browser.sign_in(&page, demo::BOB).await;
    browser
        .get(&callback)
        .await
        .says(403, "not for this account");
    browser.get(&page).await.says(404, "not valid");
}
