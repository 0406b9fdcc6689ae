//! Which question comes next.

use crate::access;
use crate::directory::{App, ConsentGrant, PolicyRequirement, Tenant, User};
use crate::errors::{AadError, table};
use crate::scopes::{Asked, Resolved, Wanted};

use crate::session::{ClaimsRequest, Session, asked_policies};
use crate::sign_ins::{Account, Progress};
use crate::state::Shared;

/// The `prompt` parameter (OpenID Connect Core, section 3.1.2.1, and Entra's own values).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::http) enum Prompt {
    /// Nothing more than is needed.
    #[default]
    Needed,
    /// Nothing at all.
    None,
    /// The account picker, although the account is known.
    Account,
    /// The consent page, although there is consent.
    Consent,
}

impl Prompt {
    pub(in crate::http) fn parse(value: Option<&str>) -> Result<Self, AadError> {
        match value {
            None => Ok(Self::Needed),
            Some("none") => Ok(Self::None),
            // There is no password to ask for again, so both are the picker.
            Some("login" | "select_account") => Ok(Self::Account),
            Some("consent") => Ok(Self::Consent),
            Some(_) => Err(AadError::new(table::BAD_PARAMETER).arg("prompt")),
        }
    }
}

/// What a client asks for, with the tenants that may answer.
pub(in crate::http) struct Ask<'a> {
    pub(in crate::http) tenants: Vec<(&'a Tenant, &'a App)>,
    pub(in crate::http) scope: &'a str,
    pub(in crate::http) prompt: Prompt,
    /// Whether the person has to confirm that the sign-in is theirs.
    pub(in crate::http) on_a_device: bool,
    /// The `claims` parameter: challenges that this sign-in is to answer.
    pub(in crate::http) claims: ClaimsRequest,
    /// Whether the request named no tenant: everyone signs in at home then, and a guest
    /// is nobody.
    pub(in crate::http) at_home: bool,
    pub(in crate::http) now: i64,
}

/// Who signs in where, and to which app.
#[derive(Clone, Copy)]
pub(in crate::http) struct Chosen<'a> {
    pub(in crate::http) tenant: &'a Tenant,
    pub(in crate::http) app: &'a App,
    pub(in crate::http) user: &'a User,
}

/// What consent would allow on one resource.
pub(in crate::http) struct Permission<'a> {
    /// The client id that may do it: the app's, or that of the API behind it.
    pub(in crate::http) client: &'a str,
    pub(in crate::http) resource: &'a str,
    pub(in crate::http) client_id: &'a str,
    pub(in crate::http) scopes: Vec<&'a str>,
}

pub(in crate::http) enum Next<'a> {
    Pick(Vec<(&'a Tenant, &'a User)>),
    ConfirmDevice(Chosen<'a>),
    Consent(Chosen<'a>, Vec<Permission<'a>>),
    /// Policies ask for these before this resource.
    Policy(Chosen<'a>, &'a str, Vec<Demand>),
    /// The directory refuses this account.
    Refused(Chosen<'a>, AadError),
    Done(Chosen<'a>, Session),
}

impl<'a> Ask<'a> {
    /// The next step, or what speaks against the request whoever signs in.
    pub(in crate::http) fn next(&self, progress: &Progress) -> Result<Next<'a>, AadError> {
        let Some(account) = &progress.account else {
            return Ok(Next::Pick(self.accounts()));
        };
        let Some(who) = self.chosen(account) else {
            return Ok(Next::Pick(self.accounts()));
        };
        if who.user.is_disabled() {
            let error = AadError::new(table::USER_DISABLED).called("access_denied");
            return Ok(Next::Refused(who, error));
        }
        if self.on_a_device && !progress.confirmed {
            return Ok(Next::ConfirmDevice(who));
        }
        let asked = Asked::parse(self.scope)?.resolve(who.tenant)?;
        let consented = asked.consented(who.tenant, who.app, who.user);
        let again = self.prompt == Prompt::Consent && !progress.consented;
        match consented {
            Ok(_) if !again => Ok(match self.session(who, asked.resource, progress) {
                Ok(session) => self.answered(who, asked.resource, session, progress),
                Err(error) => Next::Refused(who, error),
            }),
            Ok(_) => Ok(Next::Consent(who, permissions(who, &asked))),
            Err(error) if error.code() != table::CONSENT_MISSING.code => {
                Ok(Next::Refused(who, error))
            }
            Err(_) => Ok(Next::Consent(who, permissions(who, &asked))),
        }
    }

    /// The sign-in, if the person is assigned and can meet what policies demand.
    fn session(
        &self,
        who: Chosen<'a>,
        resource: &App,
        progress: &Progress,
    ) -> Result<Session, AadError> {
        access::check_assignment(who.tenant, who.app, resource, who.user)
            .map_err(|error| error.called("interaction_required"))?;
        let (tenant, user, claims) = (who.tenant, who.user, &self.claims);
        let id = resource.client_id();
        let mut session = Session::interactive(tenant, user, id, claims, self.now);
        if let Some((id, at)) = &progress.session {
            (session.id, session.at) = (id.clone(), *at);
        }
        access::check_policies(tenant, user, resource, &session, claims, self.now).map_err(
            |error| match error.code() == table::SIGN_IN_TOO_OLD.code {
                true => AadError::new(table::SESSION_TOO_OLD),
                false => error,
            },
        )?;
        Ok(session)
    }

    /// The end, once the person has answered what policies ask for.
    fn answered(
        &self,
        who: Chosen<'a>,
        resource: &'a App,
        session: Session,
        progress: &Progress,
    ) -> Next<'a> {
        let mut demands = Demand::all(who, resource, &self.claims, &session);
        if self.prompt == Prompt::None {
            // Networks and devices are the same as when the person signed in.
            demands.retain(|d| *d == Demand::SecondFactor);
        }
        match progress.approved || demands.is_empty() {
            true => Next::Done(who, session),
            false => Next::Policy(who, resource.name(), demands),
        }
    }

    fn accounts(&self) -> Vec<(&'a Tenant, &'a User)> {
        let users = self
            .tenants
            .iter()
            .flat_map(|(t, _)| t.users.iter().map(|u| (*t, u)));
        let here = |u: &User| !u.is_disabled() && may_sign_in(u, self.at_home);
        users.filter(|(_, u)| here(u)).collect()
    }

    fn chosen(&self, account: &Account) -> Option<Chosen<'a>> {
        let (tenant, app) = self.tenants.iter().find(|(t, _)| t.id == account.tenant)?;
        let user = tenant.find_user(&account.user)?;
        Some(Chosen { tenant, app, user })
    }
}

