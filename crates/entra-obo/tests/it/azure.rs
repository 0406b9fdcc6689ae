//! The credentials for the Azure SDK, asked as `azure_core`'s policies ask them.

use crate::support::*;
use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind as AzureKind;
use entra_obo::azure::{AppCredential, OnBehalfOfCredential, exchange_error};
use entra_obo::managed_identity::ManagedIdentity;
use entra_obo::{AgentUser, ErrorKind, ExchangeClient, NextStep};
use foundry_scopes::{Audience, ClientId};
use tokio::task::JoinSet;

const VAULT: &str = "https://vault.azure.net/.default";
const AGENT: &str = "aaaa1111-0000-1111-2222-bbbb3333cccc";
const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true, "value":"c1"}}}"#;

async fn text_of(credential: &dyn TokenCredential, scope: &str) -> String {
    let token = credential.get_token(&[scope], None).await.unwrap();
    token.token.secret().to_owned()
}

fn audience(text: &str) -> Audience {
    Audience::parse(text).unwrap()
}

#[tokio::test]
async fn a_credential_is_the_one_user_that_it_was_made_for() {
    let world = World::new(Endpoint::granting());
    let alice = OnBehalfOfCredential::new(&world.client, user(1));
    let bob = OnBehalfOfCredential::new(&world.client, user(2));
    for _ in 0..3 {
        let alices = text_of(&alice, VAULT).await;
        assert_eq!(alices, expected(&token(TENANT, 1, ""), VAULT));
        let bobs = text_of(&bob, VAULT).await;
        assert_eq!(bobs, expected(&token(TENANT, 2, ""), VAULT));
    }
    assert_eq!(world.endpoint.calls(), 2);
    assert_eq!(world.endpoint.seen()[0].get("scope"), VAULT);
}

#[tokio::test]
async fn tokens_come_from_the_clients_cache_and_one_flight() {
    let world = World::new(Endpoint::granting());
    world
        .endpoint
        .yields
        .store(5, std::sync::atomic::Ordering::SeqCst);
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let credential = OnBehalfOfCredential::new(&world.client, user(1));
        callers.spawn(async move { text_of(&credential, VAULT).await });
    }
    callers.join_all().await;
    assert_eq!(world.endpoint.calls(), 1);

    let vault = world.client.downstream(scopes(VAULT)).unwrap();
    let token = vault.token_on_behalf_of(&user(1)).await.unwrap();
    let credential = OnBehalfOfCredential::new(&world.client, user(1));
    let again = credential.get_token(&[VAULT], None).await.unwrap();
    assert_eq!(again.token.secret(), token.expose());
    assert_eq!(again.expires_on, token.expires_at());
    assert_eq!(again.expires_on.unix_timestamp(), NOW + 3600);
    assert_eq!(world.endpoint.calls(), 1);
}

#[tokio::test]
async fn each_identity_asks_with_its_own_grant() {
    let world = World::new(Endpoint::granting());
    let agent = world.client.agent(ClientId::parse(AGENT).unwrap()).unwrap();
    let account = AgentUser::upn("agent@contoso.example").unwrap();
    let mut tokens = vec![
        text_of(&AppCredential::application(&world.client), VAULT).await,
        text_of(&AppCredential::agent(&agent), VAULT).await,
        text_of(&AppCredential::agent_user(&agent, account), VAULT).await,
        text_of(&OnBehalfOfCredential::for_agent(&agent, user(1)), VAULT).await,
        text_of(&OnBehalfOfCredential::new(&world.client, user(1)), VAULT).await,
    ];
    let seen = world.endpoint.seen();
    let last_legs: Vec<_> = seen
        .iter()
        .filter(|seen| seen.get("scope") == VAULT)
        .map(|seen| (seen.get("grant_type"), seen.get("client_id")))
        .collect();
    let jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    assert_eq!(
        last_legs,
        [
            ("client_credentials", CLIENT),
            ("client_credentials", AGENT),
            ("user_fic", AGENT),
            (jwt_bearer, AGENT),
            (jwt_bearer, CLIENT),
        ]
    );
    // The endpoint names the assertion and the scope only, so two kinds are left.
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 2);
}

#[tokio::test]
async fn a_managed_identity_asks_for_one_resource() {
    let endpoint = Endpoint::new(|_, _| {
        Ok(json(
            200,
            r#"{"access_token":"machine","expires_in":"3600","token_type":"Bearer"}"#,
        ))
    });
    let identity = ManagedIdentity::imds()
        .transport(endpoint.clone())
        .build()
        .unwrap();
    let credential = AppCredential::managed_identity(&identity);
    assert_eq!(text_of(&credential, VAULT).await, "machine");
    assert!(
        endpoint.seen()[0]
            .uri
            .contains("resource=https%3A%2F%2Fvault.azure.net")
    );
    let named = ["https://vault.azure.net/a", "https://vault.azure.net/b"];
    let error = credential.get_token(&named, None).await.unwrap_err();
    let ours = exchange_error(&error).unwrap();
    assert_eq!(ours.kind(), ErrorKind::Configuration);
    assert_eq!(endpoint.calls(), 1);
}

