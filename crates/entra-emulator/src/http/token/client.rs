//! Client authentication (RFC 6749, section 2.3; Entra's error codes).

use super::assertion::{Assertion, certificate, federated};
use super::code::not_a_page;
use super::request::GrantType;
use crate::access::find_client as find;
use crate::call::Call;
use crate::directory::{AgentPart, App, Reading, Tenant};
use crate::errors::{AadError, Row, table};
use crate::state::Shared;
use crate::tokens::{access::Credential, jwt::Parsed};
use crate::x509::JwsAlgorithm;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client id of a request, from the body or from Basic.
pub(super) fn id(call: &Call) -> Result<&str, AadError> {
    let basic = call.basic.as_ref().map(|b| b.client_id.as_str());
    call.form
        .get("client_id")
        .or(basic)
        .ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg("client_id"))
}

/// Finds the client and checks its credential.
pub(super) async fn authenticate<'a>(
    shared: &Shared,
    segment: &str,
    tenant: &'a Tenant,
    call: &Call,
    grant: GrantType,
) -> Result<(&'a App, Credential), AadError> {
    let basic = call.basic.as_ref();
    let client = find(tenant, id(call)?)?;
    let in_form = call.form.get("client_secret");
    let in_basic = basic.map(|b| b.secret.as_str()).filter(|s| !s.is_empty());
    let secret = in_form.or(in_basic);
    let assertion = call.form.get("client_assertion");
    // A page redeems codes and refresh tokens of its own platform only.
    let by_page = call.origin.is_some() && !client.spa.redirect_uris.is_empty();
    let by_page = by_page && matches!(grant, GrantType::Code | GrantType::Refresh);
    if let (Some(origin), false) = (&call.origin, by_page) {
        return Err(not_a_page(origin));
    }
    if client.is_public() {
        let empty = basic.is_some() || call.form.has("client_secret");
        let empty = empty && !tenant.follows(Reading::EmptySecretIsAbsent);
        return match (secret, assertion) {
            (None, None) if empty => Err(AadError::new(table::CLIENT_IS_PUBLIC)),
            (None, None) if grant.is_for_public_clients() => Ok((client, Credential::None)),
            (None, None) => Err(AadError::new(missing(grant))),
            _ => Err(AadError::new(table::CLIENT_IS_PUBLIC)),
        };
    }
    match (secret, assertion) {
        (Some(_), Some(_)) => Err(AadError::new(table::TWO_CREDENTIALS)),
        (None, Some(text)) => {
            let assertion = Assertion {
                shared,
                call,
                tenant,
                client,
                segment,
            };
            check_assertion(&assertion, text).await?;
            Ok((client, Credential::Assertion))
        }
        (Some(secret), None) => check_secret(client, secret, call.now),
        (None, None) if by_page => Ok((client, Credential::None)),
        (None, None) => Err(AadError::new(missing(grant))),
    }
}

fn missing(grant: GrantType) -> Row {
    match grant {
        GrantType::ClientCredentials => table::CREDENTIAL_MISSING_APP,
        _ => table::CREDENTIAL_MISSING,
    }
}

/// Agents in the cloud and their blueprints never sign users in themselves; local agents do.
pub(crate) fn check_interactive(app: &App) -> Result<(), AadError> {
    match app.agent {
        AgentPart::Identity { .. } | AgentPart::Blueprint | AgentPart::SingleInstance => {
            Err(AadError::new(table::AGENT_AUTHORIZE).arg(app.client_id()))
        }
        AgentPart::None | AgentPart::Local => Ok(()),
    }
}

/// Checks an assertion; which kind it is follows from who issued it.
async fn check_assertion(assertion: &Assertion<'_>, text: &str) -> Result<(), AadError> {
    let form = &assertion.call.form;
    match form.get("client_assertion_type") {
        Some(JWT_BEARER) => {}
        Some(_) => return Err(AadError::new(table::BAD_PARAMETER).arg("client_assertion_type")),
        None => {
            return Err(AadError::new(table::MISSING_PARAMETER).arg("client_assertion_type"));
        }
    }
    let token =
        Parsed::read_padded(text).ok_or_else(|| AadError::new(table::ASSERTION_MALFORMED))?;
    let algorithm = JwsAlgorithm::named(token.alg()).ok_or_else(|| {
        AadError::new(table::JWT_ALGORITHM)
            .arg(token.alg())
            .called("invalid_client")
    })?;
    if let AgentPart::Identity { blueprint } = &assertion.client.agent {
        return federated::check_exchange(assertion, &token, blueprint);
    }
    let id = assertion.client.client_id();
    let by_client = |claim| {
        token
            .text(claim)
            .is_some_and(|v| v.eq_ignore_ascii_case(id))
    };
    let foreign = token.text("iss").is_some_and(|iss| iss.contains("://"));
    if foreign && !by_client("iss") {
        return federated::check(assertion, &token, algorithm).await;
    }
    certificate::check(assertion, &token, algorithm)
}

fn check_secret<'a>(
    client: &'a App,
    secret: &str,
    now: i64,
) -> Result<(&'a App, Credential), AadError> {
    let refuse = |row| Err(AadError::new(row).arg(client.client_id()));
    match client.secrets().iter().find(|s| s.value == secret) {
        None => refuse(table::SECRET_WRONG),
        Some(found) if found.expires_at.is_some_and(|at| now >= at) => {
            refuse(table::SECRET_EXPIRED)
        }
        Some(_) => Ok((client, Credential::Secret)),
    }
}
