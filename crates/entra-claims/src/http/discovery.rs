//! OpenID discovery document and key set of an authority, fetched and pinned.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use entra_parts::json::{AnyValue, JsonError, Name, Reader, Seen, Text};
use entra_parts::lock::lock;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::transport::{BoxFuture, HttpTransport, TransportError};
use super::{FetchReason, KeyAuthority, KeySource, KeySourceError};
use crate::decode::JSON_LIMITS;
use crate::key::KeySet;

/// Discovery and keys together: a server that is slow twice is not waited for twice.
const BOTH: Duration = Duration::from_secs(10);
/// The longest pause that a server may ask for.
const MAX_RETRY_AFTER: u64 = 3600;
/// Where it asks for one that cannot be read.
const UNREADABLE_RETRY_AFTER: u64 = 60;

/// Keys over HTTP, as Entra ID publishes them: the discovery document of the authority, then
/// the key set that it names.
///
/// The document must name the authority's own issuer, and a key set on its own origin (for
/// External ID: on one of its [pinned hosts](foundry_scopes::Cloud::external_id)); no redirect
/// is followed. Both requests together take 10 s at most. Where the key set is, is remembered, and looked up again with every
/// refresh and after a failure.
#[derive(Debug)]
pub struct HttpKeys {
    transport: Arc<dyn HttpTransport>,
    /// By discovery address: as many as there are configured authorities.
    known: Mutex<HashMap<String, Located>>,
}

/// What a discovery document says.
#[derive(Clone, Debug)]
struct Located {
    jwks_uri: String,
    issuer: String,
    cloud: Option<String>,
}

impl HttpKeys {
    /// Keys through this transport.
    #[must_use]
    pub fn new(transport: Arc<dyn HttpTransport>) -> Self {
        Self {
            transport,
            known: Mutex::default(),
        }
    }

    async fn get_keys(
        &self,
        authority: &KeyAuthority,
        reason: FetchReason,
    ) -> Result<KeySet, KeySourceError> {
        let address = authority.discovery_url();
        // Forgotten before anything can fail.
        let known = self.known().remove(&address);
        let located = match known.filter(|_| reason == FetchReason::UnknownKey) {
            Some(located) => located,
            None => locate(&*self.transport, &address, authority).await?,
        };
        let body = get(&*self.transport, &located.jwks_uri).await?;
        let mut keys = KeySet::from_json(&body)?.with_issuer(&located.issuer);
        if let Some(cloud) = &located.cloud {
            keys = keys.with_cloud_instance_name(cloud);
        }
        self.known().insert(address, located);
        Ok(keys)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Located>> {
        lock(&self.known)
    }
}

impl KeySource for HttpKeys {
    fn fetch<'a>(
        &'a self,
        authority: &'a KeyAuthority,
        reason: FetchReason,
    ) -> BoxFuture<'a, Result<KeySet, KeySourceError>> {
        Box::pin(async move {
            let fetched = tokio::time::timeout(BOTH, self.get_keys(authority, reason));
            let timeout = KeySourceError::Transport(TransportError::Timeout);
            fetched.await.unwrap_or(Err(timeout))
        })
    }
}

/// Fetches the discovery document.
///
/// Issuer and origin are pinned: the document may not send this process anywhere, nor
/// speak for another tenant (OpenID Connect Discovery 1.0, section 4.3).
async fn locate(
    transport: &dyn HttpTransport,
    address: &str,
    authority: &KeyAuthority,
) -> Result<Located, KeySourceError> {
    let body = get(transport, address).await?;
    let text = str::from_utf8(&body).map_err(|_| KeySourceError::NotMetadata)?;
    let reader = Reader::new(JSON_LIMITS);
    let metadata = reader
        .read(text, Document(&reader))
        .map_err(|_| KeySourceError::NotMetadata)?;
    let (Some(issuer), Some(uri)) = (metadata.issuer, metadata.jwks_uri) else {
        return Err(KeySourceError::NotMetadata);
    };
    if !authority.may_name(&issuer) {
        return Err(KeySourceError::OtherIssuer {
            found: issuer.into_owned(),
            needed: authority.issuer(),
        });
    }
    if !authority.may_send_to(&uri) {
        return Err(KeySourceError::ForeignKeys {
            found: uri.into_owned(),
            needed: format!("{}/...", authority.cloud().authority()),
        });
    }
    Ok(Located {
        jwks_uri: uri.into_owned(),
        issuer: issuer.into_owned(),
        cloud: metadata.cloud.map(Cow::into_owned),
    })
}

async fn get(transport: &dyn HttpTransport, uri: &str) -> Result<Vec<u8>, KeySourceError> {
    let request = http::Request::get(uri)
        .header(http::header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_| KeySourceError::NotMetadata)?;
    let response = transport
        .send(request)
        .await
        .map_err(KeySourceError::Transport)?;
    // A redirect is no answer, and neither is "not modified": nothing was conditional.
    if response.status() != http::StatusCode::OK {
        return Err(KeySourceError::Status {
            status: response.status().as_u16(),
            retry_after: retry_after(&response),
        });
    }
    if response.body().len() > super::transport::MAX_BODY {
        return Err(KeySourceError::Transport(TransportError::TooLarge));
    }
    Ok(response.into_body())
}

/// `Retry-After` of 429 and 503, in seconds (RFC 9110, section 10.2.3), with a limit.
fn retry_after(response: &http::Response<Vec<u8>>) -> Option<Duration> {
    if !matches!(response.status().as_u16(), 429 | 503) {
        return None;
    }
    let value = response.headers().get(http::header::RETRY_AFTER)?;
    let seconds = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let seconds: u64 = seconds.unwrap_or(UNREADABLE_RETRY_AFTER);
    Some(Duration::from_secs(seconds.min(MAX_RETRY_AFTER)))
}

#[derive(Default)]
struct Metadata<'j> {
    issuer: Option<Cow<'j, str>>,
    jwks_uri: Option<Cow<'j, str>>,
    cloud: Option<Cow<'j, str>>,
}

struct Document<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = Metadata<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Metadata<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a discovery document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let reader = self.0;
        let mut metadata = Metadata::default();
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let mut text = |name| members.next_value_seed(Text { name, reader }).map(Some);
            match &*name {
                "issuer" => metadata.issuer = text("issuer")?,
                "jwks_uri" => metadata.jwks_uri = text("jwks_uri")?,
                "cloud_instance_name" => metadata.cloud = text("cloud_instance_name")?,
                _ => members.next_value_seed(AnyValue::new(reader))?,
            }
            if !seen.first(name) {
                return Err(reader.raise(JsonError::Duplicate));
            }
        }
        Ok(metadata)
    }
}
