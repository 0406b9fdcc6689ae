//! Who is calling, as a handler gets it.

use entra_claims::{Principal, VerifiedToken};

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
#[derive(Clone, Debug)]
pub struct Caller(VerifiedToken);

impl Caller {
    pub(crate) fn new(token: VerifiedToken) -> Self {
        Self(token)
    }

    /// The token: its claims, and what `Caller::on_behalf_of` (feature `obo`) starts from.
    #[must_use]
    pub fn token(&self) -> &VerifiedToken {
        &self.0
    }

    /// Who it is: safe to log and to key by.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        self.0.principal()
    }
}
