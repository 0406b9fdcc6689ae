//! What an authority says about itself.

use std::sync::{Arc, Mutex};

use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_claims::{Authenticator, RejectionClass};
use serde_json::Value;

use super::world::{KEYS, ORIGINAL, TENANT, tells_nothing, validator};
use crate::unique::names_are_unique;

const ORIGIN: &str = "https://login.microsoftonline.com/";

/// An `Authenticator` whose authority answers with `data` as its discovery document, and with a
/// good key set at whatever address the document names.
///
/// No address but the authority's own is asked, and the good token is accepted only with a
/// document of the authority's own issuer. A bad document is never a verdict on the token.
pub fn discovery(data: &[u8]) {
    accepted(data);
}

#[derive(Debug)]
struct Answers {
    document: Vec<u8>,
    asked: Mutex<Vec<String>>,
}

impl HttpTransport for Answers {
    fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, TransportError>> {
        let mut asked = self.asked.lock().expect("a lock");
        let first = asked.is_empty();
        asked.push(request.uri().to_string());
        let body = if first {
            self.document.clone()
        } else {
            KEYS.to_vec()
        };
        Box::pin(std::future::ready(Ok(http::Response::new(body))))
    }
}

fn accepted(data: &[u8]) -> bool {
    let answers = Arc::new(Answers {
        document: data.to_vec(),
        asked: Mutex::default(),
    });
    let authenticator = Authenticator::builder(validator())
        .transport(answers.clone())
        .build()
        .expect("an authenticator");
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let result = runtime
        .expect("a runtime")
        .block_on(authenticator.authenticate(ORIGINAL));

    let asked = answers.asked.lock().expect("a lock");
    assert!(asked.iter().all(|uri| uri.starts_with(ORIGIN)), "{asked:?}");
    let rejection = match result {
        Err(rejection) => rejection,
        Ok(_) => {
            let document: Value = serde_json::from_slice(data).expect("accepted, so it is JSON");
            assert!(names_are_unique(data), "accepted with a name twice");
            let issuer = format!("{ORIGIN}{TENANT}/v2.0");
            assert_eq!(document["issuer"], Value::from(issuer));
            assert_eq!(asked.len(), 2);
            return true;
        }
    };
    tells_nothing(ORIGINAL, &rejection);
    assert!(
        matches!(
            rejection.class(),
            RejectionClass::Unavailable { .. } | RejectionClass::Misconfigured
        ),
        "{rejection:?}"
    );
    false
}

#[cfg(test)]
mod tests {
    use super::accepted;

    /// Else the target would say nothing about what is accepted.
    #[test]
    fn seeds_are_accepted_and_refused() {
        assert!(accepted(include_bytes!("../../seeds/discovery/good.json")));
        assert!(!accepted(include_bytes!(
            "../../seeds/discovery/other_host.json"
        )));
    }
}
