//! Entra ID's errors: the values in the text first, the number's catalogue entry else.

mod client;
mod federation;
mod resource;
mod sign_in;
mod user;

use entra_obo::aadsts;

use crate::diagnosis::accept;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::code_text::EntraError;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

pub(crate) use resource::correction as resource_correction;
pub(super) use sign_in::{published, sign_ins, traffic};

const SOURCE: &str = "Entra doc \"Microsoft Entra authentication and authorization error codes\"";

/// A finding that Entra ID's own text is the ground of.
fn said(code: Code, seen: impl Into<String>) -> Finding {
    Finding::new(code, Certainty::Certain, seen)
        .said()
        .source_is(SOURCE)
}

/// `AADSTS65001: meaning`, or the first sentence of the text where the number is unknown.
fn seen(error: &EntraError) -> String {
    match aadsts::lookup(u64::from(error.number)) {
        Some(entry) => format!("{entry}{}", which(error)),
        None if error.sentence().is_empty() => {
            format!("AADSTS{}, which the catalogue does not know", error.number)
        }
        None => format!("AADSTS{}: {}", error.number, error.sentence()),
    }
}

/// The application that the text names.
fn which(error: &EntraError) -> String {
    let id = ["application", "client", "app"]
        .iter()
        .find_map(|mark| scan::guid(scan::after(error.sentence(), mark)?));
    let Some(id) = id else { return String::new() };
    let name = microsofts(&id).or_else(|| accept::named(&id));
    match name {
        Some(name) => format!(" ({name}, {id})"),
        None => format!(" (application {id})"),
    }
}

/// The name of a client of Microsoft's, whose registration is not the customer's.
fn microsofts(id: &str) -> Option<String> {
    let id = foundry_scopes::ClientId::parse(id).ok()?;
    Some(foundry_scopes::catalogue::client(id)?.name().to_owned())
}

