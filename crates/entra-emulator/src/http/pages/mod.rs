//! The pages that people see: small, rendered here, without scripts, pictures or any
//! other thing to load.
//!
//! Everything that a page shows is escaped, and the content security policy allows this
//! crate's own style sheet by its hash and nothing else. A form may only be sent to the
//! emulator; the one page that sends a form elsewhere is [`form_post`].

mod account;
mod consent;
mod device;
mod form_post;
mod message;
mod shell;

pub(super) use account::picker;
pub(super) use consent::{consent, policy};
pub(super) use device::{confirm_device, enter_code};
pub(super) use form_post::form_post;
pub(super) use message::{error, go_on, message, refused, stale};
pub(super) use shell::Flow;
