//! What to do, in one sentence, for every failure.

use entra_claims::transport::TransportError;

use super::ExchangeError;

/// The catalogue's sentence for the number, where there is one; it is the most specific.
pub(super) fn of(error: &ExchangeError) -> &'static str {
    if let ExchangeError::ConsentNeeded {
        consent: Some(consent),
        ..
    } = error
    {
        return consent.remedy();
    }
    if let Some(known) = error.entra().and_then(super::EntraError::remedy) {
        return known;
    }
    match error {
        ExchangeError::ConsentNeeded { .. } => {
            "ask the user or an administrator to consent to the permission"
        }
        ExchangeError::InteractionNeeded {
            claims: Some(_), ..
        } => "answer 401 with the claims, so that the client signs the user in with them",
        ExchangeError::InteractionNeeded { .. } => "have the user sign in again",
        ExchangeError::AssertionRejected { problem, .. } => problem.remedy(),
        ExchangeError::Credential { problem, .. } => problem.remedy(),
        ExchangeError::Throttled { .. } => "ask again when the time has come, not before",
        ExchangeError::Transient { .. } => "ask again in a few seconds",
        ExchangeError::Denied(_) => {
            "ask an administrator: a policy, an assignment or the account forbids it"
        }
        ExchangeError::InvalidRequest(_) => "correct the scopes or the registration",
        ExchangeError::Configuration { .. } => "correct how the client is set up",
        ExchangeError::Unintelligible { .. } => {
            "check that the authority is Entra ID and that no proxy answers in its place"
        }
        ExchangeError::Unreachable { source, .. } => match source {
            TransportError::NotHttps => "use an https authority",
            TransportError::Setup => "correct how the HTTP client is set up",
            _ => "check the way to the authority (DNS, proxy, firewall) and ask again",
        },
        ExchangeError::ManagedIdentity { hint, .. } => hint,
        ExchangeError::ManagedIdentityUnreachable { .. } => {
            "run this on Azure with a managed identity assigned, or use another credential"
        }
        ExchangeError::Interrupted { .. } => {
            "ask again on a runtime that keeps running, with callbacks that end"
        }
    }
}
