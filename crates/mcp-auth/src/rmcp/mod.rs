//! The bridge to `rmcp` tool handlers.
//!
//! - [`Caller`](crate::Caller) is a parameter of `#[tool]` functions and of prompts, and
//!   [`caller`] takes it from the context elsewhere (lists, resources, notifications).
//!   [`Caller::on_behalf_of`](crate::Caller::on_behalf_of) then gives a token as that user.
//! - [`StepUp`] does that for a [`Round`] of a request, and turns what is missing (consent,
//!   further proof, a fresh token) into what this client can use.
//! - [`permissions`] tells what the caller may use by the policy, for lists.
//!
//! `rmcp` hands the HTTP request's parts to its handlers, extensions included, and
//! [`AuthLayer`](crate::AuthLayer) has put the caller there. It is the caller of *this*
//! request: in a session, each request is authenticated by itself (MCP security best
//! practices: sessions are not for authentication).

mod caller;
mod handle;
mod permissions;
mod round;
mod step_up;

pub use caller::{HandlerContext, caller};
pub use permissions::permissions;
pub use round::Round;
pub use step_up::{Answer, StepUp, StepUpBuilder};
