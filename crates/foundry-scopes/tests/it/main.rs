//! Tests of the public API, in one program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[cfg(feature = "endpoints")]
mod endpoint_agents;
mod endpoint_clients;
#[cfg(feature = "endpoints")]
mod endpoint_hostile;
#[cfg(feature = "endpoints")]
mod endpoint_neighbours;
#[cfg(feature = "endpoints")]
mod endpoint_pasted;
#[cfg(feature = "endpoints")]
mod endpoint_properties;
#[cfg(feature = "endpoints")]
mod endpoint_refusals;
#[cfg(feature = "endpoints")]
mod endpoint_vectors;
mod round_trips;
#[cfg(feature = "serde")]
mod serde_text;