#[tokio::test]
async fn the_scopes_are_one_resource_and_go_out_as_they_came() {
    let world = World::new(Endpoint::granting());
    let credential = OnBehalfOfCredential::new(&world.client, user(1));
    let refused: [&[&str]; 8] = [
        &[],
        &[""],
        &["User.Read"],
        &["openid"],
        &["https://vault.azure.net"],
        &["https://vault.azure.net/.default https://storage.azure.com/.default"],
        &[VAULT, "https://storage.azure.com/.default"],
        &[VAULT, "https://vault.azure.net/user_impersonation"],
    ];
    for scopes in refused {
        let error = credential.get_token(scopes, None).await.unwrap_err();
        assert_eq!(*error.kind(), AzureKind::Credential, "{scopes:?}");
        assert!(exchange_error(&error).is_none(), "{scopes:?}");
    }
    assert_eq!(world.endpoint.calls(), 0);

    let taken: [(&[&str], &str); 4] = [
        (&[VAULT, VAULT], VAULT),
        (
            &["https://management.azure.com//.default"],
            "https://management.azure.com//.default",
        ),
        (
            &["https://contoso.documents.azure.com/.default"],
            "https://contoso.documents.azure.com/.default",
        ),
        (
            &["api://orders/b", "api://orders/a"],
            "api://orders/a api://orders/b",
        ),
    ];
    for (scopes, sent) in taken {
        credential.get_token(scopes, None).await.unwrap();
        assert_eq!(world.endpoint.seen().last().unwrap().get("scope"), sent);
    }
    let own = AppCredential::application(&world.client);
    let named = ["https://vault.azure.net/user_impersonation"];
    let error = own.get_token(&named, None).await.unwrap_err();
    let ours = exchange_error(&error).unwrap();
    assert_eq!(ours.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_credential_bound_to_resources_asks_for_no_other() {
    let world = World::new(Endpoint::granting());
    // Key Vault names its resource with and without a slash at the end.
    let vault_only = [audience("https://vault.azure.net/")];
    let credentials: [&dyn TokenCredential; 2] = [
        &OnBehalfOfCredential::new(&world.client, user(1)).only(vault_only.clone()),
        &AppCredential::application(&world.client).only(vault_only),
    ];
    for credential in credentials {
        credential.get_token(&[VAULT], None).await.unwrap();
        let calls = world.endpoint.calls();
        let error = credential
            .get_token(&["https://graph.microsoft.com/.default"], None)
            .await
            .unwrap_err();
        assert_eq!(*error.kind(), AzureKind::Credential);
        assert!(error.to_string().contains("https://graph.microsoft.com"));
        assert_eq!(world.endpoint.calls(), calls);
    }
}

#[tokio::test]
async fn errors_keep_their_meaning() {
    let body = serde_json::json!({
        "error": "interaction_required", "error_codes": [50076], "claims": CLAIMS,
    });
    let world = World::new(Endpoint::new(move |_, _| Ok(json(400, body.to_string()))));
    let credential = OnBehalfOfCredential::new(&world.client, user(1));
    let error = credential.get_token(&[VAULT], None).await.unwrap_err();
    assert_eq!(*error.kind(), AzureKind::Credential);
    // An SDK client may put its own words around it.
    let error = error.with_context("while getting a secret");
    let ours = exchange_error(&error).unwrap();
    assert_eq!(ours.codes(), [50076]);
    assert_eq!(ours.next(), NextStep::PassOnClaims);
    assert_eq!(ours.claims().unwrap().as_json(), CLAIMS);

    let foreign = assertion_of(&token(OTHER_TENANT, 1, ""));
    let credential = OnBehalfOfCredential::new(&world.client, foreign);
    let error = credential.get_token(&[VAULT], None).await.unwrap_err();
    assert_eq!(exchange_error(&error).unwrap().kind(), ErrorKind::Assertion);
}

#[tokio::test]
async fn nothing_of_a_credential_prints_a_secret() {
    let world = World::new(Endpoint::granting());
    let assertion = token(TENANT, 1, "");
    let credential = OnBehalfOfCredential::new(&world.client, assertion_of(&assertion));
    let own = AppCredential::application(&world.client);
    let token = credential.get_token(&[VAULT], None).await.unwrap();
    let secrets = [
        SECRET.to_owned(),
        assertion,
        token.token.secret().to_owned(),
    ];
    let text = format!("{credential:?}{credential:#?}{own:?}{own:#?}{token:?}");
    assert_clean("a credential", &text, &secrets);
}

#[test]
fn credentials_cross_threads_and_are_small() {
    fn check<T: TokenCredential + Clone + Send + Sync + 'static>() {}
    check::<OnBehalfOfCredential>();
    check::<AppCredential>();
    fn shared<T: Send + Sync>() {}
    shared::<ExchangeClient>();
}
