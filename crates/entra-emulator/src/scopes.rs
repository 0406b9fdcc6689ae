//! The `scope` parameter: what it names, and whether the tenant has that.

use crate::call::Params;
use crate::directory::{App, GRAPH, Reading, Tenant, User};
use crate::errors::{AadError, table};

/// Scopes that belong to the protocol, not to a resource.
const OIDC: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Those of them that tokens for Graph show in `scp`.
const SHOWN: [&str; 3] = ["openid", "profile", "email"];

/// A `scope` parameter taken apart: form only, no tenant yet.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    text: &'a str,
    oidc: Vec<&'static str>,
    /// Resource and name of each scope; a scope without a resource is Graph's.
    named: Vec<(&'a str, &'a str)>,
}

/// Where a scope is asked for; the same mistake has two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Authorize,
    Token,
}

/// A `scope` parameter with its one resource.
#[derive(Debug)]
pub(crate) struct Resolved<'a> {
    pub(crate) resource: &'a App,
    /// The resource as the request spelled it.
    pub(crate) resource_name: &'a str,
    pub(crate) wanted: Wanted<'a>,
    oidc: Vec<&'static str>,
}

#[derive(Debug)]
pub(crate) enum Wanted<'a> {
    /// `/.default`: all that is consented.
    Default,
    /// These; empty if only protocol scopes were asked for.
    Named(Vec<&'a str>),
}

impl<'a> Asked<'a> {
    /// Splits the parameter.
    pub(crate) fn parse(text: &'a str) -> Result<Self, AadError> {
        let refuse = || AadError::new(table::SCOPE_INVALID).arg(text);
        let mut asked = Self {
            text,
            oidc: Vec::new(),
            named: Vec::new(),
        };
        for scope in text.split_ascii_whitespace() {
            let odd = |b: u8| !b.is_ascii_graphic() || matches!(b, b'"' | b'\\');
            if scope.bytes().any(odd) {
                return Err(refuse());
            }
            if let Some(known) = OIDC.into_iter().find(|o| *o == scope) {
                if !asked.oidc.contains(&known) {
                    asked.oidc.push(known);
                }
                continue;
            }
            let pair = scope.rsplit_once('/').unwrap_or((GRAPH, scope));
            if pair.0.is_empty() || pair.1.is_empty() {
                return Err(refuse());
            }
            if !asked.named.contains(&pair) {
                asked.named.push(pair);
            }
        }
        // A refresh token alone is no token.
        let nothing = asked.oidc.iter().all(|o| *o == "offline_access");
        if asked.named.is_empty() && nothing {
            return Err(refuse());
        }
        let default = |(_, name): &(&str, &str)| *name == ".default";
        if asked.named.iter().any(default) && !asked.named.iter().all(default) {
            return Err(
                refuse().arg(" .default scope can't be combined with resource-specific scopes.")
            );
        }
        Ok(asked)
    }

    /// Whether it is one `/.default`, as client credentials need it. MSAL Go sends the protocol's
    /// scopes beside it, which give nothing there.
    pub(crate) fn is_only_default(&self) -> bool {
        matches!(self.named.as_slice(), [(_, ".default")])
    }

    /// Finds the resource. Two spellings of one resource are one resource.
    pub(crate) fn resolve(self, tenant: &'a Tenant) -> Result<Resolved<'a>, AadError> {
        let mut found: Option<(&App, &str)> = None;
        for (name, _) in self.named.iter().copied().chain(
            // Protocol scopes alone belong to Graph's userinfo endpoint.
            self.named.is_empty().then_some((GRAPH, "")),
        ) {
            let app = tenant.resource(name).ok_or_else(|| {
                AadError::new(table::RESOURCE_UNKNOWN)
                    .arg(name)
                    .arg(&tenant.name)
            })?;
            match found {
                Some((first, _)) if first.client_id() != app.client_id() => {
                    let defaults = self.named.iter().any(|(_, n)| *n == ".default");
                    let row = match defaults {
                        true => table::SCOPE_TWO_DEFAULTS,
                        false => table::SCOPE_TWO_RESOURCES,
                    };
                    return Err(AadError::new(row).arg(self.text));
                }
                Some(_) => {}
                None => found = Some((app, name)),
            }
        }
        let (resource, resource_name) =
            found.ok_or_else(|| AadError::new(table::SCOPE_INVALID).arg(self.text))?;
        let names: Vec<&str> = self.named.iter().map(|(_, name)| *name).collect();
        Ok(Resolved {
            resource,
            resource_name,
            wanted: match names.first() {
                Some(&".default") => Wanted::Default,
                _ => Wanted::Named(names),
            },
            oidc: self.oidc,
        })
    }
}

impl<'a> Resolved<'a> {
    /// The protocol scopes that were asked for.
    pub(crate) fn oidc(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.oidc.iter().copied()
    }

