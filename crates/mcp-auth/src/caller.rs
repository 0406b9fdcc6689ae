//! `Caller`: the verified caller of a request, in its extensions.

use std::fmt;
use std::sync::Arc;

use entra_claims::{Principal, VerifiedToken};

use crate::guard::Authorization;

/// The verified caller of a request.
///
/// [`AuthLayer`](crate::AuthLayer) puts it into the request's extensions, and nothing else
/// makes one: a handler that takes a `Caller` cannot run without a verified token. With
/// the feature `axum` it is an extractor, with `rmcp` a parameter of tools.
///
/// Identity is [`principal`](Caller::principal): tenant and object id. Names and addresses
/// in the claims are for display.
///
/// ```
/// use mcp_auth::Caller;
///
/// fn greet(caller: &Caller) -> String {
///     format!("{} of {}", caller.principal().object(), caller.principal().tenant())
/// }
/// # let _ = greet;
/// ```
#[derive(Clone)]
pub struct Caller {
    token: VerifiedToken,
    authorization: Arc<Authorization>,
}

impl Caller {
    pub(crate) fn new(token: VerifiedToken, authorization: &Arc<Authorization>) -> Self {
        let authorization = Arc::clone(authorization);
        Self {
            token,
            authorization,
        }
    }

    /// **A caller made of nothing but a token**, for unit tests of handlers: no HTTP, no guard, no
    /// keys. `entra_claims::dangerous::TestToken` makes the token.
    ///
    /// Needs the feature `test-tokens`, which belongs under `[dev-dependencies]`: a build
    /// without debug assertions, as `--release` makes it, refuses to compile with it.
    ///
    /// ```
    /// use entra_claims::dangerous::TestToken;
    /// use mcp_auth::Caller;
    ///
    /// async fn greet(caller: Caller) -> String {
    ///     format!("hello {}", caller.principal().object())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), entra_claims::DecodeError> {
    /// let alice = Caller::for_test(&TestToken::user().build()?);
    /// assert_eq!(greet(alice).await, format!("hello {}", TestToken::OBJECT));
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "test-tokens")]
    #[cfg_attr(docsrs, doc(cfg(feature = "test-tokens")))]
    #[must_use]
    pub fn for_test(token: &VerifiedToken) -> Self {
        let authorization = Arc::new(Authorization::for_test(token));
        Self {
            token: token.clone(),
            authorization,
        }
    }

    /// The token: its claims, and what `Caller::on_behalf_of` (feature `obo`) starts from.
    #[must_use]
    pub fn token(&self) -> &VerifiedToken {
        &self.token
    }

    /// Who it is: safe to log and to key by.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        self.token.principal()
    }

    /// Of the guard that let the caller in: it answers what is refused further inside.
    #[cfg_attr(
        not(any(feature = "axum", feature = "obo")),
        expect(dead_code, reason = "asked by the extractors and on-behalf-of errors")
    )]
    pub(crate) fn authorization(&self) -> &Authorization {
        &self.authorization
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Caller").field(&self.token).finish()
    }
}
