//! Signing in on pages: what is asked, and whose answers count.

use entra_emulator::{AccessPolicy, Directory, PolicyRequirement, demo};

use crate::pages::Person;
use crate::support::{REDIRECT, VERIFIER, World, challenge, change, query, redemption, sign_in};

pub(crate) fn account(user: &str) -> String {
    format!("{}/{user}", demo::TENANT)
}

/// A request of the public client, with changes, as a browser's.
pub(crate) fn request<'a>(
    hash: &'a str,
    scope: &'a str,
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut request = sign_in(hash, scope);
    change(&mut request, &[("login_hint", "")]);
    change(&mut request, changes);
    request
}

#[tokio::test]
async fn whoever_is_picked_signs_in() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let mut person = Person::new(&world);
    person
        .look(&request(&hash, demo::MCP_READ_SCOPE, &[]))
        .await;
    person.on("account", &account(demo::BOB)).await;
    assert_eq!(person.answered("state").as_deref(), Some("the state"));
    let token = world
        .token(&redemption(&person.answered("code").unwrap()))
        .await
        .token();
    assert_eq!(token.claims["oid"], demo::BOB);
}

#[tokio::test]
async fn missing_consent_is_asked_for_once_and_is_this_persons_alone() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let asked = request(&hash, demo::ORDERS_READ_SCOPE, &[]);
    let mut person = Person::new(&world);
    person.look(&asked).await;
    person.on("account", &account(demo::ALICE)).await;
    for shown in [
        "Permissions requested",
        "MCP client",
        "Orders API",
        demo::ORDERS_READ,
    ] {
        assert!(person.page.contains(shown), "{}", person.page);
    }
    person.on("action", "accept").await;
    let code = person.answered("code").unwrap();
    let token = world.token(&redemption(&code)).await.token();
    assert_eq!(token.claims["scp"], demo::ORDERS_READ);

    person.look(&asked).await;
    person.on("account", &account(demo::ALICE)).await;
    assert!(person.answered("code").is_some(), "asked once");
    person.look(&asked).await;
    person.on("account", &account(demo::BOB)).await;
    assert!(
        person.page.contains("Permissions requested"),
        "Bob has not consented"
    );
}

#[tokio::test]
async fn declining_and_cancelling_tell_the_app() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    for press in ["decline", "cancel"] {
        let mut person = Person::new(&world);
        person
            .look(&request(&hash, demo::ORDERS_READ_SCOPE, &[]))
            .await;
        if press == "decline" {
            person.on("account", &account(demo::ALICE)).await;
        }
        person.on("action", press).await;
        assert_eq!(person.answered("error").as_deref(), Some("access_denied"));
        assert_eq!(person.answered("state").as_deref(), Some("the state"));
        let (subcode, text) = (
            person.answered("error_subcode"),
            person.answered("error_description"),
        );
        if press == "cancel" {
            assert_eq!((subcode.as_deref(), text), (Some("cancel"), None));
        } else {
            assert!(text.unwrap().starts_with("AADSTS65004: "));
            assert_eq!(subcode, None);
            let uri = person.answered("error_uri").unwrap();
            assert!(uri.ends_with("/error?code=65004"), "{uri}");
        }
    }
    let hinted = world
        .authorize(&sign_in(&hash, demo::ORDERS_READ_SCOPE))
        .await;
    assert_eq!(
        query(&hinted, "error").as_deref(),
        Some("interaction_required")
    );
}

#[tokio::test]
async fn an_answer_counts_only_from_the_browser_that_was_asked() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let asked = request(&hash, demo::MCP_READ_SCOPE, &[]);
    let alice = account(demo::ALICE);
    let mut victim = Person::new(&world);
    victim.look(&asked).await;
    let (cookie, own) = (victim.cookie.clone(), victim.origin.clone());

    // The attacker's flow in the victim's browser; a foreign page; no page at all; no cookie.
    let mut attacker = Person::new(&world);
    attacker.look(&asked).await;
    let victims = victim.flow();
    let cases = [
        (attacker.flow(), cookie.clone(), own.clone()),
        (
            victims.clone(),
            cookie.clone(),
            Some("http://localhost:3000".to_owned()),
        ),
        (victims.clone(), cookie.clone(), Some("null".to_owned())),
        (victims.clone(), None, own.clone()),
        (victims.clone(), attacker.cookie.clone(), own.clone()),
        ("guess".to_owned(), cookie.clone(), own.clone()),
    ];
    for (flow, cookie, origin) in cases {
        victim.cookie = cookie;
        victim.origin = origin;
        let response = victim
            .post("/signin", &[("flow", &flow), ("account", &alice)])
            .await;
        assert_eq!(response.status(), 403);
        assert!(!response.text().await.unwrap().contains("code="));
    }
    victim.cookie = cookie;
    victim.origin = own;
    victim.on("account", &alice).await;
    assert!(victim.answered("code").is_some());
    let again = victim
        .post("/signin", &[("flow", &victims), ("account", &alice)])
        .await;
    assert_eq!(again.status(), 403, "a sign-in ends once");
}

