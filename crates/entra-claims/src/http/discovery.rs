//! The two documents of an authority, fetched and pinned.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use foundry_scopes::TenantAuthority;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::transport::{HttpTransport, TransportError};
use crate::json::{Checked, Name, Problem, Seen, Text, Trouble, finish};
use crate::{KeySet, KeySetError};

/// The longest pause that a server may ask for.
const MAX_RETRY_AFTER: u64 = 3600;
/// Where it asks for one that cannot be read.
const UNREADABLE_RETRY_AFTER: u64 = 60;

/// Why there is no key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FetchError {
    Transport(TransportError),
    Status {
        status: u16,
        retry_after: Option<Duration>,
    },
    /// The discovery document is none.
    NotMetadata,
    /// It is another issuer's.
    OtherIssuer {
        found: String,
        needed: String,
    },
    /// Its `jwks_uri` is not on the authority's own origin.
    ForeignKeys {
        found: String,
        needed: String,
    },
    KeySet(KeySetError),
    /// The fetching task panicked.
    Aborted,
}

impl FetchError {
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Status { status, .. } => write!(f, "the authority answered {status}"),
            Self::NotMetadata => f.write_str("the discovery document cannot be read"),
            Self::OtherIssuer { .. } => f.write_str("the discovery document is another issuer's"),
            Self::ForeignKeys { .. } => {
                f.write_str("the discovery document's jwks_uri is not on the authority's origin")
            }
            Self::KeySet(error) => error.fmt(f),
            Self::Aborted => f.write_str("the fetching task ended early"),
        }
    }
}

/// Fetches the discovery document and gives its `jwks_uri`.
///
/// Issuer and origin are pinned: the document may not send this process anywhere, nor
/// speak for another tenant (OpenID Connect Discovery 1.0, section 4.3).
pub(super) async fn jwks_uri(
    transport: &dyn HttpTransport,
    authority: &TenantAuthority,
) -> Result<String, FetchError> {
    let body = get(transport, &authority.discovery_url()).await?;
    let text = str::from_utf8(&body).map_err(|_| FetchError::NotMetadata)?;
    let trouble = Trouble::default();
    let metadata =
        finish(text, &trouble, Document(&trouble)).map_err(|_| FetchError::NotMetadata)?;
    let (Some(issuer), Some(uri)) = (metadata.issuer, metadata.jwks_uri) else {
        return Err(FetchError::NotMetadata);
    };
    let needed = authority.issuer_v2();
    if issuer != needed {
        return Err(FetchError::OtherIssuer {
            found: issuer.into_owned(),
            needed,
        });
    }
    let origin = authority.cloud().authority();
    // The slash right behind the origin rules out userinfo, ports and longer hosts.
    let own = uri
        .strip_prefix(origin)
        .is_some_and(|rest| rest.starts_with('/') && rest.bytes().all(is_plain));
    if !own {
        return Err(FetchError::ForeignKeys {
            found: uri.into_owned(),
            needed: format!("{origin}/..."),
        });
    }
    Ok(uri.into_owned())
}

/// Fetches a key set.
pub(super) async fn key_set(
    transport: &dyn HttpTransport,
    uri: &str,
) -> Result<KeySet, FetchError> {
    let body = get(transport, uri).await?;
    KeySet::from_json(&body).map_err(FetchError::KeySet)
}

fn is_plain(b: u8) -> bool {
    b.is_ascii_graphic() && !b"\\\"<>^`{|}#".contains(&b)
}

async fn get(transport: &dyn HttpTransport, uri: &str) -> Result<Vec<u8>, FetchError> {
    let request = http::Request::get(uri)
        .header(http::header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_| FetchError::NotMetadata)?;
    let response = transport
        .send(request)
        .await
        .map_err(FetchError::Transport)?;
    // A redirect is no answer, and neither is "not modified": nothing was conditional.
    if response.status() != http::StatusCode::OK {
        return Err(FetchError::Status {
            status: response.status().as_u16(),
            retry_after: retry_after(&response),
        });
    }
    if response.body().len() > super::client::MAX_BODY {
        return Err(FetchError::Transport(TransportError::TooLarge));
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
}

struct Document<'a>(&'a Trouble);

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
        let trouble = self.0;
        let mut metadata = Metadata::default();
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let mut text = |name| members.next_value_seed(Text { name, trouble }).map(Some);
            match &*name {
                "issuer" => metadata.issuer = text("issuer")?,
                "jwks_uri" => metadata.jwks_uri = text("jwks_uri")?,
                _ => members.next_value_seed(Checked::new(trouble))?,
            }
            if !seen.first(name) {
                return Err(trouble.raise(Problem::Duplicate));
            }
        }
        Ok(metadata)
    }
}
