//! The public API, from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod claims;
mod decode;

#[cfg(feature = "validate")]
mod support;

#[cfg(feature = "validate")]
mod validate {
    mod audience;
    mod external_id;
    mod header;
    mod issuer;
    mod keys;
    mod kind;
    mod lifetime;
    mod payload;
    mod precedence;
    mod signature;
    mod token_kind;
    mod vectors;
}

#[cfg(feature = "validate")]
mod policy;
#[cfg(feature = "validate")]
mod policy_lists;
#[cfg(feature = "validate")]
mod properties;
#[cfg(feature = "validate")]
mod requirement;
#[cfg(feature = "validate")]
mod rules;
#[cfg(feature = "validate")]
mod secrets;
#[cfg(feature = "test-tokens")]
mod test_tokens;

#[cfg(feature = "http")]
mod groups;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod id_token;
