//! Routes that require, take or refuse a context.

use super::*;

#[tokio::test]
async fn a_route_requires_takes_or_refuses_a_context_and_no_handler_sees_it() {
    let world = World::start().await;
    let app = world.application();
    let (own, context) = (world.own(), world.context(demo::ALICE).await);
    let by_alice = format!("{} by {}", demo::ALICE, demo::AGENT);
    for (path, sent, status, says) in [
        ("/orders", true, StatusCode::OK, by_alice.as_str()),
        ("/orders", false, StatusCode::FORBIDDEN, "context_missing"),
        ("/maybe", true, StatusCode::OK, demo::ALICE),
        ("/maybe", false, StatusCode::OK, "nobody"),
        ("/agent", true, StatusCode::OK, "app"),
        ("/plain", false, StatusCode::OK, "app"),
        ("/plain", true, StatusCode::FORBIDDEN, "context_not_taken"),
        (
            "/no-layer",
            true,
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
        ),
        (
            "/doubled",
            true,
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
        ),
        (
            "/broken",
            true,
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
        ),
    ] {
        let sent: Vec<&str> = sent.then_some(context.as_str()).into_iter().collect();
        let seen = ask(&app, "GET", path, &own, &sent, "").await;
        assert_eq!(seen.status, status, "{path} {}: {}", sent.len(), seen.body);
        assert!(
            seen.body == says || seen.error() == says,
            "{path}: {}",
            seen.body
        );
    }
}

#[tokio::test]
async fn a_refused_context_is_403_with_its_reason_and_nothing_of_it_comes_back() {
    let world = World::start().await;
    let app = world.application();
    let (own, context) = (world.own(), world.context(demo::ALICE).await);
    let poor = world.agents_token(demo::ORDERS_API, &["UserContext.Assert"]);
    let unasked = world.agents_token(demo::ORDERS_API, &[demo::ORDERS_ROLE]);
    let changed = format!("{}AA", &context[..context.len() - 2]);
    let user = world.users_token(demo::ALICE, demo::MCP_CLIENT, demo::ORDERS_API);
    let bobs = world.context(demo::BOB).await;
    for (token, contexts, code) in [
        (&own, vec![changed.as_str()], "bad_signature"),
        (&own, vec!["marker-in-a-header"], "context_malformed"),
        (&own, vec![&context, &context], "context_repeated"),
        (&own, vec![&own], "wrong_type"),
        (&unasked, vec![&context], "agent_not_admitted"),
        (&poor, vec![&context], "agent_not_permitted"),
        (&user, vec![&context], "agent_token_required"),
        (&user, vec![], "agent_token_required"),
        (&own, vec![&bobs], "user_not_permitted"),
    ] {
        let seen = ask(&app, "GET", "/orders", token, &contexts, "").await;
        assert_eq!(
            (seen.status, seen.error().as_str()),
            (StatusCode::FORBIDDEN, code),
            "{}",
            seen.body
        );
        assert!(!seen.headers.contains_key("www-authenticate"));
        assert!(seen.headers.contains_key("x-incident-id"));
        let all = format!("{} {:?}", seen.body, seen.headers);
        let parts = contexts.iter().flat_map(|context| context.split('.'));
        for echoed in parts.chain([demo::ALICE, demo::BOB, demo::AGENT, ISSUER, "marker"]) {
            assert!(!all.contains(echoed), "{code}: {all}");
        }
    }
}

#[tokio::test]
async fn a_context_is_good_for_one_write_and_many_reads() {
    let world = World::start().await;
    let app = world.application();
    let (own, context) = (world.own(), world.context(demo::ALICE).await);
    for _ in 0..2 {
        assert_eq!(
            ask(&app, "GET", "/orders", &own, &[&context], "")
                .await
                .status,
            StatusCode::OK
        );
    }
    assert_eq!(
        ask(&app, "POST", "/orders", &own, &[&context], "")
            .await
            .status,
        StatusCode::OK
    );
    let again = ask(&app, "POST", "/orders", &own, &[&context], "").await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (StatusCode::FORBIDDEN, "replayed")
    );
}

#[tokio::test]
async fn without_a_guard_or_without_a_token_there_is_no_context() {
    let world = World::start().await;
    let context = world.context(demo::ALICE).await;
    let layer =
        || UserContextLayer::optional(world.verifier.clone(), Customers, ContextUse::UntilItEnds);
    let routes = Router::new().route("/maybe", get(maybe)).layer(layer());
    let request = || {
        Request::get("/maybe")
            .header(HEADER, &context)
            .body(Body::empty())
            .unwrap()
    };
    let open = routes.clone().oneshot(request()).await.unwrap();
    assert_eq!(open.status(), StatusCode::INTERNAL_SERVER_ERROR);
    // An optional guard that saw no token: the context alone is nothing.
    let guard = world.entra.guard(demo::ORDERS_READ).unwrap().optional();
    let guarded = guard.protect(routes);
    assert_eq!(
        guarded.clone().oneshot(request()).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    let without = Request::get("/maybe").body(Body::empty()).unwrap();
    assert_eq!(
        guarded.oneshot(without).await.unwrap().status(),
        StatusCode::OK
    );
}

/// An issuer that does not answer.
#[derive(Debug)]
struct Silent;

#[async_trait::async_trait]
impl ContextKeySource for Silent {
    async fn fetch(&self) -> Result<ContextKeys, ContextKeySourceError> {
        Err(ContextKeySourceError::Unanswered("down".to_owned()))
    }
}

#[tokio::test]
async fn what_cannot_be_decided_is_503() {
    let world = World::start().await;
    let app = world.application_with(&verifier(Silent));
    let (own, context) = (world.own(), world.context(demo::ALICE).await);
    let seen = ask(&app, "GET", "/orders", &own, &[&context], "").await;
    assert_eq!(
        (seen.status, seen.error().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "keys_unavailable")
    );
    assert_eq!(seen.headers["retry-after"], "1");
}

/// Other requirements are checked against the agent's token: a context adds no scope to it.
#[tokio::test]
async fn a_context_meets_no_requirement_of_a_guard() {
    let world = World::start().await;
    let optional = UserContextLayer::optional(
        world.verifier.clone(),
        Arc::new(Customers),
        ContextUse::UntilItEnds,
    );
    let routes = Router::new().route("/maybe", get(maybe)).layer(optional);
    let app = world
        .entra
        .guard(demo::ORDERS_READ)
        .unwrap()
        .protect(routes);
    let context = world.context(demo::ALICE).await;
    let seen = ask(&app, "GET", "/maybe", &world.own(), &[&context], "").await;
    assert_eq!(
        (seen.status, seen.error().as_str()),
        (StatusCode::FORBIDDEN, "insufficient_scope")
    );
}
