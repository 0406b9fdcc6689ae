//! What a paste asks Entra ID for: sign-in addresses, forms, commands, code and settings.

use super::address::{self, Role};
use super::scan;
use super::{Mark, Reading};

/// The audience of a token that the Azure CLI and Azure PowerShell give unasked.
const ARM: &str = "https://management.core.windows.net/";

pub(super) fn read(paste: &str, found: &mut Reading) {
    let requests: Vec<_> = found
        .addresses
        .iter()
        .filter(|address| {
            let of_sign_in = ["error_description=", "client_id=", "redirect_uri="];
            let known = matches!(
                address.role,
                Role::Authority | Role::ManagedIdentity | Role::Redirect
            );
            known || of_sign_in.iter().any(|name| address.url.contains(name))
        })
        .map(|address| address.url.clone())
        .collect();
    for url in requests.iter().filter(|url| url.contains(['?', '#'])) {
        let url = url.replace('#', "?");
        add_parameters(found, address::parameters(&url));
    }
    // Forms: a line of `name=value` joined by `&`, and `-d name=value`.
    for line in paste.lines() {
        if line.contains("grant_type=")
            || line.contains("client_id=")
            || line.contains("requested_token_use=")
            || line.contains("error_description=") && !line.contains("://")
        {
            add_parameters(found, address::parameters(&joined(line)));
        }
    }
    if let Some(grant) = scan::word_after(paste, "grant_type")
        && found.parameter("grant_type").is_none()
    {
        found
            .parameters
            .push(("grant_type".to_owned(), grant.to_owned()));
    }
    // The reason of a failed sign-in stands in the address that the browser was sent to.
    for name in ["error_description", "error", "error_subcode"] {
        if let Some(text) = found.parameter(name).map(str::to_owned)
            && !found.text.contains(&text)
        {
            found.text = format!("{text}\n{}", found.text);
        }
    }
    let mut requested = Vec::new();
    for (at, line) in lines(paste) {
        let asked = in_line(line);
        if !asked.is_empty() {
            found.marks.push(Mark {
                start: at,
                end: at + line.len(),
                what: "requested audience",
            });
        }
        requested.extend(asked);
    }
    for name in ["resource", "scope"] {
        let of_request = found.parameters.iter().filter(|(known, _)| known == name);
        for (_, value) in of_request {
            requested.extend(
                value
                    .split_whitespace()
                    .filter(|scope| names_a_resource(scope))
                    .map(str::to_owned),
            );
        }
    }
    if requested.is_empty() && found.tokens.is_empty() && asks_for_the_default(paste) {
        requested.push(ARM.to_owned());
    }
    let mut seen = std::collections::HashSet::new();
    requested.retain(|one| seen.insert(one.clone()));
    found.requested = requested;
}

fn add_parameters(found: &mut Reading, parameters: Vec<(String, String)>) {
    for (name, value) in parameters {
        if found.parameters.len() < 64 {
            found.parameters.push((name, value));
        }
    }
}

/// `-d a=b -d c=d`, `--data-urlencode "a=b"` as one form.
fn joined(line: &str) -> String {
    let mut form = line.to_owned();
    for mark in ["--data-urlencode", "--data-raw", "--data", "-d "] {
        form = form.replace(mark, "&");
    }
    form.replace(['"', '\'', '\\'], "")
        .replace(" &", "&")
        .replace("& ", "&")
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line)
    })
}

/// What introduces a resource or scope that is asked for.
const MARKS: [&str; 32] = [
    "--resource ",
    "--resource=",
    "--scope ",
    "--scope=",
    "-resourceurl ",
    "-resource ",
    "resource=",
    "scope=",
    "scope =",
    "scopes=",
    "scopes =",
    "scopes:",
    "scope:",
    "\"scope\"",
    "'scope'",
    "\"scopes\"",
    "get_token(",
    "gettoken(",
    "get_bearer_token_provider(",
    "getbearertokenprovider(",
    "credential_scopes",
    "credentialscopes",
    "tokenrequestcontext(",
    "acquire_token",
    "acquiretoken",
    "audience=",
    "audience =",
    "audience ",
    "audience:",
    "token_scope",
    "tokenscope",
    "_scope=",
];

