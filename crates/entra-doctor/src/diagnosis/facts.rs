//! What is known of a call, drawn together once for all rules.

use std::fmt::Write as _;

use entra_claims::{Claims, KindGuess, PrincipalKind, UnverifiedToken};
use foundry_scopes::{Cloud, Endpoint, EndpointError, EndpointKind, TenantId};

use super::accept::{self, Verdict};
use super::case::{Case, Credential};
use super::challenge::Challenge;
use super::code_text::EntraError;
use super::phrases::{NO_TROUBLE, REFUSALS, SAYS_EXPIRED, TROUBLE};
use crate::document::{AppSettings, Har, Parsed, Registration, SignIn, Site, Tool};
use crate::reading::Reading;
use crate::reading::address::host_of;
use crate::reading::fragment::{Caller, Policy};
use crate::reading::token::{Form, FoundToken, Place};
use crate::target::{Catalogued, OwnKind, Place as TargetPlace, Target};

pub(super) struct Facts<'c> {
    pub(super) case: &'c Case,
    pub(super) readings: Vec<Reading>,
    pub(super) credential: Option<Credential>,
    pub(super) cloud: Cloud,
    pub(super) target: Option<Target>,
    /// In lower case, without scheme.
    pub(super) host: String,
    /// In lower case, with the query.
    pub(super) path: String,
    /// Everything that a service, Entra ID or a person wrote, without tokens.
    pub(super) said: String,
    /// The same in lower case.
    pub(super) lower: String,
    pub(super) errors: Vec<EntraError>,
    pub(super) challenge: Challenge,
    pub(super) kind: Option<KindGuess>,
}

impl<'c> Facts<'c> {
    pub(super) fn of(case: &'c Case) -> Self {
        let mut readings = case.pastes.clone();
        if !case.answer.body.is_empty() {
            readings.push(Reading::of(&case.answer.body));
        }
        for document in &case.documents {
            if let Parsed::Text(text) = &document.0 {
                readings.push(Reading::of(text));
            }
        }
        let mut said = format!("{}\n{}", case.answer.body, case.answer.www_authenticate);
        for reading in &readings {
            said.push('\n');
            said.push_str(&reading.text);
        }
        let mut logged = Vec::new();
        let documents = case
            .documents
            .iter()
            .chain(readings.iter().flat_map(|it| &it.documents));
        for document in documents {
            if let Parsed::SignIn(entry) = &document.0 {
                let _ = write!(said, "\n{}", entry.reason);
                logged.extend(u32::try_from(entry.code).ok().filter(|code| *code > 0));
            }
        }
        let said = crate::redact::tokens(&said);
        let mut errors = EntraError::all(&said);
        for number in logged {
            if !errors.iter().any(|error| error.number == number) {
                errors.push(EntraError {
                    number,
                    text: String::new(),
                });
            }
        }
        let challenge = Challenge::read(&if case.answer.www_authenticate.is_empty() {
            let header = readings
                .iter()
                .find_map(|reading| reading.header("www-authenticate"));
            header.unwrap_or_default().to_owned()
        } else {
            case.answer.www_authenticate.clone()
        });
        let credential = case.credential.clone().or_else(|| credential(&readings));
        let mut facts = Self {
            case,
            credential,
            cloud: case.cloud.clone().unwrap_or_else(Cloud::public),
            target: None,
            host: String::new(),
            path: String::new(),
            lower: said.to_ascii_lowercase(),
            said,
            errors,
            challenge,
            kind: None,
            readings,
        };
        facts.find_target();
        facts.kind = facts.token().map(UnverifiedToken::kind_guess);
        facts
    }

    fn find_target(&mut self) {
        let server = || self.tools().find_map(|tool| tool.server.clone());
        let url = self
            .case
            .endpoint
            .clone()
            .or_else(|| {
                self.readings
                    .iter()
                    .find_map(|reading| reading.called().map(str::to_owned))
            })
            .or_else(server);
        let Some(url) = url else { return };
        let target = Target::of(&url, self.case.cloud.as_ref());
        let read = target
            .corrected
            .as_ref()
            .map_or(url.as_str(), |(text, _)| text)
            .to_ascii_lowercase();
        self.host = host_of(&read);
        let rest = read
            .split_once("://")
            .map_or(read.as_str(), |(_, rest)| rest);
        self.path = rest
            .find(['/', '?'])
            .and_then(|at| rest.get(at..))
            .unwrap_or_default()
            .to_owned();
        self.cloud = target.cloud.clone();
        self.target = Some(target);
    }

    pub(super) fn token(&self) -> Option<&UnverifiedToken> {
        self.credential.as_ref()?.token()
    }

    /// How much of the token is there, and where it stood.
    pub(super) fn form(&self) -> Option<(Form, Place)> {
        match self.credential {
            Some(Credential::Token(_, form, place)) => Some((form, place)),
            _ => None,
        }
    }

    pub(super) fn is_shortened(&self) -> bool {
        matches!(self.credential, Some(Credential::Shortened))
    }

    pub(super) fn claims(&self) -> Option<&Claims> {
        self.token().map(UnverifiedToken::claims)
    }

