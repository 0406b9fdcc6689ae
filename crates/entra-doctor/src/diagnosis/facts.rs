//! What is known, drawn together once for all rules.

use entra_claims::{Claims, KindGuess, PrincipalKind, UnverifiedToken};
use foundry_scopes::catalogue::{self, Resource};
use foundry_scopes::{Acceptance, Cloud, Endpoint, EndpointError, EndpointKind, TenantId};

use super::case::{Case, Credential};
use super::challenge::Challenge;
use crate::document::{AppSettings, Parsed, Registration, SignIn, Site, Tool};

pub(super) struct Facts<'c> {
    pub(super) case: &'c Case,
    pub(super) cloud: Cloud,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) refusal: Option<EndpointError>,
    /// In lower case, without scheme.
    pub(super) host: String,
    /// In lower case, with the query.
    pub(super) path: String,
    /// Everything that a service or Entra ID wrote, in lower case.
    pub(super) lower: String,
    pub(super) numbers: Vec<u32>,
    pub(super) challenge: Challenge,
    pub(super) kind: Option<KindGuess>,
}

impl<'c> Facts<'c> {
    pub(super) fn of(case: &'c Case) -> Self {
        let cloud = case.cloud.clone().unwrap_or_else(Cloud::public);
        let (endpoint, refusal) = match case
            .endpoint
            .as_deref()
            .map(|text| Endpoint::parse_in(text, &cloud))
        {
            Some(Ok(endpoint)) => (Some(endpoint), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        let raw = case
            .endpoint
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let rest = raw.split_once("://").map_or(raw.as_str(), |(_, rest)| rest);
        let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let challenge = Challenge::read(&case.answer.www_authenticate);
        let mut said = format!("{}\n{}", case.answer.body, case.answer.www_authenticate);
        let mut numbers = Vec::new();
        for document in &case.documents {
            match &document.0 {
                Parsed::Text(text) => {
                    said.push('\n');
                    said.push_str(text);
                }
                Parsed::SignIn(entry) => {
                    said.push('\n');
                    said.push_str(&entry.reason);
                    numbers.extend(u32::try_from(entry.code).ok().filter(|code| *code > 0));
                }
                _ => {}
            }
        }
        let lower = said.to_ascii_lowercase();
        numbers.extend(numbers_in(&lower));
        let mut facts = Self {
            case,
            cloud,
            endpoint,
            refusal,
            host: host.to_owned(),
            path: path.to_owned(),
            lower,
            numbers,
            challenge,
            kind: None,
        };
        facts.kind = facts.token().map(UnverifiedToken::kind_guess);
        facts
    }

    pub(super) fn token(&self) -> Option<&'c UnverifiedToken> {
        match &self.case.credential {
            Some(Credential::Token(token)) => Some(token),
            _ => None,
        }
    }

    pub(super) fn claims(&self) -> Option<&'c Claims> {
        self.token().map(UnverifiedToken::claims)
    }

    /// The audience, from the surest source, and which one that is.
    pub(super) fn audience(&self) -> Option<(String, &'static str)> {
        if let Some(aud) = self.claims().and_then(Claims::aud) {
            return Some((aud.to_owned(), "the token's `aud`"));
        }
        if let Some(text) = &self.case.requested {
            return Some((resource_of(text), "the requested audience"));
        }
        let tool = self.tools().find_map(|tool| tool.audience.clone())?;
        Some((resource_of(&tool), "the tool's audience"))
    }

    pub(super) fn verdict(&self) -> Option<Verdict> {
        let (aud, _) = self.audience()?;
        Some(acceptance(self.endpoint.as_ref()?, &aud))
    }

    pub(super) fn is_kind(&self, kind: EndpointKind) -> bool {
        self.endpoint
            .as_ref()
            .is_some_and(|endpoint| endpoint.kind() == kind)
    }