#[tokio::test]
async fn a_page_is_good_for_a_quarter_of_an_hour() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let mut person = Person::new(&world);
    person
        .look(&request(&hash, demo::MCP_READ_SCOPE, &[]))
        .await;
    world
        .emulator
        .clock()
        .advance(std::time::Duration::from_secs(15 * 60));
    let response = person.press("account", &account(demo::ALICE)).await;
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn prompt_says_which_page_a_person_sees() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let hint = ("login_hint", demo::ALICE_UPN);
    let mut person = Person::new(&world);
    for (prompt, title) in [
        ("login", "Pick an account"),
        ("select_account", "Pick an account"),
        ("consent", "Permissions requested"),
    ] {
        let asked = request(&hash, demo::MCP_READ_SCOPE, &[hint, ("prompt", prompt)]);
        person.look(&asked).await;
        assert!(person.page.contains(title), "{prompt}: {}", person.page);
        // A script is spared it.
        assert!(
            query(&world.authorize(&asked).await, "code").is_some(),
            "{prompt}"
        );
    }
    person.on("action", "accept").await;
    assert!(person.answered("code").is_some());
    let response = person
        .open(&request(&hash, demo::MCP_READ_SCOPE, &[hint]))
        .await;
    assert!(
        query(&response, "code").is_some(),
        "a hint spares the picker"
    );
}

