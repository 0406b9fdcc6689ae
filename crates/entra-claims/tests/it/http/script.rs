//! A transport that answers from memory and counts what it is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_claims::{Authenticator, ManualClock, Validator};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::support::{TENANT, key_document, v2_issuer, validator};

pub(crate) type Answer = Result<http::Response<Vec<u8>>, TransportError>;

/// What the authority says at the moment.
#[derive(Debug)]
pub(crate) struct Script {
    answers: Mutex<HashMap<String, Reply>>,
    asked: Mutex<Vec<String>>,
    /// While closed, answers wait.
    gate: watch::Sender<bool>,
}

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Body(u16, Vec<u8>),
    RetryAfter(u16, &'static str),
    Redirect(&'static str),
    Fail(TransportError),
    Panic,
}

pub(crate) fn discovery_url(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration")
}

pub(crate) fn keys_url(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys")
}

pub(crate) fn metadata(tenant: &str) -> Value {
    json!({
        "issuer": v2_issuer(tenant), "jwks_uri": keys_url(tenant),
        "token_endpoint": "https://elsewhere.example/token", "nested": {"a": [1]},
    })
}

impl Script {
    /// An authority in good order, for one tenant.
    pub(crate) fn new() -> Arc<Self> {
        let script = Arc::new(Self {
            answers: Mutex::default(),
            asked: Mutex::default(),
            gate: watch::channel(true).0,
        });
        script.tenant(TENANT);
        script
    }

    /// Discovery and keys of a tenant, in good order.
    pub(crate) fn tenant(&self, tenant: &str) {
        self.json(&discovery_url(tenant), &metadata(tenant));
        self.json(&keys_url(tenant), &key_document());
    }

    pub(crate) fn json(&self, url: &str, body: &Value) {
        self.answer(url, Reply::Body(200, body.to_string().into_bytes()));
    }

    pub(crate) fn answer(&self, url: &str, reply: Reply) {
        self.answers.lock().unwrap().insert(url.to_owned(), reply);
    }

    /// Both documents of the tenant.
    pub(crate) fn answer_all(&self, reply: &Reply) {
        self.answer(&discovery_url(TENANT), reply.clone());
        self.answer(&keys_url(TENANT), reply.clone());
    }

    pub(crate) fn publish(&self, kids: &[&str]) {
        let mut document = key_document();
        let entries = document["keys"].as_array_mut().unwrap();
        entries.retain(|entry| kids.contains(&entry["kid"].as_str().unwrap()));
        self.json(&keys_url(TENANT), &document);
    }

    pub(crate) fn close(&self) {
        self.gate.send_replace(false);
    }

    pub(crate) fn open(&self) {
        self.gate.send_replace(true);
    }

    /// Requests for this address.
    pub(crate) fn count(&self, url: &str) -> usize {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|asked| *asked == url)
            .count()
    }

    pub(crate) fn key_fetches(&self) -> usize {
        self.count(&keys_url(TENANT))
    }

    /// All requests.
    pub(crate) fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    async fn reply(&self, url: String) -> Answer {
        self.asked.lock().unwrap().push(url.clone());
        let mut gate = self.gate.subscribe();
        gate.wait_for(|open| *open).await.unwrap();
        let reply = self.answers.lock().unwrap().get(&url).cloned();
        let response = http::Response::builder();
        Ok(
            match reply.unwrap_or_else(|| Reply::Body(404, Vec::new())) {
                Reply::Body(status, body) => response.status(status).body(body),
                Reply::RetryAfter(status, value) => response
                    .status(status)
                    .header("retry-after", value)
                    .body(Vec::new()),
                Reply::Redirect(to) => response.status(302).header("location", to).body(Vec::new()),
                Reply::Fail(error) => return Err(error),
                Reply::Panic => panic!("the transport panics, as the test asks"),
            }
            .unwrap(),
        )
    }
}

impl HttpTransport for Script {
    fn send(&self, request: http::Request<Vec<u8>>) -> BoxFuture<'_, Answer> {
        assert_eq!(request.method(), "GET");
        Box::pin(self.reply(request.uri().to_string()))
    }
}

/// An authenticator on the script, with a clock of its own.
pub(crate) fn authenticator(script: &Arc<Script>) -> (Authenticator, Arc<ManualClock>) {
    let clock = crate::support::clock();
    (build(script, validator().with_clock(clock.clone())), clock)
}

pub(crate) fn build(script: &Arc<Script>, validator: Validator) -> Authenticator {
    let transport: Arc<dyn HttpTransport> = script.clone();
    Authenticator::builder(validator)
        .transport(transport)
        .build()
        .unwrap()
}

/// Lets every task run until all of them wait.
pub(crate) async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}
