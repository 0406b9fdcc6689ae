//! A world for the tests that cross crates: a local Entra ID, and services that use it as
//! the documentation says.

mod api;
#[expect(
    clippy::indexing_slicing,
    clippy::exhaustive_structs,
    clippy::exhaustive_enums,
    reason = "what is not a member of JSON is null; nobody depends on this crate"
)]
pub mod live;
mod world;

pub use api::GuardedApi;
pub use world::World;

/// The code of the README is compiled, and what runs offline is run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ReadmeDoctests;
