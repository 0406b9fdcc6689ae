//! Whether a user or an app may have a token: assignment, declared permissions,
//! Conditional Access.

use serde_json::json;

use crate::directory::id::canonical_guid;
use crate::directory::{
    AccessPolicy, App, AppState, Assignment, PolicyRequirement, Reading, SecondFactor, Tenant,
    User, UserConsent,
};
use crate::errors::{AadError, Row, long_timestamp, table};
use crate::scopes::{Resolved, Wanted};
use crate::session::{ClaimsRequest, Session};

/// A user must be assigned to the client and to the resource, if they demand it
/// (AADSTS50105).
pub(crate) fn check_assignment(
    tenant: &Tenant,
    client: &App,
    resource: &App,
    user: &User,
) -> Result<(), AadError> {
    for app in [client, resource] {
        if app.assignment == Assignment::Required && !tenant.is_assigned(user, app) {
            return Err(AadError::new(table::USER_NOT_ASSIGNED)
                .arg(app.name())
                .arg(app.client_id())
                .arg(user.user_principal_name()));
        }
    }
    Ok(())
}

/// An app must have a role, if the resource demands assignment (AADSTS501051).
pub(crate) fn check_app_assignment(
    client: &App,
    resource: &App,
    roles: &[String],
) -> Result<(), AadError> {
    if resource.assignment == Assignment::Optional || !roles.is_empty() {
        return Ok(());
    }
    Err(AadError::new(table::APP_NOT_ASSIGNED)
        .arg(client.client_id())
        .arg(client.name())
        .arg(resource.client_id())
        .arg(resource.name()))
}

/// Whether the user may consent to what is asked: administrators to everything, others only
/// where the tenant lets them and no scope is for administrators (AADSTS90094).
pub(crate) fn check_may_consent(
    tenant: &Tenant,
    user: &User,
    asked: &Resolved<'_>,
) -> Result<(), AadError> {
    let admin = |name: &str| asked.resource.admin_scopes.iter().any(|s| s == name);
    let above = match &asked.wanted {
        Wanted::Default => !asked.resource.admin_scopes.is_empty(),
        Wanted::Named(names) => names.iter().any(|n| admin(n)),
    };
    match (above || tenant.user_consent == UserConsent::Off) && !user.is_administrator() {
        true => Err(AadError::new(table::ADMIN_CONSENT_NEEDED)),
        false => Ok(()),
    }
}

/// `/.default` means what the registration declares: the resource must be among it, with
/// scopes that it has.
pub(crate) fn check_declared(client: &App, asked: &Resolved<'_>) -> Result<(), AadError> {
    if client.required.is_empty() || !matches!(asked.wanted, Wanted::Default) {
        return Ok(());
    }
    let resource = asked.resource;
    let itself = client.client_id() == resource.client_id();
    let mut declared = client.required.iter();
    let Some(entry) = declared.find(|r| r.resource == resource.client_id()) else {
        if itself {
            return Ok(());
        }
        return Err(AadError::new(table::RESOURCE_NOT_DECLARED)
            .arg(client.client_id())
            .arg(client.name())
            .arg(asked.resource_name)
            .arg(resource.client_id()));
    };
    match entry.scopes.iter().find(|s| !resource.scopes().contains(s)) {
        Some(name) => Err(AadError::new(table::DECLARATION_STALE)
            .arg(name)
            .arg(resource.client_id())),
        None => Ok(()),
    }
}

/// Every policy that covers user and resource, then the authentication contexts that the
/// request demands.
pub(crate) fn check_policies(
    tenant: &Tenant,
    user: &User,
    resource: &App,
    session: &Session,
    claims: &ClaimsRequest,
    now: i64,
) -> Result<(), AadError> {
    let covering = |p: &&AccessPolicy| p.covers(resource.client_id(), user.object_id());
    for policy in tenant.policies.iter().filter(covering) {
        check_policy(policy, user, resource, session, now)?;
    }
    for context in &claims.contexts {
        check_context(tenant, user, resource, session, context, now)?;
    }
    Ok(())
}

