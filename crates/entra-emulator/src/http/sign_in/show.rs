//! A step as a page.

use axum::response::Response;

use super::Next;
use crate::call::Call;
use crate::http::pages::{self, Flow};

/// The page of a step that is not the last.
pub(in crate::http) fn show(
    next: &Next<'_>,
    id: &str,
    app: &str,
    asked: &[(&'static str, String)],
    call: &Call,
) -> Option<Response> {
    let flow = Flow { id, asked };
    Some(match next {
        Next::Pick(accounts) => pages::picker(flow, app, accounts),
        Next::ConfirmDevice(who) => pages::confirm_device(flow, who),
        Next::Consent(who, permissions) => pages::consent(flow, who, permissions),
        Next::Policy(who, resource, demands) => pages::policy(flow, who, resource, demands),
        Next::Refused(who, error) => pages::refused(flow, who, error, call),
        Next::Done(..) => return None,
    })
}
