//! The client of an authorization request, and the checks of the request before sign-in.

use super::super::{
    authority::Authority,
    sign_in::{Ask, Prompt, may_sign_in},
    token::client,
};
use super::redirect::Target;
use super::response_type::ResponseType;
use crate::access;
use crate::call::Params;
use crate::directory::{AgentPart, App, Directory, IdTokens, Reading, Tenant, User};
use crate::errors::{AadError, table};
use crate::grants::Platform;
use crate::scopes::{Asked, Endpoint};
use crate::session::ClaimsRequest;

/// The client, with the tenants that may answer it.
pub(super) struct Client<'a> {
    directory: &'a Directory,
    /// Whether the request named no tenant.
    at_home: bool,
    tenants: Vec<(&'a Tenant, &'a App)>,
    pub(super) target: Target<'a>,
}

impl<'a> Client<'a> {
    pub(super) fn find(
        directory: &'a Directory,
        segment: &str,
        params: &'a Params,
    ) -> Result<Self, AadError> {
        let tenants = tenants_of(directory, segment, need(params, "client_id")?)?;
        let (_, app) = tenants
            .first()
            .ok_or_else(|| AadError::new(table::CLIENT_UNKNOWN))?;
        let uri = need(params, "redirect_uri")?;
        let registered_on = registration(&tenants, app, params)?;
        let target = Target::registered(registered_on, uri, params).ok_or_else(|| {
            AadError::new(table::REDIRECT_MISMATCH)
                .arg(uri)
                .arg(app.client_id())
        })?;
        Ok(Self {
            directory,
            at_home: matches!(Authority::find(directory, segment), Ok(Authority::Any(_))),
            tenants,
            target,
        })
    }

    pub(super) fn name(&self) -> &'a str {
        self.tenants.first().map_or("", |(_, app)| app.name())
    }

    pub(super) fn user(&self, hint: &str) -> Option<(&'a Tenant, &'a User)> {
        let mut tenants = self.tenants.iter();
        tenants.find_map(|(t, _)| {
            let user = t.find_user_by_hint(hint).or_else(|| self.guest(t, hint));
            Some((*t, user.filter(|u| may_sign_in(u, self.at_home))?))
        })
    }

    /// A guest, by the sign-in name that it has at home.
    fn guest(&self, tenant: &'a Tenant, hint: &str) -> Option<&'a User> {
        tenant.users().find(|user| {
            let home = user.home.as_ref();
            let own = home.and_then(|h| self.directory.find(&h.tenant)?.find_user(&h.oid));
            own.is_some_and(|own| own.user_principal_name().eq_ignore_ascii_case(hint))
        })
    }

    /// The tenant that an error about a user names, by its id.
    pub(super) fn tenant_id(&self) -> &'a str {
        self.tenants.first().map_or("", |(t, _)| t.id.as_str())
    }

    /// Whether the tenant that decides about the client follows a reading.
    pub(super) fn follows(&self, reading: Reading) -> bool {
        self.tenants
            .first()
            .is_some_and(|(t, _)| t.follows(reading))
    }

    /// What the request asks for, if it can be asked of anybody.
    ///
    /// `of` narrows it to the tenant of whoever signs in: that tenant decides the API.
    pub(super) fn ask(
        &self,
        params: &'a Params,
        of: Option<&str>,
        now: i64,
    ) -> Result<Ask<'a>, AadError> {
        self.check_response_type(params)?;
        self.target.check_mode()?;
        let prompt = Prompt::parse(params.get("prompt"))?;
        let scope = need(params, "scope")?;
        let tenants = self.tenants.iter().copied();
        let asked = tenants.filter(|(t, _)| of.is_none_or(|id| t.id == id));
        Ok(Ask {
            tenants: usable(asked, scope, params, self.target.platform)?,
            scope,
            prompt,
            on_a_device: false,
            claims: ClaimsRequest::parse(params.get("claims"))?,
            at_home: self.at_home,
            now,
        })
    }

    /// A code always; an ID token if the registration allows it; nothing for an agent identity,
    /// whose consent is recorded.
    fn check_response_type(&self, params: &Params) -> Result<(), AadError> {
        let text = need(params, "response_type")?;
        let unsupported = || AadError::new(table::UNSUPPORTED_RESPONSE_TYPE).arg(text);
        let asked = ResponseType::read(params).ok_or_else(unsupported)?;
        let app = self.tenants.first().map(|(_, app)| *app);
        if asked.token {
            return Err(AadError::new(table::TOKEN_NOT_ENABLED));
        }
        if asked.id_token && !app.is_some_and(|a| a.id_tokens == IdTokens::On) {
            return Err(AadError::new(table::ID_TOKEN_NOT_ENABLED));
        }
        if asked.id_token {
            need(params, "nonce")?;
        }
        let agent = app.is_some_and(|a| matches!(a.agent, AgentPart::Identity { .. }));
        match asked.is_none() && !agent {
            true => Err(unsupported()),
            false => Ok(()),
        }
    }
}

