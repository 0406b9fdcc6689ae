//! `entra-claims`: tokens, signatures and key sets.

mod key_set;
mod signed;
mod token;
mod verify;
pub(crate) mod world;

pub use key_set::key_set;
pub use signed::signed;
pub use token::token;
pub use verify::verify;
