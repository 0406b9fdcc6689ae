//! The token endpoint before it looks at the client.

use entra_emulator::demo;

use crate::support::{OBO, World, answer};

type Form<'a> = &'a [(&'a str, &'a str)];

/// The form of a code, of none that was issued.
const CODE: &str = "1.AXoAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const ID: &str = "0a1b2c3d-0000-4000-8000-00000000c0de";

#[tokio::test]
async fn only_post() {
    let world = World::new().await;
    let path = format!("/{}/oauth2/v2.0/token", demo::TENANT);
    let answer = world.get(&path).await;
    answer.refused(400, "invalid_request", 900561);
    assert!(
        answer
            .text("error_description")
            .contains("Received a GET request.")
    );
}

#[tokio::test]
async fn a_missing_parameter_is_named() {
    let world = World::new().await;
    let app = [
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
    ];
    let user = [("client_id", demo::MCP_CLIENT)];
    let cases: [(&str, &str, Form<'_>); 10] = [
        ("", "grant_type", &user),
        ("client_credentials", "client_id", &[]),
        ("client_credentials", "scope", &app),
        ("authorization_code", "code", &user),
        (
            "authorization_code",
            "redirect_uri",
            &[user[0], ("code", CODE)],
        ),
        ("refresh_token", "refresh_token", &user),
        (OBO, "assertion", &app),
        (
            OBO,
            "requested_token_use",
            &[app[0], app[1], ("assertion", "x")],
        ),
        (
            OBO,
            "scope",
            &[
                app[0],
                app[1],
                ("assertion", "x"),
                ("requested_token_use", "on_behalf_of"),
            ],
        ),
        // An empty value is a missing one.
        (OBO, "assertion", &[app[0], app[1], ("assertion", "")]),
    ];
    for (grant, missing, rest) in cases {
        let mut form = vec![("grant_type", grant)];
        form.extend(rest);
        let answer = world.token(&form).await;
        answer.refused(400, "invalid_request", 900144);
        let text = answer.text("error_description");
        assert!(text.contains(&format!("parameter: '{missing}'")), "{text}");
    }
}

#[tokio::test]
async fn only_a_form_is_read() {
    let world = World::new().await;
    let url = world.emulator.token_endpoint(demo::TENANT);
    let body = serde_json::json!({ "grant_type": "client_credentials" });
    let response = world.http.post(&url).json(&body).send().await.unwrap();
    answer(response)
        .await
        .refused(400, "invalid_request", 900144);
    // Parameters of the query do not count.
    let url = format!("{url}?grant_type=client_credentials");
    let response = world.http.post(url).send().await.unwrap();
    answer(response)
        .await
        .refused(400, "invalid_request", 900144);
}

#[tokio::test]
async fn an_unknown_grant() {
    let world = World::new().await;
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    for grant in [exchange, "implicit", "OBO"] {
        let answer = world.token(&[("grant_type", grant)]).await;
        answer.refused(400, "unsupported_grant_type", 70003);
        assert!(answer.json.get("error_uri").is_none());
    }
}

#[tokio::test]
async fn the_tenant_is_looked_up_before_the_client() {
    let world = World::new().await;
    let form = [("grant_type", "client_credentials")];
    for unknown in [ID, "nobody.example"] {
        let answer = world.token_at(unknown, &form).await;
        answer.refused(400, "invalid_request", 90002);
        assert!(
            answer
                .text("error_description")
                .contains(&format!("Tenant '{unknown}'"))
        );
    }
    let answer = world.token_at("contoso", &form).await;
    answer.refused(400, "invalid_request", 900023);
    for (grant, alias) in [
        ("client_credentials", "common"),
        ("client_credentials", "organizations"),
        ("user_fic", "common"),
    ] {
        let answer = world.token_at(alias, &[("grant_type", grant)]).await;
        answer.refused(400, "invalid_request", 50059);
    }
    for (grant, alias) in [
        ("password", "common"),
        ("password", "consumers"),
        (OBO, "consumers"),
    ] {
        let answer = world.token_at(alias, &[("grant_type", grant)]).await;
        answer.refused(400, "invalid_request", 9001023);
        let text = answer.text("error_description");
        assert!(text.contains("Please use the /organizations or tenant-specific endpoint."));
    }
}

#[tokio::test]
async fn a_tenant_can_be_named_by_its_domain() {
    let world = World::new().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::DAEMON),
        ("client_secret", demo::DAEMON_SECRET),
        ("scope", demo::MCP_DEFAULT_SCOPE),
    ];
    for name in [
        demo::TENANT_DOMAIN,
        "Contoso.OnMicrosoft.com",
        &demo::TENANT.to_uppercase(),
    ] {
        assert_eq!(
            world.token_at(name, &form).await.token().claims["tid"],
            demo::TENANT
        );
    }
}

#[tokio::test]
async fn the_error_envelope() {
    let world = World::new().await;
    world.emulator.clock().freeze_at(1_800_000_000);
    let answer = world.token(&[("x", "y")]).await;
    let members: Vec<_> = answer
        .json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members,
        [
            "correlation_id",
            "error",
            "error_codes",
            "error_description",
            "error_uri",
            "timestamp",
            "trace_id",
        ]
    );
    let (trace, correlation) = (answer.text("trace_id"), answer.text("correlation_id"));
    assert_eq!(answer.text("timestamp"), "2027-01-15 08:00:00Z");
    assert!(answer.text("error_description").ends_with(&format!(
        " Trace ID: {trace} Correlation ID: {correlation} Timestamp: 2027-01-15 08:00:00Z"
    )));
    assert_eq!(answer.headers["x-ms-request-id"], trace);
    assert!(!answer.headers.contains_key("client-request-id"));
    let base = world.emulator.base_url();
    assert_eq!(
        answer.text("error_uri"),
        format!("{base}/error?code=900144")
    );
}

#[tokio::test]
async fn the_correlation_id_is_the_callers() {
    let world = World::new().await;
    let url = world.emulator.token_endpoint(demo::TENANT);
    let in_query = format!("{url}?client-request-id={ID}");
    let requests = [
        world
            .http
            .post(&url)
            .header("client-request-id", ID.to_uppercase()),
        world.http.post(in_query),
        world.http.post(&url).form(&[("client-request-id", ID)]),
    ];
    for request in requests {
        let answer = answer(request.send().await.unwrap()).await;
        assert_eq!(answer.text("correlation_id"), ID);
        assert_eq!(answer.headers["client-request-id"], ID);
        assert_eq!(
            world.emulator.journal().last().unwrap().correlation_id(),
            ID
        );
    }
    let response = world
        .http
        .post(&url)
        .header("client-request-id", "not a guid")
        .send();
    let answer = answer(response.await.unwrap()).await;
    assert_ne!(answer.text("correlation_id"), "not a guid");
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let world = World::new().await;
    let huge = "x".repeat(2 * 1024 * 1024);
    let answer = world.token(&[("grant_type", &huge)]).await;
    assert_eq!(answer.status, 413);
}
