//! Strict JSON: what RFC 8259 leaves to the reader is decided here.
//!
//! Everything is read by typed serde visitors over `serde_json::Deserializer`. A
//! `serde_json::Value` is never on the trust path: it keeps the last of two members with
//! one name, and what it accepts changes with features that any crate of an application
//! may switch on.

mod key_set;
mod member;
mod names;
mod reader;
mod tree;
mod value;

pub use key_set::KeySetEntries;
pub use member::{Int, List, Name, Text};
pub use names::Seen;
pub use reader::{JsonError, Limits, Reader};
pub use tree::{Keep, Node};
pub use value::{AnyValue, TextIfAny};

/// With `arbitrary_precision`, which any crate of an application may switch on, a number
/// arrives as an object with this one member.
const NUMBER: &str = "$serde_json::private::Number";