/// The app whose redirect URIs count: for an agent identity, which may only be consented to
/// (`response_type=none`), its blueprint's; for any other app its own.
fn registration<'a>(
    tenants: &[(&'a Tenant, &'a App)],
    app: &'a App,
    params: &Params,
) -> Result<&'a App, AadError> {
    let AgentPart::Identity { blueprint } = &app.agent else {
        client::check_interactive(app)?;
        return Ok(app);
    };
    let asked = ResponseType::read(params);
    let none = asked.is_some_and(ResponseType::is_none);
    registration_of_agent(tenants, app, blueprint, none)
}

pub(super) fn registration_of_agent<'a>(
    tenants: &[(&'a Tenant, &'a App)],
    app: &'a App,
    blueprint: &str,
    consents: bool,
) -> Result<&'a App, AadError> {
    let tenant = tenants.first().map(|(t, _)| *t);
    let tenant = tenant.filter(|t| !t.follows(Reading::AgentConsentRefused));
    let blueprint = tenant.and_then(|t| t.find_app(blueprint));
    match (consents, blueprint) {
        (true, Some(blueprint)) => Ok(blueprint),
        _ => Err(AadError::new(table::AGENT_AUTHORIZE).arg(app.client_id())),
    }
}

/// The tenants that a path names, with the client as each of them knows it.
pub(in crate::http) fn tenants_of<'a>(
    directory: &'a Directory,
    segment: &str,
    client_id: &str,
) -> Result<Vec<(&'a Tenant, &'a App)>, AadError> {
    let authority = Authority::find(directory, segment)?;
    let tenants: Vec<_> = match &authority {
        Authority::Tenant(tenant) => vec![(*tenant, access::find_client(tenant, client_id)?)],
        Authority::Any(_) => directory
            .tenants
            .iter()
            .filter(|t| authority.includes(t))
            .filter_map(|t| Some((t, t.find_app(client_id)?)))
            .collect(),
    };
    if tenants.is_empty() {
        return Err(AadError::new(table::CLIENT_UNKNOWN)
            .arg(client_id)
            .arg(segment));
    }
    Ok(tenants)
}

pub(super) fn need<'a>(params: &'a Params, name: &str) -> Result<&'a str, AadError> {
    params
        .get(name)
        .ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg(name))
}

/// The tenants in which the request makes sense; if there is none, what the first says.
fn usable<'a>(
    tenants: impl Iterator<Item = (&'a Tenant, &'a App)>,
    scope: &str,
    params: &Params,
    platform: Platform,
) -> Result<Vec<(&'a Tenant, &'a App)>, AadError> {
    let mut usable = Vec::new();
    let mut refusal = None;
    for (tenant, app) in tenants {
        let strict =
            platform == Platform::Spa || (app.is_public() && tenant.follows(Reading::PkceRequired));
        match check_scope(tenant, app, scope, params).and_then(|()| check_challenge(strict, params))
        {
            Ok(()) => usable.push((tenant, app)),
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

/// PKCE (RFC 7636): recommended, and compulsory with S256 for single-page apps.
fn check_challenge(strict: bool, params: &Params) -> Result<(), AadError> {
    let method = params.get("code_challenge_method");
    let challenge = params.get("code_challenge");
    if strict {
        return match (challenge, method) {
            // 43 characters are a SHA-256 in base64url.
            (Some(challenge), Some("S256")) if challenge.len() == 43 => Ok(()),
            _ => Err(AadError::new(table::PKCE_NEEDED)),
        };
    }
    let bad = |name: &str| Err(AadError::new(table::BAD_PARAMETER).arg(name));
    match (challenge, method) {
        (None, None) => Ok(()),
        (None, Some(_)) => bad("code_challenge"),
        (Some(_), Some(other)) if !matches!(other, "S256" | "plain") => {
            bad("code_challenge_method")
        }
        (Some(challenge), _) if !(43..=128).contains(&challenge.len()) => {
            Err(AadError::new(table::CHALLENGE_SIZE))
        }
        (Some(_), _) => Ok(()),
    }
}
