//! What policies ask of a person, on a page.

use entra_emulator::{AccessPolicy, Directory, PolicyRequirement, Tenant, demo};

use crate::device;
use crate::pages::Person;
use crate::sign_in::{account, request};
use crate::support::{VERIFIER, World, challenge, query, sign_in};

const TITLE: &str = "<h1>Approve the sign-in</h1>";
const IDS: [&str; 4] = [
    "c0de0000-ca00-4000-8000-0000000000a1",
    "c0de0000-ca00-4000-8000-0000000000a2",
    "c0de0000-ca00-4000-8000-0000000000a3",
    "c0de0000-ca00-4000-8000-0000000000a4",
];

fn demands() -> [(PolicyRequirement, &'static str); 4] {
    [
        (PolicyRequirement::Mfa, "<li>a second factor</li>"),
        (PolicyRequirement::Conditions, "<li>a sign-in that meets"),
        (
            PolicyRequirement::CompliantDevice,
            "<li>a device that complies",
        ),
        (
            PolicyRequirement::ExternalChallenge,
            "<li>the check of another",
        ),
    ]
}

/// The demo directory with these policies for the MCP server.
async fn under(requirements: impl IntoIterator<Item = PolicyRequirement>) -> World {
    let all = IDS.into_iter().zip(requirements);
    let policies: Vec<_> = all
        .map(|(id, requirement)| AccessPolicy::new(id, requirement).resource(demo::MCP_SERVER))
        .collect();
    let directory = Directory::demo();
    let with = |tenant: Tenant| policies.iter().cloned().fold(tenant, Tenant::policy);
    let tenants = directory.tenants().cloned().map(with);
    World::with(tenants.fold(Directory::new(), Directory::tenant)).await
}

/// Alice has picked her account.
async fn picked(world: &World) -> Person<'_> {
    let mut person = Person::new(world);
    let hash = challenge(VERIFIER);
    person
        .look(&request(&hash, demo::MCP_READ_SCOPE, &[]))
        .await;
    person.on("account", &account(demo::ALICE)).await;
    person
}

#[tokio::test]
async fn each_demand_is_shown_and_answered_by_a_button() {
    for (requirement, text) in demands() {
        let world = under([requirement]).await;
        let mut person = picked(&world).await;
        assert!(person.page.contains(TITLE), "{}", person.page);
        assert!(person.page.contains(text), "{}", person.page);
        for (_, other) in demands().iter().filter(|(_, t)| *t != text) {
            assert!(!person.page.contains(other), "{}", person.page);
        }
        person.on("action", "approve").await;
        let code = person.answered("code").unwrap();
        assert_eq!(world.redeem(&code).await.status, 200);

        let mut person = picked(&world).await;
        person.on("action", "deny").await;
        assert_eq!(person.answered("code"), None);
        assert_eq!(person.answered("error").as_deref(), Some("access_denied"));
        let description = person.answered("error_description").unwrap();
        assert!(description.starts_with("AADSTS65004: "), "{description}");
    }
}

#[tokio::test]
async fn one_page_says_all_that_is_asked() {
    let world = under(demands().map(|(requirement, _)| requirement)).await;
    let mut person = picked(&world).await;
    for (_, text) in demands() {
        assert_eq!(person.page.matches(text).count(), 1, "{}", person.page);
    }
    // For the keyboard: plain buttons of one form, the one that goes on has the focus.
    assert_eq!(person.page.matches("autofocus").count(), 1);
    assert!(person.page.contains("value=\"approve\" autofocus"));
    assert!(!person.page.contains("tabindex") && !person.page.contains("<script"));
    let flow = person.flow();
    let approve = [("flow", flow.as_str()), ("action", "nothing known")];
    let response = person.post("/signin", &approve).await;
    let policy = response.headers()["content-security-policy"].to_str();
    assert!(policy.unwrap().contains("default-src 'none'"));
    person.page = response.text().await.unwrap();
    assert!(
        person.page.contains(TITLE),
        "an odd answer approves nothing"
    );
    person.on("action", "approve").await;
    assert!(person.answered("code").is_some());
}

#[tokio::test]
async fn a_script_with_a_hint_meets_no_page() {
    let world = under(demands().map(|(requirement, _)| requirement)).await;
    let hash = challenge(VERIFIER);
    let form = sign_in(&hash, demo::MCP_READ_SCOPE);
    assert!(query(&world.authorize(&form).await, "code").is_some());
    // The same from a person's browser, which the hint spares the account picker alone.
    let mut person = Person::new(&world);
    person.look(&form).await;
    assert!(person.page.contains(TITLE), "{}", person.page);
}

#[tokio::test]
async fn a_block_is_told_to_the_person_and_then_to_the_app() {
    for (requirement, code) in [
        (PolicyRequirement::Block, "AADSTS53003: "),
        (PolicyRequirement::SecurityPolicy, "AADSTS530032: "),
    ] {
        let world = under([requirement]).await;
        let mut person = picked(&world).await;
        assert!(person.page.contains("You cannot get to this"));
        assert!(person.page.contains(code), "{}", person.page);
        assert!(!person.page.contains("value=\"approve\""));
        // A button that the page does not have changes nothing.
        let flow = person.flow();
        let approve = [("flow", flow.as_str()), ("action", "approve")];
        let response = person.post("/signin", &approve).await;
        person.page = response.text().await.unwrap();
        assert!(person.page.contains("You cannot get to this"));
        person.on("action", "return").await;
        let description = person.answered("error_description").unwrap();
        assert!(description.starts_with(code), "{description}");
        assert_eq!(person.answered("code"), None);
    }
}

#[tokio::test]
async fn conditions_that_were_met_are_no_second_factor() {
    let world = under([PolicyRequirement::Conditions]).await;
    let mut person = picked(&world).await;
    person.on("action", "approve").await;
    let hash = challenge(VERIFIER);
    let silent = request(&hash, demo::MCP_READ_SCOPE, &[("prompt", "none")]);
    assert!(query(&person.open(&silent).await, "code").is_some());
    let mfa = AccessPolicy::new(IDS[1], PolicyRequirement::Mfa).resource(demo::MCP_SERVER);
    world.emulator.set_policy(demo::TENANT, mfa).unwrap();
    let refused = query(&person.open(&silent).await, "error_description").unwrap();
    assert!(refused.starts_with("AADSTS50076: "), "{refused}");
}

#[tokio::test]
async fn a_device_waits_for_the_answer() {
    let world = under([PolicyRequirement::CompliantDevice]).await;
    let (code, user_code) = device::start(&world).await;
    let mut person = device::enter(&world, &user_code).await;
    person.on("action", "confirm").await;
    assert!(person.page.contains(TITLE), "{}", person.page);
    let waiting = device::poll(&world, device::URN, &code).await;
    waiting.refused(400, "authorization_pending", 70016);
    person.on("action", "approve").await;
    assert!(person.page.contains("You are signed in"), "{}", person.page);
    let later = std::time::Duration::from_secs(5);
    world.emulator.clock().advance(later);
    device::poll(&world, device::URN, &code).await.token();
}
