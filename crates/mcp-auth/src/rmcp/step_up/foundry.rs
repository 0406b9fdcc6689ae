//! The form that Microsoft Foundry's hosting understands.

use ::rmcp::ErrorData;
use ::rmcp::model::ErrorCode;
use serde_json::json;

/// The number of Foundry's tool gateway. It is in the range that MCP calls legacy, and no
/// receiver may give it a meaning (MCP 2026-07-28, "Error codes"): by opt-in only.
const CODE: i32 = -32006;

/// A text with JSON behind it, in which hosted agents look for `CONSENT_REQUIRED` and the
/// link.
pub(super) fn consent_required(name: &str, url: &str) -> ErrorData {
    let errors = json!({
        "errors": [{
            "name": name,
            "type": "mcp",
            "error": {"code": "CONSENT_REQUIRED", "message": url},
        }]
    });
    ErrorData::new(
        ErrorCode(CODE),
        format!("consent is required {errors}"),
        None,
    )
}
