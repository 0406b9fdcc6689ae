//! Tokens for downstream APIs on behalf of the caller.

use entra_obo::{AccessToken, AssertionError, Downstream, ExchangeError, UserAssertion};
use foundry_scopes::Scope;

use crate::caller::Caller;

impl Caller {
    /// A token for the downstream API as this caller (Entra doc "On-Behalf-Of flow").
    ///
    /// The user's assertion is the token that was verified for this very request: there is
    /// no way to pass another one. A downstream is prepared once, at start, and asks the
    /// tenant of its client; a server for several tenants prepares one per tenant, with
    /// `client.for_tenant(caller.principal().tenant()).downstream(scopes)?`, for the
    /// tenants that its validator lists.
    ///
    /// ```
    /// use entra_obo::Downstream;
    /// use mcp_auth::{Caller, OnBehalfOfError};
    ///
    /// async fn orders(caller: Caller, orders: &Downstream) -> Result<String, OnBehalfOfError> {
    ///     let token = caller.on_behalf_of(orders).await?;
    ///     // `.bearer_auth(token.expose())`
    ///     Ok(format!("until {}", token.expires_at()))
    /// }
    /// # let _ = orders;
    /// ```
    ///
    /// # Errors
    ///
    /// [`OnBehalfOfError::NoUser`] for an application that calls by itself; otherwise what
    /// the exchange met.
    pub async fn on_behalf_of(
        &self,
        downstream: &Downstream,
    ) -> Result<AccessToken, OnBehalfOfError> {
        let assertion = UserAssertion::try_from(self.token()).map_err(OnBehalfOfError::NoUser)?;
        let token = downstream.token_on_behalf_of(&assertion).await;
        token.map_err(|error| OnBehalfOfError::Exchange {
            downstream: downstream.clone(),
            error,
        })
    }
}

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
