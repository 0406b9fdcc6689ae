//! Strict JSON: what RFC 7519 leaves to the reader is decided here.
//!
//! Everything is read by typed serde visitors over `serde_json::Deserializer`. A
//! `serde_json::Value` is never on the trust path: it keeps the last of two members with
//! one name, and what it accepts changes with features that any crate of an application
//! may switch on.

mod any;
mod seeds;

pub(crate) use any::{Checked, Loose, Problem, Seen, Trouble, finish};
pub(crate) use seeds::{Int, List, Name, Presence, Text};

/// Containers inside containers that a token may have. Entra ID needs three; claims that a
/// tenant adds may have more.
pub(crate) const DEPTH: u8 = 64;
