//! What is counted and timed, and that no label has a value from a token.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::*;
use entra_obo::managed_identity::ManagedIdentity;
use entra_obo::store::{SealingKeys, SealingSecret, SharedTier};
use entra_obo::testing::MemoryStore;
use foundry_scopes::{ClientId, Scope};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

#[derive(Clone, Default)]
struct Book(Arc<Mutex<BTreeMap<String, u64>>>);

struct Line(Book, String);

impl Line {
    fn add(&self, by: u64) {
        *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += by;
    }
}

impl CounterFn for Line {
    fn increment(&self, by: u64) {
        self.add(by);
    }

    fn absolute(&self, _: u64) {
        panic!("counters are incremented");
    }
}

impl HistogramFn for Line {
    fn record(&self, seconds: f64) {
        assert!((0.0..60.0).contains(&seconds), "{seconds}");
        self.add(1);
    }
}

impl Book {
    fn line(&self, key: &Key) -> Arc<Line> {
        let labels = key
            .labels()
            .map(|label| format!(" {}={}", label.key(), label.value()));
        let name = key.name().to_owned() + &labels.collect::<String>();
        Arc::new(Line(self.clone(), name))
    }
}

impl Recorder for Book {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.line(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("there are no gauges: `stats` has what is held now");
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.line(key))
    }
}

/// What is counted while `play` runs.
fn counted(play: impl AsyncFnOnce()) -> Vec<String> {
    let book = Book::default();
    metrics::with_local_recorder(&book, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play());
    });
    let lines = book.0.lock().unwrap();
    let lines = lines.iter().map(|(name, count)| format!("{name} {count}"));
    lines.collect()
}

#[test]
fn a_users_calls_are_counted_by_how_they_end() {
    let lines = counted(async || {
        let world = World::new(Endpoint::new(|seen, n| match n {
            0 | 1 => grant(seen, 3600, ""),
            2 => Ok(json(503, "")),
            3 => Ok(refuse(400, "invalid_grant", "consent_required", 65001)),
            _ => with_header(json(429, ""), "retry-after", "30"),
        }));
        // A miss that another call joins, a hit, a refresh.
        world.endpoint.yields.store(3, Ordering::SeqCst);
        let (one, two) = (user(1), user(1));
        let both = tokio::join!(
            world.api.token_on_behalf_of(&one),
            world.api.token_on_behalf_of(&two)
        );
        assert!(both.0.is_ok() && both.1.is_ok());
        world.api.token_on_behalf_of(&one).await.unwrap();
        world.clock.advance(Duration::from_secs(3000));
        world.api.token_on_behalf_of(&one).await.unwrap();
        world.settle().await;
        // A failure that passes and a refusal, in one exchange; then patience is asked for.
        world.api.token_on_behalf_of(&user(2)).await.unwrap_err();
        world.api.token_on_behalf_of(&user(3)).await.unwrap_err();
        world.api.token_on_behalf_of(&user(3)).await.unwrap_err();
    });
    assert_eq!(
        lines,
        [
            "entra_obo_cache_total flow=on_behalf_of outcome=due 1",
            "entra_obo_cache_total flow=on_behalf_of outcome=hit 1",
            "entra_obo_cache_total flow=on_behalf_of outcome=miss 5",
            "entra_obo_coalesced_total flow=on_behalf_of 1",
            "entra_obo_exchange_seconds flow=on_behalf_of outcome=consent 1",
            "entra_obo_exchange_seconds flow=on_behalf_of outcome=ok 2",
            "entra_obo_exchange_seconds flow=on_behalf_of outcome=throttled 1",
            "entra_obo_exchanges_total flow=on_behalf_of outcome=consent 1",
            "entra_obo_exchanges_total flow=on_behalf_of outcome=ok 2",
            "entra_obo_exchanges_total flow=on_behalf_of outcome=throttled 1",
            "entra_obo_refreshes_total flow=on_behalf_of 1",
            "entra_obo_requests_total flow=on_behalf_of status=2xx 2",
            "entra_obo_requests_total flow=on_behalf_of status=429 1",
            "entra_obo_requests_total flow=on_behalf_of status=4xx 1",
            "entra_obo_requests_total flow=on_behalf_of status=5xx 1",
            "entra_obo_throttled_total flow=on_behalf_of 1",
        ]
    );
}

