//! Getting at what is looked at.

mod error;
mod source;
mod token;

pub use error::InputError;
pub(crate) use source::Source;
pub(crate) use token::{TokenSource, bare, has_blanks};