    /// Every token of the paste.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &FoundToken> {
        self.readings.iter().flat_map(|reading| &reading.tokens)
    }

    pub(super) fn endpoint(&self) -> Option<&Endpoint> {
        match &self.target.as_ref()?.place {
            TargetPlace::Endpoint(endpoint) => Some(endpoint),
            _ => None,
        }
    }

    pub(super) fn catalogued(&self) -> Option<&Catalogued> {
        match &self.target.as_ref()?.place {
            TargetPlace::Catalogued(found) => Some(found),
            _ => None,
        }
    }

    pub(super) fn own(&self) -> Option<OwnKind> {
        match &self.target.as_ref()?.place {
            TargetPlace::Own(kind, _) => Some(*kind),
            _ => None,
        }
    }

    pub(super) fn refusal(&self) -> Option<&EndpointError> {
        match &self.target.as_ref()?.place {
            TargetPlace::Refused(error) => Some(error),
            _ => None,
        }
    }

    /// What the address is, in words, and the scope that it wants.
    pub(super) fn wanted(&self) -> Option<(String, String)> {
        if let Some(endpoint) = self.endpoint() {
            let words = crate::endpoint::in_words(endpoint.kind());
            let mut chars = words.chars();
            let first = chars.next().map(|c| {
                if words.starts_with("A ") || words.starts_with("An ") || words.starts_with("The ")
                {
                    c.to_ascii_lowercase()
                } else {
                    c
                }
            });
            let words = first.into_iter().chain(chars).collect();
            return Some((words, endpoint.scope().to_string()));
        }
        let found = self.catalogued()?;
        Some((found.names(), found.scope()?.to_string()))
    }

    /// The audience, from the surest source, and which one that is.
    pub(super) fn audience(&self) -> Option<(String, &'static str)> {
        if let Some(aud) = self.claims().and_then(Claims::aud) {
            return Some((aud.to_owned(), "the token's `aud`"));
        }
        if let Some(text) = self.requested() {
            return Some((accept::resource_of(text), "the requested audience"));
        }
        let tool = self.tools().find_map(|tool| tool.audience.clone())?;
        Some((accept::resource_of(&tool), "the tool's audience"))
    }

    /// What Entra ID is asked for.
    pub(super) fn requested(&self) -> Option<&str> {
        let read = || {
            self.readings
                .iter()
                .find_map(|reading| reading.requested.first())
        };
        self.case
            .requested
            .as_deref()
            .or_else(|| read().map(String::as_str))
    }

    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.verdict_of(&self.audience()?.0)
    }

    pub(super) fn verdict_of(&self, aud: &str) -> Option<Verdict> {
        match (self.endpoint(), self.catalogued()) {
            (Some(endpoint), _) => Some(accept::verdict(endpoint, aud)),
            (None, Some(found)) => accept::of_catalogued(found, aud),
            _ => None,
        }
    }

    pub(super) fn is_kind(&self, kind: EndpointKind) -> bool {
        self.endpoint()
            .is_some_and(|endpoint| endpoint.kind() == kind)
    }

    pub(super) fn status(&self) -> Option<u16> {
        let read = || self.readings.iter().find_map(|reading| reading.status);
        self.case
            .answer
            .status
            .or_else(read)
            .or_else(|| self.har()?.failing())
    }

    /// The time of the failure, and whether something says so.
    pub(super) fn time(&self) -> (i64, bool) {
        let read = || self.readings.iter().find_map(|reading| reading.failed_at);
        let entry = || self.sign_ins().find_map(|entry| entry.time);
        match self.case.failed_at.or_else(read).or_else(entry) {
            Some(time) => (time, true),
            None => (self.case.now, false),
        }
    }

    /// A status of 400 and more, an error's text or an AADSTS number.
    pub(super) fn is_refused(&self) -> bool {
        self.status().is_some_and(|status| status >= 400)
            || !self.errors.is_empty()
            || self.challenge.get("error").is_some()
            || REFUSALS.iter().any(|phrase| self.says(phrase))
    }

    /// A line of which nothing was recognized tells of something that went wrong, in whatever words. What is not
    /// understood is not called fine.
    pub(super) fn is_troubled(&self) -> bool {
        let lines = self.readings.iter().flat_map(|reading| {
            let line = |number: usize| reading.text.lines().nth(number.checked_sub(1)?);
            reading
                .unread
                .iter()
                .filter_map(move |(number, _)| line(*number))
        });
        lines
            .map(str::to_lowercase)
            .any(|line| tells_of_trouble(&line))
    }

    /// `a*b`: both, in this order.
    pub(super) fn says(&self, phrase: &str) -> bool {
        let mut rest = self.lower.as_str();
        phrase.split('*').all(|part| match rest.find(part) {
            Some(at) => {
                rest = rest.get(at + part.len()..).unwrap_or_default();
                true
            }
            None => false,
        })
    }

    pub(super) fn says_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.says(phrase))
    }

    /// The service says that the access token expired. What its own times contradict is not
    /// believed, and refresh tokens are another matter.
    pub(super) fn says_expired(&self) -> bool {
        let (time, known) = self.time();
        let exp = self.claims().and_then(Claims::exp);
        let valid = known && exp.is_some_and(|exp| exp > time);
        let said = SAYS_EXPIRED.iter().any(|phrase| {
            let found = self.lower.match_indices(phrase);
            found.into_iter().any(|(at, _)| {
                let before = self.lower.get(..at).unwrap_or_default().trim_end();
                !before.ends_with("refresh")
            })
        });
        said && !valid && !self.says("not yet valid") && !self.says("idx10222")
    }

    /// The service answered with success, and nothing in the text is a refusal.
    pub(super) fn is_answered(&self) -> bool {
        self.status()
            .is_some_and(|status| (200..300).contains(&status))
            && !self.is_refused()
    }

    pub(super) fn has_error(&self, numbers: &[u32]) -> bool {
        self.errors
            .iter()
            .any(|error| numbers.contains(&error.number))
    }

    pub(super) fn app_only(&self) -> bool {
        matches!(self.kind, Some(KindGuess::Access(kind)) if !kind.is_delegated())
    }

    pub(super) fn is_agent(&self) -> bool {
        matches!(self.kind, Some(KindGuess::Access(PrincipalKind::Agent)))
    }

    /// The tenant of the resource: given, or named by the challenge.
    pub(super) fn resource_tenant(&self) -> Option<TenantId> {
        let named = || {
            let uri = self
                .challenge
                .get("authorization_uri")
                .or_else(|| self.challenge.get("authorization"))?;
            uri.split('/').find_map(|part| TenantId::parse(part).ok())
        };
        self.case.tenant.or_else(named)
    }

    pub(super) fn site(&self) -> Option<&Site> {
        self.parsed().find_map(|parsed| match parsed {
            Parsed::Site(site) => Some(site),
            _ => None,
        })
    }

    pub(super) fn settings(&self) -> Option<&AppSettings> {
        self.parsed().find_map(|parsed| match parsed {
            Parsed::AppSettings(settings) => Some(settings),
            _ => None,
        })
    }

    pub(super) fn registration(&self) -> Option<&Registration> {
        self.parsed().find_map(|parsed| match parsed {
            Parsed::Registration(registration) => Some(registration),
            _ => None,
        })
    }

    /// The caller's ids, where the text names them and there is no token.
    pub(super) fn caller(&self) -> Option<&Caller> {
        let mut callers = self.readings.iter().map(|reading| &reading.caller);
        callers.find(|caller| caller.client.is_some() || caller.object.is_some())
    }

    /// What the gateway's policy lets in.
    pub(super) fn policy(&self) -> Option<&Policy> {
        self.readings
            .iter()
            .find_map(|reading| reading.policy.as_ref())
    }

    /// Audiences that the API's validation is configured with.
    pub(super) fn accepted(&self) -> Vec<&str> {
        let read = self.readings.iter().flat_map(|reading| &reading.accepted);
        let given = self.case.audience.iter();
        given.chain(read).map(String::as_str).collect()
    }

    pub(super) fn har(&self) -> Option<&Har> {
        self.parsed().find_map(|parsed| match parsed {
            Parsed::Har(har) => Some(har),
            _ => None,
        })
    }

    pub(super) fn tools(&self) -> impl Iterator<Item = &Tool> {
        self.parsed().filter_map(|parsed| match parsed {
            Parsed::Tool(tool) => Some(tool),
            _ => None,
        })
    }

    pub(super) fn sign_ins(&self) -> impl Iterator<Item = &SignIn> {
        self.parsed().filter_map(|parsed| match parsed {
            Parsed::SignIn(entry) => Some(entry),
            _ => None,
        })
    }

    pub(super) fn parsed(&self) -> impl Iterator<Item = &Parsed> {
        let read = self.readings.iter().flat_map(|reading| &reading.documents);
        self.case
            .documents
            .iter()
            .chain(read)
            .map(|document| &document.0)
    }

    /// Whether a parameter of a request to Entra ID is in the paste, and its value.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.readings
            .iter()
            .find_map(|reading| reading.parameter(name))
    }
}

/// The token that was sent, or the key in its place.
fn credential(readings: &[Reading]) -> Option<Credential> {
    let token = readings.iter().find_map(Reading::token);
    if let Some(found) = token {
        return Some(Credential::found(found));
    }
    let sent = readings
        .iter()
        .find_map(|reading| reading.header("authorization"))?;
    let value = sent
        .strip_prefix("Bearer ")
        .or_else(|| sent.strip_prefix("bearer "))?
        .trim();
    let placeholder = value.starts_with(['$', '<', '{', '*', '(', '['])
        || value.contains("...")
        || value.len() < 20;
    (!placeholder).then(|| Credential::of(value))
}

/// At the beginning of a word, in lower case.
fn tells_of_trouble(line: &str) -> bool {
    let line = NO_TROUBLE
        .iter()
        .fold(line.to_owned(), |line, fine| line.replace(fine, ""));
    TROUBLE.iter().any(|stem| {
        line.match_indices(stem).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(char::is_alphanumeric)
        })
    })
}
