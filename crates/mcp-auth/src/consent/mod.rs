//! Pages of the server's own, on which a user consents or signs in with further proof.
//!
//! A consent link that any user may open is a trap: an attacker who makes a server ask
//! can send the link to another user. So the link that a client gets leads to a page of this
//! server, which first asks Entra ID who is there, and goes on only for the one it was made
//! for (MCP 2025-11-25, Elicitation, "Phishing"; 2026-07-28 likewise).

mod authorize;
mod cookie;
mod flow;
mod html;
mod page;
mod pages;
mod store;

pub use pages::{ConsentLink, ConsentPages, ConsentPagesBuilder};
