//! Addresses in a text, by what they are for: endpoints, sign-in requests, scopes, pages.

use std::sync::LazyLock;

use foundry_scopes::KnownCloud;
use foundry_scopes::catalogue;

use super::scan;

/// A URL, where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) url: String,
    pub(crate) role: Role,
    /// How plainly the text says that this is what was called.
    pub(crate) weight: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Something that is called.
    Called,
    /// A request to Entra ID's sign-in or token endpoint.
    Authority,
    /// A resource or scope.
    Audience,
    /// Where a sign-in returns to.
    Redirect,
    /// The identity endpoint of a host.
    ManagedIdentity,
    /// Documentation, portals, short links, other people's sites.
    Page,
}

/// Domains below which a bare host in a text is an address that somebody calls.
const SERVICES: [&str; 14] = [
    ".openai.azure.com",
    ".services.ai.azure.com",
    ".cognitiveservices.azure.com",
    ".search.windows.net",
    ".vault.azure.net",
    ".azurewebsites.net",
    ".azurecontainerapps.io",
    ".azure-api.net",
    ".documents.azure.com",
    ".blob.core.windows.net",
    ".openai.azure.us",
    ".services.ai.azure.us",
    ".azurestaticapps.net",
    ".database.windows.net",
];

/// [`SERVICES`], and every domain of the catalogue below which customers have their resources.
fn domains() -> &'static [&'static str] {
    static DOMAINS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let patterns = catalogue::all().flat_map(|resource| {
            KnownCloud::ALL
                .iter()
                .flat_map(|cloud| resource.hosts(*cloud).iter().copied())
        });
        let mut found: Vec<&'static str> = patterns
            .filter_map(|pattern| pattern.strip_prefix('*'))
            .filter(|domain| domain.starts_with('.') && !domain.contains(['*', '<']))
            .chain(SERVICES)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    });
    &DOMAINS
}

pub(crate) fn find(text: &str) -> Vec<Address> {
    let mut found = with_scheme(text);
    found.extend(of_pool(text));
    let lower = text.to_ascii_lowercase();
    for domain in domains() {
        for (at, _) in lower.match_indices(domain) {
            let end = at + domain.len();
            let of_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
            let before = text.get(..at).unwrap_or_default();
            let start = before.rfind(|c| !of_host(c)).map_or(0, |last| {
                last + before
                    .get(last..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(1, char::len_utf8)
            });
            let name = text.get(start..at).unwrap_or_default();
            let rest = text.get(end..).unwrap_or_default();
            let whole =
                !name.is_empty() && !name.starts_with(['-', '.']) && !rest.starts_with(of_host_end);
            let known = found
                .iter()
                .any(|address| start >= address.start && start < address.end);
            let resource = || {
                catalogue::by_audience(&format!("https://{name}{domain}"))
                    .next()
                    .is_some()
            };
            if whole && !known && !before.ends_with('@') && !resource() {
                let path = if rest.starts_with('/') {
                    length(rest)
                } else {
                    0
                };
                let url = format!(
                    "https://{}",
                    text.get(start..end + path).unwrap_or_default()
                );
                found.push(Address {
                    start,
                    end: end + path,
                    url,
                    role: Role::Called,
                    weight: 1,
                });
            }
        }
    }
    found.sort_by_key(|address| address.start);
    found
}

/// `HTTPSConnectionPool(host='x', port=443)`, `getaddrinfo ENOTFOUND x`: a name that was looked up.
fn of_pool(text: &str) -> Option<Address> {
    let marks = [
        "ConnectionPool(host=",
        "Failed to resolve ",
        "ENOTFOUND ",
        "No such host is known. (",
        "no such host: ",
    ];
    let (at, mark) = marks
        .iter()
        .find_map(|mark| Some((text.find(mark)?, *mark)))?;
    let start = at + mark.len();
    let rest = text.get(start..)?.trim_start_matches(['\'', '"']);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')))?;
    let host = rest.get(..end).filter(|host| host.contains('.'))?;
    let path = scan::after(text, "with url: ")
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_default();
    let start = start + (text.get(start..)?.len() - rest.len());
    let url = format!("https://{host}{path}");
    let role = match classify("", 0, 0, &url).0 {
        known @ (Role::ManagedIdentity | Role::Authority) => known,
        _ => Role::Called,
    };
    Some(Address {
        start,
        end: start + end,
        url,
        role,
        weight: 4,
    })
}

/// The host goes on: this is another domain.
fn of_host_end(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn with_scheme(text: &str) -> Vec<Address> {
    let mut found: Vec<Address> = Vec::new();
    let mut from = 0;
    while let Some(colon) = text
        .get(from..)
        .and_then(|rest| rest.find("://"))
        .map(|at| at + from)
    {
        let scheme_start = text
            .get(..colon)
            .and_then(|before| {
                before
                    .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '+')
                    .map(|at| at + 1)
            })
            .unwrap_or(0);
        let scheme_start = (scheme_start..=colon)
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(colon);
        let rest = text.get(colon + 3..).unwrap_or_default();
        let end = colon + 3 + length(rest);
        let scheme = text
            .get(scheme_start..colon)
            .unwrap_or_default()
            .to_ascii_lowercase();
        if matches!(scheme.as_str(), "http" | "https" | "ws" | "wss")
            && let Some(url) = text.get(scheme_start..end)
        {
            let url = url.to_owned();
            if url.len() > scheme.len() + 5 {
                let (role, weight) = classify(text, scheme_start, end, &url);
                found.push(Address {
                    start: scheme_start,
                    end,
                    url,
                    role,
                    weight,
                });
            }
        }
        from = end.max(colon + 3);
    }
    found
}

fn length(rest: &str) -> usize {
    let stop = |c: char| c.is_whitespace() || c.is_control() || "'\"`<>|\\^".contains(c);
    let raw = rest.find(stop).unwrap_or(rest.len());
    let url = rest.get(..raw).unwrap_or_default();
    let mut kept = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', ']']);
    // A bracket that the text opened in front of the URL.
    while kept.ends_with(')') && kept.matches(')').count() > kept.matches('(').count() {
        kept = kept.trim_end_matches(')').trim_end_matches(['.', ',', ';']);
    }
    while kept.ends_with('}') && !kept.contains('{') {
        kept = kept.trim_end_matches('}');
    }
    kept.len()
}

