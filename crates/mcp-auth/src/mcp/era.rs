//! Protocol era of a request, and headers that mirror its message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};

use super::error::McpRequestError;
use super::message::{Kind, Message};
use super::revision::{Era, Revision};

pub(super) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
pub(super) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
pub(super) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// The era of a request without a message: GET or DELETE.
pub(super) fn of_headers(headers: &HeaderMap) -> Result<Era, McpRequestError> {
    era(only(headers, &PROTOCOL_VERSION)?)
}

/// The era of a message, whose mirrored headers are compared where that is the rule.
///
/// In the older era `Mcp-Method` and `Mcp-Name` were not compared, so nothing is read from
/// them; in no era is anything decided by them (MCP 2026-07-28, transports, "Server
/// validation").
pub(super) fn of_message(headers: &HeaderMap, message: &Message) -> Result<Era, McpRequestError> {
    let header = only(headers, &PROTOCOL_VERSION)?;
    let own = match message.kind {
        Kind::Request(_) if message.method != "initialize" => message.version(),
        _ => None,
    };
    if own.is_some() && own != header {
        return Err(McpRequestError::Mismatch(
            "MCP-Protocol-Version does not match the version in _meta",
        ));
    }
    let era = era(header)?;
    // The handshake exists in the older era only, whichever version it names.
    if message.method == "initialize" {
        return Ok(Era::Sessions);
    }
    if era == Era::Stateless && message.kind != Kind::Response {
        mirrored(headers, message)?;
    }
    Ok(era)
}

fn era(version: Option<&str>) -> Result<Era, McpRequestError> {
    Revision::of_header(version)
        .map(|revision| revision.era)
        .ok_or_else(|| {
            // The answer names the version that is not supported (MCP 2026-07-28, basic,
            // "Unsupported protocol version"), if it can be one.
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
            let version = version.unwrap_or_default();
            let repeatable = version.len() <= 32 && version.bytes().all(plain);
            McpRequestError::Version(repeatable.then(|| version.to_owned()))
        })
}

fn mirrored(headers: &HeaderMap, message: &Message) -> Result<(), McpRequestError> {
    if only(headers, &METHOD)? != Some(message.method.as_str()) {
        return Err(McpRequestError::Mismatch(
            "Mcp-Method does not match the body",
        ));
    }
    let Some(name) = message.mirrored_name() else {
        return Ok(());
    };
    let header = only(headers, &NAME)?;
    if header.and_then(decoded).as_deref() == Some(name) {
        Ok(())
    } else {
        Err(McpRequestError::Mismatch(
            "Mcp-Name does not match the body",
        ))
    }
}

/// `=?base64?...?=` where the value could not stand in a header as it is.
fn decoded(value: &str) -> Option<String> {
    let sentinel = value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match sentinel {
        Some(inner) => String::from_utf8(STANDARD.decode(inner).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}

/// The one value of a header that may stand there once only: two of them could be read
/// differently by what is behind.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, McpRequestError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(McpRequestError::Mismatch(
            "a header of MCP stands there twice",
        ));
    }
    let text = value.to_str();
    text.map(Some)
        .map_err(|_| McpRequestError::Mismatch("a header of MCP is no plain text"))
}
