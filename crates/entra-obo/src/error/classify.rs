//! Maps an OAuth error response to an `ErrorKind`: the only place where it is decided.
//!
//! `error`, `suberror`, `claims` and the status decide. The AADSTS number is asked last: where
//! `error` leaves the question open (`invalid_grant` without a `suberror`, `access_denied`,
//! `unauthorized_client`), and where it says that an interaction cannot help because only an
//! administrator can.

use super::body::ErrorBody;
use super::kind::ErrorKind;
use crate::aadsts::{self, Aadsts, Actor, Category};

/// In this order:
///
/// 1. 429 is throttling and 408 and 5xx pass, whatever the body says.
/// 2. A body that is no error response is unintelligible.
/// 3. Claims are a challenge, whatever `error` says.
/// 4. `suberror`, where it is one with a known meaning.
/// 5. `error`; a word that is not known is unintelligible.
pub(super) fn classify(status: u16, told_to_wait: bool, body: Option<&ErrorBody>) -> ErrorKind {
    if status == 429 {
        return ErrorKind::Throttled;
    }
    if status == 408 || status >= 500 {
        return wait(told_to_wait);
    }
    let Some(body) = body.filter(|_| status >= 400) else {
        return ErrorKind::Unintelligible;
    };
    if body.claims.is_some() {
        return ErrorKind::ClaimsChallenge;
    }
    let number = body.codes.iter().find_map(|&code| aadsts::lookup(code));
    match body.error.as_str() {
        "temporarily_unavailable" | "server_error" => wait(told_to_wait),
        "consent_required" => ErrorKind::Consent,
        "interaction_required" | "login_required" | "user_password_expired" => {
            unless_denied(by_suberror(body).unwrap_or(ErrorKind::Interaction), number)
        }
        "invalid_grant" => match by_suberror(body) {
            Some(kind) => unless_denied(kind, number),
            None => grant(told_to_wait, number),
        },
        "invalid_client" => match number.map(Aadsts::category) {
            // The registration lacks an API permission, or the scope is not one of the
            // resource (650053); the credential is fine.
            Some(Category::Consent | Category::Resource) => ErrorKind::Configuration,
            _ => ErrorKind::Credential,
        },
        "unauthorized_client" => match number.map(Aadsts::category) {
            Some(Category::Assertion) => ErrorKind::Assertion,
            Some(Category::Consent) => ErrorKind::Consent,
            _ => ErrorKind::Configuration,
        },
        "access_denied" => match number.map(Aadsts::category) {
            Some(Category::Consent) => ErrorKind::Consent,
            _ => ErrorKind::Denied,
        },
        "invalid_scope"
        | "invalid_resource"
        | "invalid_request"
        | "invalid_target"
        | "invalid_instance"
        | "invalid_tenant"
        | "unsupported_grant_type"
        | "unsupported_response_type" => ErrorKind::Configuration,
        // A word that is not known: no step is known to help.
        _ => ErrorKind::Unintelligible,
    }
}

/// The values that Entra ID's own libraries know.
fn by_suberror(body: &ErrorBody) -> Option<ErrorKind> {
    Some(match body.suberror.as_deref()? {
        "consent_required" => ErrorKind::Consent,
        "basic_action"
        | "additional_action"
        | "message_only"
        | "user_password_expired"
        | "device_authentication_failed" => ErrorKind::Interaction,
        "bad_token" | "token_expired" => ErrorKind::Assertion,
        "client_mismatch" | "protection_policy_required" => ErrorKind::Denied,
        _ => return None,
    })
}

/// An interaction cannot help where only an administrator can: an assignment that is missing
/// (50105), a disabled account (50057), Conditional Access without claims (53003).
fn unless_denied(kind: ErrorKind, number: Option<&Aadsts>) -> ErrorKind {
    let by_administrator = number.is_some_and(|number| {
        number.actor() == Actor::Administrator
            && !matches!(number.category(), Category::Consent | Category::Transient)
    });
    match kind {
        ErrorKind::Interaction if by_administrator => ErrorKind::Denied,
        kind => kind,
    }
}

/// `invalid_grant` says too little: the number tells who can mend it.
fn grant(told_to_wait: bool, number: Option<&Aadsts>) -> ErrorKind {
    let Some(number) = number else {
        return ErrorKind::Interaction;
    };
    match (number.category(), number.actor()) {
        (Category::Consent, _) => ErrorKind::Consent,
        (Category::Transient, _) => wait(told_to_wait),
        (Category::Assertion, _) => ErrorKind::Assertion,
        (_, Actor::User | Actor::Caller) => ErrorKind::Interaction,
        // A user that is not in this tenant, as a rule.
        (Category::User | Category::Tenant, _) | (_, Actor::Administrator) => ErrorKind::Denied,
        (Category::Client | Category::Federation, _) => ErrorKind::Credential,
        _ => ErrorKind::Configuration,
    }
}

fn wait(told_to_wait: bool) -> ErrorKind {
    if told_to_wait {
        ErrorKind::Throttled
    } else {
        ErrorKind::Transient
    }
}
