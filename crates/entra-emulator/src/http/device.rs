//! The device code flow (RFC 8628; Entra doc "OAuth 2.0 device authorization grant"): the
//! endpoint that hands out codes, and the pages on which a person enters one.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::json;

use super::authority::Authority;
use super::response::{error_response, uncached_json};
use super::sign_in::{Ask, Browser, Next, Prompt, record_consent};
use super::token::client::check_interactive;
use super::{authorize, pages};
use crate::call::Call;
use crate::device::{Asked, DEVICE_LIFETIME, INTERVAL};
use crate::directory::Directory;
use crate::errors::{AadError, table};
use crate::grants::Approval;
use crate::scopes::{self, Endpoint};
use crate::session::ClaimsRequest;
use crate::sign_ins::{Account, Pending, Progress, Purpose, SignedIn, Verdict};
use crate::state::Shared;

const WRONG: &str = "That code did not work. Check it, or ask the device for a new one.";

/// `POST /{tenant}/oauth2/v2.0/devicecode`.
pub(super) async fn devicecode(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let asked = match check(&shared.directory(), &segment, &call) {
        Ok(asked) => asked,
        Err(error) => return error_response(&error, &call, &shared),
    };
    let (device_code, user_code) = shared.devices.issue(asked, call.now);
    let uri = format!("{}/devicelogin", shared.base_url);
    uncached_json(
        StatusCode::OK,
        &json!({
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": uri,
            "expires_in": DEVICE_LIFETIME,
            "interval": INTERVAL,
            "message": format!(
                "To sign in, use a web browser to open the page {uri} and enter the code \
                 {user_code} to authenticate."
            ),
        }),
    )
}

fn check(directory: &Directory, segment: &str, call: &Call) -> Result<Asked, AadError> {
    let need = |name| {
        let value = call.form.get(name);
        value.ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg(name))
    };
    let (client_id, scope) = (need("client_id")?, need("scope")?);
    let tenants = authorize::tenants_of(directory, segment, client_id)?;
    let (tenant, app) = tenants
        .first()
        .ok_or_else(|| AadError::new(table::CLIENT_UNKNOWN))?;
    let asked = scopes::Asked::parse(scope)?.resolve(tenant)?;
    asked.check_names(app, Endpoint::Authorize)?;
    check_interactive(app)?;
    ClaimsRequest::parse(call.form.get("claims"))?;
    Ok(Asked {
        segment: segment.to_owned(),
        client_id: client_id.to_owned(),
        scope: scope.to_owned(),
        claims: call.form.get("claims").map(str::to_owned),
    })
}

/// `GET /devicelogin`; `otc` fills the field.
pub(super) async fn enter(Extension(call): Extension<Arc<Call>>) -> Response {
    pages::enter_code(call.query.get("otc").unwrap_or_default(), None)
}

/// `POST /devicelogin`: the code is entered.
pub(super) async fn entered(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    let browser = Browser::read(&headers, &shared);
    let typed = call.form.get("user_code").unwrap_or_default().trim();
    if shared.devices.waiting(typed, call.now).is_none() {
        return pages::enter_code(typed, Some(WRONG));
    }
    let cookie = browser.cookie_or_new();
    let pending = Pending {
        purpose: Purpose::Device {
            user_code: typed.to_owned(),
        },
        progress: Progress::default(),
        browser: cookie.clone(),
        opened_at: call.now,
    };
    let id = shared.sign_ins.open(pending.clone());
    let mut response = go_on(&shared, &id, &pending, typed, &call, Verdict::Answered);
    browser.remember(&shared, &cookie, &mut response);
    response
}

/// What comes after an answer on a page.
pub(super) fn go_on(
    shared: &Shared,
    id: &str,
    pending: &Pending,
    user_code: &str,
    call: &Call,
    verdict: Verdict,
) -> Response {
    let Some(asked) = shared.devices.waiting(user_code, call.now) else {
        return pages::enter_code("", Some(WRONG));
    };
    let no = || {
        shared.sign_ins.close(id);
        shared.devices.answer(user_code, None, call.now);
        pages::message(
            StatusCode::OK,
            "Sign-in cancelled",
            "The device has been told. You can close this page.",
        )
    };
    if matches!(
        verdict,
        Verdict::Declined | Verdict::Cancelled | Verdict::Return
    ) {
        return no();
    }
    let directory = shared.directory();
    let tenants = match authorize::tenants_of(&directory, &asked.segment, &asked.client_id) {
        Ok(tenants) => tenants,
        Err(error) => return pages::error(&error, call),
    };
    let name = tenants.first().map_or("", |(_, app)| app.name());
    let ask = Ask {
        tenants,
        scope: &asked.scope,
        prompt: Prompt::Needed,
        on_a_device: true,
        claims: ClaimsRequest::parse(asked.claims.as_deref()).unwrap_or_default(),
        at_home: matches!(
            Authority::find(&directory, &asked.segment),
            Ok(Authority::Any(_))
        ),
        now: call.now,
    };
    match ask.next(&pending.progress) {
        Err(error) => pages::error(&error, call),
        Ok(Next::Consent(who, permissions)) if verdict == Verdict::Accepted => {
            if let Err(error) = record_consent(shared, who, &asked.scope, &permissions) {
                return pages::error(&error, call);
            }
            let mut pending = pending.clone();
            pending.progress.consented = true;
            shared.sign_ins.keep(id, pending.progress.clone());
            go_on(shared, id, &pending, user_code, call, Verdict::Answered)
        }
        Ok(Next::Done(who, session)) if shared.sign_ins.close(id) => {
            let signed_in = SignedIn {
                account: Account::new(who.tenant, who.user),
                approved: session.mfa,
                session: session.id.clone(),
                at: session.at,
                apps: vec![who.app.client_id().to_owned()],
            };
            shared.sign_ins.sign_in(&pending.browser, signed_in);
            let approval = Approval {
                tenant: who.tenant.id.clone(),
                client: who.app.client_id().to_owned(),
                user: who.user.object_id().to_owned(),
                scope: asked.scope.clone(),
                session,
            };
            shared.devices.answer(user_code, Some(approval), call.now);
            pages::message(
                StatusCode::OK,
                "You are signed in",
                &format!("{name} goes on, on your device. You can close this page."),
            )
        }
        Ok(next) => {
            let lines = [
                ("client_id", asked.client_id.clone()),
                ("scope", asked.scope.clone()),
                ("code", user_code.to_owned()),
            ];
            pages::show(&next, id, name, &lines, call, shared.password().is_some())
                .unwrap_or_else(pages::stale)
        }
    }
}
