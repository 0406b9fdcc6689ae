//! Federated client assertions: tokens of other issuers, from a callback or a token file.

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use entra_claims::transport::BoxFuture;

use super::file::{FILES, read_small};
use super::proof::{AssertionRequest, CredentialError};

/// Where a token comes from that the registration trusts through a federated identity
/// credential: its issuer, subject and audience (`api://AzureADTokenExchange`) are listed
/// there, and no secret is.
///
/// Implemented by [`TokenFile`](crate::credential::TokenFile) and by [`AssertionCallback`].
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
/// use entra_obo::credential::{AssertionCallback, CredentialError};
/// use entra_obo::ClientCredential;
///
/// let callback = AssertionCallback::new(|audience: String, _renew| async move {
///     // ask the other issuer for a token for `audience`
///     assert_eq!(audience, "api://AzureADTokenExchange");
///     Err(CredentialError::other("the issuer is away"))
/// });
/// let credential = ClientCredential::federated(Arc::new(callback));
/// # let _ = credential;
/// ```
pub struct AssertionCallback(Box<Callback>);

type Callback =
    dyn Fn(String, bool) -> BoxFuture<'static, Result<String, CredentialError>> + Send + Sync;

impl AssertionCallback {
    /// Wraps a function from the audience that the token has to have
    /// ([`AssertionRequest::federated_audience`](crate::credential::AssertionRequest::federated_audience)),
    /// and whether the last token was refused, to a token.
    #[must_use]
    pub fn new<F, R>(callback: F) -> Self
    where
        F: Fn(String, bool) -> R + Send + Sync + 'static,
        R: Future<Output = Result<String, CredentialError>> + Send + 'static,
    {
        Self(Box::new(move |audience, renew| {
            Box::pin(callback(audience, renew))
        }))
    }
}

#[async_trait]
impl FederatedAssertion for AssertionCallback {
    async fn assertion(&self, request: &AssertionRequest<'_>) -> Result<String, CredentialError> {
        (self.0)(request.federated_audience.to_owned(), request.renew).await
    }
}

impl fmt::Debug for AssertionCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AssertionCallback(..)")
    }
}

const FILE_LIMIT: u64 = 64 * 1024;

/// A federated token in a file, as Kubernetes writes it for a workload identity
/// (`AZURE_FEDERATED_TOKEN_FILE`).
///
/// Read for every request that needs it: the file is small, and it is rotated while the
/// process runs (an old one gives AADSTS700024). It is read on a thread of its own, within 5 s,
/// and must be a regular file or a link to one. Blanks around the token are cut off.
///
/// ```
/// use std::sync::Arc;
/// use entra_obo::credential::TokenFile;
/// use entra_obo::ClientCredential;
///
/// let file = TokenFile::new("/var/run/secrets/azure/tokens/azure-identity-token");
/// let credential = ClientCredential::federated(Arc::new(file));
/// assert!(format!("{credential:?}").contains("azure-identity-token"));
/// ```
#[derive(Clone, Debug)]
pub struct TokenFile(PathBuf);

impl TokenFile {
    /// The file at this path. It need not exist yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

const WHAT: &str = "federated token file";

fn read(path: &Path) -> Result<String, CredentialError> {
    let refuse = |reason: String| CredentialError::new(WHAT, reason);
    let bytes = read_small(path, FILE_LIMIT).map_err(refuse)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| refuse("it is not text".to_owned()))?;
    match text.trim_ascii() {
        "" => Err(refuse(format!("{} is empty", path.display()))),
        token => Ok(token.to_owned()),
    }
}

#[async_trait]
impl FederatedAssertion for TokenFile {
    async fn assertion(&self, _: &AssertionRequest<'_>) -> Result<String, CredentialError> {
        let path = self.0.clone();
        FILES.read(WHAT, move || read(&path)).await
    }
}
