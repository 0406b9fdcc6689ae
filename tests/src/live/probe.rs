//! Probes: a question, the readings that are possible, and how it is asked.

use std::future::Future;
use std::pin::Pin;

use super::probes::{agent, authorize, endpoint, token};
use super::tenant::{Answer, LiveError, Tenant};

type Asked<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// A question to a tenant.
#[derive(Debug)]
pub struct Probe {
    /// Its name, in reports.
    pub id: &'static str,
    /// What it asks.
    pub question: &'static str,
    /// The readings that it tells apart; the first is what the emulator does unless it is told
    /// otherwise.
    pub readings: &'static [&'static str],
    pub(super) ask: for<'a> fn(&'a Tenant<'a>) -> Asked<'a>,
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// One of its readings, with what was seen.
    Reading(&'static str, String),
    /// Something that none of its readings expects.
    Unexpected(String),
    /// The tenant has not what it takes.
    NotAvailable(&'static str),
}

/// Status, error, number.
pub(super) fn seen(answer: &Answer) -> String {
    let error = answer.error().unwrap_or_default();
    match answer.code() {
        Some(code) => format!("{} {error} {code}", answer.status),
        None if error.is_empty() => answer.status.to_string(),
        None => format!("{} {error}", answer.status),
    }
}

/// The reading of an answer, or what was seen instead.
pub(super) fn verdict(
    answer: Result<Answer, LiveError>,
    read: impl FnOnce(&Answer) -> Option<&'static str>,
) -> Verdict {
    match answer {
        Ok(answer) => match read(&answer) {
            Some(reading) => Verdict::Reading(reading, seen(&answer)),
            None => Verdict::Unexpected(seen(&answer)),
        },
        // Its text may hold an address.
        Err(_) => Verdict::Unexpected("no answer".to_owned()),
    }
}

macro_rules! probes {
    ($($id:literal, $question:literal, [$($reading:literal),+], $ask:path;)+) => {
        /// All questions.
        #[must_use]
        pub fn all() -> Vec<Probe> {
            vec![$(Probe {
                id: $id,
                question: $question,
                readings: &[$($reading),+],
                ask: |tenant| Box::pin($ask(tenant)),
            }),+]
        }
    };
}

probes! {
    "scopes", "does `scp` hold all consented scopes of the resource, or the requested ones?",
        ["all-consented", "as-requested"], token::scopes;
    "sid", "do v2 access tokens of custom APIs have `sid`?",
        ["absent", "present"], token::sid;
    "guest-name", "is `preferred_username` of a guest the name at home or the local one?",
        ["home", "local"], token::guest_name;
    "graph-nonce", "do tokens for Graph have a `nonce` in their header?",
        ["present", "absent"], token::graph_nonce;
    "obo-challenge", "is a challenge at on-behalf-of `interaction_required` or `invalid_grant`?",
        ["interaction-required", "invalid-grant", "granted"], token::obo_challenge;
    "undeclared-context", "is an undeclared context in `acrs` a challenge, or ignored?",
        ["challenge", "ignored"], token::undeclared_context;
    "untargeted-context", "is a declared context without a policy a challenge, or granted?",
        ["challenge", "granted", "ignored"], token::untargeted_context;
    "malformed-code", "is a malformed code refused before the client's secret is looked at?",
        ["before", "after"], token::malformed_code;
    "refresh-for-itself", "is a refresh for the client itself with `<uri>/.default` answered?",
        ["answered", "refused"], token::refresh_for_itself;
    "refresh-for-itself-named", "which forms of a named scope does a client refresh for itself?",
        ["uri-and-id", "uri", "id", "neither"], token::refresh_for_itself_named;
    "empty-secret", "is a public client's empty `client_secret` refused?",
        ["refused", "absent"], token::empty_secret;
    "resource-mismatch", "is a `resource` beside the scope of another one refused?",
        ["refused-9010010", "refused-901002", "ignored"], token::resource_mismatch;
    "two-credentials", "which error is a secret beside an assertion?",
        ["invalid-client", "invalid-request"], token::two_credentials;
    "pkce", "is a public client's code request without PKCE refused?",
        ["allowed", "refused"], authorize::pkce;
    "agent-consent", "may a person consent to an agent identity with `response_type=none`?",
        ["allowed", "refused-82014"], authorize::agent_consent;
    "agent-markers", "does an API that asked for no agent claims get them in an agent identity's token?",
        ["absent", "present"], agent::markers;
    "token-response-type", "where does the error of `response_type=token` go?",
        ["fragment", "query"], authorize::token_response_type;
    "key-set-cors", "may pages of other origins read key sets?",
        ["readable", "not-readable"], endpoint::key_set_cors;
    "token-preflight", "what does the preflight of the token endpoint answer?",
        ["any-origin", "no-cors"], endpoint::token_preflight;
    "origin", "does a browser's `Origin` refuse client credentials, readably?",
        ["refused-readable", "refused", "answered"], endpoint::origin;
    "device-code-flow", "may a person sign in with a device code, or does a policy block it?",
        ["allowed", "blocked-53003"], endpoint::device_code_flow;
    "unknown-device-code", "which number has a device code that was never issued?",
        ["70018", "9002313", "70000"], endpoint::unknown_device_code;
}
