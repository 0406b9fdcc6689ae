//! Why there is no token as the caller.

use entra_obo::{AssertionError, Downstream, ExchangeError};
use foundry_scopes::Scope;

/// Why a caller cannot be acted for.
///
/// `Display` and `Debug` are safe to log. What an MCP client is told of it is decided by
/// `mcp_auth::rmcp::StepUp`, in one call.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnBehalfOfError {
    /// The caller is an application on its own: there is nobody to act for.
    #[error(transparent)]
    NoUser(AssertionError),
    /// The exchange gave no token.
    #[error("no token on behalf of the caller")]
    Exchange {
        /// What a token was asked for.
        downstream: Downstream,
        /// Why there is none.
        #[source]
        error: ExchangeError,
    },
}

impl OnBehalfOfError {
    /// The exchange's error, if there was an exchange.
    #[must_use]
    pub fn exchange(&self) -> Option<&ExchangeError> {
        match self {
            Self::NoUser(_) => None,
            Self::Exchange { error, .. } => Some(error),
        }
    }

    /// What was asked for; nothing, if there was no exchange.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        match self {
            Self::NoUser(_) => &[],
            Self::Exchange { downstream, .. } => downstream.scopes().scopes(),
        }
    }
}
