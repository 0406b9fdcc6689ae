//! The keys of an authority, as it publishes them now.

use entra_claims::keys::{FetchReason, HttpKeys, KeyAuthority, KeySource, KeySourceError};
use entra_claims::transport::{HttpClient, TransportError};
use entra_claims::{KeySet, Policy};
use foundry_scopes::Authority;
use std::sync::Arc;

use crate::InputError;

/// Fetches the keys of the authority at `url`, which must be one of the policy's cloud: the
/// metadata beside the keys decides about a token, so a stranger's says nothing.
pub(crate) fn keys(url: &str, policy: &Policy) -> Result<KeySet, InputError> {
    let authority = read(url, policy)?;
    let refuse = |error: &KeySourceError| {
        let reason = match error {
            KeySourceError::OtherIssuer { found, needed, .. }
            | KeySourceError::ForeignKeys { found, needed, .. } => {
                format!("{error}: found {found:?}, needed {needed}")
            }
            KeySourceError::Transport(TransportError::NotHttps) => {
                format!("{error}: only https, and http to this machine, is spoken")
            }
            other => other.to_string(),
        };
        InputError::Authority {
            url: authority.discovery_url(),
            reason,
        }
    };
    let client = if policy.validator().cloud().is_loopback() {
        HttpClient::allowing_loopback()
    } else {
        HttpClient::new()
    };
    let client = client.map_err(|error| refuse(&KeySourceError::Transport(error)))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| InputError::Authority {
            url: url.to_owned(),
            reason: error.to_string(),
        })?;
    let source = HttpKeys::new(Arc::new(client));
    runtime
        .block_on(source.fetch(&authority, FetchReason::Refresh))
        .map_err(|error| refuse(&error))
}

/// The authority in any of the spellings that documents show. Only the policy says which cloud
/// is asked.
fn read(url: &str, policy: &Policy) -> Result<KeyAuthority, InputError> {
    let refuse = |reason: String| InputError::Authority {
        url: url.to_owned(),
        reason,
    };
    let cloud = policy.validator().cloud();
    let authority = Authority::parse_in(url, cloud).or_else(|in_cloud| {
        // An alias of a known cloud, or another one.
        match Authority::parse(url) {
            Ok(other) if other.cloud() == cloud => Ok(other),
            Ok(_) => Err(refuse(format!(
                "it is of another cloud than the policy, whose authority is {}",
                cloud.authority()
            ))),
            Err(_) => Err(refuse(format!(
                "{in_cloud}; the policy's authority is {}",
                cloud.authority()
            ))),
        }
    })?;
    KeyAuthority::of(&authority).map_err(|error| refuse(error.to_string()))
}
