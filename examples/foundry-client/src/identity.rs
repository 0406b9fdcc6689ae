//! Whose token is sent.

use std::error::Error;

use entra_obo::managed_identity::ManagedIdentity;
use foundry_scopes::Scope;

use crate::sign_in::Session;

pub enum Identity {
    /// A person who signed in; one sign-in serves every audience.
    User(Session),
    /// What the platform gave this machine: no secret, no sign-in.
    Machine(ManagedIdentity),
}

impl Identity {
    /// A token for the resource of `scope`.
    pub async fn token(&self, scope: &Scope) -> Result<String, Box<dyn Error>> {
        match self {
            Self::User(session) => session.token(scope).await,
            Self::Machine(identity) => Ok(identity.token(scope).await?.expose().to_owned()),
        }
    }
}
