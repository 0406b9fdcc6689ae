//! Everything that parses foreign bytes, as functions that hold a property for every input.
//!
//! Each function takes any bytes and panics if a property fails. `cargo test` calls them on
//! the seeds and on deterministic mutations; the binaries in `fuzz_targets` hand them to
//! libFuzzer. They use the public API only.
#![forbid(unsafe_code)]

mod bearer;
mod check;
mod claims;
mod client_principal;
mod consent;
mod doctor;
mod foundry;
mod message;
pub mod mutate;
mod obo;
mod origin;
mod unique;
mod user_context;

pub use bearer::bearer;
pub use claims::{claims, discovery, header, key_set, signed, token, verify};
pub use client_principal::client_principal;
pub use consent::{consent, sealed};
pub use doctor::{diagnosis, document};
pub use foundry::{cloud, endpoint, identifier, scope};
pub use message::message;
pub use obo::{challenge, entra_error, stored, www_authenticate};
pub use origin::origin;
pub use user_context::user_context;
