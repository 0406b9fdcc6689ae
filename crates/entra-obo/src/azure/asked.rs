//! What an SDK client asks for, and which resources it may.

use azure_core::error::ErrorKind;
use foundry_scopes::{Audience, Scope, ScopeSet};

/// The resources that a credential asks for; any if none is named.
#[derive(Clone, Debug, Default)]
pub(super) struct Resources(Option<Vec<Audience>>);

impl Resources {
    pub(super) fn only(resources: impl IntoIterator<Item = Audience>) -> Self {
        Self(Some(resources.into_iter().collect()))
    }

    /// The scopes as one request.
    pub(super) fn read(&self, scopes: &[&str]) -> azure_core::Result<ScopeSet> {
        let read: Result<Vec<Scope>, _> = scopes.iter().map(|text| Scope::parse(text)).collect();
        let scopes = read
            .and_then(ScopeSet::new)
            .map_err(|error| azure_core::Error::new(ErrorKind::Credential, error))?;
        match self.admits(scopes.resource()) {
            true => Ok(scopes),
            false => Err(azure_core::Error::with_message(
                ErrorKind::Credential,
                format!(
                    "this credential gives no tokens for {}: it is bound to other resources",
                    scopes.resource()
                ),
            )),
        }
    }

    fn admits(&self, resource: &str) -> bool {
        let Some(allowed) = &self.0 else {
            return true;
        };
        Audience::parse(resource)
            .is_ok_and(|wanted| allowed.iter().any(|one| one.names_same_resource(&wanted)))
    }
}
