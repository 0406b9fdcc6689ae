//! What is counted, and that no label has a value from a token.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use serde_json::json;

use super::script::{Reply, Script, authenticator};
use crate::support::{header, sign, sign_raw, user, with};

#[derive(Clone, Default)]
struct Counts(Arc<Mutex<BTreeMap<String, u64>>>);

struct One(Counts, String);

impl CounterFn for One {
    fn increment(&self, by: u64) {
        *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += by;
    }

    fn absolute(&self, _: u64) {
        panic!("counters are incremented");
    }
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels = key
            .labels()
            .map(|label| format!(" {}={}", label.key(), label.value()));
        let name = key.name().to_owned() + &labels.collect::<String>();
        Counter::from_arc(Arc::new(One(self.clone(), name)))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

impl Counts {
    /// In order; each counter is in the table of the crate's documentation.
    fn lines(&self) -> Vec<String> {
        let counted = self.0.lock().unwrap();
        let line = |(name, count): (&String, &u64)| {
            let (counter, _) = name.split_once(' ').unwrap_or((name, ""));
            let page = include_str!("../../../src/lib.rs");
            assert!(page.contains(&format!("| `{counter}` |")), "{counter}");
            format!("{name} {count}")
        };
        counted.iter().map(line).collect()
    }
}

#[test]
fn outcomes_are_counted() {
    let counts = Counts::default();
    metrics::with_local_recorder(&counts, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let script = Script::new();
            let (authenticator, _) = authenticator(&script);
            for _ in 0..3 {
                authenticator.authenticate(&sign(&user())).await.unwrap();
            }
            let expired = sign(&with(&user(), &[("exp", json!(1)), ("nbf", json!(1))]));
            authenticator.authenticate(&expired).await.unwrap_err();
            script.answer_all(&Reply::Body(500, Vec::new()));
            let header = with(&header(), &[("kid", json!("made-up"))]);
            let hostile = sign_raw("other-key", header.to_string(), user().to_string());
            authenticator.authenticate(&hostile).await.unwrap_err();
        });
    });
    assert_eq!(
        counts.lines(),
        [
            "entra_claims_key_fetches_total outcome=failed 1",
            "entra_claims_key_fetches_total outcome=ok 1",
            "entra_claims_token_cache_total outcome=hit 2",
            "entra_claims_token_cache_total outcome=miss 3",
            "entra_claims_tokens_total outcome=accepted 1",
            "entra_claims_tokens_total outcome=expired 1",
            "entra_claims_tokens_total outcome=keys_unavailable 1",
            "entra_claims_unknown_keys_total 1",
        ]
    );
}

#[test]
fn lookups_of_tenants_are_counted() {
    let counts = Counts::default();
    metrics::with_local_recorder(&counts, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(super::registry::one_of_each_answer());
    });
    let lines = counts.lines();
    let lookups: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("entra_claims_tenant_lookups_total outcome="))
        .collect();
    assert_eq!(lookups, ["failed 1", "known 1", "unknown 1"]);
}
