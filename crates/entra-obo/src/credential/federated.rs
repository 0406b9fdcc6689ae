//! Federated client assertions: tokens of other issuers, from a callback or a token file.

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use entra_claims::transport::BoxFuture;
use zeroize::Zeroizing;

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

const FILE_LIMIT: u64 = 64 * 1024;

/// A federated token in a file, as Kubernetes writes it for a workload identity
/// (`AZURE_FEDERATED_TOKEN_FILE`).
///
/// Read for every request that needs it: the file is small, and it is rotated while the
/// process runs (an old one gives AADSTS700024). Blanks around the token are cut off.
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

    fn read(&self) -> Result<String, CredentialError> {
        let refuse = |reason: String| CredentialError::new("federated token file", reason);
        let bytes = read_small(&self.0, FILE_LIMIT).map_err(refuse)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| refuse("it is not text".to_owned()))?;
        match text.trim_ascii() {
            "" => Err(refuse(format!("{} is empty", self.0.display()))),
            token => Ok(token.to_owned()),
        }
    }
}

#[async_trait]
impl FederatedAssertion for TokenFile {
    async fn assertion(&self, _: &AssertionRequest<'_>) -> Result<String, CredentialError> {
        self.read()
    }
}

/// The whole file, if it is small; what is wrong, with the path and without the content.
pub(super) fn read_small(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, String> {
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(told)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(limit + 1).read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() as u64 > limit {
        return Err(format!(
            "{} is larger than {} KiB",
            path.display(),
            limit / 1024
        ));
    }
    Ok(bytes)
}
