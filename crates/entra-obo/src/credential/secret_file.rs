//! A client secret in a file, read again when Entra ID refuses it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Mutex;

use entra_parts::lock::lock;

use super::CredentialError;
use super::file::{FILES, read_small};
use crate::secret::ClientSecret;

const FILE_LIMIT: u64 = 4 * 1024;

/// A wrong secret and an expired one: the file may hold the next one already.
const REFUSED: [u64; 2] = [7_000_215, 7_000_222];

/// The file, and the secret that was read last.
pub(super) struct SecretFile {
    path: PathBuf,
    held: Mutex<ClientSecret>,
}

impl SecretFile {
    /// Reads the file, so that a wrong path is found at start.
    pub(super) fn open(path: PathBuf) -> Result<Self, CredentialError> {
        let held = Mutex::new(read(&path)?);
        Ok(Self { path, held })
    }

    /// The secret; read again if the last one was refused.
    pub(super) async fn secret(&self, renew: bool) -> Result<ClientSecret, CredentialError> {
        if renew {
            let path = self.path.clone();
            let secret = FILES.read(WHAT, move || read(&path)).await?;
            *lock(&self.held) = secret;
        }
        Ok(lock(&self.held).clone())
    }

    pub(super) fn may_mend(codes: &[u64]) -> bool {
        codes.iter().any(|code| REFUSED.contains(code))
    }
}

const WHAT: &str = "client secret file";

fn read(path: &std::path::Path) -> Result<ClientSecret, CredentialError> {
    let refuse = |reason: String| CredentialError::new(WHAT, reason);
    let bytes = read_small(path, FILE_LIMIT).map_err(refuse)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| refuse(format!("{} is not text", path.display())))?;
    // Editors and `echo` end a file with a line break; secrets have none.
    match text.trim() {
        "" => Err(refuse(format!("{} is empty", path.display()))),
        secret => Ok(ClientSecret::new(secret)),
    }
}

impl fmt::Debug for SecretFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretFile").field(&self.path).finish()
    }
}
