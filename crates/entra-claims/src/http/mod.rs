//! Discovery, key sets and the authenticator.

mod client;
pub mod transport;
