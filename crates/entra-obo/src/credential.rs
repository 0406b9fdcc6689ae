//! How the client proves that it is the client.

use std::fmt;

use crate::ClientSecret;

/// What the client proves its identity with.
///
/// ```
/// use entra_obo::{ClientCredential, ClientSecret};
///
/// let credential = ClientCredential::secret(ClientSecret::new("value"));
/// assert!(!format!("{credential:?}").contains("value"));
/// ```
#[derive(Clone)]
pub struct ClientCredential(Kind);

#[derive(Clone)]
enum Kind {
    Secret(ClientSecret),
}

impl ClientCredential {
    /// A client secret, sent in the body (Entra doc "Microsoft identity platform and OAuth
    /// 2.0 On-Behalf-Of flow": first case, access token request with a shared secret).
    #[must_use]
    pub fn secret(secret: ClientSecret) -> Self {
        Self(Kind::Secret(secret))
    }

    /// What is missing for it to work at all.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        match &self.0 {
            Kind::Secret(secret) if secret.expose().is_empty() => {
                Some("the client secret is empty")
            }
            Kind::Secret(_) => None,
        }
    }

    /// Its kind, as cache keys carry it.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.0 {
            Kind::Secret(_) => "secret",
        }
    }

    /// The parameters that go into the token request.
    pub(crate) fn parameters(&self) -> [(&'static str, &str); 1] {
        match &self.0 {
            Kind::Secret(secret) => [("client_secret", secret.expose())],
        }
    }
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCredential({}, <redacted>)", self.kind())
    }
}
