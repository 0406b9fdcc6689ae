//! Refusals of MCP clients and of the MCP transport: metadata of another resource, a header or a
//! session that is missing.

use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::Finding;
use crate::reading::scan;

use super::shared::{said, shown};

pub(super) fn mcp(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if let Some(finding) = other_resource(facts) {
        found.push(finding);
    }
    if facts.says_any(&[
        "must accept both application/json and text/event-stream",
        "client must accept",
    ]) {
        found.push(transport("the server wants `Accept: application/json, text/event-stream`, and the request says another")
            .change("send that header: MCP clients do, a plain HTTP client has to be told so"));
    } else if facts.says_any(&[
        "no valid session id",
        "missing session id",
        "session not found",
        "invalid session id",
    ]) {
        found.push(transport("the server knows no session of the id that was sent, or none was sent")
            .change("send `initialize` first and its `Mcp-Session-Id` with every request after it; where several instances serve, they must share sessions or keep a client at one"));
    }
}

fn transport(seen: &str) -> Finding {
    said(Code::McpTransport, seen.to_owned())
        .why("the token was accepted or not looked at: this is the transport's own rule")
        .source_is("MCP specification, transports")
}

/// `Protected resource X does not match expected Y`: the metadata name another URL than the
/// client's.
fn other_resource(facts: &Facts<'_>) -> Option<Finding> {
    let rest = scan::after(&facts.said, "protected resource")?;
    let line = rest.split('\n').next()?;
    let (before, after) = line.split_once("does not match")?;
    let url = |text: &str| {
        let at = text.find("http")?;
        let url = text.get(at..)?;
        let end = url
            .find(|c: char| c.is_whitespace() || "\"'`,;()".contains(c))
            .unwrap_or(url.len());
        url.get(..end).map(str::to_owned)
    };
    let (named, expected) = (url(before)?, url(after)?);
    Some(
        said(
            Code::McpResourceMismatch,
            format!(
                "the server's metadata name the resource `{}`, and the client was given `{}`",
                shown(&named),
                shown(&expected)
            ),
        )
        .why("a client takes metadata only for the very URL that it calls (RFC 9728, section 3.3), path included")
        .change("give the server its public URL with the path of the MCP endpoint as `resource`, or give the client the URL that the metadata name")
        .source_is("RFC 9728, section 3.3"),
    )
}
