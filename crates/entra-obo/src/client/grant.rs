//! OAuth grants and their parameters.

use std::borrow::Cow;

use foundry_scopes::{ClientId, ObjectId};

use crate::assertion::UserAssertion;
use crate::error::ExchangeError;
use crate::token::AccessToken;

/// A grant, with what it needs.
#[derive(Clone)]
pub(super) enum Grant {
    /// Entra doc "Microsoft identity platform and OAuth 2.0 On-Behalf-Of flow", middle-tier
    /// access token request.
    OnBehalfOf(UserAssertion),
    /// Entra doc "OAuth 2.0 client credentials flow".
    ClientCredentials,
    /// The same by a blueprint, for an agent identity (Entra doc "Agent OAuth flows:
    /// autonomous app flow", first request).
    ExchangeTokenFor(ClientId),
    /// Entra doc "Agent's user account impersonation protocol", last request.
    AgentUser(AgentUser),
}

/// An agent's user account, by either of its names.
///
/// ```
/// use entra_obo::AgentUser;
///
/// let user = AgentUser::upn("agent-7@contoso.example")?;
/// assert!(AgentUser::upn("agent-7").is_err());
/// # let _ = user;
/// # Ok::<(), entra_obo::ExchangeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentUser(Named);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Object(ObjectId),
    Upn(String),
}

impl AgentUser {
    /// By its object id: the name that never changes.
    #[must_use]
    pub fn object(id: ObjectId) -> Self {
        Self(Named::Object(id))
    }

    /// By its user principal name. Case does not matter.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): no `@`, blanks
    /// or control characters.
    pub fn upn(upn: impl Into<String>) -> Result<Self, ExchangeError> {
        let upn = upn.into().to_lowercase();
        let parts = upn.split_once('@');
        let whole = parts.is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
        if !whole || upn.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(ExchangeError::configuration(
                "a user principal name looks like name@domain",
            ));
        }
        Ok(Self(Named::Upn(upn)))
    }

    /// The request's parameter.
    fn parameter(&self) -> (&'static str, Cow<'_, str>) {
        match &self.0 {
            Named::Object(id) => ("user_id", id.to_string().into()),
            Named::Upn(upn) => ("username", upn.as_str().into()),
        }
    }

    /// What a cache key holds of it: which name it is, and the name.
    pub(super) fn selector(&self) -> String {
        let (name, value) = self.parameter();
        format!("{name}={value}")
    }
}

/// RFC 7523, section 2.1.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CLIENT_CREDENTIALS: &str = "client_credentials";
const USER_FIC: &str = "user_fic";

impl Grant {
    /// The parameters, `grant_type` first. `exchange` is the agent identity's own exchange
    /// token, which a grant for its user account needs.
    pub(super) fn parameters<'a>(
        &'a self,
        exchange: Option<&'a AccessToken>,
    ) -> Vec<(&'static str, Cow<'a, str>)> {
        let pair = |name, value: &'a str| (name, Cow::Borrowed(value));
        match self {
            Self::OnBehalfOf(assertion) => vec![
                pair("grant_type", JWT_BEARER),
                pair("requested_token_use", "on_behalf_of"),
                pair("assertion", assertion.expose()),
            ],
            Self::ClientCredentials => vec![pair("grant_type", CLIENT_CREDENTIALS)],
            Self::ExchangeTokenFor(agent) => vec![
                pair("grant_type", CLIENT_CREDENTIALS),
                ("fmi_path", agent.to_string().into()),
            ],
            Self::AgentUser(user) => vec![
                pair("grant_type", USER_FIC),
                pair(
                    "user_federated_identity_credential",
                    exchange.map_or("", AccessToken::expose),
                ),
                user.parameter(),
            ],
        }
    }
}
