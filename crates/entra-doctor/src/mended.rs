//! Addresses as people paste them, made plain: quotes, http, an account in front of the host,
//! data sources and connection strings.

use foundry_scopes::{Cloud, Endpoint, is_loopback_host};

use crate::hosts::serving;
use crate::reading::address::host_of;

/// What a person would read; the text itself where nothing is to mend.
pub(crate) fn address(text: &str) -> String {
    if let Some(host) = of_data_source(text) {
        return format!("https://{host}/");
    }
    without_account(&plain(text))
}

/// The host of `sb://`, `tcp:`, `postgresql://`, `jdbc:sqlserver://` and connection strings: the
/// first name that is a resource's. Nothing else of the text is kept.
fn of_data_source(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let web = ["http://", "https://", "ws://", "wss://"];
    if web.iter().any(|scheme| lower.contains(scheme))
        || lower.contains(char::is_whitespace) && !lower.contains(['=', ';'])
    {
        return None;
    }
    let shaped =
        lower.contains("://") || lower.contains(['=', ';', ',']) || lower.starts_with("tcp:");
    if !shaped {
        return None;
    }
    let of_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    lower
        .split(|c| !of_host(c))
        .filter(|word| word.matches('.').count() >= 2 && !word.starts_with(['.', '-']))
        .find(|word| {
            serving(word, None).is_some()
                || Endpoint::parse_in(&format!("https://{word}/"), &Cloud::public()).is_ok()
        })
        .map(str::to_owned)
}

/// Quotes, brackets and plain http away: what a person would read.
fn plain(text: &str) -> String {
    let bare = text
        .trim()
        .trim_matches(['"', '\'', '`', '<', '>', ',', ';', ' '])
        .trim_end_matches('.');
    let bare = bare
        .split_once("=http")
        .map_or(bare.to_owned(), |(_, url)| format!("http{url}"));
    let bare = bare.trim_matches(['"', '\'']).to_owned();
    let local = is_loopback_host(&host_of(&bare));
    match bare.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") && !local => {
            format!("https://{rest}")
        }
        None if bare.contains('.') && !bare.contains([' ', '@']) => format!("https://{bare}"),
        _ => bare,
    }
}

/// Addresses of git have the name of an account in front of the host. A name that looks like
/// a host stays there: it hides the real one.
fn without_account(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.split_once('@') {
        Some((account, rest))
            if !account.contains(['.', '/', ':', '?', '#'])
                && serving(&host_of(rest), None).is_some() =>
        {
            format!("{scheme}://{rest}")
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_sources_and_accounts_are_made_plain() {
        for (text, expected) in [
            (
                "sb://contoso.servicebus.windows.net/orders",
                "https://contoso.servicebus.windows.net/",
            ),
            (
                "tcp:contoso.database.windows.net,1433",
                "https://contoso.database.windows.net/",
            ),
            (
                "postgresql://u:p@contoso.postgres.database.azure.com:5432/db",
                "https://contoso.postgres.database.azure.com/",
            ),
            (
                "Server=tcp:contoso.database.windows.net,1433;Database=d;User ID=u;Password=p",
                "https://contoso.database.windows.net/",
            ),
            (
                "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=s",
                "https://contoso.servicebus.windows.net/",
            ),
            (
                "abfss://fs@contoso.dfs.core.windows.net/a",
                "https://contoso.dfs.core.windows.net/",
            ),
            (
                "https://contoso@dev.azure.com/contoso/_git/a",
                "https://dev.azure.com/contoso/_git/a",
            ),
            (
                "https://contoso.openai.azure.com@evil.example/",
                "https://contoso.openai.azure.com@evil.example/",
            ),
            (
                "https://contoso@evil.example/",
                "https://contoso@evil.example/",
            ),
        ] {
            assert_eq!(address(text), expected, "{text}");
        }
    }
}
