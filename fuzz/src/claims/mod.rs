//! `entra-claims`: tokens, signatures and key sets.

#[expect(clippy::module_inception, reason = "named as its target")]
mod claims;
mod discovery;
mod header;
mod key_set;
mod signed;
mod token;
mod verify;
pub(crate) mod world;

pub use claims::claims;
pub use discovery::discovery;
pub use header::header;
pub use key_set::key_set;
pub use signed::signed;
pub use token::token;
pub use verify::verify;
