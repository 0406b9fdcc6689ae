//! Agent identities against captured answers: who is named how, and who may ask for what.

use entra_emulator::{Directory, Reading, demo};

use crate::support::{World, answer, change};

#[tokio::test]
async fn an_agents_user_is_named_by_name_or_id() {
    let world = World::new().await;
    let exchange = "api://AzureADTokenExchange/.default";
    let assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let t1 = world
        .token(&[
            ("grant_type", "client_credentials"),
            ("client_id", demo::BLUEPRINT),
            ("client_secret", demo::BLUEPRINT_SECRET),
            ("scope", exchange),
            ("fmi_path", demo::AGENT),
        ])
        .await
        .token();
    let proved = |more: &[(&'static str, String)]| {
        let mut form = vec![
            ("client_id", demo::AGENT.to_owned()),
            ("client_assertion_type", assertion_type.to_owned()),
            ("client_assertion", t1.text.clone()),
        ];
        form.extend(more.iter().cloned());
        form
    };
    let post = async |form: Vec<(&'static str, String)>| {
        let url = world.emulator.token_endpoint(demo::TENANT);
        answer(world.http.post(url).form(&form).send().await.unwrap()).await
    };
    let t2 = proved(&[
        ("grant_type", "client_credentials".to_owned()),
        ("scope", exchange.to_owned()),
    ]);
    let t2 = post(t2).await.token();
    let named = |name: &'static str, value: &str| {
        proved(&[
            ("grant_type", "user_fic".to_owned()),
            ("user_federated_identity_credential", t2.text.clone()),
            ("scope", demo::ORDERS_READ_SCOPE.to_owned()),
            (name, value.to_owned()),
        ])
    };
    for (name, value) in [
        ("username", demo::AGENT_USER_UPN),
        ("user_id", demo::AGENT_USER),
    ] {
        let token = post(named(name, value)).await.token();
        assert_eq!(token.claims["oid"], demo::AGENT_USER);
    }
    post(named("user_id", demo::AGENT_USER_UPN))
        .await
        .refused(500, "server_error", 50000);
}

#[tokio::test]
async fn the_consent_to_an_agent_is_recorded_or_refused() {
    let request = |agent| {
        vec![
            ("client_id", agent),
            ("response_type", "none"),
            ("redirect_uri", "http://localhost/consented"),
            ("response_mode", "query"),
            ("scope", demo::REPORTS_READ_SCOPE),
            ("state", "s"),
            ("login_hint", demo::ALICE_UPN),
        ]
    };
    let world = World::new().await;
    let response = world.authorize(&request(demo::AGENT)).await;
    assert_eq!(
        response.headers()["location"],
        "http://localhost/consented?state=s"
    );
    let directory = world.emulator.directory().to_json().to_string();
    assert!(directory.contains(&format!("\"client\":\"{}\"", demo::AGENT)));
    let refused = World::with(Directory::demo().reading(Reading::AgentConsentRefused)).await;
    refused.authorize(&request(demo::AGENT)).await;
    let entry = refused.emulator.journal().last().unwrap();
    assert_eq!(entry.error_code(), Some(82014));
    // A code is refused for agents and blueprints, and `none` for any other app.
    for (client, kind, code) in [
        (demo::AGENT, "code", 82014),
        (demo::BLUEPRINT, "code", 82014),
        (demo::MCP_CLIENT, "none", 70005),
    ] {
        let mut request = request(client);
        change(&mut request, &[("response_type", kind)]);
        if client == demo::MCP_CLIENT {
            change(&mut request, &[("redirect_uri", crate::support::REDIRECT)]);
        }
        world.authorize(&request).await;
        let entry = world.emulator.journal().last().unwrap();
        assert_eq!(entry.error_code(), Some(code), "{client}");
    }
}

#[tokio::test]
async fn a_blueprint_asks_graph_for_itself_and_no_other_api() {
    let world = World::new().await;
    let ask = |scope: &'static str| {
        [
            ("grant_type", "client_credentials"),
            ("client_id", demo::BLUEPRINT),
            ("client_secret", demo::BLUEPRINT_SECRET),
            ("scope", scope),
        ]
    };
    let graph = world
        .token(&ask("https://graph.microsoft.com/.default"))
        .await;
    assert_eq!(graph.token().claims["aud"], "https://graph.microsoft.com");
    let other = world.token(&ask(demo::ORDERS_DEFAULT_SCOPE)).await;
    other.refused(400, "unauthorized_client", 82001);
}