/// Lines of errors name audiences that nobody asked for.
const ERRORS: [&str; 9] = [
    "aadsts",
    "incorrect",
    "did not match",
    "must match",
    "expected",
    "error",
    "validaudience",
    "not found",
    "www-authenticate",
];

fn in_line(line: &str) -> Vec<String> {
    let lower = line.to_ascii_lowercase();
    if ERRORS.iter().any(|word| lower.contains(word)) || lower.contains("\"scp\"") {
        return Vec::new();
    }
    let marked = MARKS.iter().filter_map(|mark| lower.find(mark)).min();
    let default = lower.contains("/.default");
    let Some(from) = marked.or_else(|| default.then_some(0)) else {
        return Vec::new();
    };
    let rest = line.get(from..).unwrap_or_default();
    let split = |c: char| c.is_whitespace() || "'\"`,;()[]{}&<>".contains(c);
    rest.split(split)
        .map(|word| {
            word.trim_start_matches("resource=")
                .trim_start_matches("scope=")
                .trim_end_matches(['.', ':', '\\'])
        })
        .map(|word| {
            if word.contains("%3A") || word.contains("%2F") {
                scan::form_decoded(word)
            } else {
                word.to_owned()
            }
        })
        .map(|word| {
            word.rsplit_once('=').map_or(word.clone(), |(_, value)| {
                if value.contains("://") {
                    value.to_owned()
                } else {
                    word.clone()
                }
            })
        })
        .filter(|word| names_a_resource(word))
        .filter(|word| {
            default && word.contains("/.default") || marked.is_some() && !is_called(word)
        })
        .take(4)
        .collect()
}

/// An address with a longer path is called and not asked for.
fn is_called(word: &str) -> bool {
    let path = word.split_once("://").map_or("", |(_, rest)| rest);
    word.starts_with("http") && path.matches('/').count() > 3
        || address::find(word)
            .iter()
            .any(|a| matches!(a.role, Role::Page | Role::Authority | Role::ManagedIdentity))
}

pub(crate) fn names_a_resource(word: &str) -> bool {
    let short = word.split('/').next().unwrap_or_default();
    word.starts_with("https://") && word.len() > 10
        || word.starts_with("api://") && word.len() > 8
        || scan::is_guid(short)
        || word.ends_with("/.default") && word.len() > 12
}

fn asks_for_the_default(paste: &str) -> bool {
    paste.lines().any(|line| {
        let lower = line.to_ascii_lowercase();
        let cli = lower.contains("az account get-access-token")
            && !lower.contains("--resource")
            && !lower.contains("--scope");
        let shell = lower.contains("get-azaccesstoken") && !lower.contains("-resource");
        (cli || shell) && !line.trim_end().ends_with('\\')
    })
}

pub(crate) fn is_authority(url: &str) -> bool {
    address::find(url)
        .first()
        .is_some_and(|address| address.role == Role::Authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_found_in_commands_code_and_forms() {
        for (text, expected) in [
            (
                "az account get-access-token --resource https://ai.azure.com",
                "https://ai.azure.com",
            ),
            (
                "TOKEN=$(az account get-access-token --query accessToken -o tsv)",
                ARM,
            ),
            (
                "token_provider = get_bearer_token_provider(DefaultAzureCredential(), \"https://ai.azure.com/.default\")",
                "https://ai.azure.com/.default",
            ),
            (
                "new TokenRequestContext(new[] { \"api://x-y-z/.default\" })",
                "api://x-y-z/.default",
            ),
            (
                "curl 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net' -H Metadata:true",
                "https://vault.azure.net",
            ),
            (
                "grant_type=client_credentials&client_id=x&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
                "https://graph.microsoft.com/.default",
            ),
            (
                "(Get-AzAccessToken -ResourceUrl https://vault.azure.net).Token",
                "https://vault.azure.net",
            ),
        ] {
            let found = Reading::of(text);
            assert_eq!(found.requested, [expected], "{text}");
        }
        for text in [
            "audience is incorrect (https://ai.azure.com)",
            "the scope is fine",
            "AADSTS70011: The scope https://x.y/.default is not valid",
        ] {
            assert!(Reading::of(text).requested.is_empty(), "{text}");
        }
    }
}
