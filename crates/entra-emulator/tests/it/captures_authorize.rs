//! The authorization endpoint against captured answers.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use entra_emulator::{App, Directory, Reading, demo};
use reqwest::Response;
use serde_json::{Value, json};

use crate::pages::Person;
use crate::support::{
    REDIRECT, Token, VERIFIER, World, challenge, change, query, redemption, sign_in,
};

async fn ask(world: &World, changes: &[(&str, &str)]) -> Response {
    let hash = challenge(VERIFIER);
    let mut request = sign_in(&hash, demo::MCP_READ_SCOPE);
    change(&mut request, changes);
    world.authorize(&request).await
}

/// Name and value of what a redirect carries, in its order.
fn members(response: &Response, separator: char) -> Vec<(String, String)> {
    let location = response.headers()["location"].to_str().unwrap();
    let (to, answer) = location.split_once(separator).unwrap();
    assert_eq!(to, REDIRECT);
    let pairs = url::form_urlencoded::parse(answer.as_bytes());
    pairs.into_owned().collect()
}

fn names(members: &[(String, String)]) -> Vec<&str> {
    members.iter().map(|(name, _)| name.as_str()).collect()
}

fn value<'a>(members: &'a [(String, String)], name: &str) -> &'a str {
    let mut found = members.iter().filter(|(n, _)| n == name);
    &found.next().expect(name).1
}

#[tokio::test]
async fn errors_have_a_link_in_a_fixed_order() {
    let world = World::new().await;
    let silent = [("prompt", "none"), ("login_hint", "")];
    let answer = members(&ask(&world, &silent).await, '?');
    assert_eq!(
        names(&answer),
        ["error", "error_description", "error_uri", "state"]
    );
    assert_eq!(value(&answer, "error"), "login_required");
    let base = world.emulator.base_url();
    assert_eq!(
        value(&answer, "error_uri"),
        format!("{base}/error?code=50058")
    );
    let text = value(&answer, "error_description");
    assert!(
        text.contains("The cookies used to represent the user's session were not sent"),
        "{text}"
    );
    let page = world.http.get(value(&answer, "error_uri")).send().await;
    let page = page.unwrap().text().await.unwrap();
    assert!(page.contains("AADSTS50058: A silent sign-in"), "{page}");
}

#[tokio::test]
async fn a_code_comes_with_the_account_when_asked() {
    let world = World::new().await;
    let answer = members(&ask(&world, &[("client_info", "1")]).await, '?');
    assert_eq!(
        names(&answer),
        ["code", "client_info", "state", "session_state"]
    );
    let info = BASE64_URL_SAFE_NO_PAD.decode(value(&answer, "client_info"));
    let info: Value = serde_json::from_slice(&info.unwrap()).unwrap();
    assert_eq!(info, json!({ "uid": demo::ALICE, "utid": demo::TENANT }));
    let session = value(&answer, "session_state");
    assert!(uuid::Uuid::try_parse(session).is_ok(), "{session}");
    let token = world.redeem(value(&answer, "code")).await;
    assert_eq!(token.status, 200);
    let without = members(&ask(&world, &[]).await, '?');
    assert_eq!(names(&without), ["code", "state", "session_state"]);
}

#[tokio::test]
async fn tokens_from_the_endpoint_must_be_enabled() {
    let world = World::new().await;
    for (types, code) in [
        ("token", 700051),
        ("id_token token", 700051),
        ("id_token", 700054),
        ("code id_token", 700054),
    ] {
        let response = ask(&world, &[("response_type", types)]).await;
        let answer = members(&response, '#');
        assert_eq!(value(&answer, "error"), "unsupported_response_type");
        let text = value(&answer, "error_description");
        assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
    }
}

#[tokio::test]
async fn an_id_token_comes_alone_or_beside_a_code() {
    let directory = Directory::demo().map_app(demo::MCP_CLIENT, App::id_token_issuance);
    let world = World::with(directory).await;
    let scope = format!("openid profile {}", demo::MCP_READ_SCOPE);
    let alone = [("response_type", "id_token"), ("scope", scope.as_str())];
    let answer = members(&ask(&world, &alone).await, '#');
    assert_eq!(names(&answer), ["id_token", "state", "session_state"]);
    let token = Token::read(value(&answer, "id_token"));
    assert_eq!(token.claims["nonce"], "the nonce");
    assert_eq!(token.claims["oid"], demo::ALICE);
    assert_eq!(token.claims["sid"], value(&answer, "session_state"));
    assert!(token.claims.get("c_hash").is_none());

    let hybrid = [("response_type", "code id_token"), alone[1]];
    let answer = members(&ask(&world, &hybrid).await, '#');
    let (code, token) = (
        value(&answer, "code"),
        Token::read(value(&answer, "id_token")),
    );
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, code.as_bytes());
    let half = BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]);
    assert_eq!(token.claims["c_hash"], half);
    assert_eq!(world.redeem(code).await.status, 200);

    // .NET's way: by a form.
    let form = [hybrid[0], hybrid[1], ("response_mode", "form_post")];
    let page = ask(&world, &form).await.text().await.unwrap();
    assert!(page.contains("name=\"id_token\" value=\"eyJ"), "{page}");
    for (changed, code) in [(("response_mode", "query"), 70007), (("nonce", ""), 900144)] {
        let request = [hybrid[0], hybrid[1], changed];
        let location = ask(&world, &request).await;
        let location = location.headers()["location"].to_str().unwrap().to_owned();
        assert!(location.contains(&format!("AADSTS{code}")), "{location}");
    }
}

