//! What an AADSTS number means, as data.
//!
//! The numbers inform people. Decisions are made on `error`, `suberror`, `claims` and the
//! status, because one number comes with different answers (50076 and 53003 have been seen
//! as `interaction_required` and as `invalid_grant`), and Entra ID's documentation tells
//! not to branch on them ("Microsoft Entra authentication and authorization error codes").

mod catalogue;
mod entry;

pub use catalogue::{all, lookup};
pub use entry::{Aadsts, Actor, Category};
