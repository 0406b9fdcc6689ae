//! What the broker gives, and to whom.

use std::error::Error;

use entra_claims::Requirement;
use entra_obo::{
    AccessToken, AppDownstream, ClaimsChallenge, ClientCredential, ClientSecret, Downstream,
    ExchangeClient, ExchangeError,
};
use mcp_auth::Caller;

use crate::config::{ActingAs, Config};

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
    /// Entra ID gave none.
    NoToken(Box<ExchangeError>),
}

impl Broker {
    /// Prepares each downstream once.
    pub fn new(config: &Config, secret: ClientSecret) -> Result<Self, Box<dyn Error>> {
        let credential = ClientCredential::secret(secret);
        let exchange = ExchangeClient::new(config.authority(), config.client(), credential)?;
        let mut entries = Vec::new();
        for downstream in &config.downstream {
            let scopes = downstream.scope_set()?;
            entries.push(Entry {
                name: downstream.name.clone(),
                requirement: downstream.requirement()?,
                source: match downstream.acting_as {
                    ActingAs::Caller => Source::Caller(exchange.downstream(scopes)?),
                    ActingAs::Broker => Source::Broker(exchange.for_app(scopes)?),
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
            (Source::Caller(downstream), None) => on_behalf_of(caller, downstream).await?,
            (Source::Caller(downstream), Some(claims)) => {
                on_behalf_of(caller, &downstream.with_claims(claims)).await?
            }
            (Source::Broker(own), None) => own.token().await,
            (Source::Broker(own), Some(claims)) => own.with_claims(claims).token().await,
        };
        outcome.map_err(|error| Refused::NoToken(Box::new(error)))
    }
}

impl Entry {
    fn allows(&self, caller: &Caller) -> bool {
        self.requirement.check(caller.token()).is_ok()
    }
}

async fn on_behalf_of(
    caller: &Caller,
    downstream: &Downstream,
) -> Result<Result<AccessToken, ExchangeError>, Refused> {
    match caller.on_behalf_of(downstream).await {
        Ok(token) => Ok(Ok(token)),
        // The configuration lets no caller without a user get here.
        Err(error) => error
            .exchange()
            .map_or(Err(Refused::NotAllowed), |error| Ok(Err(error.clone()))),
    }
}
