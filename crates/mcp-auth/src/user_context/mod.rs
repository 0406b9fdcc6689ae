//! Signed user contexts: a layer that verifies them beside the agent's token, an extractor, the issuer's routes.
//!
//! An agent that gets no user token sends its own, and beside it a context that the gateway signed which validated the
//! user: see the crate [`agent_user_context`], re-exported here.
//!
//! ```
//! use agent_user_context::{ContextUse, ContextVerifier, Operation, UserRules};
//! use axum::{Router, routing};
//! use entra_claims::Requirement;
//! use foundry_scopes::{ParseError, ScopeName};
//! use mcp_auth::user_context::{ActingFor, ContextOperation, UserContextLayer};
//! use mcp_auth::{EntraApp, EntraAppError, Protected};
//!
//! /// The operation, and what the agent's own token needs for it.
//! enum ReadOrders {}
//!
//! impl ContextOperation for ReadOrders {
//!     fn operation() -> Result<Operation, ParseError> {
//!         Ok(Operation::new(ScopeName::parse("orders.read")?, Requirement::role("Orders.Read.All")))
//!     }
//! }
//!
//! async fn orders(acting: ActingFor<ReadOrders>) -> String {
//!     format!("the orders of {}", acting.user().object)
//! }
//!
//! fn application(
//!     entra: &EntraApp,
//!     verifier: &ContextVerifier,
//!     rules: impl UserRules + Clone + 'static,
//! ) -> Result<Protected, EntraAppError> {
//!     let contexts = UserContextLayer::required(verifier.clone(), rules, ContextUse::UntilItEnds);
//!     let routes = Router::new().route("/orders", routing::get(orders)).layer(contexts);
//!     Ok(entra.guard(Requirement::role("UserContext.Assert"))?.protect(routes))
//! }
//! # let _ = application::<std::sync::Arc<Never>>;
//! # #[derive(Debug)] struct Never;
//! # #[async_trait::async_trait]
//! # impl UserRules for Never {
//! #     async fn right(&self, _: entra_claims::PrincipalKey, _: &Operation) -> agent_user_context::UserRight {
//! #         agent_user_context::UserRight::Unknown
//! #     }
//! # }
//! ```

mod extract;
mod issuer;
mod layer;
mod rule;
mod service;

/// The crate `agent-user-context`, whole: a type is the same by either path.
#[doc(no_inline)]
pub use agent_user_context as context;
pub use extract::{ActingFor, ContextOperation};
pub use issuer::{agents_of, key_routes, trade_routes};
pub use layer::UserContextLayer;
pub use service::{UserContextFuture, UserContextService};
