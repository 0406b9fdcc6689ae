//! A browser's refusal to hand a page the answer of another origin (CORS): which server did
//! not allow it, and why.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::Finding;
use crate::reading::address::host_of;
use crate::reading::scan;

use super::shared::{said, shown};

pub(super) fn browser(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let blocked = facts.says_any(&[
        "blocked by cors policy",
        "cross-origin request blocked",
        "is not allowed by access-control-allow-origin",
        "same origin policy disallows",
        "no 'access-control-allow-origin' header",
    ]);
    // The number says it more exactly.
    if !blocked || facts.has_error(&[9_002_326, 9_002_327]) {
        return;
    }
    let text = facts.said.as_str();
    let url = [
        "fetch at",
        "XMLHttpRequest at",
        "resource at",
        "Request to",
        "load",
    ]
    .iter()
    .find_map(|mark| address(scan::after(text, mark)?));
    let from = scan::after(text, "redirected from").and_then(address);
    let origin = ["from origin", "Origin"]
        .iter()
        .find_map(|mark| address(scan::after(text, mark)?));
    let page = origin.as_deref().map_or_else(
        || "the page".to_owned(),
        |origin| format!("the page at `{}`", shown(origin)),
    );
    let Some(url) = url else { return };
    let host = host_of(&url);
    found.push(if !crate::reading::request::is_authority(&url) {
        own(&page, &host)
    } else if url.to_ascii_lowercase().contains("/token") {
        said(
            Code::RedirectPlatform,
            format!("{page} asked Entra ID's token endpoint, which answers a page only where its redirect URI is registered for single-page applications"),
        )
        .why("with a redirect URI of the platform Web (or mobile and desktop), the answer has no `Access-Control-Allow-Origin`, and the browser hides it (AADSTS9002326)")
        .change(Change::setting("the platform of the page's redirect URI", "single-page application (`spa`), and remove it from the other platforms"))
        .change("a client with a secret belongs on a server: no page may call the token endpoint with `client_secret`")
    } else {
        authorize(&page, from.as_deref())
    });
}

/// The sign-in page was fetched, where it should have been opened.
fn authorize(page: &str, from: Option<&str>) -> Finding {
    match from {
        Some(from) => said(
            Code::SiteRedirectsCallers,
            format!("{page} called `{}`, which sent it to the sign-in page instead of answering 401", shown(from)),
        )
        .why("the call had no token or session that the site accepts; a script cannot follow it into a sign-in")
        .change(Change::setting("`unauthenticatedClientAction` of the site", "`Return401`, which a script understands"))
        .change("have the page sign the user in by navigating, and send `Authorization: Bearer` with a token for the API"),
        None => said(
            Code::CrossOriginRefused,
            format!("{page} fetched Entra ID's sign-in page by script"),
        )
        .why("a sign-in is a page for a person: it is opened, and no script may read it")
        .change("navigate there (`window.location`, a popup, or MSAL's `loginRedirect`), and let the redirect come back to the page"),
    }
}

/// The API answers the preflight without the headers that allow the page.
fn own(page: &str, host: &str) -> Finding {
    said(
        Code::CrossOriginRefused,
        format!("`{}` does not allow {page}: the browser withholds its answer", shown(host)),
    )
    .why("before a call with `Authorization` the browser asks by OPTIONS, without a token: an API that demands one there, or lists no such origin, refuses every call; the token is not what is wrong")
    .change("allow the page's origin, the method and the headers `authorization, content-type` in the API's CORS settings, in front of its authentication (App Service: `az webapp cors add --allowed-origins '<origin>'`)")
    .change("services of Microsoft's that answer no page are called from a server of your own")
}

/// The first URL of a stretch of text, within a few words.
fn address(rest: &str) -> Option<String> {
    let near = crate::reading::cut(rest, 2048);
    let at = near.find("http").filter(|at| *at < 24)?;
    let url = near.get(at..)?;
    let end = url
        .find(|c: char| c.is_whitespace() || "'\"`<>)".contains(c))
        .unwrap_or(url.len());
    let url = url.get(..end)?.trim_end_matches(['.', ',']);
    url.contains("://").then(|| url.to_owned())
}