#[tokio::test]
async fn a_silent_request_knows_who_signed_in_until_they_sign_out() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let silent = request(&hash, demo::MCP_READ_SCOPE, &[("prompt", "none")]);
    let mut person = Person::new(&world);
    person
        .look(&request(&hash, demo::MCP_READ_SCOPE, &[]))
        .await;
    let response = person.open(&silent).await;
    assert_eq!(query(&response, "error").as_deref(), Some("login_required"));
    person.on("account", &account(demo::BOB)).await;
    let response = person.open(&silent).await;
    let token = world
        .token(&redemption(&query(&response, "code").unwrap()))
        .await
        .token();
    assert_eq!(token.claims["oid"], demo::BOB);

    let logout = format!("/{}/oauth2/v2.0/logout", demo::TENANT);
    let evil = person
        .post(
            &logout,
            &[("post_logout_redirect_uri", "https://evil.example/")],
        )
        .await;
    assert_eq!(evil.status(), 200);
    let back = person
        .post(
            &logout,
            &[("post_logout_redirect_uri", REDIRECT), ("state", "s")],
        )
        .await;
    assert_eq!(back.headers()["location"], format!("{REDIRECT}?state=s"));
    let response = person.open(&silent).await;
    assert_eq!(query(&response, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn the_answer_travels_in_the_way_that_was_asked_for() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let mut asked = sign_in(&hash, demo::MCP_READ_SCOPE);
    asked.push(("response_mode", "fragment"));
    let response = world.authorize(&asked).await;
    let location = response.headers()["location"].to_str().unwrap();
    assert!(
        location.starts_with(&format!("{REDIRECT}#code=")),
        "{location}"
    );
    change(
        &mut asked,
        &[("response_mode", "form_post"), ("state", "\"><script>")],
    );
    let response = world.authorize(&asked).await;
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("script-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    let page = response.text().await.unwrap();
    assert!(
        page.contains(&format!("method=\"post\" action=\"{REDIRECT}\"")),
        "{page}"
    );
    assert!(
        page.contains("name=\"state\" value=\"&quot;&gt;&lt;script&gt;\""),
        "{page}"
    );
    let code = page.split("name=\"code\" value=\"").nth(1).unwrap();
    let code = code.split('"').next().unwrap();
    assert_eq!(world.redeem(code).await.status, 200);
}

#[tokio::test]
async fn pages_load_nothing_and_cannot_be_framed() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let response = Person::new(&world)
        .open(&request(&hash, demo::MCP_READ_SCOPE, &[]))
        .await;
    let headers = response.headers();
    let policy = headers["content-security-policy"].to_str().unwrap();
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(headers["x-frame-options"], "DENY");
    assert_eq!(headers["cache-control"], "no-store, no-cache");
    let page = response.text().await.unwrap();
    for loads in ["src=", "<script", "<link", "url(", "@import"] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[tokio::test]
async fn a_policy_asks_for_a_second_factor_and_a_silent_request_needs_one() {
    let policy =
        AccessPolicy::new(demo::OTHER_TENANT, PolicyRequirement::Mfa).resource(demo::MCP_SERVER);
    let demo = Directory::demo();
    let tenants = demo.tenants().cloned().map(|t| t.policy(policy.clone()));
    let world = World::with(tenants.fold(Directory::new(), Directory::tenant)).await;
    let hash = challenge(VERIFIER);
    let asked = request(&hash, demo::MCP_READ_SCOPE, &[]);
    let silent = request(&hash, demo::MCP_READ_SCOPE, &[("prompt", "none")]);
    let reports = request(&hash, demo::REPORTS_READ_SCOPE, &[]);
    let mut person = Person::new(&world);
    // Signed in without a second factor, which is enough for the other API alone.
    person.look(&reports).await;
    person.on("account", &account(demo::ALICE)).await;
    assert!(person.answered("code").is_some());
    let refused = query(&person.open(&silent).await, "error_description").unwrap();
    assert!(refused.starts_with("AADSTS50076: "), "{refused}");

    person.look(&asked).await;
    person.on("account", &account(demo::ALICE)).await;
    assert!(
        person.page.contains("Approve the sign-in"),
        "{}",
        person.page
    );
    person.on("action", "deny").await;
    assert_eq!(person.answered("error").as_deref(), Some("access_denied"));

    person.look(&asked).await;
    person.on("account", &account(demo::ALICE)).await;
    person.on("action", "approve").await;
    assert!(person.answered("code").is_some());
    assert!(query(&person.open(&silent).await, "code").is_some());
}

#[tokio::test]
async fn signing_out_tells_the_apps_of_the_session_by_its_id() {
    let told = "http://localhost:3000/signed-out";
    let directory = Directory::demo().map_app(demo::MCP_CLIENT, |app| app.logout_url(told));
    let world = World::with(directory).await;
    let hash = challenge(VERIFIER);
    let mut person = Person::new(&world);
    let asked = request(&hash, demo::MCP_READ_SCOPE, &[]);
    person.look(&asked).await;
    person.on("account", &account(demo::ALICE)).await;
    let session = person.answered("session_state").unwrap();
    // The session goes on when the person signs in again.
    person.look(&asked).await;
    person.on("account", &account(demo::ALICE)).await;
    assert_eq!(person.answered("session_state").as_ref(), Some(&session));
    let logout = format!(
        "{}/oauth2/v2.0/logout",
        world.emulator.authority(demo::TENANT)
    );
    let back = [("post_logout_redirect_uri", REDIRECT)];
    let url = url::Url::parse_with_params(&logout, back).unwrap();
    person.visit(url.clone()).await;
    let frame = person.page.split("<iframe hidden src=\"").nth(1).unwrap();
    let frame = frame.split('"').next().unwrap().replace("&amp;", "&");
    let frame = url::Url::parse(&frame).unwrap();
    assert!(frame.as_str().starts_with(told), "{frame}");
    let pairs: Vec<_> = frame.query_pairs().into_owned().collect();
    assert!(pairs.contains(&("sid".to_owned(), session)));
    assert!(
        pairs
            .iter()
            .any(|(n, v)| n == "iss" && v.contains(demo::TENANT))
    );
    assert!(person.page.contains(REDIRECT), "and back");
    // Nobody is signed in any more: nobody is told again.
    let silent = request(&hash, demo::MCP_READ_SCOPE, &[("prompt", "none")]);
    let refused = person.open(&silent).await;
    assert_eq!(query(&refused, "error").as_deref(), Some("login_required"));
    let hint = [("prompt", "none"), ("login_hint", demo::ALICE_UPN)];
    let silent = request(&hash, demo::MCP_READ_SCOPE, &hint);
    let refused = person.open(&silent).await;
    assert_eq!(query(&refused, "error").as_deref(), Some("login_required"));
    let again = world.http.get(url).send().await.unwrap();
    assert_eq!(again.status(), 302);
}
