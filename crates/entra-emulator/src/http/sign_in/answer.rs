//! What a person answered on a page.

use std::sync::Arc;

use axum::{Extension, extract::State, http::HeaderMap, response::Response};

use super::Browser;
use crate::call::Call;
use crate::http::{authorize, device, pages};
use crate::sign_ins::{Account, Progress, Purpose, Verdict};
use crate::state::Shared;

/// `POST /signin`.
pub(in crate::http) async fn answer(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    let browser = Browser::read(&headers, &shared);
    let found = browser.own_cookie().and_then(|cookie| {
        let id = call.form.get("flow")?;
        Some((id, shared.sign_ins.find(id, cookie, call.now)?))
    });
    let Some((id, mut pending)) = found else {
        return pages::stale();
    };
    // The account counts with the password, where there is one.
    let verdict = match call.form.get("account") {
        Some(_) if !knows_password(&shared, &call) => Verdict::Answered,
        _ => take(&call, &mut pending.progress),
    };
    shared.sign_ins.keep(id, pending.progress.clone());
    match &pending.purpose {
        Purpose::Authorize {
            segment,
            call: asked,
        } => authorize::go_on(&shared, id, &pending, segment, asked, verdict),
        Purpose::AdminConsent {
            segment,
            call: asked,
        } => authorize::admin_consent::go_on(&shared, id, &pending, segment, asked, verdict),
        Purpose::Device { user_code } => {
            device::go_on(&shared, id, &pending, user_code, &call, verdict)
        }
    }
}

fn knows_password(shared: &Shared, call: &Call) -> bool {
    let Some(password) = shared.password() else {
        return true;
    };
    let given = call.form.get("password").unwrap_or_default();
    aws_lc_rs::constant_time::verify_slices_are_equal(given.as_bytes(), password.as_bytes()).is_ok()
}

/// A form without a known button shows the page again.
fn take(call: &Call, progress: &mut Progress) -> Verdict {
    if let Some(account) = call.form.get("account") {
        // What was answered for one account says nothing about another.
        *progress = Progress {
            account: Account::parse(account),
            ..Progress::default()
        };
        return Verdict::Answered;
    }
    match call.form.get("action") {
        Some("accept") => return Verdict::Accepted,
        Some("cancel") => return Verdict::Cancelled,
        Some("decline" | "deny") => return Verdict::Declined,
        Some("return") => return Verdict::Return,
        Some("confirm") => progress.confirmed = true,
        Some("approve") => progress.approved = true,
        Some("another") => *progress = Progress::default(),
        _ => {}
    }
    Verdict::Answered
}