/// At an alias everyone signs in at home; an agent's account signs in nowhere.
pub(in crate::http) fn may_sign_in(user: &User, at_home: bool) -> bool {
    !(at_home && user.is_guest()) && user.agent_identity.is_none()
}

/// What consent to the request would allow. `/.default` of an API that knows the client
/// includes what that API declares that it needs itself (`knownClientApplications`).
fn permissions<'a>(who: Chosen<'a>, asked: &Resolved<'a>) -> Vec<Permission<'a>> {
    let api = asked.resource;
    let client = who.app.client_id();
    let scopes = match &asked.wanted {
        Wanted::Default => api.scopes().iter().map(String::as_str).collect(),
        Wanted::Named(names) => names.clone(),
    };
    let mut all = vec![Permission {
        client,
        resource: api.name(),
        client_id: api.client_id(),
        scopes,
    }];
    let known = api.known_clients.iter().any(|c| c == client);
    if known && matches!(asked.wanted, Wanted::Default) {
        let behind = api.required.iter().filter_map(|required| {
            let resource = who.tenant.resource(&required.resource)?;
            Some(Permission {
                client: api.client_id(),
                resource: resource.name(),
                client_id: resource.client_id(),
                scopes: required.scopes.iter().map(String::as_str).collect(),
            })
        });
        all.extend(behind);
    }
    all
}

/// Remembers what the person allowed, for this person alone.
///
/// Someone who may not consent to it is told so (AADSTS90094).
pub(in crate::http) fn record_consent(
    shared: &Shared,
    who: Chosen<'_>,
    scope: &str,
    permissions: &[Permission<'_>],
) -> Result<(), AadError> {
    let asked = Asked::parse(scope)?.resolve(who.tenant)?;
    access::check_may_consent(who.tenant, who.user, &asked)?;
    let grants = permissions.iter().map(|permission| {
        let scopes = permission.scopes.iter().copied();
        ConsentGrant::delegated(permission.client, permission.client_id, scopes)
            .only_for(who.user.object_id())
    });
    let _ = shared.change(|directory| -> Result<(), std::convert::Infallible> {
        if let Some(tenant) = directory.find_mut(&who.tenant.id) {
            tenant.grants.extend(grants);
        }
        Ok(())
    });
    Ok(())
}

/// One thing that the person has to answer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Demand {
    SecondFactor,
    Conditions,
    CompliantDevice,
    ExternalChallenge,
}

impl Demand {
    /// Each once, the second factor first. What no answer meets is refused before.
    fn all(
        who: Chosen<'_>,
        resource: &App,
        claims: &ClaimsRequest,
        session: &Session,
    ) -> Vec<Self> {
        let mut all: Vec<Self> = session
            .mfa
            .then_some(Self::SecondFactor)
            .into_iter()
            .collect();
        for policy in asked_policies(who.tenant, who.user, resource.client_id(), claims) {
            let demand = match policy.requirement {
                PolicyRequirement::Conditions => Self::Conditions,
                PolicyRequirement::CompliantDevice => Self::CompliantDevice,
                PolicyRequirement::ExternalChallenge => Self::ExternalChallenge,
                // The first is asked for above, and a sign-in on pages is a new one.
                PolicyRequirement::Mfa
                | PolicyRequirement::SignInFrequency { .. }
                | PolicyRequirement::Block
                | PolicyRequirement::SecurityPolicy => continue,
            };
            if !all.contains(&demand) {
                all.push(demand);
            }
        }
        all
    }

    /// As the page says it.
    pub(in crate::http) fn text(self) -> &'static str {
        match self {
            Self::SecondFactor => "a second factor",
            Self::Conditions => "a sign-in that meets its conditions, such as a known network",
            Self::CompliantDevice => "a device that complies with its rules",
            Self::ExternalChallenge => "the check of another provider",
        }
    }
}
