//! Tokens for downstream APIs on behalf of the caller, and the error of a failed exchange.

mod answer;

use std::error::Error;
use std::fmt;

use entra_obo::{
    AccessToken, AppDownstream, AssertionError, Downstream, ExchangeError, NextStep, UserAssertion,
};
use foundry_scopes::{Scope, ScopeSet};

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
    /// The caller is an application by itself, or the exchange gave no token: an error that
    /// is the HTTP answer, too.
    pub async fn on_behalf_of(
        &self,
        downstream: &Downstream,
    ) -> Result<AccessToken, OnBehalfOfError> {
        match self.exchange_for(downstream).await {
            Ok(token) => Ok(token),
            Err(error) => Err(error.with_consent_page().await),
        }
    }

    /// The same without a consent page.
    pub(crate) async fn exchange_for(
        &self,
        downstream: &Downstream,
    ) -> Result<AccessToken, OnBehalfOfError> {
        let failed = |cause| OnBehalfOfError::new(self, downstream.scopes(), cause);
        let assertion =
            UserAssertion::try_from(self.token()).map_err(|error| failed(Cause::NoUser(error)))?;
        let token = downstream.token_on_behalf_of(&assertion).await;
        token.map_err(|error| failed(Cause::Exchange(error)))
    }
}

/// Why a handler has no token for a downstream API.
///
/// It is the answer to the caller's request: with the feature `axum` a handler returns it,
/// elsewhere [`into_answer`](Self::into_answer) makes it a response. Tools of an MCP server
/// give it to `mcp_auth::rmcp::StepUp`.
///
/// A handler with other failures returns axum's own `Result`, whose `?` takes every answer:
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use axum::http::StatusCode;
/// use mcp_auth::Caller;
/// use mcp_auth::obo::Downstream;
///
/// async fn profile(caller: Caller, graph: &Downstream) -> axum::response::Result<String> {
///     let token = caller.on_behalf_of(graph).await?;
///     let profile = call_graph(token.expose()).await;
///     Ok(profile.map_err(|_| StatusCode::BAD_GATEWAY)?)
/// }
/// # async fn call_graph(_: &str) -> std::io::Result<String> {
/// #     Err(std::io::ErrorKind::TimedOut.into())
/// # }
/// # let _ = profile;
/// ```
///
/// `Display` and `Debug` are safe to log.
pub struct OnBehalfOfError(Box<Inner>);

struct Inner {
    caller: Caller,
    scopes: ScopeSet,
    cause: Cause,
    /// Where this caller can consent: a page that is open for them.
    consent_page: Option<String>,
}

enum Cause {
    /// The caller is an application on its own.
    NoUser(AssertionError),
    /// The exchange for the caller failed.
    Exchange(ExchangeError),
    /// A token of the application itself, which this request needs.
    Application(ExchangeError),
}

impl OnBehalfOfError {
    /// For a token of the application itself that a caller's request needs, so that the
    /// request is answered like the others: 503 while it may pass, else 500, with an incident
    /// id and without a word to the caller about why.
    ///
    /// ```
    /// use entra_obo::AppDownstream;
    /// use mcp_auth::{Caller, OnBehalfOfError};
    ///
    /// async fn stock(caller: Caller, stock: &AppDownstream) -> Result<String, OnBehalfOfError> {
    ///     let failed = |error| OnBehalfOfError::for_app(&caller, stock, error);
    ///     let token = stock.token().await.map_err(failed)?;
    ///     Ok(format!("until {}", token.expires_at()))
    /// }
    /// # let _ = stock;
    /// ```
    #[must_use]
    pub fn for_app(caller: &Caller, downstream: &AppDownstream, error: ExchangeError) -> Self {
        Self::new(caller, downstream.scopes(), Cause::Application(error))
    }

    fn new(caller: &Caller, scopes: &ScopeSet, cause: Cause) -> Self {
        Self(Box::new(Inner {
            caller: caller.clone(),
            scopes: scopes.clone(),
            cause,
            consent_page: None,
        }))
    }

    /// Opens a consent page of the guard, if consent is missing: here, since the answer is made
    /// where nothing can be waited for.
    async fn with_consent_page(mut self) -> Self {
        let inner = &*self.0;
        let page = match (&inner.cause, inner.caller.authorization().consent()) {
            (Cause::Exchange(error), Some(pages)) if error.next() == NextStep::AskConsent => {
                match error.consent() {
                    Some(consent) => pages.link(inner.caller.principal(), consent).await,
                    None => None,
                }
            }
            _ => None,
        };
        self.0.consent_page = page;
        self
    }

    /// Who called.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// What was asked for.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        self.0.scopes.scopes()
    }

    #[cfg(feature = "rmcp")]
    pub(crate) fn scope_set(&self) -> &ScopeSet {
        &self.0.scopes
    }

    /// The exchange's error, if there was an exchange.
    #[must_use]
    pub fn exchange(&self) -> Option<&ExchangeError> {
        match &self.0.cause {
            Cause::NoUser(_) => None,
            Cause::Exchange(error) | Cause::Application(error) => Some(error),
        }
    }

    /// What to do about it. [`NextStep::Denied`] for an application without a user.
    #[must_use]
    pub fn next(&self) -> NextStep {
        self.exchange()
            .map_or(NextStep::Denied, ExchangeError::next)
    }
}

impl fmt::Display for OnBehalfOfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scopes = &self.0.scopes;
        match &self.0.cause {
            Cause::NoUser(error) => error.fmt(f),
            Cause::Exchange(_) => write!(f, "no token for {scopes} on behalf of the caller"),
            Cause::Application(_) => write!(f, "no token for {scopes} of the application itself"),
        }
    }
}

impl fmt::Debug for OnBehalfOfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("OnBehalfOfError");
        debug.field("caller", self.0.caller.principal());
        debug.field("scopes", &self.0.scopes);
        match &self.0.cause {
            Cause::NoUser(error) => debug.field("no_user", error),
            Cause::Exchange(error) => debug.field("exchange", error),
            Cause::Application(error) => debug.field("application", error),
        };
        debug.finish()
    }
}

impl Error for OnBehalfOfError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exchange().map(|error| error as &(dyn Error + 'static))
    }
}
