//! The authorization endpoint (Entra doc "OAuth 2.0 authorization code flow").
//!
//! A script that sends `login_hint` never meets a page: it gets the code, or the error. A
//! person's browser, which says that it navigates, gets the
//! pages that Entra ID would show; the hint only spares it the account picker.

pub(super) mod admin_consent;
mod client;
mod logout;
mod redirect;
mod response_type;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

use super::pages;
use super::sign_in::{Browser, Chosen, Next, Prompt, record_consent};
use crate::call::{Call, Params};
use crate::directory::Reading;
use crate::errors::{AadError, table};
use crate::grants::{Approval, Challenge, CodeGrant};
use crate::session::Session;
use crate::sign_ins::{Account, Pending, Progress, Purpose, SignedIn, Verdict};
use crate::state::Shared;
use crate::tokens::{access::IdToken, client_info, half_hash, jwt};
use client::Client;
pub(super) use client::tenants_of;
pub(super) use logout::logout;
use redirect::{Back, Success};
use response_type::ResponseType;

pub(super) async fn authorize(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    let params = params(&call);
    let directory = shared.directory();
    // Until client and redirect URI are known to belong together, nothing may be sent
    // there: the person at the browser gets a page (RFC 6749, section 4.1.2.1).
    let client = match Client::find(&directory, &segment, params) {
        Ok(client) => client,
        Err(error) => return pages::error(&error, &call),
    };
    let browser = Browser::read(&headers, &shared);
    let (progress, next) = match first_step(&shared, &client, params, &browser) {
        Ok(step) => step,
        Err(error) => {
            let base = &shared.base_url;
            return client.target.failure(&error, &call, base, Back::Redirect);
        }
    };
    if let Next::Done(who, session) = next {
        if let Some(cookie) = browser.cookie() {
            shared.sign_ins.used_by(cookie, who.app.client_id());
        }
        let success = success(&shared, &client, who, session, &call);
        return client.target.success(&success, Back::Redirect);
    }
    let cookie = browser.cookie_or_new();
    let id = shared.sign_ins.open(Pending {
        purpose: Purpose::Authorize {
            segment,
            call: Arc::clone(&call),
        },
        progress,
        browser: cookie.clone(),
        opened_at: call.now,
    });
    let page = pages::show(
        &next,
        &id,
        client.name(),
        &asked(params),
        &call,
        shared.password().is_some(),
    );
    let mut response = page.unwrap_or_else(pages::stale);
    browser.remember(&shared, &cookie, &mut response);
    response
}

/// How far the request itself, or the browser's session, brings the person.
fn first_step<'a>(
    shared: &Shared,
    client: &Client<'a>,
    params: &'a Params,
    browser: &Browser,
) -> Result<(Progress, Next<'a>), AadError> {
    let hint = params.get("login_hint");
    let hinted = hint.and_then(|hint| client.user(hint));
    let ask = client.ask(
        params,
        hinted.map(|(tenant, _)| tenant.id()),
        shared.clock.now(),
    )?;
    let (mut approved, mut session) = (false, None);
    let signed_in = browser.cookie().and_then(|c| shared.sign_ins.session(c));
    let silently = |wanted: Option<&Account>| {
        let found = signed_in.filter(|s| wanted.is_none_or(|wanted| s.account == *wanted))?;
        approved = found.approved;
        session = Some((found.session, found.at));
        Some(found.account)
    };
    let silent = ask.prompt == Prompt::None;
    let account = match (hint, hinted) {
        (Some(_), Some((tenant, user))) => {
            let account = Account::new(tenant, user);
            let found = match silent {
                true => silently(Some(&account)),
                false => None,
            };
            // A hint names nobody who has still to give a password, and signs nobody in whose
            // browser asks silently without a session.
            let free = shared.password().is_none() && !(silent && browser.is_watched);
            found.or(free.then_some(account))
        }
        (Some(_), None) => {
            return Err(AadError::new(table::USER_UNKNOWN)
                .arg("{EmailHidden}")
                .arg(client.tenant_id())
                .called("access_denied"));
        }
        (None, _) if silent => silently(None),
        (None, _) => None,
    };
    let mut progress = Progress {
        account,
        approved,
        session,
        ..Progress::default()
    };
    let script = hint.is_some() && !browser.is_watched;
    if script {
        // A script agrees to what there is consent for already.
        progress.consented = true;
        // And it answers a second factor, as far as the user has one.
        progress.approved = true;
    } else if ask.prompt == Prompt::Account {
        progress.account = None;
    }
    let mut next = ask.next(&progress)?;
    // For an agent identity the consent is all that is asked for.
    let consents = ResponseType::read(params).is_some_and(ResponseType::is_none);
    if let (Next::Consent(who, permissions), true) = (&next, script && consents) {
        let scope = params.get("scope").unwrap_or_default();
        record_consent(shared, *who, scope, permissions)?;
        next = Next::Done(*who, Session::plain(shared.clock.now()));
    }
    match next {
        Next::Done(..) => {}
        _ if !silent && !script => {}
        Next::Pick(_) => return Err(AadError::new(table::NO_SESSION)),
        Next::Refused(_, error) => return Err(error),
        Next::Policy(_, resource, _) => {
            return Err(AadError::new(table::MFA_NEEDED).arg(resource));
        }
        Next::Consent(who, _) | Next::ConfirmDevice(who) => {
            return Err(AadError::new(table::CONSENT_MISSING)
                .arg(who.app.client_id())
                .arg(who.app.name())
                .called("interaction_required"));
        }
    }
    Ok((progress, next))
}

