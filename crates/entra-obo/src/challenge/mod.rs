//! Claims challenges: what they say, and how an API writes them.

mod claims;
mod header;

pub use claims::{ClaimsChallenge, InvalidChallenge};
