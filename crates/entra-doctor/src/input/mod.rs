//! Input: files, standard input, environment variables, tokens.

mod error;
mod source;
mod token;

pub use error::InputError;
pub(crate) use source::Source;
pub(crate) use token::{TokenSource, bare, has_blanks};
