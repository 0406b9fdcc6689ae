//! Events that end refresh tokens, distinguished by their error numbers.

use std::time::Duration;

use entra_emulator::{AccessPolicy, Directory, PolicyRequirement, Tenant, User, demo};

use crate::pages::Person;
use crate::sign_in::{account, request};
use crate::support::{Answer, VERIFIER, World, challenge, change, query, sign_in};

const OFFLINE: &str = concat!(
    "api://c0de0000-a4b1-4000-8000-0000000000a1/mcp.read",
    " openid offline_access"
);

async fn refresh(world: &World, token: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", token),
    ];
    world.token(&form).await
}

/// A refresh token of the confidential server, from on-behalf-of.
async fn confidential(world: &World) -> String {
    let assertion = world.forged().sign().unwrap();
    let scope = format!("{} offline_access", demo::ORDERS_READ_SCOPE);
    let answer = world.obo(&assertion, &[("scope", &scope)]).await;
    answer.text("refresh_token").to_owned()
}

async fn refresh_confidential(world: &World, token: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
        ("refresh_token", token),
    ];
    world.token(&form).await
}

#[tokio::test]
async fn a_changed_password_ends_those_of_public_clients_only() {
    let world = World::new().await;
    let public = world.sign_in(OFFLINE).await;
    let public = public.text("refresh_token");
    let server = confidential(&world).await;
    let emulator = &world.emulator;
    emulator.change_password(demo::TENANT, demo::ALICE).unwrap();
    let refused = refresh(&world, public).await;
    refused.refused(400, "invalid_grant", 50173);
    refresh_confidential(&world, &server).await.token();
    // Sessions that are revoked end all of them.
    emulator.revoke_sessions(demo::TENANT, demo::ALICE).unwrap();
    refresh_confidential(&world, &server)
        .await
        .refused(400, "invalid_grant", 50173);
    // A new sign-in counts.
    world.emulator.clock().advance(Duration::from_secs(2));
    let again = world.sign_in(OFFLINE).await;
    refresh(&world, again.text("refresh_token")).await.token();
}

#[tokio::test]
async fn a_deleted_user_is_another_number_than_a_disabled_one() {
    let world = World::new().await;
    let answer = world.sign_in(OFFLINE).await;
    let token = answer.text("refresh_token");
    let emulator = &world.emulator;
    emulator.disable_user(demo::TENANT, demo::ALICE).unwrap();
    refresh(&world, token)
        .await
        .refused(400, "invalid_grant", 50057);
    emulator.delete_user(demo::TENANT, demo::ALICE).unwrap();
    let gone = refresh(&world, token).await;
    gone.refused(400, "invalid_grant", 500341);
    assert!(gone.text("error_description").contains(demo::TENANT));
    assert!(emulator.delete_user(demo::TENANT, demo::ALICE).is_err());
}

#[tokio::test]
async fn deleting_a_user_takes_its_grants_and_places_in_policies_along() {
    let policy = AccessPolicy::new(POLICY, PolicyRequirement::Block).user(demo::ALICE);
    let directory = one_tenant_more(Directory::demo(), |t| t.policy(policy.clone()));
    let world = World::with(directory).await;
    let emulator = &world.emulator;
    emulator.delete_user(demo::TENANT, demo::ALICE).unwrap();
    assert!(emulator.directory().check().is_ok());
    // A policy for nobody is not one for everybody.
    let hash = challenge(VERIFIER);
    let mut asked = sign_in(&hash, demo::MCP_READ_SCOPE);
    change(&mut asked, &[("login_hint", demo::BOB_UPN)]);
    let response = world.authorize(&asked).await;
    assert!(query(&response, "code").is_some());
}

const POLICY: &str = "c0de0000-ca00-4000-8000-0000000000e1";
const GUEST: &str = "c0de0000-0b1e-4000-8000-0000000000e1";

fn one_tenant_more(directory: Directory, change: impl Fn(Tenant) -> Tenant) -> Directory {
    let tenants = directory.tenants().cloned().map(|t| match t.id() {
        demo::TENANT => change(t),
        _ => t,
    });
    tenants.fold(Directory::new(), Directory::tenant)
}

#[tokio::test]
async fn only_the_tenant_at_home_ends_what_a_guest_was_given() {
    let guest = User::new(GUEST, "carol#EXT#@contoso.onmicrosoft.com", "Carol")
        .guest_from(demo::OTHER_TENANT, demo::CAROL);
    let world = World::with(one_tenant_more(Directory::demo(), |t| {
        t.user(guest.clone())
    }))
    .await;
    let hash = challenge(VERIFIER);
    let mut asked = sign_in(&hash, OFFLINE);
    change(&mut asked, &[("login_hint", demo::CAROL_UPN)]);
    let code = query(&world.authorize(&asked).await, "code").unwrap();
    let answer = world.redeem(&code).await;
    let token = answer.text("refresh_token");
    let emulator = &world.emulator;
    emulator.revoke_sessions(demo::TENANT, GUEST).unwrap();
    refresh(&world, token).await.token();
    emulator
        .revoke_sessions(demo::OTHER_TENANT, demo::CAROL)
        .unwrap();
    refresh(&world, token)
        .await
        .refused(400, "invalid_grant", 50173);
    // The account at home of a guest that is left cannot go.
    let home = emulator.delete_user(demo::OTHER_TENANT, demo::CAROL);
    assert!(home.is_err());
}

#[tokio::test]
async fn a_session_that_is_too_old_for_a_policy_signs_nobody_in_silently() {
    let often = PolicyRequirement::SignInFrequency { seconds: 600 };
    let policy = AccessPolicy::new(POLICY, often);
    let directory = one_tenant_more(Directory::demo(), |t| t.policy(policy.clone()));
    let world = World::with(directory).await;
    let hash = challenge(VERIFIER);
    let mut person = Person::new(&world);
    person.look(&request(&hash, OFFLINE, &[])).await;
    person.on("account", &account(demo::ALICE)).await;
    let code = person.answered("code").unwrap();
    let answer = world.redeem(&code).await;
    let silent = request(&hash, OFFLINE, &[("prompt", "none")]);
    world.emulator.clock().advance(Duration::from_secs(500));
    let answered = person.open(&silent).await;
    assert!(query(&answered, "code").is_some());
    world.emulator.clock().advance(Duration::from_secs(200));
    let answered = person.open(&silent).await;
    let error = query(&answered, "error");
    assert_eq!(error.as_deref(), Some("interaction_required"));
    let text = query(&answered, "error_description").unwrap();
    assert!(text.starts_with("AADSTS70044: "), "{text}");
    // The refresh token of the same sign-in has its own number.
    refresh(&world, answer.text("refresh_token"))
        .await
        .refused(400, "invalid_grant", 70043);
}