/// What comes after an answer on a page.
pub(super) fn go_on(
    shared: &Shared,
    id: &str,
    pending: &Pending,
    segment: &str,
    call: &Call,
    verdict: Verdict,
) -> Response {
    let params = params(call);
    let directory = shared.directory();
    let client = match Client::find(&directory, segment, params) {
        Ok(client) => client,
        Err(error) => return pages::error(&error, call),
    };
    let ended = |error: &AadError| {
        shared.sign_ins.close(id);
        client
            .target
            .failure(error, call, &shared.base_url, Back::Page)
    };
    match verdict {
        Verdict::Cancelled => {
            shared.sign_ins.close(id);
            return client.target.cancelled(Back::Page);
        }
        Verdict::Declined => return ended(&declined(&client)),
        Verdict::Answered | Verdict::Accepted | Verdict::Return => {}
    }
    let step = client
        .ask(params, None, shared.clock.now())
        .and_then(|ask| ask.next(&pending.progress));
    match step {
        Err(error) => ended(&error),
        Ok(Next::Refused(_, error)) if verdict == Verdict::Return => ended(&error),
        Ok(Next::Consent(who, permissions)) if verdict == Verdict::Accepted => {
            let scope = params.get("scope").unwrap_or_default();
            if let Err(error) = record_consent(shared, who, scope, &permissions) {
                return ended(&error);
            }
            let mut pending = pending.clone();
            pending.progress.consented = true;
            shared.sign_ins.keep(id, pending.progress.clone());
            go_on(shared, id, &pending, segment, call, Verdict::Answered)
        }
        // Of two answers at once, one ends the sign-in.
        Ok(Next::Done(who, mut session)) if shared.sign_ins.close(id) => {
            let account = Account::new(who.tenant, who.user);
            // Who signs in again, to another app say, goes on in the same session.
            let before = shared.sign_ins.session(&pending.browser);
            let before = before.filter(|before| before.account == account);
            if let Some(before) = &before {
                session.id.clone_from(&before.session);
            }
            let signed_in = SignedIn {
                account,
                approved: session.mfa,
                session: session.id.clone(),
                at: session.at,
                apps: before.map(|before| before.apps).unwrap_or_default(),
            };
            shared.sign_ins.sign_in(&pending.browser, signed_in);
            shared
                .sign_ins
                .used_by(&pending.browser, who.app.client_id());
            let success = success(shared, &client, who, session, call);
            client.target.success(&success, Back::Page)
        }
        Ok(next) => pages::show(
            &next,
            id,
            client.name(),
            &asked(params),
            call,
            shared.password().is_some(),
        )
        .unwrap_or_else(pages::stale),
    }
}

fn params(call: &Call) -> &Params {
    match call.method.as_str() {
        "POST" => &call.form,
        _ => &call.query,
    }
}

/// What a page tells the developer about the request.
fn asked(params: &Params) -> Vec<(&'static str, String)> {
    let names = ["client_id", "scope", "redirect_uri", "prompt"];
    let pairs = names
        .into_iter()
        .filter_map(|n| Some((n, params.get(n)?.to_owned())));
    pairs.collect()
}

/// The error of a person who declines what a page asks for.
fn declined(client: &Client<'_>) -> AadError {
    let error = AadError::new(table::CONSENT_DECLINED);
    match client.follows(Reading::DeclinedConsentHasSubcode) {
        true => error.with_suberror("cancel"),
        false => error,
    }
}

/// What the request asked for: a code, an ID token, or both.
fn success(
    shared: &Shared,
    client: &Client<'_>,
    who: Chosen<'_>,
    session: Session,
    call: &Call,
) -> Success {
    let params = params(call);
    let asked = ResponseType::read(params).unwrap_or_default();
    let scope = params.get("scope").unwrap_or_default();
    if asked.is_none() {
        return Success::default();
    }
    let session_state = Some(session.id.clone());
    let code = asked.code.then(|| {
        shared.codes.issue(CodeGrant {
            approval: Approval {
                tenant: who.tenant.id.clone(),
                client: who.app.client_id().to_owned(),
                user: who.user.object_id().to_owned(),
                scope: scope.to_owned(),
                session: session.clone(),
            },
            redirect_uri: Some(client.target.uri().to_owned()),
            nonce: params.get("nonce").map(str::to_owned),
            challenge: params.get("code_challenge").map(|text| {
                match params.get("code_challenge_method") {
                    Some("S256") => Challenge::S256(text.to_owned()),
                    _ => Challenge::Plain(text.to_owned()),
                }
            }),
            platform: client.target.platform,
            issued_at: shared.clock.now(),
        })
    });
    let id_token = IdToken {
        base_url: &shared.base_url,
        tenant: who.tenant,
        client: who.app,
        user: who.user,
        home: shared.home(who.user),
        session: &session,
        nonce: params.get("nonce"),
        code_hash: code.as_deref().map(half_hash),
        scopes: scope.split_ascii_whitespace().collect(),
        now: shared.clock.now(),
    };
    let key = shared.live_key();
    let id_token = asked
        .id_token
        .then(|| jwt::sign(key, &IdToken::header(key), &id_token.claims()))
        .flatten();
    let wants_info = params.get("client_info") == Some("1");
    Success {
        code,
        id_token,
        client_info: wants_info.then(|| client_info(who.tenant, who.user)),
        session_state,
    }
}
