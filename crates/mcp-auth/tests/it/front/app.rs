//! An app registration against the local Entra ID.

use axum::Router;
use axum::routing::get as route;
use entra_claims::Requirement;
use entra_emulator::{Directory, Emulator, demo};
use http::StatusCode;
use mcp_auth::{Caller, EntraApp, EntraSettings};

use super::{entra, get, text, token};

async fn who(caller: Caller) -> String {
    caller.principal().object().to_string()
}

#[tokio::test]
async fn variables_alone_make_a_guard_that_works() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let app = entra(&emulator);
    assert!(!app.ready());
    app.warm_up().await.unwrap();
    assert!(app.ready());
    let app = app
        .guard("mcp.read")
        .unwrap()
        .protect(Router::new().route("/me", route(who)));
    let answer = get(&app, "/me", Some(&token(&emulator, &["mcp.read"]))).await;
    assert_eq!(
        (answer.status(), text(answer).await),
        (StatusCode::OK, demo::ALICE.to_owned())
    );
    let answer = get(&app, "/me", Some(&token(&emulator, &["mcp.write"]))).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        get(&app, "/me", None).await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_identifier_uri_is_an_audience_too() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let guarded = |uri: Option<&str>| {
        let mut variables = vec![
            ("AZURE_TENANT_ID", demo::TENANT),
            ("AZURE_CLIENT_ID", demo::MCP_SERVER),
            ("AZURE_AUTHORITY_HOST", emulator.base_url()),
        ];
        variables.extend(uri.map(|uri| ("ENTRA_IDENTIFIER_URI", uri)));
        let app = EntraApp::from_variables(variables).unwrap();
        app.guard("mcp.read")
            .unwrap()
            .protect(Router::new().route("/me", route(who)))
    };
    let forge = emulator.forge();
    let token = forge.user_token(
        demo::TENANT,
        demo::ALICE,
        demo::MCP_CLIENT,
        demo::MCP_SERVER,
        &["mcp.read"],
    );
    let token = token.unwrap().claim("aud", "api://named").sign().unwrap();
    let named = get(&guarded(Some("api://named")), "/me", Some(&token)).await;
    assert_eq!(named.status(), StatusCode::OK);
    let default = get(&guarded(None), "/me", Some(&token)).await;
    assert_eq!(default.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_callers_of_a_file_hold_for_every_guard() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let settings = |cloud: &str, kinds: &str| -> EntraSettings {
        serde_json::from_str(&format!(
            r#"{{"tenant": "{tenant}", "client_id": "{api}", "cloud": "{base}", "callers": {{
                "cloud": {{"loopback": "{cloud}"}}, "tenants": {{"mode": "single", "tenant": "{tenant}"}},
                "audiences": ["{api}"], "token_kinds": [{kinds}], "required_roles_any": ["{role}"]}}}}"#,
            tenant = demo::TENANT,
            api = demo::MCP_SERVER,
            base = emulator.base_url(),
            role = demo::MCP_RUN_ROLE,
        ))
        .unwrap()
    };
    let app = EntraApp::from_settings(settings(emulator.base_url(), "\"app\"")).unwrap();
    // The file lets applications in only, whatever a guard asks for.
    let guard = app.guard(Requirement::any_of([
        Requirement::delegated(),
        Requirement::role(demo::MCP_RUN_ROLE),
    ]));
    let routes = Router::new().route("/me", route(who));
    let guarded = guard.unwrap().protect(routes);
    let user = token(&emulator, &["mcp.read"]);
    assert_eq!(
        get(&guarded, "/me", Some(&user)).await.status(),
        StatusCode::FORBIDDEN
    );
    let forge = emulator.forge();
    let job = forge.app_token(
        demo::TENANT,
        demo::DAEMON,
        demo::MCP_SERVER,
        &[demo::MCP_RUN_ROLE],
    );
    let job = job.unwrap().sign().unwrap();
    assert_eq!(
        get(&guarded, "/me", Some(&job)).await.status(),
        StatusCode::OK
    );

    let error = EntraApp::from_settings(settings("http://127.0.0.1:1", "\"app\"")).unwrap_err();
    assert!(error.to_string().contains("entra.callers.cloud"), "{error}");
}

#[tokio::test]
async fn a_downstream_is_called_as_the_caller() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let app = entra(&emulator);
    let orders = app.downstream(demo::ORDERS_READ_SCOPE).unwrap();
    let call = move |caller: Caller| {
        let orders = orders.clone();
        async move {
            caller
                .on_behalf_of(&orders)
                .await
                .map(|token| token.expose().len().to_string())
                .map_err(|error| error.to_string())
        }
    };
    let guarded = app
        .guard("mcp.read")
        .unwrap()
        .protect(Router::new().route("/call", route(call)));
    let answer = get(&guarded, "/call", Some(&token(&emulator, &["mcp.read"]))).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(
        app.app_downstream(demo::ORDERS_DEFAULT_SCOPE)
            .unwrap()
            .token()
            .await
            .is_ok()
    );

    let error = app
        .downstream("User.Read https://vault.azure.net/.default")
        .unwrap_err();
    assert!(error.to_string().contains("scopes `User.Read"), "{error}");
}
