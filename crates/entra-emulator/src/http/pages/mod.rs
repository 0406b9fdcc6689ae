//! The pages that people see: small, rendered here, without scripts, pictures or any
//! other thing to load.
//!
//! Everything that a page shows is escaped, and the content security policy allows this
//! crate's own style sheet by its hash and nothing else. A form may only be sent to the
//! emulator; the one page that sends a form elsewhere is [`form_post`].

mod account;
mod consent;
mod device;
mod message;
mod shell;

pub(super) use account::picker;
pub(super) use consent::{consent, policy};
pub(super) use device::{confirm_device, enter_code};
pub(super) use message::{
    about_error, error, form_post, go_on, message, refused, signed_out, stale,
};
pub(super) use shell::Flow;

use axum::response::Response;

use super::sign_in::Next;
use crate::call::Call;

/// The page of a step that is not the last.
pub(super) fn show(
    next: &Next<'_>,
    id: &str,
    app: &str,
    asked: &[(&'static str, String)],
    call: &Call,
    password: bool,
) -> Option<Response> {
    let flow = Flow {
        id,
        asked,
        password,
    };
    Some(match next {
        Next::Pick(accounts) => picker(flow, app, accounts, flow.password),
        Next::ConfirmDevice(who) => confirm_device(flow, who),
        Next::Consent(who, permissions) => consent(flow, who, permissions),
        Next::Policy(who, resource, demands) => policy(flow, who, resource, demands),
        Next::Refused(who, error) => refused(flow, who, error, call),
        Next::Done(..) => return None,
    })
}
