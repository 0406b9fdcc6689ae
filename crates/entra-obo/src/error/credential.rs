//! What is wrong with a client's credential.

use std::fmt;
use std::sync::Arc;

use super::entra::EntraError;
use crate::aadsts::{self, Aadsts};
use crate::credential::CredentialError;

/// Which credential does not work, and who has to act.
///
/// ```
/// use entra_obo::{CredentialProblem, EntraError, ExchangeError};
/// use time::OffsetDateTime;
///
/// let body = br#"{"error":"invalid_client","error_codes":[7000222]}"#;
/// let answer = EntraError::from_response(401, None, body, OffsetDateTime::UNIX_EPOCH);
/// let ExchangeError::Credential { problem, .. } = ExchangeError::from(answer) else { panic!() };
/// assert!(problem.administrator_must_act()); // a new secret has to be made
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialProblem {
    /// The kind, if it is known which one was used.
    credential: Option<&'static str>,
    administrator: bool,
    local: Option<Arc<CredentialError>>,
}

impl CredentialProblem {
    pub(super) fn of(answer: &EntraError, credential: Option<&'static str>) -> Self {
        let administrator = answer
            .codes()
            .iter()
            .filter_map(|&code| aadsts::lookup(code))
            .any(Aadsts::mended_at_registration);
        Self {
            credential,
            administrator,
            local: None,
        }
    }

    pub(super) fn unusable(error: CredentialError, credential: Option<&'static str>) -> Self {
        Self {
            credential,
            administrator: false,
            local: Some(Arc::new(error)),
        }
    }

    /// Which kind of credential it is: `client secret`, `certificate or signer`, `federated
    /// credential` or `agent identity`. `None` for an answer that was read by itself.
    #[must_use]
    pub fn credential(&self) -> Option<&'static str> {
        self.credential
    }

    /// Whether somebody who may change the registration at Entra ID has to act. Otherwise
    /// the settings of this process, its files or its clock are wrong.
    #[must_use]
    pub fn administrator_must_act(&self) -> bool {
        self.administrator
    }

    /// Why no proof could be made, if nothing was sent.
    #[must_use]
    pub fn local(&self) -> Option<&CredentialError> {
        self.local.as_deref()
    }

    pub(super) fn shared(&self) -> Option<Arc<CredentialError>> {
        self.local.clone()
    }

    /// What to do, in one sentence, where the number does not say more.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        if self.administrator {
            "have the credential of the application's registration renewed or corrected"
        } else {
            "correct the credential that this process is configured with"
        }
    }
}

impl fmt::Display for CredentialProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.credential.unwrap_or("client credential"))
    }
}
