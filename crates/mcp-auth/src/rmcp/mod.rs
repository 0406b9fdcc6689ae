//! The bridge to `rmcp` tool handlers.
//!
//! - [`Caller`](crate::Caller) is a parameter of `#[tool]` functions and of prompts, and
//!   [`caller`] takes it from the context elsewhere (lists, resources, notifications).
//!   [`Caller::on_behalf_of`](crate::Caller::on_behalf_of) then gives a token as that user.
//! - [`exchange_error`] turns a failed on-behalf-of exchange into a tool error that the
//!   client can act on.
//!
//! `rmcp` hands the HTTP request's parts to its handlers, extensions included, and
//! [`AuthLayer`](crate::AuthLayer) has put the caller there. It is the caller of *this*
//! request: in a session, each request is authenticated by itself (MCP security best
//! practices: sessions are not for authentication).

mod caller;
mod exchange_error;
mod handle;

pub use caller::{HandlerContext, caller};
pub use exchange_error::exchange_error;
