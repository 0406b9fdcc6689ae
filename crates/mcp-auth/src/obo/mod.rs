//! Acting as the caller.

mod error;

use entra_obo::{AccessToken, Downstream, UserAssertion};

use crate::Caller;

pub use error::OnBehalfOfError;

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
        let token = downstream.token_for(&assertion).await;
        token.map_err(|error| OnBehalfOfError::Exchange {
            downstream: downstream.clone(),
            error,
        })
    }
}
