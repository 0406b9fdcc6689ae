//! The cookie that ties a sign-in to the browser that began it.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// How long a page may be open, in seconds.
const LIFE: u64 = super::store::LIFE.as_secs();

/// One name for each page, so that two of them do not disturb each other. `__Host-` keeps
/// other hosts and paths from planting one (RFC 6265bis, section 4.1.3.2); browsers take that
/// over https only, and plain http is for loopback.
fn name(id: &str, secure: bool) -> String {
    let prefix = if secure { "__Host-" } else { "" };
    let id = id.get(..12).unwrap_or_default();
    format!("{prefix}mcp-consent-{id}")
}

/// `Lax`: the browser comes back from Entra ID by following a redirect, with its cookies.
pub(super) fn set(id: &str, value: &str, secure: bool) -> Option<HeaderValue> {
    let name = name(id, secure);
    let flag = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={LIFE}; HttpOnly; SameSite=Lax{flag}");
    HeaderValue::try_from(text).ok()
}

pub(super) fn read<'h>(headers: &'h HeaderMap, id: &str, secure: bool) -> Option<&'h str> {
    let name = name(id, secure);
    let all = headers.get_all(COOKIE).iter();
    all.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}