#[test]
fn each_flow_has_its_own_name() {
    let lines = counted(async || {
        let world = World::new(Endpoint::granting());
        let graph = || scopes("https://graph.microsoft.com/.default");
        world
            .client
            .for_app(graph())
            .unwrap()
            .token()
            .await
            .unwrap();
        let agent = ClientId::parse("aaaa1111-0000-1111-2222-bbbb3333cccc").unwrap();
        let agent = world.client.agent(agent).unwrap();
        let account = entra_obo::AgentUser::upn("agent@contoso.example").unwrap();
        let account = agent.user_account(account, graph()).unwrap();
        account.token().await.unwrap();
        let identity = ManagedIdentity::imds()
            .transport(Endpoint::new(|_, _| {
                Ok(json(
                    200,
                    r#"{"access_token":"t","expires_in":"3600","token_type":"Bearer"}"#,
                ))
            }))
            .build()
            .unwrap();
        let scope = Scope::parse("https://graph.microsoft.com/.default").unwrap();
        identity.token(&scope).await.unwrap();
    });
    let requests: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("entra_obo_requests_total"))
        .collect();
    assert_eq!(
        requests,
        [
            "entra_obo_requests_total flow=agent_exchange status=2xx 1",
            "entra_obo_requests_total flow=agent_user status=2xx 1",
            "entra_obo_requests_total flow=agent_user_exchange status=2xx 1",
            "entra_obo_requests_total flow=client_credentials status=2xx 1",
            "entra_obo_requests_total flow=managed_identity status=2xx 1",
        ]
    );
}

#[test]
fn the_shared_store_is_counted_by_what_it_brings() {
    let lines = counted(async || {
        let store = Arc::new(MemoryStore::default());
        let process = || {
            let secret = SealingSecret::from_base64("8tSLVZVNZ6cT2Xkka9gMsnU9SfkVHN84W3SkRm0ZVnE=");
            let keys = SealingKeys::new(secret.unwrap());
            World::with(Endpoint::granting(), |builder| {
                builder.shared(SharedTier::new(store.clone(), keys))
            })
        };
        process().api.token_on_behalf_of(&user(1)).await.unwrap();
        while store.names().len() < 2 {
            tokio::task::yield_now().await;
        }
        process().api.token_on_behalf_of(&user(1)).await.unwrap();
    });
    let store: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("entra_obo_shared_store_total"))
        .collect();
    assert_eq!(
        store,
        [
            "entra_obo_shared_store_total outcome=hit 1",
            "entra_obo_shared_store_total outcome=miss 1",
        ]
    );
}

#[cfg(feature = "tower")]
#[test]
fn refusals_of_an_api_are_counted_by_what_becomes_of_them() {
    use entra_obo::attach::{ApiOrigins, AttachToken};
    use tower::{Layer as _, ServiceExt as _, service_fn};

    let lines = counted(async || {
        let world = World::new(Endpoint::granting());
        let origins = ApiOrigins::new(["https://orders.contoso.example"]).unwrap();
        let attach = AttachToken::as_user(&world.api, user(1), &origins);
        for challenge in [
            r#"Bearer error="invalid_token""#,
            r#"Bearer error="insufficient_claims", claims="eyJhIjoxfQ==""#,
        ] {
            let service = service_fn(move |_: http::Request<()>| {
                let answer = http::Response::builder().status(401);
                let answer = answer.header("www-authenticate", challenge).body(());
                std::future::ready(Ok::<_, std::convert::Infallible>(answer.unwrap()))
            });
            let request = http::Request::get("https://orders.contoso.example/").body(());
            let answer = attach.layer(service).oneshot(request.unwrap()).await;
            assert_eq!(answer.unwrap().status(), 401);
        }
    });
    let refusals: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("entra_obo_api_refusals_total"))
        .collect();
    assert_eq!(
        refusals,
        [
            "entra_obo_api_refusals_total reason=claims outcome=repeated 1",
            "entra_obo_api_refusals_total reason=invalid_token outcome=passed_on 1",
        ]
    );
}
