//! Downstream tokens by name, each for the callers that its rules allow.

use std::error::Error;

use crate::config::{ActingAs, Config};
use mcp_auth::claims::{Requirement, VerifiedToken};
use mcp_auth::obo::{AccessToken, AppDownstream, ClaimsChallenge, Downstream};
use mcp_auth::scopes::TenantId;
use mcp_auth::{Caller, EntraApp, OnBehalfOfError};

pub struct Broker {
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    source: Source,
    rule: Rule,
}

/// Who gets a token.
struct Rule {
    requirement: Requirement,
    /// Of a token of the broker itself: the one tenant whose applications get it. Another
    /// tenant's administrators assign this API's roles to applications of their own.
    only_tenant: Option<TenantId>,
}

enum Source {
    Caller(Downstream),
    Broker(AppDownstream),
}

/// Why no token is given.
pub enum Refused {
    /// The name is not known, or the caller is not among those who get it: a caller cannot
    /// tell which.
    NotAllowed,
    /// Claims for a token that all callers share.
    ClaimsOfTheBroker,
    /// The exchange failed; the error is the answer to the caller.
    NoToken(OnBehalfOfError),
}

impl Broker {
    /// Prepares each downstream once.
    pub fn new(config: &Config, entra: &EntraApp) -> Result<Self, Box<dyn Error>> {
        let mut entries = Vec::new();
        for downstream in &config.downstream {
            let scopes = downstream.scopes();
            let mut rule = Rule {
                requirement: downstream.requirement()?,
                only_tenant: None,
            };
            if downstream.acting_as == ActingAs::Broker {
                rule = rule.of_tenant(entra.authority().tenant());
            }
            let validator = entra.authenticator().validator();
            rule.requirement
                .check_against(validator, Some(entra.identifier_uri()))
                .map_err(|error| format!("downstream {:?}: {error}", downstream.name))?;
            entries.push(Entry {
                name: downstream.name.clone(),
                rule,
                source: match downstream.acting_as {
                    ActingAs::Caller => Source::Caller(entra.downstream(&scopes)?),
                    ActingAs::Broker => Source::Broker(entra.app_downstream(&scopes)?),
                },
            });
        }
        Ok(Self { entries })
    }

    /// The names that this caller may ask for.
    pub fn names_for(&self, caller: &Caller) -> Vec<&str> {
        let allowed = self.entries.iter().filter(|entry| entry.allows(caller));
        allowed.map(|entry| entry.name.as_str()).collect()
    }

    /// A token, from the cache or from Entra ID. `claims` is what the downstream API asked
    /// for when it refused an earlier one; only a user's own token is asked for with them.
    pub async fn token(
        &self,
        caller: &Caller,
        name: &str,
        claims: Option<ClaimsChallenge>,
    ) -> Result<AccessToken, Refused> {
        let named = self.entries.iter().find(|entry| entry.name == name);
        let Some(entry) = named.filter(|entry| entry.allows(caller)) else {
            return Err(Refused::NotAllowed);
        };
        let outcome = match (&entry.source, claims) {
            (Source::Caller(downstream), None) => caller.on_behalf_of(downstream).await,
            (Source::Caller(downstream), Some(claims)) => {
                caller.on_behalf_of(&downstream.with_claims(claims)).await
            }
            (Source::Broker(own), None) => as_broker(own, caller).await,
            (Source::Broker(_), Some(_)) => return Err(Refused::ClaimsOfTheBroker),
        };
        outcome.map_err(Refused::NoToken)
    }
}

impl Entry {
    fn allows(&self, caller: &Caller) -> bool {
        self.rule.allows(caller.token())
    }
}

impl Rule {
    fn of_tenant(self, tenant: TenantId) -> Self {
        Self {
            requirement: self.requirement.assigned_in([tenant]),
            only_tenant: Some(tenant),
        }
    }

    fn allows(&self, token: &VerifiedToken) -> bool {
        let tenant = token.principal().tenant();
        self.only_tenant.is_none_or(|only| only == tenant) && self.requirement.check(token).is_ok()
    }
}

/// What fails here is the broker's own: its caller can do nothing about it.
async fn as_broker(own: &AppDownstream, caller: &Caller) -> Result<AccessToken, OnBehalfOfError> {
    let token = own.token().await;
    token.map_err(|error| OnBehalfOfError::for_app(caller, own, error))
}

#[cfg(test)]
mod tests {
    use mcp_auth::claims::dangerous::TestToken;
    use mcp_auth::scopes::ClientId;

    use super::*;

    const HOME: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
    const OTHER: &str = "c0de0000-7e4a-4000-8000-0000000000f2";

    /// The administrators of another tenant decide about roles there, and an application of many
    /// tenants has one client id in all of them.
    #[test]
    fn a_token_of_the_broker_is_for_its_own_tenant() {
        let client = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555").unwrap();
        let tenant = |text| TenantId::parse(text).unwrap();
        for requirement in [
            Requirement::role("Tokens.Get"),
            Requirement::role("Tokens.Get").assigned_in_any_tenant(),
            Requirement::clients([client]),
        ] {
            let rule = Rule {
                requirement,
                only_tenant: None,
            };
            let rule = rule.of_tenant(tenant(HOME));
            for (from, allowed) in [(HOME, true), (OTHER, false)] {
                let token = TestToken::app().tenant(tenant(from)).client(client);
                let token = token.roles(["Tokens.Get"]).build().unwrap();
                assert_eq!(rule.allows(&token), allowed, "{from}");
            }
        }
    }
}
