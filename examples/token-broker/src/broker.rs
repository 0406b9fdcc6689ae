//! Downstream tokens by name, each for the callers that its rules allow.

use std::error::Error;

use crate::config::{ActingAs, Config};
use mcp_auth::claims::Requirement;
use mcp_auth::obo::{AccessToken, AppDownstream, ClaimsChallenge, Downstream};
use mcp_auth::{Caller, EntraApp, OnBehalfOfError};

pub struct Broker {
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    source: Source,
    requirement: Requirement,
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
    /// The exchange failed; the error is the answer to the caller.
    NoToken(OnBehalfOfError),
}

impl Broker {
    /// Prepares each downstream once.
    pub fn new(config: &Config, entra: &EntraApp) -> Result<Self, Box<dyn Error>> {
        let mut entries = Vec::new();
        for downstream in &config.downstream {
            let scopes = downstream.scopes();
            entries.push(Entry {
                name: downstream.name.clone(),
                requirement: downstream.requirement()?,
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
    /// for when it refused an earlier one.
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
            (Source::Broker(own), Some(claims)) => {
                as_broker(&own.with_claims(claims), caller).await
            }
        };
        outcome.map_err(Refused::NoToken)
    }
}

impl Entry {
    fn allows(&self, caller: &Caller) -> bool {
        self.requirement.check(caller.token()).is_ok()
    }
}

/// What fails here is the broker's own: its caller can do nothing about it.
async fn as_broker(own: &AppDownstream, caller: &Caller) -> Result<AccessToken, OnBehalfOfError> {
    let token = own.token().await;
    token.map_err(|error| OnBehalfOfError::for_app(caller, own, error))
}
