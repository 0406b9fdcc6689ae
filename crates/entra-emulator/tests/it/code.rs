//! Authorization codes at the token endpoint.

use std::time::Duration;

use entra_emulator::{Directory, Reading, demo};

use crate::support::{
    Answer, REDIRECT, VERIFIER, World, challenge, change, query, redemption, sign_in,
};

async fn redeem_with(world: &World, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut form = redemption(code);
    change(&mut form, changes);
    world.token(&form).await
}

#[tokio::test]
async fn a_code_works_once() {
    let world = World::new().await;
    let code = world.code(demo::MCP_READ_SCOPE).await;
    world.redeem(&code).await.token();
    let second = world.redeem(&code).await;
    second.refused(400, "invalid_grant", 54005);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_redemptions_at_once_one_succeeds() {
    let world = World::new().await;
    for _ in 0..5 {
        let code = world.code(demo::MCP_READ_SCOPE).await;
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let url = world.emulator.token_endpoint(demo::TENANT);
            let request = world.http.post(url).form(&redemption(&code));
            all.spawn(async move { crate::support::answer(request.send().await.unwrap()).await });
        }
        let answers = all.join_all().await;
        let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 200);
        assert_eq!(good.len(), 1);
        for answer in bad {
            answer.refused(400, "invalid_grant", 54005);
        }
    }
}

#[tokio::test]
async fn a_code_expires() {
    let world = World::new().await;
    let clock = world.emulator.clock();
    clock.freeze_at(1_800_000_000);
    let code = world.code(demo::MCP_READ_SCOPE).await;
    let last = world.code(demo::MCP_READ_SCOPE).await;
    clock.advance(Duration::from_secs(599));
    world.redeem(&last).await.token();
    clock.advance(Duration::from_secs(1));
    world
        .redeem(&code)
        .await
        .refused(400, "invalid_grant", 70008);
}

#[tokio::test]
async fn an_unknown_code_is_refused() {
    let world = World::new().await;
    // One that has the form of a code, and one that has not.
    let unknown = format!("1.A{}", "x".repeat(88));
    for (code, number) in [(unknown.as_str(), 70000), ("bogus", 9002313)] {
        world
            .redeem(code)
            .await
            .refused(400, "invalid_grant", number);
        for alias in ["common", "organizations"] {
            let answer = world.token_at(alias, &redemption(code)).await;
            answer.refused(400, "invalid_grant", number);
        }
    }
}

#[tokio::test]
async fn a_code_belongs_to_its_client_tenant_and_redirect_uri() {
    let world = World::new().await;
    let code = world.code(demo::MCP_READ_SCOPE).await;
    let other = [
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
    ];
    redeem_with(&world, &code, &other)
        .await
        .refused(400, "invalid_grant", 70000);
    let answer = world.token_at(demo::OTHER_TENANT, &redemption(&code)).await;
    answer.refused(400, "invalid_grant", 70000);
    let elsewhere = [("redirect_uri", "http://localhost:1/callback")];
    let answer = redeem_with(&world, &code, &elsewhere).await;
    answer.refused(400, "invalid_grant", 500112);
    // None of that used it up.
    world.redeem(&code).await.token();
}

#[tokio::test]
async fn the_verifier_must_match() {
    let world = World::new().await;
    let code = world.code(demo::MCP_READ_SCOPE).await;
    let wrong = [(
        "code_verifier",
        "another-verifier-of-sufficient-length-000000",
    )];
    redeem_with(&world, &code, &wrong)
        .await
        .refused(400, "invalid_grant", 501481);
    // `plain` is not accepted: the challenge itself is no verifier.
    let plain = challenge(VERIFIER);
    let answer = redeem_with(&world, &code, &[("code_verifier", &plain)]).await;
    answer.refused(400, "invalid_grant", 501481);
    let answer = redeem_with(&world, &code, &[("code_verifier", "")]).await;
    answer.refused(400, "invalid_request", 900144);
    world.redeem(&code).await.token();
}

