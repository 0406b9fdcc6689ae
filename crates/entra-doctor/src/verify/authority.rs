//! The keys of an authority, as it publishes them now.

use entra_claims::keys::{FetchReason, HttpKeys, KeyAuthority, KeySource, KeySourceError};
use entra_claims::transport::{HttpClient, TransportError};
use entra_claims::{KeySet, Policy};
use foundry_scopes::Authority;
use std::sync::Arc;

use crate::input::InputError;

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
    KeyAuthority::from_authority(&authority).map_err(|error| refuse(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";

    fn policy(cloud: &str) -> Policy {
        let text = format!(
            r#"{{"cloud": {cloud}, "tenants": {{"mode": "single", "tenant": "{TENANT}"}},
            "audiences": ["api://orders"], "token_kinds": ["delegated"]}}"#
        );
        Policy::from_json(&text).unwrap()
    }

    #[test]
    fn the_policy_says_which_authority_is_asked() {
        let public = policy("\"public\"");
        let external = policy(
            r#"{"external_id": {"authority": "https://login.contoso.com", "hosts": ["contoso.ciamlogin.com"]}}"#,
        );
        let end = "v2.0/.well-known/openid-configuration";
        for (url, policy, asked) in [
            (
                "https://login.microsoftonline.com",
                &public,
                Some("https://login.microsoftonline.com"),
            ),
            (
                "https://login.windows.net",
                &public,
                Some("https://login.microsoftonline.com"),
            ),
            ("https://login.microsoftonline.us", &public, None),
            ("https://contoso.ciamlogin.com", &public, None),
            ("http://login.microsoftonline.com", &public, None),
            (
                "https://login.contoso.com",
                &external,
                Some("https://login.contoso.com"),
            ),
            ("https://fabrikam.ciamlogin.com", &external, None),
            ("https://login.microsoftonline.com", &external, None),
        ] {
            let read = read(&format!("{url}/{TENANT}"), policy);
            match (read, asked) {
                (Ok(authority), Some(asked)) => {
                    assert_eq!(authority.discovery_url(), format!("{asked}/{TENANT}/{end}"));
                }
                (Err(error), None) => assert_eq!(error.code(), "authority"),
                (read, _) => panic!("{url}: {read:?}"),
            }
        }
        let shared = read("https://login.contoso.com/organizations", &external).unwrap_err();
        assert!(shared.to_string().contains("named tenants"), "{shared}");
    }
}