/// Hosts whose addresses in a text are reading matter.
const PAGES: [&str; 28] = [
    "learn.microsoft.com",
    "docs.microsoft.com",
    "aka.ms",
    "go.microsoft.com",
    "github.com",
    "stackoverflow.com",
    "portal.azure.com",
    "entra.microsoft.com",
    "techcommunity.microsoft.com",
    "jwt.ms",
    "jwt.io",
    "www.microsoft.com",
    "support.microsoft.com",
    "raw.githubusercontent.com",
    "schema.management.azure.com",
    "schemas.microsoft.com",
    "json-schema.org",
    "developer.microsoft.com",
    "visualstudio.microsoft.com",
    "pypi.org",
    "www.npmjs.com",
    "azure.microsoft.com",
    "code.visualstudio.com",
    "schemas.xmlsoap.org",
    "www.rfc-editor.org",
    "datatracker.ietf.org",
    "help.openai.com",
    "platform.openai.com",
];

const AUTHORITIES: [&str; 12] = [
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "login.live.com",
    "device.login.microsoftonline.com",
    "login.sovcloud-identity.fr",
    "login.sovcloud-identity.de",
    "microsoft.com/devicelogin",
];

pub(crate) fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest.get(..end).unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.split(':').next().unwrap_or(host);
    host.to_ascii_lowercase()
}

