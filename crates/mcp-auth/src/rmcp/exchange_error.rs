//! A failed exchange as a tool error.

use ::rmcp::model::{CallToolResult, ContentBlock};
use entra_obo::{Downstream, ErrorKind, ExchangeError, Next};
use foundry_scopes::Scope;
use serde_json::{Map, Value};

/// What the client of a tool gets when the tool could not get its token.
///
/// A tool error (`is_error`), not a protocol error, since clients show the former to the
/// user and hide the latter. Its text is one sentence for people. Its structured content
/// is for programs:
///
/// | member | value |
/// | --- | --- |
/// | `error` | `consent_required`, `insufficient_claims`, `sign_in_required`, `temporarily_unavailable`, `access_denied` or `server_error` |
/// | `message` | the sentence |
/// | `scopes` | what the tool asked for, qualified |
/// | `aadsts` | the AADSTS numbers |
/// | `claims` | the claims challenge as JSON text, with `insufficient_claims` |
/// | `retry_at` | seconds since 1970, with `temporarily_unavailable` |
/// | `correlation_id` | what an administrator finds the attempt by in the sign-in log |
///
/// Nothing that Entra ID wrote as prose is in it (it names ids of the tenant), and no
/// configuration of the server beyond the scopes.
///
/// ```
/// use entra_claims::VerifiedToken;
/// use entra_obo::{Downstream, UserAssertion};
/// use mcp_auth::Caller;
/// use mcp_auth::rmcp::exchange_error;
/// use rmcp::model::{CallToolResult, ContentBlock};
///
/// async fn orders(orders: &Downstream, caller: Caller) -> CallToolResult {
///     let assertion = match UserAssertion::try_from(caller.token()) {
///         Ok(assertion) => assertion,
///         Err(error) => return CallToolResult::error(vec![ContentBlock::text(error.to_string())]),
///     };
///     match orders.token_for(&assertion).await {
///         Ok(_token) => CallToolResult::success(vec![ContentBlock::text("12 bicycles")]),
///         Err(error) => exchange_error(orders, &error),
///     }
/// }
/// # let _ = orders;
/// ```
#[must_use]
pub fn exchange_error(downstream: &Downstream, error: &ExchangeError) -> CallToolResult {
    let scopes: Vec<_> = downstream
        .scopes()
        .scopes()
        .iter()
        .map(Scope::as_str)
        .collect();
    let answer = describe(error, &scopes);
    tracing::info!(
        target: "mcp_auth::exchange",
        error = answer.code,
        kind = error.kind().as_str(),
        correlation_id = error.correlation_id(),
        "{error}"
    );
    let mut content = Map::new();
    content.insert("error".to_owned(), answer.code.into());
    content.insert("message".to_owned(), answer.message.clone().into());
    content.insert("scopes".to_owned(), scopes.into());
    content.insert("aadsts".to_owned(), error.codes().into());
    for (name, value) in [
        ("claims", answer.claims.map(Value::from)),
        ("retry_at", answer.retry_at.map(Value::from)),
        ("correlation_id", error.correlation_id().map(Value::from)),
    ] {
        if let Some(value) = value {
            content.insert(name.to_owned(), value);
        }
    }
    let mut result = CallToolResult::error(vec![ContentBlock::text(answer.message)]);
    result.structured_content = Some(Value::Object(content));
    result
}

struct Description {
    code: &'static str,
    message: String,
    claims: Option<String>,
    retry_at: Option<i64>,
}

fn describe(error: &ExchangeError, scopes: &[&str]) -> Description {
    let (mut claims, mut retry_at) = (None, None);
    let (code, message) = match error.next() {
        Next::Consent => (
            "consent_required",
            format!(
                "This tool needs a permission that has not been consented to: {}. \
                 Ask the user or an administrator to consent, then call it again.",
                scopes.join(" ")
            ),
        ),
        Next::Challenge(challenge) => {
            claims = Some(challenge.as_json().to_owned());
            (
                "insufficient_claims",
                "The user has to sign in again with further proof, such as a second factor."
                    .to_owned(),
            )
        }
        Next::SignInAgain => (
            "sign_in_required",
            "The user has to sign in again before this tool can act for them.".to_owned(),
        ),
        Next::RetryAt(at) => {
            retry_at = Some(at.unix_timestamp());
            (
                "temporarily_unavailable",
                "This tool cannot get its token at the moment; call it again later.".to_owned(),
            )
        }
        Next::FixConfiguration => ("server_error", server_error()),
        _ if error.kind() == ErrorKind::Denied => (
            "access_denied",
            "The organization does not allow this tool to act for the user.".to_owned(),
        ),
        _ => ("server_error", server_error()),
    };
    Description {
        code,
        message,
        claims,
        retry_at,
    }
}

fn server_error() -> String {
    "This tool is not set up correctly; its operator finds the reason in the server's log."
        .to_owned()
}
