//! A server for a [`Protected`](crate::Protected) application: limits, connection info, graceful drain.
//!
//! What `axum::serve` lacks and a server on a network needs:
//!
//! 1. Limits for the heads, bodies, streams and idle time of a connection, and for the number of connections
//!    ([`ServeLimits`]).
//! 2. [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo) for handlers.
//! 3. A drain on SIGTERM and Ctrl-C: readiness turns to 503, running requests end, then connections close.
//! 4. It refuses to listen beyond loopback while tokens of a local Entra ID are accepted, since the keys of the
//!    emulator are public and anybody can sign such tokens.

mod activity;
mod body;
mod connection;
mod error;
mod limits;
mod server;

pub use error::ServeError;
pub use limits::ServeLimits;
pub use server::{listen, serve, serve_until};
