//! Consent of an administrator for all users (Entra doc "Admin consent on the Microsoft
//! identity platform"): `/{tenant}/v2.0/adminconsent` with scopes, `/{tenant}/adminconsent` for
//! all that the registration declares.
//!
//! As at the authorization endpoint a script that sends `login_hint` gets the answer without
//! a page.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};

use super::super::{
    pages,
    sign_in::{Browser, Chosen, Next, Permission, may_sign_in},
};
use super::client::{need, registration_of_agent, tenants_of};
use super::redirect::{Back, Target};
use crate::call::Call;
use crate::directory::{AgentPart, App, ConsentGrant, Directory, Tenant, User};
use crate::errors::{AadError, table};
use crate::scopes::{Asked, Endpoint, Wanted};
use crate::sign_ins::{Account, Pending, Progress, Purpose, Verdict};
use crate::state::Shared;

/// `GET /{tenant}/v2.0/adminconsent`.
pub(in crate::http) async fn v2(
    state: State<Arc<Shared>>,
    path: Path<String>,
    call: Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    begin(&state.0, path.0, &call.0, &headers)
}

/// `GET /{tenant}/adminconsent`.
pub(in crate::http) async fn v1(
    state: State<Arc<Shared>>,
    path: Path<String>,
    call: Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    begin(&state.0, path.0, &call.0, &headers)
}

fn begin(shared: &Shared, segment: String, call: &Arc<Call>, headers: &HeaderMap) -> Response {
    let directory = shared.directory();
    let request = match Request::read(&directory, &segment, call) {
        Ok(request) => request,
        Err(error) => return pages::error(&error, call),
    };
    let browser = Browser::read(headers, shared);
    let hint = call.query.get("login_hint");
    let mut progress = Progress::default();
    if let Some(hint) = hint.filter(|_| shared.password().is_none()) {
        let mut tenants = request.tenants.iter();
        let found = tenants.find_map(|(t, _)| Some((*t, t.find_user_by_hint(hint)?)));
        progress.account = found.map(|(tenant, user)| Account::new(tenant, user));
    }
    let script = hint.is_some() && !browser.is_watched;
    let next = match request.next(&progress) {
        Ok(next) => next,
        Err(error) => return request.refused(&error, call, shared, Back::Redirect),
    };
    match next {
        Next::Consent(who, permissions) if script => {
            request.record(shared, who, &permissions);
            return request.consented(who, Back::Redirect);
        }
        Next::Refused(_, error) if script => {
            return request.refused(&error, call, shared, Back::Redirect);
        }
        Next::Pick(_) if script => {
            let error = AadError::new(table::USER_UNKNOWN)
                .arg("{EmailHidden}")
                .arg(&segment)
                .called("access_denied");
            return request.refused(&error, call, shared, Back::Redirect);
        }
        _ => {}
    }
    let cookie = browser.cookie_or_new();
    let id = shared.sign_ins.open(Pending {
        purpose: Purpose::AdminConsent {
            segment: segment.clone(),
            call: Arc::clone(call),
        },
        progress,
        browser: cookie.clone(),
        opened_at: call.now,
    });
    let mut response = request.page(shared, &next, &id, call);
    browser.remember(shared, &cookie, &mut response);
    response
}

/// What this endpoint says under AADSTS65004.
const DENIED: &str = "The resource owner or authorization server denied the request.";

/// What comes after an answer on a page.
pub(in crate::http) fn go_on(
    shared: &Shared,
    id: &str,
    pending: &Pending,
    segment: &str,
    call: &Call,
    verdict: Verdict,
) -> Response {
    let directory = shared.directory();
    let request = match Request::read(&directory, segment, call) {
        Ok(request) => request,
        Err(error) => return pages::error(&error, call),
    };
    let next = match request.next(&pending.progress) {
        Ok(next) => next,
        Err(error) => return request.refused(&error, call, shared, Back::Page),
    };
    let ends = |error: &AadError| {
        shared.sign_ins.close(id);
        request.refused(error, call, shared, Back::Page)
    };
    match (verdict, &next) {
        (Verdict::Declined | Verdict::Cancelled, _) => {
            shared.sign_ins.close(id);
            request.declined(call, Back::Page)
        }
        (Verdict::Return, Next::Refused(_, error)) => ends(error),
        // Of two answers at once, one ends the sign-in.
        (Verdict::Accepted, Next::Consent(who, permissions)) if shared.sign_ins.close(id) => {
            request.record(shared, *who, permissions);
            request.consented(*who, Back::Page)
        }
        _ => request.page(shared, &next, id, call),
    }
}

/// A request whose client and redirect URI belong together.
struct Request<'a> {
    tenants: Vec<(&'a Tenant, &'a App)>,
    target: Target<'a>,
    /// The scopes asked for; nothing on the v1 page.
    scope: Option<&'a str>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    V1,
    V2,
}

impl<'a> Request<'a> {
    fn read(directory: &'a Directory, segment: &str, call: &'a Call) -> Result<Self, AadError> {
        let params = &call.query;
        let tenants = tenants_of(directory, segment, need(params, "client_id")?)?;
        let (_, app) = *tenants
            .first()
            .ok_or_else(|| AadError::new(table::CLIENT_UNKNOWN))?;
        let uri = need(params, "redirect_uri")?;
        let registered_on = match &app.agent {
            AgentPart::Identity { blueprint } => {
                registration_of_agent(&tenants, app, blueprint, true)?
            }
            _ => app,
        };
        let target = Target::registered(registered_on, uri, params).ok_or_else(|| {
            AadError::new(table::REDIRECT_MISMATCH)
                .arg(uri)
                .arg(app.client_id())
        })?;
        let form = match call.path.ends_with("/v2.0/adminconsent") {
            true => Form::V2,
            false => Form::V1,
        };
        let scope = params.get("scope").filter(|_| form == Form::V2);
        Ok(Self {
            tenants,
            target,
            scope,
            form,
        })
    }

