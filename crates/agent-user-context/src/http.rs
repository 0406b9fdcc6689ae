//! Key sets of issuers over HTTPS.

use async_trait::async_trait;
use entra_claims::transport::{HttpClient, HttpTransport, TransportError};
use http::{Request, StatusCode};

use crate::key::ContextKeys;
use crate::url::is_issuer_url;
use crate::verify::{ContextKeySource, ContextKeySourceError};

/// The keys of an issuer at a configured address, which is never read from a context.
///
/// https only, no redirects, no proxy of the environment, 10 s and 1 MiB at most. `http://127.0.0.1` and its like are
/// taken for development: anybody on the machine can listen there.
///
/// ```
/// use agent_user_context::HttpContextKeys;
///
/// let keys = HttpContextKeys::at("https://gateway.contoso.example/.well-known/user-context-keys")?;
/// assert!(HttpContextKeys::at("http://gateway.contoso.example/keys").is_err());
/// # Ok::<(), agent_user_context::ContextKeySourceError>(())
/// ```
#[derive(Debug)]
pub struct HttpContextKeys {
    address: http::Uri,
    transport: Box<dyn HttpTransport>,
}

impl HttpContextKeys {
    /// The key set at this address.
    ///
    /// # Errors
    ///
    /// No https address (or http on loopback); no HTTP client.
    pub fn at(address: &str) -> Result<Self, ContextKeySourceError> {
        let client = match address.starts_with("http://") {
            true => HttpClient::allowing_loopback(),
            false => HttpClient::new(),
        };
        Self::with_transport(address, client.map_err(|error| unanswered(&error))?)
    }

    /// The same, through a transport of your own: a proxy, say, or a test's.
    ///
    /// # Errors
    ///
    /// No https address (or http on loopback).
    pub fn with_transport(
        address: &str,
        transport: impl HttpTransport + 'static,
    ) -> Result<Self, ContextKeySourceError> {
        let wrong = || {
            ContextKeySourceError::Unanswered("the address of the keys has to be https".to_owned())
        };
        if !is_issuer_url(address) {
            return Err(wrong());
        }
        Ok(Self {
            address: address.parse().map_err(|_| wrong())?,
            transport: Box::new(transport),
        })
    }
}

#[async_trait]
impl ContextKeySource for HttpContextKeys {
    async fn fetch(&self) -> Result<ContextKeys, ContextKeySourceError> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = self.address.clone();
        let answer = self
            .transport
            .send(request)
            .await
            .map_err(|error| unanswered(&error))?;
        if answer.status() != StatusCode::OK {
            let status = answer.status().as_u16();
            return Err(ContextKeySourceError::Unanswered(format!(
                "the issuer answered {status}"
            )));
        }
        Ok(ContextKeys::from_json(answer.body())?)
    }
}

fn unanswered(error: &TransportError) -> ContextKeySourceError {
    ContextKeySourceError::Unanswered(error.to_string())
}
