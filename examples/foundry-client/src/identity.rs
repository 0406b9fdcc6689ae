//! Whose token is sent: a user's, the application's own, or the machine's.

use std::error::Error;

use mcp_auth::EntraApp;
use mcp_auth::obo::managed_identity::ManagedIdentity;
use mcp_auth::scopes::Scope;

use crate::sign_in::Session;

pub enum Identity {
    /// A person who signed in; one sign-in serves every audience.
    User(Session),
    /// The application itself, with whatever credential its environment has.
    App(EntraApp),
    /// What the platform gave this machine: no secret, no sign-in.
    Machine(ManagedIdentity),
}

impl Identity {
    /// A token for the resource of `scope`.
    pub async fn token(&self, scope: &Scope) -> Result<String, Box<dyn Error>> {
        match self {
            Self::User(session) => session.token(scope).await,
            Self::App(entra) => {
                let token = entra.app_downstream(scope.as_str())?.token().await?;
                Ok(token.expose().to_owned())
            }
            Self::Machine(identity) => Ok(identity.token(scope).await?.expose().to_owned()),
        }
    }
}
