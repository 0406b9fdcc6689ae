//! Discovery, key sets and the authenticator.

mod authenticator;
mod cache;
mod client;
mod discovery;
mod pace;
mod source;
pub mod transport;

pub use authenticator::{Authenticator, AuthenticatorBuilder};
