//! A federated token on disk, as a cluster projects it into a pod.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinHandle;

use super::running::Emulator;
use crate::forge::Forge;
use crate::identity::write_privately;
use crate::state::Shared;

/// How long a token in the file is valid, in seconds.
const LIFETIME: i64 = 3600;
/// From this age on it is replaced, as kubelet does with projected tokens.
const RENEWED_AFTER: i64 = LIFETIME / 10 * 8;
/// How often it is looked at: the emulator's clock and keys move when a test says so.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A federated token that is kept fresh in a file until this is dropped; the file stays.
pub struct FederatedTokenFile {
    path: PathBuf,
    issuer: String,
    keeper: JoinHandle<()>,
}

impl fmt::Debug for FederatedTokenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FederatedTokenFile")
            .field("path", &self.path)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl FederatedTokenFile {
    /// The file: `AZURE_FEDERATED_TOKEN_FILE`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The token's issuer, for the federated identity credential.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

impl Drop for FederatedTokenFile {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// What the file holds.
struct Written {
    at: i64,
    kid: String,
}

impl Written {
    fn is_stale(&self, shared: &Shared) -> bool {
        let age = shared.clock.now().saturating_sub(self.at);
        !(0..RENEWED_AFTER).contains(&age) || self.kid != shared.live_key().kid
    }
}

fn write(shared: &Arc<Shared>, path: &Path, issuer: &str, subject: &str) -> io::Result<Written> {
    let (at, kid) = (shared.clock.now(), shared.live_key().kid.clone());
    let header = json!({ "alg": "RS256", "kid": kid, "typ": "JWT" });
    let claims = json!({
        "aud": ["api://AzureADTokenExchange"], "iss": issuer, "sub": subject,
        "iat": at, "nbf": at, "exp": at.saturating_add(LIFETIME),
    });
    let object = |value: serde_json::Value| value.as_object().cloned().unwrap_or_default();
    let token = Forge::new(Arc::clone(shared)).token_of(object(header), object(claims));
    let token = token.sign().map_err(io::Error::other)?;
    // Readers see the old token or the new one, never half of one.
    // Its name cannot be guessed and it is made new: nobody else's file or link is written to.
    let mut next = path.as_os_str().to_owned();
    next.push(format!(".{}", crate::tokens::random_text(1)));
    write_privately(Path::new(&next), &token)?;
    if let Err(error) = std::fs::rename(&next, path) {
        let _ = std::fs::remove_file(&next);
        return Err(error);
    }
    Ok(Written { at, kid })
}

impl Emulator {
    /// Writes a federated token for `subject` into a file and keeps it fresh: it is replaced
    /// as it grows old by the emulator's clock, and when the signing key changes.
    ///
    /// The tenant (an id or a domain) issues it; an app that trusts
    /// [`FederatedTokenFile::issuer`] and `subject` as a
    /// [`FederatedCredential`](crate::FederatedCredential) gets tokens with it. Must be
    /// called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// The file cannot be written, or the tenant does not exist. Once it is written, a
    /// failure is tried again.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, demo};
    ///
    /// let emulator = Emulator::start(Directory::demo()).await?;
    /// let path = std::env::temp_dir().join(format!("token-{}", std::process::id()));
    /// let file = emulator.federated_token_file(&path, demo::TENANT, "system:serviceaccount:a:b")?;
    /// assert!(std::fs::read_to_string(file.path())?.starts_with("eyJ"));
    /// # std::fs::remove_file(path)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn federated_token_file(
        &self,
        path: impl Into<PathBuf>,
        tenant: &str,
        subject: &str,
    ) -> io::Result<FederatedTokenFile> {
        let directory = self.shared.directory();
        let Some(tenant) = directory.find(tenant) else {
            let reason = format!("there is no tenant `{tenant}`");
            return Err(io::Error::new(io::ErrorKind::NotFound, reason));
        };
        let (path, subject) = (path.into(), subject.to_owned());
        let issuer = tenant.issuer_v2(&self.shared.base_url);
        let mut written = write(&self.shared, &path, &issuer, &subject)?;
        let keeper = tokio::spawn({
            let (shared, path, issuer) = (Arc::clone(&self.shared), path.clone(), issuer.clone());
            async move {
                let mut looks = tokio::time::interval(LOOK_EVERY);
                loop {
                    looks.tick().await;
                    if written.is_stale(&shared)
                        && let Ok(next) = write(&shared, &path, &issuer, &subject)
                    {
                        written = next;
                    }
                }
            }
        });
        Ok(FederatedTokenFile {
            path,
            issuer,
            keeper,
        })
    }
}