    pub(super) fn status(&self) -> Option<u16> {
        self.case.answer.status
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

    pub(super) fn says_expired(&self) -> bool {
        SAYS_EXPIRED.iter().any(|phrase| self.says(phrase))
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

    pub(super) fn site(&self) -> Option<&'c Site> {
        self.parsed().find_map(|parsed| match parsed {
            Parsed::Site(site) => Some(site),
            _ => None,
        })
    }

    pub(super) fn settings(&self) -> Option<&'c AppSettings> {
        self.parsed().find_map(|parsed| match parsed {
            Parsed::AppSettings(settings) => Some(settings),
            _ => None,
        })
    }

    pub(super) fn registration(&self) -> Option<&'c Registration> {
        self.parsed().find_map(|parsed| match parsed {
            Parsed::Registration(registration) => Some(registration),
            _ => None,
        })
    }

    pub(super) fn tools(&self) -> impl Iterator<Item = &'c Tool> {
        self.parsed().filter_map(|parsed| match parsed {
            Parsed::Tool(tool) => Some(tool),
            _ => None,
        })
    }

    pub(super) fn sign_ins(&self) -> impl Iterator<Item = &'c SignIn> {
        self.parsed().filter_map(|parsed| match parsed {
            Parsed::SignIn(entry) => Some(entry),
            _ => None,
        })
    }

    fn parsed(&self) -> impl Iterator<Item = &'c Parsed> {
        self.case.documents.iter().map(|document| &document.0)
    }
}

/// Texts of validators and services for a token whose time is over.
const SAYS_EXPIRED: &[&str] = &[
    "expiredauthenticationtoken",
    "token expired",
    "token has expired",
    "token is expired",
    "lifetime validation failed",
    "idx10223",
];

/// The resource of a scope; another text as it is.
pub(super) fn resource_of(text: &str) -> String {
    match foundry_scopes::Scope::parse(text) {
        Ok(scope) if text.contains("/.default") || !text.starts_with("https://") => {
            scope.resource().to_owned()
        }
        _ => text.to_owned(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Disputed,
    OtherCloud,
    Refused,
}

/// The resources an `aud` can mean, a slash at the end more or less.
pub(super) fn resources(aud: &str) -> Vec<&'static Resource> {
    let found: Vec<_> = catalogue::by_audience(aud).collect();
    if !found.is_empty() {
        return found;
    }
    let other = match aud.strip_suffix('/') {
        Some(bare) => bare.to_owned(),
        None => format!("{aud}/"),
    };
    catalogue::by_audience(&other).collect()
}

/// Which audiences an endpoint accepts is `foundry-scopes`' to know; what it does not list
/// is another API's.
fn acceptance(endpoint: &Endpoint, aud: &str) -> Verdict {
    match endpoint.acceptance_of(aud) {
        Some(Acceptance::Refused) | None if is_of_another_cloud(endpoint, aud) => {
            Verdict::OtherCloud
        }
        Some(Acceptance::Disputed) => Verdict::Disputed,
        Some(Acceptance::Refused) | None => Verdict::Refused,
        Some(_) => Verdict::Accepted,
    }
}

/// The right resource, as another cloud calls it.
fn is_of_another_cloud(endpoint: &Endpoint, aud: &str) -> bool {
    let bare = aud.strip_suffix('/').unwrap_or(aud);
    let wanted = resources(endpoint.scope().resource());
    [Cloud::public(), Cloud::us_government(), Cloud::china()]
        .iter()
        .filter(|other| other.known() != endpoint.cloud().known())
        .flat_map(|other| wanted.iter().filter_map(|it| it.default_scope(other)))
        .any(|scope| scope.resource().trim_end_matches('/') == bare)
}

/// `AADSTS50013`, and `error code: 50013` as the portal shows it.
fn numbers_in(lower: &str) -> Vec<u32> {
    let digits = |text: &str| {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        text.get(..end)
            .filter(|digits| (5..=8).contains(&digits.len()))?
            .parse()
            .ok()
    };
    let after = |mark: &'static str| {
        let parts = lower.split(mark).skip(1);
        parts.filter_map(move |part| {
            digits(part.trim_start_matches([' ', ':', '\t', '\n', '\r', '"', '=']))
        })
    };
    after("aadsts")
        .chain(after("error code"))
        .take(16)
        .collect()
}