#[tokio::test]
async fn pkce_is_recommended_and_plain_is_allowed() {
    let world = World::new().await;
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = query(&ask(&world, &none).await, "code").unwrap();
    let mut form = redemption(&code);
    change(&mut form, &[("code_verifier", "")]);
    world.token(&form).await.token();

    for method in ["plain", ""] {
        let plain = [
            ("code_challenge", VERIFIER),
            ("code_challenge_method", method),
        ];
        let code = query(&ask(&world, &plain).await, "code").unwrap();
        let mut wrong = redemption(&code);
        change(&mut wrong, &[("code_verifier", "another")]);
        world
            .token(&wrong)
            .await
            .refused(400, "invalid_grant", 501481);
        world.redeem(&code).await.token();
    }
    for (changes, code) in [
        (
            [
                ("code_challenge", "short"),
                ("code_challenge_method", "S256"),
            ],
            501491,
        ),
        (
            [
                ("code_challenge", VERIFIER),
                ("code_challenge_method", "S512"),
            ],
            90100,
        ),
        (
            [("code_challenge", ""), ("code_challenge_method", "S256")],
            90100,
        ),
    ] {
        let text = query(&ask(&world, &changes).await, "error_description").unwrap();
        assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
    }
}

#[tokio::test]
async fn a_refresh_token_alone_cannot_be_asked_for() {
    let world = World::new().await;
    let response = ask(&world, &[("scope", "offline_access")]).await;
    assert_eq!(query(&response, "error").as_deref(), Some("invalid_scope"));
    let text = query(&response, "error_description").unwrap();
    assert!(text.starts_with("AADSTS70011: "), "{text}");
    let scope = format!("{} offline_access", demo::MCP_READ_SCOPE);
    let code = world.code(&scope).await;
    let mut form = redemption(&code);
    form.push(("scope", "offline_access"));
    world
        .token(&form)
        .await
        .refused(400, "invalid_scope", 70011);
    let refresh = world.sign_in(&scope).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", refresh.text("refresh_token")),
        ("scope", "offline_access"),
    ];
    world
        .token(&form)
        .await
        .refused(400, "invalid_scope", 70011);
}

#[tokio::test]
async fn the_mixture_of_default_and_names_is_explained() {
    let world = World::new().await;
    let mixed = format!("{} {}", demo::MCP_READ_SCOPE, demo::MCP_DEFAULT_SCOPE);
    let text = query(
        &ask(&world, &[("scope", &mixed)]).await,
        "error_description",
    )
    .unwrap();
    let last = "is not valid. .default scope can't be combined with resource-specific scopes.";
    assert!(text.contains(last), "{text}");
}

#[tokio::test]
async fn cancelling_is_bare_and_declining_has_a_subcode_only_by_reading() {
    let directory = Directory::demo().reading(Reading::DeclinedConsentHasSubcode);
    let world = World::with(directory).await;
    let hash = challenge(VERIFIER);
    let asked = crate::sign_in::request(&hash, demo::ORDERS_READ_SCOPE, &[]);
    let mut person = Person::new(&world);
    person.look(&asked).await;
    person.on("action", "cancel").await;
    assert_eq!(person.answered("error").as_deref(), Some("access_denied"));
    assert_eq!(person.answered("error_description"), None);
    person.look(&asked).await;
    let alice = crate::sign_in::account(demo::ALICE);
    person.on("account", &alice).await;
    person.on("action", "decline").await;
    assert_eq!(person.answered("error_subcode").as_deref(), Some("cancel"));
    assert!(person.answered("error_description").is_some());
}

#[tokio::test]
async fn assignment_is_told_as_an_interaction_and_names_the_app_first() {
    let directory = Directory::demo().map_app(demo::MCP_CLIENT, App::assignment_required);
    let world = World::with(directory).await;
    let response = ask(&world, &[]).await;
    assert_eq!(
        query(&response, "error").as_deref(),
        Some("interaction_required")
    );
    let text = query(&response, "error_description").unwrap();
    let named = format!("the application MCP client ('{}')", demo::MCP_CLIENT);
    assert!(text.contains(&named), "{text}");
}

#[tokio::test]
async fn a_doubled_slash_leads_there_too() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let endpoint = world.emulator.authorization_endpoint(demo::TENANT);
    let endpoint = endpoint.replace("/oauth2/", "//oauth2/");
    let url = url::Url::parse_with_params(&endpoint, sign_in(&hash, demo::MCP_READ_SCOPE));
    let response = world.http.get(url.unwrap()).send().await.unwrap();
    assert!(query(&response, "code").is_some());
}

#[tokio::test]
async fn an_unknown_user_is_not_repeated() {
    let world = World::new().await;
    let mallory = "mallory@contoso.onmicrosoft.com";
    let text = query(
        &ask(&world, &[("login_hint", mallory)]).await,
        "error_description",
    )
    .unwrap();
    let expected = format!(
        "The user account {{EmailHidden}} does not exist in the {} directory.",
        demo::TENANT
    );
    assert!(
        text.contains(&expected) && !text.contains(mallory),
        "{text}"
    );
}
