//! Client assertions (RFC 7523, section 2.2): a certificate's signature, a foreign issuer's
//! token, or the exchange token of a blueprint.

pub(super) mod certificate;
pub(super) mod federated;
mod fetch;

use serde_json::Value;

use crate::call::Call;
use crate::directory::{App, Tenant};
use crate::errors::{AadError, long_timestamp, table};
use crate::state::Shared;
use crate::tokens::jwt::Parsed;

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