struct Known(&'static [u32], Code, &'static [&'static str]);

/// Numbers with a better remedy than the catalogue's one sentence.
const KNOWN: &[Known] = &[
    Known(
        &[90_095],
        Code::McpAdminApproval,
        &[
            "serve a metadata facade that drops `prompt=consent`, and grant consent as an administrator",
        ],
    ),
    Known(
        &[650_052],
        Code::ServicePrincipalMissing,
        &[
            "create the service principal of the service that the text names: `az ad sp create --id '<application id>'`; Foundry's is called Azure Machine Learning Services, 18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
        ],
    ),
    Known(
        &[82_001],
        Code::AgentGrantRefused,
        &[
            "use client_credentials with `fmi_path` and `api://AzureADTokenExchange/.default`, then the agent identity; the token-exchange grant of RFC 8693 is not accepted",
        ],
    ),
];

pub(super) fn numbers(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let mut errors = facts.errors.clone();
    if facts.says("has already been redeemed") && !facts.has_error(&[54_005]) {
        errors.push(EntraError {
            number: 54_005,
            text: String::new(),
        });
    }
    let several = errors.len() > 1;
    for (place, error) in errors.iter().enumerate() {
        let read = resource::read(error, facts)
            .or_else(|| client::read(error, facts))
            .or_else(|| federation::read(error))
            .or_else(|| user::read(error, facts));
        let finding = read.unwrap_or_else(|| by_number(error, facts));
        found.push(if several {
            finding.at_place(place)
        } else {
            finding
        });
    }
    if errors.is_empty() {
        found.extend(by_word(facts));
    }
}

fn by_number(error: &EntraError, facts: &Facts<'_>) -> Finding {
    let known = KNOWN.iter().find(|known| known.0.contains(&error.number));
    let entry = aadsts::lookup(u64::from(error.number));
    let finding = said(known.map_or(Code::EntraError, |known| known.1), seen(error));
    match (known, entry) {
        (Some(known), _) => finding.changes_from(known.2.iter().map(|text| Change::from(*text))),
        (None, Some(entry)) => finding.change(entry.remedy()),
        // An unknown number is still an error of a known kind.
        (None, None) => match word(facts) {
            Some((code, change)) => retold(finding, code, change),
            None => finding.change(format!(
                "look the number up: https://login.microsoftonline.com/error?code={}",
                error.number
            )),
        },
    }
}

/// A request to the authorization endpoint that Entra ID will not answer as meant.
pub(super) fn request(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if facts.parameter("client_id").is_none()
        || facts.parameter("response_type").is_none()
        || !facts.errors.is_empty()
        || facts.says(".auth/login/aad/callback")
        || facts.says(".auth%2flogin%2faad%2fcallback")
    {
        return;
    }
    let likely = |code, text: String| Finding::new(code, Certainty::Likely, text).source_is(SOURCE);
    let Some(scope) = facts.parameter("scope") else {
        found.push(
            likely(Code::McpScopeAbsent, "the request to Entra ID has no `scope`".to_owned())
                .change("name a qualified scope in the challenge and in `scopes_supported`, or in the client's settings: `<identifier URI>/<scope>`"),
        );
        return;
    };
    let oidc = ["openid", "profile", "email", "offline_access"];
    let named: Vec<_> = scope
        .split_whitespace()
        .filter(|name| !oidc.contains(name))
        .collect();
    // Names that start with a capital are Microsoft Graph's: `User.Read`.
    let short = named
        .iter()
        .find(|name| !name.contains('/') && name.starts_with(|c: char| c.is_ascii_lowercase()));
    if let Some(short) = short {
        found.push(
            likely(Code::McpScopeUnqualified, format!("`{short}` is asked for without a resource, so Entra ID looks for it at Microsoft Graph"))
                .why("a scope without an identifier URI in front is read as one of Microsoft Graph's")
                .change(format!("ask for `api://<client id of the API>/{short}`, and advertise it like that in `scopes_supported` and in the challenge")),
        );
    }
    if let Some(resource) = facts.parameter("resource") {
        let same = named
            .iter()
            .all(|scope| scope.starts_with(resource.trim_end_matches('/')));
        if !same || named.is_empty() {
            found.push(
                likely(Code::McpResourceMismatch, format!("`resource` is `{}`, and the scopes do not start with it (AADSTS9010010)", super::shared::shown(resource)))
                    .change("make the `resource` of the metadata an identifier URI of the API, set `requestedAccessTokenVersion` to 2 first, and advertise scopes qualified with it")
                    .change("or serve a metadata facade that drops `resource`, as mcp-auth's `facade` does"),
            );
        }
    }
}

fn retold(finding: Finding, code: Code, change: &'static str) -> Finding {
    said(code, finding.found().to_owned()).change(change)
}

const DECLINED: &str = "the user or an administrator declined or cancelled: start the sign-in again, and accept; where the page asks for an administrator's approval, have one consent for the tenant";

/// OAuth's words, with what they ask for.
const WORDS: &[(&str, Code, &str)] = &[
    ("error=access_denied", Code::EntraError, DECLINED),
    ("\"error\":\"access_denied\"", Code::EntraError, DECLINED),
    ("\"error\": \"access_denied\"", Code::EntraError, DECLINED),
    (
        "invalid_client",
        Code::SecretRefused,
        "set a secret or certificate that is registered for this client and has not expired; send the secret's value and not its id",
    ),
    (
        "unauthorized_client",
        Code::EntraError,
        "check the client id, the tenant in the address, and that the application is allowed this grant",
    ),
    (
        "consent_required",
        Code::ConsentMissing,
        "have the user or an administrator consent to the permission that the text names",
    ),
    (
        "interaction_required",
        Code::EntraError,
        "have the user sign in interactively, with the `claims` of the answer if there are any",
    ),
    (
        "login_required",
        Code::EntraError,
        "have the user sign in interactively",
    ),
    (
        "invalid_resource",
        Code::ResourceNotFound,
        "request an identifier URI that is registered in this tenant; a managed identity's endpoint wants it without `/.default`",
    ),
    (
        "invalid_scope",
        Code::ScopeInvalid,
        "request scopes of one resource, each qualified with its identifier URI, or `<identifier URI>/.default` alone",
    ),
    (
        "invalid_grant",
        Code::EntraError,
        "get a new code, refresh token or assertion: what was sent is expired, used, revoked or meant for another application",
    ),
];

fn word(facts: &Facts<'_>) -> Option<(Code, &'static str)> {
    let found = WORDS.iter().find(|(word, ..)| facts.says(word))?;
    Some((found.1, found.2))
}

/// An error of Entra ID without a number.
fn by_word(facts: &Facts<'_>) -> Option<Finding> {
    let (word, code, change) = WORDS.iter().find(|(word, ..)| facts.says(word))?;
    let bare = facts
        .requested()
        .is_some_and(|text| text.ends_with("/.default"));
    if *word == "invalid_resource" && bare || *word == "consent_required" && facts.says("-32006") {
        return None;
    }
    // These two also stand in challenges of other servers.
    if matches!(*word, "invalid_scope" | "invalid_grant")
        && !facts.says("error_description")
        && !facts.says("\"error\"")
    {
        return None;
    }
    Some(said(*code, format!("the answer says \"{word}\"")).change(*change))
}
