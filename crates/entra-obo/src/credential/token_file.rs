//! A token in a file that somebody else keeps fresh.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::{AssertionRequest, CredentialError, FederatedAssertion};

const FILE_LIMIT: u64 = 64 * 1024;

/// A federated token in a file, as Kubernetes writes it for a workload identity
/// (`AZURE_FEDERATED_TOKEN_FILE`).
///
/// Read for every request that needs it: the file is small, and it is rotated while the
/// process runs (an old one gives AADSTS700024). Blanks around the token are cut off.
///
/// ```
/// use std::sync::Arc;
/// use entra_obo::{ClientCredential, TokenFile};
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
    let told = |error: std::io::Error| format!("{}: {}", path.display(), error.kind());
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