#[tokio::test]
async fn a_code_without_challenge_takes_no_verifier() {
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| app.redirect_uri(REDIRECT));
    let world = World::with(directory).await;
    let request = [
        ("client_id", demo::MCP_SERVER),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", demo::ORDERS_READ_SCOPE),
        ("login_hint", demo::ALICE_UPN),
    ];
    let response = world.authorize(&request).await;
    let code = query(&response, "code").unwrap();
    let web = [
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
    ];
    let answer = redeem_with(&world, &code, &web).await;
    answer.refused(400, "invalid_grant", 501481);
    let web = [web[0], web[1], ("code_verifier", "")];
    assert_eq!(
        redeem_with(&world, &code, &web).await.token().claims["azpacr"],
        "1"
    );
}

#[tokio::test]
async fn redemption_names_any_scopes_with_consent() {
    let directory = Directory::demo().reading(Reading::ScopesAsRequested);
    let world = World::with(directory).await;
    let both = format!("{} {}", demo::MCP_READ_SCOPE, demo::MCP_WRITE_SCOPE);
    let code = world.code(&both).await;
    let answer = redeem_with(&world, &code, &[("scope", demo::MCP_WRITE_SCOPE)]).await;
    assert_eq!(answer.token().claims["scp"], "mcp.write");
    assert_eq!(answer.text("scope"), demo::MCP_WRITE_SCOPE);
    for (other, scp) in [
        (both.as_str(), "mcp.read mcp.write"),
        (demo::REPORTS_READ_SCOPE, "reports.read"),
        (demo::MCP_DEFAULT_SCOPE, "mcp.read mcp.write"),
    ] {
        let code = world.code(demo::MCP_READ_SCOPE).await;
        let answer = redeem_with(&world, &code, &[("scope", other)]).await;
        assert_eq!(answer.token().claims["scp"], scp, "{other}");
    }
    let code = world.code(demo::MCP_READ_SCOPE).await;
    let answer = redeem_with(&world, &code, &[("scope", demo::PAYROLL_READ_SCOPE)]).await;
    answer.refused(400, "invalid_grant", 65001);
}

#[tokio::test]
async fn the_resource_parameter_is_compared_again() {
    let world = World::new().await;
    let code = world.code(demo::MCP_READ_SCOPE).await;
    let answer = redeem_with(&world, &code, &[("resource", demo::MCP_SERVER_URI)]).await;
    answer.token();
    for wrong in ["http://localhost:3000/mcp", demo::MCP_SERVER] {
        let code = world.code(demo::MCP_READ_SCOPE).await;
        let answer = redeem_with(&world, &code, &[("resource", wrong)]).await;
        answer.refused(400, "invalid_target", 9010010);
    }
}

#[tokio::test]
async fn a_user_disabled_after_sign_in_gets_nothing() {
    let world = World::new().await;
    let code = world.code(demo::MCP_READ_SCOPE).await;
    world
        .emulator
        .disable_user(demo::TENANT, demo::ALICE)
        .unwrap();
    world
        .redeem(&code)
        .await
        .refused(400, "invalid_grant", 50057);
}

#[tokio::test]
async fn common_finds_the_users_tenant() {
    let world = World::new().await;
    for (hint, tenant) in [
        (demo::ALICE_UPN, demo::TENANT),
        (demo::CAROL_UPN, demo::OTHER_TENANT),
    ] {
        let hash = challenge(VERIFIER);
        let mut request = sign_in(&hash, demo::MCP_READ_SCOPE);
        change(&mut request, &[("login_hint", hint)]);
        let response = world.authorize_at("organizations", &request).await;
        let code = query(&response, "code").unwrap();
        let answer = world.token_at("common", &redemption(&code)).await;
        assert_eq!(answer.token().claims["tid"], tenant);
    }
}