/// An authentication context: what the policies that target it demand; without one, a second
/// factor, unless the tenant reads it otherwise.
fn check_context(
    tenant: &Tenant,
    user: &User,
    resource: &App,
    session: &Session,
    context: &str,
    now: i64,
) -> Result<(), AadError> {
    let challenge = |error: AadError| match error.has_claims() {
        true => error.claims(Some(
            json!({ "access_token": { "acrs": { "essential": true, "value": context } } })
                .to_string(),
        )),
        false => error,
    };
    let guards = |p: &&AccessPolicy| p.guards(context, user.object_id());
    let mut guarded = false;
    for policy in tenant.policies.iter().filter(guards) {
        guarded = true;
        check_policy(policy, user, resource, session, now).map_err(challenge)?;
    }
    if guarded || tenant.is_free_context(context) || session.contexts.iter().any(|c| c == context) {
        return Ok(());
    }
    let error = AadError::new(table::MFA_NEEDED).arg(resource.client_id());
    Err(challenge(error.claims(Some(String::new()))))
}

/// The contexts that a request demanded and got: all but those that the tenant ignores.
pub(crate) fn granted_contexts(tenant: &Tenant, claims: &ClaimsRequest) -> Vec<String> {
    let known = |context: &&String| {
        !tenant.follows(Reading::UndeclaredContextIgnored)
            || tenant.authentication_contexts.contains(context)
    };
    claims.contexts.iter().filter(known).cloned().collect()
}

fn check_policy(
    policy: &AccessPolicy,
    user: &User,
    resource: &App,
    session: &Session,
    now: i64,
) -> Result<(), AadError> {
    let answered = session.policies.contains(&policy.id);
    let (satisfied, row) = match policy.requirement {
        PolicyRequirement::Mfa if user.second_factor == SecondFactor::Missing => {
            (session.mfa, table::MFA_ENROLMENT)
        }
        PolicyRequirement::Mfa => (session.mfa, table::MFA_NEEDED),
        PolicyRequirement::Conditions => (answered, table::BLOCKED),
        PolicyRequirement::CompliantDevice => (answered, table::DEVICE_NOT_COMPLIANT),
        PolicyRequirement::ExternalChallenge => (answered, table::EXTERNAL_CHALLENGE),
        PolicyRequirement::Block => return Err(AadError::new(table::BLOCKED)),
        PolicyRequirement::SecurityPolicy => return Err(AadError::new(table::SECURITY_POLICY)),
        PolicyRequirement::SignInFrequency { seconds } => {
            if now.saturating_sub(session.at) <= seconds {
                return Ok(());
            }
            return Err(AadError::new(table::SIGN_IN_TOO_OLD)
                .arg(long_timestamp(session.at))
                .arg(seconds.to_string()));
        }
    };
    match satisfied {
        true => Ok(()),
        false => Err(challenge(row, policy, resource)),
    }
}

/// An error with the claims that a new sign-in must carry.
fn challenge(row: Row, policy: &AccessPolicy, resource: &App) -> AadError {
    let claims = json!({
        "access_token": { "capolids": { "essential": true, "values": [policy.id] } }
    });
    AadError::new(row)
        .arg(resource.client_id())
        .claims(Some(claims.to_string()))
}

const ZERO: &str = "00000000-0000-0000-0000-000000000000";

/// The app with this client id; Entra tells an id that cannot be one from one that is
/// not there.
pub(crate) fn find_client<'a>(tenant: &'a Tenant, id: &str) -> Result<&'a App, AadError> {
    let document = id.starts_with("https://");
    if !document && (canonical_guid(id).is_none() || id == ZERO) {
        return Err(AadError::new(table::CLIENT_MALFORMED).arg(id));
    }
    let app = tenant.find_app(id).ok_or_else(|| {
        AadError::new(table::CLIENT_UNKNOWN)
            .arg(id)
            .arg(&tenant.name)
    })?;
    match app.state {
        AppState::Enabled => Ok(app),
        AppState::WithoutPrincipal => Err(AadError::new(table::CLIENT_UNKNOWN)
            .arg(id)
            .arg(&tenant.name)),
        AppState::Disabled => Err(AadError::new(table::APP_DISABLED)
            .arg(app.client_id())
            .arg(app.name())),
    }
}
