//! The authorization endpoint (Entra doc "OAuth 2.0 authorization code flow").

mod page;
mod redirect;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};

use super::{Authority, token::client};
use crate::call::{Call, Params};
use crate::directory::{App, Directory, Tenant, User};
use crate::errors::{AadError, table};
use crate::grants::{Approval, CodeGrant};
use crate::scopes::{Asked, Endpoint};
use crate::state::Shared;
use redirect::Target;

pub(super) async fn authorize(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let params = match call.method.as_str() {
        "POST" => &call.form,
        _ => &call.query,
    };
    let directory = shared.directory();
    // Until client and redirect URI are known to belong together, nothing may be sent
    // there: the person at the browser gets a page (RFC 6749, section 4.1.2.1).
    let client = match Client::find(&directory, &segment, params) {
        Ok(client) => client,
        Err(error) => return page::error(&error, &call),
    };
    match approve(&shared, &client, params, &call) {
        Ok(Approved::Code(code)) => client.target.success(&code, params),
        Ok(Approved::AskForUser(users)) => page::picker(&users, params, &call),
        Err(error) => client.target.failure(&error, params, &call),
    }
}

/// The client of a request, with the tenants that may answer it.
struct Client<'a> {
    tenants: Vec<(&'a Tenant, &'a App)>,
    target: Target<'a>,
}

enum Approved<'a> {
    Code(String),
    /// Everyone who could sign in.
    AskForUser(Vec<&'a User>),
}

impl<'a> Client<'a> {
    fn find(directory: &'a Directory, segment: &str, params: &'a Params) -> Result<Self, AadError> {
        let missing = |name| move || AadError::new(table::MISSING_PARAMETER).arg(name);
        let authority = Authority::find(directory, segment)?;
        let id = params.get("client_id").ok_or_else(missing("client_id"))?;
        let tenants: Vec<_> = match authority {
            Authority::Tenant(tenant) => vec![(tenant, client::find(tenant, id)?)],
            Authority::Any(_) => directory
                .tenants
                .iter()
                .filter_map(|t| Some((t, t.find_app(id)?)))
                .collect(),
        };
        let (_, app) = tenants
            .first()
            .ok_or_else(|| AadError::new(table::CLIENT_UNKNOWN).arg(id).arg(segment))?;
        let uri = params
            .get("redirect_uri")
            .ok_or_else(missing("redirect_uri"))?;
        let target = Target::registered(app, uri).ok_or_else(|| {
            AadError::new(table::REDIRECT_MISMATCH)
                .arg(uri)
                .arg(app.client_id())
        })?;
        Ok(Self { tenants, target })
    }

    fn user(&self, hint: &str) -> Option<(&'a Tenant, &'a App, &'a User)> {
        self.tenants
            .iter()
            .find_map(|(t, app)| Some((*t, *app, t.find_user_by_hint(hint)?)))
    }
}

/// Checks the request and signs the user in, if it says which.
fn approve<'a>(
    shared: &Shared,
    client: &Client<'a>,
    params: &Params,
    call: &Call,
) -> Result<Approved<'a>, AadError> {
    let missing = |name| move || AadError::new(table::MISSING_PARAMETER).arg(name);
    match params
        .get("response_type")
        .ok_or_else(missing("response_type"))?
    {
        "code" => {}
        other => return Err(AadError::new(table::UNSUPPORTED_RESPONSE_TYPE).arg(other)),
    }
    if params.get("response_mode").is_some_and(|m| m != "query") {
        return Err(AadError::new(table::BAD_PARAMETER).arg("response_mode"));
    }
    let scope = params.get("scope").ok_or_else(missing("scope"))?;
    let hint = params.get("login_hint");
    let hinted = hint.and_then(|hint| client.user(hint));
    // Whoever signs in decides the tenant, and that the API.
    let tenants = match hinted {
        Some((tenant, app, _)) => vec![(tenant, app)],
        None => client.tenants.clone(),
    };
    let usable = usable(&tenants, scope, params)?;
    let Some(hint) = hint else {
        if params.get("prompt") == Some("none") {
            return Err(AadError::new(table::NO_SESSION));
        }
        let users = usable.iter().flat_map(|t| t.users.iter());
        return Ok(Approved::AskForUser(
            users.filter(|u| !u.is_disabled()).collect(),
        ));
    };
    let Some((tenant, app, user)) = hinted else {
        let tenant = tenants.first().map_or("", |(t, _)| t.name.as_str());
        return Err(AadError::new(table::USER_UNKNOWN)
            .arg(hint)
            .arg(tenant)
            .called("access_denied"));
    };
    if user.is_disabled() {
        return Err(AadError::new(table::USER_DISABLED).called("access_denied"));
    }
    Asked::parse(scope)?
        .resolve(tenant)?
        .consented(tenant, app, user)
        .map_err(|error| error.called("interaction_required"))?;
    Ok(Approved::Code(shared.codes.issue(CodeGrant {
        approval: Approval {
            tenant: tenant.id.clone(),
            client: app.client_id().to_owned(),
            user: user.object_id().to_owned(),
            scope: scope.to_owned(),
        },
        redirect_uri: client.target.uri().to_owned(),
        nonce: params.get("nonce").map(str::to_owned),
        challenge: params.get("code_challenge").map(str::to_owned),
        issued_at: call.now,
    })))
}

/// The tenants in which the request makes sense; if there is none, what the first says.
fn usable<'a>(
    tenants: &[(&'a Tenant, &'a App)],
    scope: &str,
    params: &Params,
) -> Result<Vec<&'a Tenant>, AadError> {
    let mut usable = Vec::new();
    let mut refusal = None;
    for (tenant, app) in tenants {
        match check_scope(tenant, app, scope, params).and_then(|()| check_challenge(app, params)) {
            Ok(()) => usable.push(*tenant),
            Err(error) => {
                refusal.get_or_insert(error);
            }
        }
    }
    match refusal {
        Some(error) if usable.is_empty() => Err(error),
        _ => Ok(usable),
    }
}

fn check_scope(tenant: &Tenant, app: &App, scope: &str, params: &Params) -> Result<(), AadError> {
    let asked = Asked::parse(scope)?.resolve(tenant)?;
    asked.check_resource_parameter(params)?;
    asked.check_names(app, Endpoint::Authorize)
}

/// PKCE with S256 (RFC 7636): compulsory for public clients here, and the only method.
fn check_challenge(app: &App, params: &Params) -> Result<(), AadError> {
    match (
        params.get("code_challenge"),
        params.get("code_challenge_method"),
    ) {
        // 43 characters are a SHA-256 in base64url.
        (Some(challenge), Some("S256")) if challenge.len() == 43 => Ok(()),
        (None, None) if !app.is_public() => Ok(()),
        _ => Err(AadError::new(table::PKCE_NEEDED)),
    }
}
