//! End to end over real HTTP, real RSA keys and real tokens of the local Entra ID.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod as_the_user;
mod catalogue;
mod challenge;
mod each_check;
mod emulator_page;
mod keys;
mod live;
mod memory;
mod registry;