    /// The next question: who, then whether the administrator consents.
    fn next(&self, progress: &Progress) -> Result<Next<'a>, AadError> {
        if self.form == Form::V2 && self.scope.is_none() {
            return Err(AadError::new(table::MISSING_PARAMETER).arg("scope"));
        }
        let account = progress.account.as_ref();
        let Some(who) = account.and_then(|account| self.chosen(account)) else {
            return Ok(Next::Pick(self.accounts()));
        };
        let permissions = self.permissions(who)?;
        match who.user.is_administrator() {
            true => Ok(Next::Consent(who, permissions)),
            false => {
                let error = AadError::new(table::ADMIN_CONSENT_NEEDED);
                Ok(Next::Refused(who, error))
            }
        }
    }

    fn chosen(&self, account: &Account) -> Option<Chosen<'a>> {
        let mut tenants = self.tenants.iter();
        let (tenant, app) = *tenants.find(|(t, _)| t.id == account.tenant)?;
        let user = tenant.find_user(&account.user)?;
        let here = !user.is_disabled() && may_sign_in(user, false);
        here.then_some(Chosen { tenant, app, user })
    }

    fn accounts(&self) -> Vec<(&'a Tenant, &'a User)> {
        let users = self.tenants.iter();
        let users = users.flat_map(|(t, _)| t.users.iter().map(|u| (*t, u)));
        let here = |u: &User| !u.is_disabled() && may_sign_in(u, false);
        users.filter(|(_, u)| here(u)).collect()
    }

    /// Named scopes as they are asked for; `/.default` and the v1 page mean all that the
    /// registration declares, which must be something (AADSTS1003031).
    fn permissions(&self, who: Chosen<'a>) -> Result<Vec<Permission<'a>>, AadError> {
        if let Some(scope) = self.scope {
            let asked = Asked::parse(scope)?.resolve(who.tenant)?;
            asked.check_names(who.app, Endpoint::Authorize)?;
            if let Wanted::Named(names) = asked.wanted {
                return Ok(vec![Permission {
                    client: who.app.client_id(),
                    resource: asked.resource.name(),
                    client_id: asked.resource.client_id(),
                    scopes: names,
                }]);
            }
        }
        let declared = who.app.required.iter().filter_map(|required| {
            let resource = who.tenant.resource(&required.resource)?;
            Some(Permission {
                client: who.app.client_id(),
                resource: resource.name(),
                client_id: resource.client_id(),
                scopes: required.scopes.iter().map(String::as_str).collect(),
            })
        });
        let declared: Vec<_> = declared.collect();
        match declared.is_empty() {
            true => Err(AadError::new(table::PERMISSIONS_MISCONFIGURED)),
            false => Ok(declared),
        }
    }

    fn page(&self, shared: &Shared, next: &Next<'_>, id: &str, call: &Call) -> Response {
        let name = self.tenants.first().map_or("", |(_, app)| app.name());
        let names = ["client_id", "scope", "redirect_uri"];
        let asked = names
            .into_iter()
            .filter_map(|n| Some((n, call.query.get(n)?.to_owned())));
        let asked: Vec<_> = asked.collect();
        pages::show(next, id, name, &asked, call, shared.password().is_some())
            .unwrap_or_else(pages::stale)
    }

    /// Remembers the consent for all users.
    fn record(&self, shared: &Shared, who: Chosen<'_>, permissions: &[Permission<'_>]) {
        let grants = permissions.iter().map(|permission| {
            let scopes = permission.scopes.iter().copied();
            ConsentGrant::delegated(permission.client, permission.client_id, scopes)
        });
        let _ = shared.change(|directory| -> Result<(), std::convert::Infallible> {
            if let Some(tenant) = directory.find_mut(&who.tenant.id) {
                tenant.grants.extend(grants);
            }
            Ok(())
        });
    }

    fn consented(&self, who: Chosen<'_>, back: Back) -> Response {
        let mut answer = vec![("admin_consent", "True"), ("tenant", who.tenant.id())];
        answer.extend(self.scope.map(|scope| ("scope", scope)));
        self.target.consented(&answer, back)
    }

    /// The administrator cancelled: the two pages have their own words for it.
    fn declined(&self, call: &Call, back: Back) -> Response {
        let text = AadError::new(table::CONSENT_DECLINED).description(call);
        let text = text.replace(table::CONSENT_DECLINED.text, DENIED);
        let answer = match self.form {
            Form::V1 => vec![
                ("error", "permission_denied"),
                ("error_description", "The admin canceled the request"),
            ],
            Form::V2 => vec![
                ("admin_consent", "True"),
                ("error", "consent_required"),
                ("error_description", text.as_str()),
            ],
        };
        self.target.consented(&answer, back)
    }

    fn refused(&self, error: &AadError, call: &Call, shared: &Shared, back: Back) -> Response {
        let (text, uri) = (error.description(call), error.uri(&shared.base_url));
        let answer = [
            ("error", error.error()),
            ("error_description", text.as_str()),
            ("error_uri", uri.as_str()),
            ("admin_consent", "True"),
        ];
        let mut response = self.target.consented(&answer, back);
        response
            .extensions_mut()
            .insert(super::super::response::ErrorCode(error.code()));
        response
    }
}
