//! User assertion: a verified user token that can be exchanged.

use std::fmt;

use entra_claims::{PrincipalKey, VerifiedToken};
use foundry_scopes::{ClientId, TenantId};

/// A user's verified token, ready to be exchanged.
///
/// Only a [`VerifiedToken`] becomes one, and only if it stands for a user: an application
/// on its own has no user to act on behalf of. For callers who validated elsewhere there is
/// [`dangerous::assertion_without_signature`](crate::dangerous::assertion_without_signature),
/// which is loud for a reason.
///
/// It shares the verified token: nothing is copied, and making one is cheap enough to do
/// per request.
///
/// ```
/// use entra_claims::VerifiedToken;
/// use entra_obo::{AssertionError, UserAssertion};
///
/// fn on_behalf_of(caller: &VerifiedToken) -> Result<UserAssertion, AssertionError> {
///     let assertion = UserAssertion::try_from(caller)?; // a user's token, or an error
///     assert_eq!(assertion.principal(), caller.principal().key());
///     Ok(assertion)
/// }
/// # use entra_emulator::{Directory, Emulator, demo};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let forge = Emulator::start(Directory::demo()).await?.forge();
/// # let user = forge.user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER, &[demo::MCP_READ])?;
/// # let app = forge.app_token(demo::TENANT, demo::DAEMON, demo::MCP_SERVER, &[demo::MCP_RUN_ROLE])?;
/// # let user = entra_claims::dangerous::assume_verified(&user.sign()?)?;
/// # let app = entra_claims::dangerous::assume_verified(&app.sign()?)?;
/// assert!(on_behalf_of(&user).is_ok());
/// assert!(matches!(on_behalf_of(&app), Err(AssertionError::AppOnly { .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct UserAssertion(VerifiedToken);

impl UserAssertion {
    /// The tenant that issued it; the exchange has to ask the same one.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.0.principal().tenant()
    }

    /// Whose token it is.
    #[must_use]
    pub fn principal(&self) -> PrincipalKey {
        self.0.principal().key()
    }

    /// When it expires, in Unix seconds.
    #[must_use]
    pub fn expires_at_unix(&self) -> i64 {
        self.0.expires_at_unix()
    }

    pub(crate) fn digest(&self) -> &[u8; 32] {
        self.0.digest().as_bytes()
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_token()
    }
}

impl TryFrom<&VerifiedToken> for UserAssertion {
    type Error = AssertionError;

    /// # Errors
    ///
    /// [`AssertionError::AppOnly`] for a token without a user (Entra ID answers such an
    /// exchange with AADSTS7000114).
    fn try_from(token: &VerifiedToken) -> Result<Self, AssertionError> {
        let principal = token.principal();
        if !principal.is_delegated() {
            return Err(AssertionError::AppOnly {
                client: principal.client(),
            });
        }
        Ok(Self(token.clone()))
    }
}

impl fmt::Debug for UserAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAssertion")
            .field("principal", self.0.principal())
            .field("expires_at_unix", &self.expires_at_unix())
            .field("token", &format_args!("<redacted>"))
            .finish()
    }
}

/// Why a token cannot be exchanged on behalf of a user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssertionError {
    /// The token is an application's own; there is no user to act for.
    #[error(
        "the token is application {client}'s own and stands for no user; \
         on-behalf-of needs a user's token, an application uses client credentials"
    )]
    AppOnly {
        /// The calling application.
        client: ClientId,
    },
}