fn classify(text: &str, start: usize, end: usize, url: &str) -> (Role, u8) {
    let host = host_of(url);
    let lower = url.to_ascii_lowercase();
    let from = start.saturating_sub(90);
    let from = (from..=start)
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(start);
    let before = text
        .get(from..start)
        .unwrap_or_default()
        .to_ascii_lowercase();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let near = |words: &[&str]| words.iter().any(|word| line.contains(word));
    // Names without a public domain are inside somebody's cluster.
    let inner = !host.contains('.') && host != "localhost" || host.ends_with(".svc");
    if inner || PAGES.contains(&host.as_str()) {
        return (Role::Page, 0);
    }
    if AUTHORITIES.contains(&host.as_str())
        || host.ends_with(".ciamlogin.com")
        || host.ends_with(".b2clogin.com")
    {
        return (Role::Authority, 0);
    }
    if host == "169.254.169.254"
        || lower.contains("/msi/token")
        || lower.contains("/metadata/identity")
    {
        return (Role::ManagedIdentity, 0);
    }
    // Where the page of a browser's message is from.
    let opened = line.trim_end_matches(['\'', '"', '`', ' ']);
    if opened.ends_with("origin") || opened.ends_with("origin:") {
        return (Role::Page, 0);
    }
    // What a query asks for: `?resource=https://...&api-version=...`.
    if line.ends_with("resource=") || line.ends_with("scope=") {
        return (Role::Audience, 0);
    }
    // The request that shows a site's settings, and not the call that fails.
    if lower.contains("/config/authsettings") || near(&["az rest", "az ad "]) {
        return (Role::Page, 0);
    }
    if near(&[
        "redirect_uri",
        "redirect uri",
        "reply url",
        "reply address",
        "redirecturi",
        "callback",
        "redirecturl",
    ]) || lower.contains("/signin-oidc")
        || lower.contains("/oauth/callback")
        || lower.contains("/.auth/login/aad/callback")
    {
        return (Role::Redirect, 0);
    }
    let suffix = lower.contains("/.default")
        || lower.ends_with("/user_impersonation")
        || lower.ends_with("./default");
    let named = near(&[
        "audience",
        "scope",
        "resource",
        "aud\"",
        "aud'",
        "aud:",
        "aud =",
        "aud is",
        "`aud`",
        "issuer",
        "iss\"",
        "identifier uri",
        "identifieruris",
        "app id uri",
        "token for",
        "token was requested for",
    ]) && !near(&[
        "resource endpoint",
        "resource_metadata",
        "audience is incorrect",
    ]) || line.contains("audience is incorrect");
    let after = text.get(end..).unwrap_or_default();
    if suffix || named && !near(&["endpoint", "curl", "get ", "post "]) && is_short(&lower) {
        return (Role::Audience, 0);
    }
    let weight = if near(&[
        "curl",
        "get ",
        "post ",
        "put ",
        "delete ",
        "request url",
        "requesturl",
        "for url",
        "invoke-restmethod",
        "invoke-webrequest",
        "-uri",
    ]) || after.starts_with(" HTTP/")
    {
        5
    } else if near(&[
        "endpoint",
        "base_url",
        "baseurl",
        "server_url",
        "\"url\"",
        "url:",
        "url=",
        "uri",
        "host",
        "calling",
        "call ",
        "fetch(",
    ]) {
        4
    } else if lower.contains("/api/") || lower.contains("/openai/") || lower.contains("/mcp") {
        3
    } else {
        1
    };
    (Role::Called, weight)
}

/// A resource identifier has little or no path.
fn is_short(url: &str) -> bool {
    let path = url.split_once("://").map_or("", |(_, rest)| {
        rest.find('/')
            .map_or("", |at| rest.get(at..).unwrap_or_default())
    });
    path.matches('/').count() <= 2 && !path.contains('?')
}

/// The decoded parameters of a query or a form.
pub(crate) fn parameters(text: &str) -> Vec<(String, String)> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let query = query.split('#').next().unwrap_or(query);
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| {
            (
                name.trim().to_ascii_lowercase(),
                scan::form_decoded(value.trim()),
            )
        })
        .filter(|(name, _)| !name.is_empty() && name.len() < 64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart_by_what_they_are_for() {
        for (text, role, url) in [
            (
                "curl https://contoso.openai.azure.com/openai/v1/models \\",
                Role::Called,
                "https://contoso.openai.azure.com/openai/v1/models",
            ),
            (
                "(see https://learn.microsoft.com/azure).",
                Role::Page,
                "https://learn.microsoft.com/azure",
            ),
            (
                "scope = 'https://ai.azure.com/.default'",
                Role::Audience,
                "https://ai.azure.com/.default",
            ),
            (
                "\"audience\": \"https://orders.azurewebsites.net\"",
                Role::Audience,
                "https://orders.azurewebsites.net",
            ),
            (
                "redirect_uri 'http://localhost:3000/auth'",
                Role::Redirect,
                "http://localhost:3000/auth",
            ),
            (
                "GET https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=x",
                Role::Authority,
                "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=x",
            ),
            (
                "[click](https://mcp.acme.com/mcp)",
                Role::Called,
                "https://mcp.acme.com/mcp",
            ),
        ] {
            let found = find(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(
                (found[0].role, found[0].url.as_str()),
                (role, url),
                "{text}"
            );
        }
    }

    #[test]
    fn parameters_are_decoded() {
        let found =
            parameters("https://x/authorize?client_id=a&scope=openid%20api%3A%2F%2Fx%2Fy#z");
        assert_eq!(
            found[1],
            ("scope".to_owned(), "openid api://x/y".to_owned())
        );
    }
}
