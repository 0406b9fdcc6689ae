//! What is traced: enough to see what happened, and no token.
//!
//! A binary of its own: `tracing` remembers per process whether anybody listens.
#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "test code, of which this binary uses a part"
)]

#[path = "it/http/script.rs"]
mod script;
#[path = "it/support.rs"]
mod support;

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::script::{Reply, Script, authenticator};
use crate::support::{header, sign, sign_raw, user, with};

/// Keeps every event and span as text.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<String>>);

impl Visit for Collector {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn traces_name_the_unknown_key_and_the_failure_and_hold_no_token() {
    let collector = Collector::default();
    let _guard = tracing::subscriber::set_default(collector.clone());
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    let good = sign(&user());
    authenticator.authenticate(&good).await.unwrap();
    script.answer_all(&Reply::Body(500, b"secret body".to_vec()));
    let kid = "unknown\r\nINJECTED\u{2028}\u{1b}[31m";
    let hostile = sign_raw(
        "other-key",
        with(&header(), &[("kid", json!(kid))]).to_string(),
        user().to_string(),
    );
    authenticator.authenticate(&hostile).await.unwrap_err();

    let traced = collector.0.lock().unwrap().clone();
    assert!(
        traced.contains(r"unknown\r\nINJECTED\u{2028}\u{1b}[31m"),
        "{traced}"
    );
    assert!(traced.contains("the authority answered 500"), "{traced}");
    assert!(
        !traced.contains("secret body") && !traced.contains("Alice"),
        "{traced}"
    );
    for token in [good, hostile] {
        support::holds_nothing_of(&token, &traced);
    }
}