    pub(crate) fn has_oidc(&self, scope: &str) -> bool {
        self.oidc.contains(&scope)
    }

    /// Each `resource` parameter must be an application ID URI of the scope's resource,
    /// character for character (AADSTS9010010).
    pub(crate) fn check_resource_parameter(&self, params: &Params) -> Result<(), AadError> {
        let uris = self.resource.identifier_uris();
        if params.all("resource").all(|r| uris.iter().any(|u| u == r)) {
            return Ok(());
        }
        Err(AadError::new(table::RESOURCE_MISMATCH))
    }

    /// Each scope must exist on the resource.
    pub(crate) fn check_names(&self, client: &App, endpoint: Endpoint) -> Result<(), AadError> {
        let Wanted::Named(names) = &self.wanted else {
            return Ok(());
        };
        let known = |name: &str| self.resource.scopes().iter().any(|s| s == name);
        let Some(name) = names.iter().find(|n| !known(n)) else {
            return Ok(());
        };
        if endpoint == Endpoint::Authorize || self.resource.client_id() == GRAPH {
            return Err(AadError::new(table::SCOPE_UNKNOWN)
                .arg(client.name())
                .arg(*name)
                .arg(self.resource.client_id()));
        }
        Err(AadError::new(table::SCOPE_INVALID).arg(format!("{}/{name}", self.resource_name)))
    }

    /// The scopes that the client gets for the user, by their short names.
    ///
    /// All that were asked for must be consented to (AADSTS65001); the token then has all
    /// that the client has consent for, unless the tenant reads it otherwise.
    pub(crate) fn consented(
        &self,
        tenant: &Tenant,
        client: &App,
        user: &User,
    ) -> Result<Vec<String>, AadError> {
        let granted = tenant.consented(client, self.resource, user);
        let as_requested = tenant.follows(Reading::ScopesAsRequested);
        let mut given = match &self.wanted {
            Wanted::Default if granted.is_empty() => return Err(missing_consent(client)),
            Wanted::Default => granted,
            Wanted::Named(names) if names.iter().any(|n| !granted.iter().any(|g| g == n)) => {
                return Err(missing_consent(client));
            }
            Wanted::Named(names) if as_requested => names.iter().map(|n| (*n).to_owned()).collect(),
            Wanted::Named(_) => granted,
        };
        if self.resource.client_id() == GRAPH {
            let asked = |s: &&&str| self.has_oidc(s);
            let any = SHOWN.iter().any(|s| asked(&s));
            let shown = SHOWN
                .iter()
                .filter(|s| if as_requested { asked(s) } else { any });
            given.splice(0..0, shown.map(|s| (*s).to_owned()));
        }
        Ok(given)
    }

    /// `scope` of the answer: what was given, in the spelling that was asked for, and
    /// `/.default` if that was.
    pub(crate) fn answer(&self, given: &[String]) -> String {
        let bare = self.resource_name == GRAPH || self.resource_name.is_empty();
        let spell = |s: &str| match bare || SHOWN.contains(&s) {
            true => s.to_owned(),
            false => format!("{}/{s}", self.resource_name),
        };
        let mut all: Vec<String> = given.iter().map(|s| spell(s)).collect();
        if matches!(self.wanted, Wanted::Default) {
            all.push(spell(".default"));
        }
        all.join(" ")
    }
}

fn missing_consent(client: &App) -> AadError {
    AadError::new(table::CONSENT_MISSING)
        .arg(client.client_id())
        .arg(client.name())
}
