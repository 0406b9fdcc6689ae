//! Signed user contexts: a layer that verifies them beside the agent's token, an extractor, the issuer's routes.
//!
//! An agent that gets no user token sends its own, and beside it a context that the gateway signed which validated the
//! user: see the crate [`agent_user_context`], re-exported here.
//!
//! ```
//! use axum::{Router, routing};
//! use mcp_auth::claims::{PrincipalKey, Requirement};
//! use mcp_auth::scopes::{ParseError, ScopeName};
//! use mcp_auth::user_context::context::{ContextUse, ContextVerifier, Operation, UserRight, UserRules};
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
//! /// What this API knows about its users: here, that it knows none.
//! #[derive(Debug)]
//! struct Customers;
//!
//! #[async_trait::async_trait]
//! impl UserRules for Customers {
//!     async fn right(&self, _user: PrincipalKey, _operation: &Operation) -> UserRight {
//!         UserRight::Unknown
//!     }
//! }
//!
//! async fn orders(acting: ActingFor<ReadOrders>) -> String {
//!     format!("the orders of {}", acting.user().object)
//! }
//!
//! fn application(entra: &EntraApp, verifier: ContextVerifier) -> Result<Protected, EntraAppError> {
//!     let contexts = UserContextLayer::required(verifier, Customers, ContextUse::UntilItEnds);
//!     let routes = Router::new().route("/orders", routing::get(orders)).layer(contexts);
//!     Ok(entra.guard(Requirement::role("UserContext.Assert"))?.protect(routes))
//! }
//! # let _ = application;
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
