//! The bridge to `rmcp` tool handlers.
//!
//! - [`Caller`](crate::Caller) is a parameter of `#[tool]` functions and of prompts, and
//!   [`caller`] takes it from the context elsewhere (lists, resources, notifications).
//!   [`Caller::on_behalf_of`](crate::Caller::on_behalf_of) then gives a token as that user.
//! - [`StepUp`] does that for a [`McpRequest`] of a request, and turns what is missing (consent,
//!   further proof, a fresh token) into what this client can use.
//! - [`permissions`] tells what the caller may use by the policy, for lists.
//!
//! `rmcp` hands the HTTP request's parts to its handlers, extensions included, and
//! [`AuthLayer`](crate::AuthLayer) has put the caller there. It is the caller of *this*
//! request: in a session, each request is authenticated by itself (MCP security best
//! practices: sessions are not for authentication).

mod context;
mod request;
mod step_up;

use ::rmcp::ErrorData;

use crate::handles::HandleError;

pub use context::{HandlerContext, caller, permissions};
pub use request::McpRequest;
pub use step_up::{StepUp, StepUpAnswer, StepUpBuilder};

/// Invalid params for a handle that is not known, so that `?` in a tool says the right
/// thing; an internal error where none can be made.
impl From<HandleError> for ErrorData {
    fn from(error: HandleError) -> Self {
        let message = error.to_string();
        match error {
            HandleError::Unknown => Self::invalid_params(message, None),
            HandleError::NoRandomness | HandleError::TooLong => Self::internal_error(message, None),
        }
    }
}
