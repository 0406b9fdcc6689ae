//! Tokens of other issuers, as proof.

use std::fmt;
use std::future::Future;

use async_trait::async_trait;
use entra_claims::transport::BoxFuture;

use super::{AssertionRequest, CredentialError};

/// Where a token comes from that the registration trusts through a federated identity
/// credential: its issuer, subject and audience (`api://AzureADTokenExchange`) are listed
/// there, and no secret is.
///
/// Implemented by [`TokenFile`](crate::TokenFile) and by [`AssertionCallback`].
#[async_trait]
pub trait FederatedAssertion: fmt::Debug + Send + Sync {
    /// The token, a JWT. Called for every request that needs one: cache it if it is dear,
    /// but not when `request.renew` says that the last one was refused.
    ///
    /// # Errors
    ///
    /// There is none.
    async fn assertion(&self, request: &AssertionRequest<'_>) -> Result<String, CredentialError>;
}

/// A function that brings a token.
///
/// ```
/// use std::sync::Arc;
/// use entra_obo::{AssertionCallback, ClientCredential, CredentialError};
///
/// let callback = AssertionCallback::new(|audience: String, _renew| async move {
///     // ask the other issuer for a token for `audience`
///     # let _ = audience;
///     Err(CredentialError::other("the issuer is away"))
/// });
/// let credential = ClientCredential::federated(Arc::new(callback));
/// # let _ = credential;
/// ```
pub struct AssertionCallback(Box<Callback>);

type Callback =
    dyn Fn(String, bool) -> BoxFuture<'static, Result<String, CredentialError>> + Send + Sync;

impl AssertionCallback {
    /// Wraps a function from the token endpoint's address, and whether the last token was
    /// refused, to a token.
    #[must_use]
    pub fn new<F, R>(callback: F) -> Self
    where
        F: Fn(String, bool) -> R + Send + Sync + 'static,
        R: Future<Output = Result<String, CredentialError>> + Send + 'static,
    {
        Self(Box::new(move |endpoint, renew| {
            Box::pin(callback(endpoint, renew))
        }))
    }
}

#[async_trait]
impl FederatedAssertion for AssertionCallback {
    async fn assertion(&self, request: &AssertionRequest<'_>) -> Result<String, CredentialError> {
        (self.0)(request.endpoint.to_owned(), request.renew).await
    }
}

impl fmt::Debug for AssertionCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AssertionCallback(..)")
    }
}
