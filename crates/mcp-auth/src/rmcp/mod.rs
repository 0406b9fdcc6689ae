//! The bridge to `rmcp` tool handlers.
//!
//! - [`Caller`](crate::Caller) is a parameter of `#[tool]` functions and of prompts, and
//!   [`caller`] takes it from a `RequestContext` elsewhere (`list_tools`, resources).
//! - [`exchange_error`] turns a failed on-behalf-of exchange into a tool error that the
//!   client can act on.
//!
//! `rmcp` hands the HTTP request's parts to its handlers, extensions included, and
//! [`AuthLayer`](crate::AuthLayer) has put the caller there. It is the caller of *this*
//! request: in a session, each request is authenticated by itself (MCP security best
//! practices: sessions are not for authentication).

mod caller;
mod exchange_error;

pub use caller::caller;
pub use exchange_error::exchange_error;
