//! Client assertions (RFC 7523, section 2.2): a certificate's signature, a foreign issuer's
//! token, or the exchange token of a blueprint.

mod certificate;
mod federated;
mod fetch;

use serde_json::Value;

use crate::call::Call;
use crate::directory::{AgentPart, App, Tenant};
use crate::errors::{AadError, long_timestamp, table};
use crate::state::Shared;
use crate::tokens::jwt::Parsed;
use crate::x509::JwsAlgorithm;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client's `nbf` may be ahead of ours by this much, in seconds.
const AHEAD: i64 = 300;

/// One client assertion and who sent it where.
pub(super) struct Assertion<'a> {
    pub(super) shared: &'a Shared,
    pub(super) call: &'a Call,
    pub(super) tenant: &'a Tenant,
    pub(super) client: &'a App,
    /// The path segment as the request spelled the tenant.
    pub(super) segment: &'a str,
}

impl Assertion<'_> {
    /// Checks an assertion; which kind it is follows from who issued it.
    pub(super) async fn check(&self, text: &str) -> Result<(), AadError> {
        let form = &self.call.form;
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
        if let AgentPart::Identity { blueprint } = &self.client.agent {
            return federated::check_exchange(self, &token, blueprint);
        }
        let id = self.client.client_id();
        let by_client = |claim| {
            token
                .text(claim)
                .is_some_and(|v| v.eq_ignore_ascii_case(id))
        };
        let foreign = token.text("iss").is_some_and(|iss| iss.contains("://"));
        if foreign && !by_client("iss") {
            return federated::check(self, &token, algorithm).await;
        }
        certificate::check(self, &token, algorithm)
    }

    /// The assertion's time: `exp` must be there and ahead, `nbf` may be missing.
    fn check_time(&self, token: &Parsed<'_>) -> Result<(), AadError> {
        let now = self.call.now;
        let from = token.date("nbf").or(token.date("iat"));
        let until = token.date("exp").unwrap_or(i64::MIN);
        let begun = token
            .date("nbf")
            .is_none_or(|nbf| nbf <= now.saturating_add(AHEAD));
        if now < until && begun {
            return Ok(());
        }
        Err(AadError::new(table::CLIENT_ASSERTION_TIME)
            .arg(long_timestamp(now))
            .arg(long_timestamp(from.unwrap_or(0)))
            .arg(long_timestamp(until)))
    }
}

/// A text as an error shows it: one value of a list is enough.
fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}
