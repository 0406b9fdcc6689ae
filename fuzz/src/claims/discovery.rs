//! What an authority says about itself.

use std::sync::{Arc, Mutex};

use entra_claims::keys::{FetchReason, HttpKeys, KeyAuthority, KeySource};
use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_claims::{Authenticator, RejectionClass};
use foundry_scopes::{Authority, Cloud};
use serde_json::Value;

use super::world::{KEYS, ORIGINAL, TENANT, tells_nothing, validator};
use crate::unique::names_are_unique;

const ORIGIN: &str = "https://login.microsoftonline.com/";

/// An `Authenticator` whose authority answers with `data` as its discovery document, and with a
/// good key set at whatever address the document names.
///
/// No address but the authority's own is asked, and the good token is accepted only with a
/// document of the authority's own issuer. A bad document is never a verdict on the token.
///
/// For External ID, whose document picks one of several issuers and hosts: it picks one of
/// these and nothing else is asked.
pub fn discovery(data: &[u8]) {
    accepted(data);
    external_id(data);
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

fn answers(data: &[u8]) -> Arc<Answers> {
    Arc::new(Answers {
        document: data.to_vec(),
        asked: Mutex::default(),
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.expect("a runtime").block_on(future)
}

const EXTERNAL: &str = "https://contoso.ciamlogin.com";

fn external_id(data: &[u8]) -> bool {
    let cloud = Cloud::external_id(EXTERNAL, ["login.contoso.com"]).expect("a cloud");
    let authority = Authority::parse_in(&format!("{EXTERNAL}/{TENANT}"), &cloud);
    let authority =
        KeyAuthority::from_authority(&authority.expect("an authority")).expect("of one tenant");
    let answers = answers(data);
    let source = HttpKeys::new(answers.clone());
    let fetched = block_on(source.fetch(&authority, FetchReason::Refresh));

    let own = format!("https://{TENANT}.ciamlogin.com");
    let origins = [EXTERNAL, "https://login.contoso.com", &own];
    let on_its_hosts = |uri: &String| {
        let on = |origin: &&str| {
            uri.strip_prefix(*origin)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        origins.iter().any(on)
    };
    let asked = answers.asked.lock().expect("a lock");
    assert!(asked.iter().all(on_its_hosts), "{asked:?}");
    let Ok(keys) = fetched else {
        return false;
    };
    assert!(names_are_unique(data), "accepted with a name twice");
    let issuer = keys.issuer().expect("from the document");
    let possible = origins
        .iter()
        .flat_map(|origin| ["", "/"].map(|end| format!("{origin}/{TENANT}/v2.0{end}")));
    assert!(possible.into_iter().any(|own| own == issuer), "{issuer}");
    true
}

fn accepted(data: &[u8]) -> bool {
    let answers = answers(data);
    let authenticator = Authenticator::builder(validator())
        .transport(answers.clone())
        .build()
        .expect("an authenticator");
    let result = block_on(authenticator.authenticate(ORIGINAL));

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
    use super::{accepted, external_id};

    /// Else the target would say nothing about what is accepted.
    #[test]
    fn seeds_are_accepted_and_refused() {
        assert!(accepted(include_bytes!("../../seeds/discovery/good.json")));
        assert!(!accepted(include_bytes!(
            "../../seeds/discovery/other_host.json"
        )));
        assert!(external_id(include_bytes!(
            "../../seeds/discovery/external_id.json"
        )));
        assert!(!external_id(include_bytes!(
            "../../seeds/discovery/external_id_other_name.json"
        )));
    }
}
