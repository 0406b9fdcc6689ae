//! Kinds of client credentials, and several of one client in their order.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::certificate::{ByCertificate, ClientCertificate};
use super::federated::FederatedAssertion;
use super::jwt::SignedAssertions;
use super::proof::{AssertionRequest, CredentialError, Proof};
use super::secret_file::SecretFile;
use super::signer::AssertionSigner;
use crate::secret::{ClientSecret, Secret};

/// What the client proves its identity with.
///
/// | kind | for |
/// | --- | --- |
/// | [`secret`](Self::secret) | development; simple, copied easily, expires |
/// | [`secret_file`](Self::secret_file) | the same, mounted as a file and rotated there |
/// | [`certificate`](Self::certificate) | servers that hold a private key |
/// | [`signer`](Self::signer) | keys that never leave a vault or an HSM |
/// | [`federated`](Self::federated) | managed identities, Kubernetes, other issuers: no secret at all |
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
    SecretFile(Arc<SecretFile>),
    Signed(Arc<SignedAssertions>),
    Federated(Arc<dyn FederatedAssertion>),
}

impl ClientCredential {
    /// A client secret, sent in the body (Entra doc "Microsoft identity platform and OAuth
    /// 2.0 On-Behalf-Of flow": first case, access token request with a shared secret).
    #[must_use]
    pub fn secret(secret: ClientSecret) -> Self {
        Self(Kind::Secret(secret))
    }

    /// A client secret in a file, read now and again when Entra ID refuses it as wrong or expired (AADSTS7000215,
    /// 7000222): a rotated secret needs no restart. Blanks around it are cut off.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, with its path.
    pub fn secret_file(path: impl Into<PathBuf>) -> Result<Self, CredentialError> {
        let file = SecretFile::open(path.into())?;
        Ok(Self(Kind::SecretFile(Arc::new(file))))
    }

    /// A certificate with its private key: each request carries a short-lived assertion
    /// that is signed with it (Entra doc "Microsoft identity platform application
    /// authentication certificate credentials").
    #[must_use]
    pub fn certificate(certificate: ClientCertificate) -> Self {
        Self::signer(Arc::new(ByCertificate::new(certificate)))
    }

    /// A key that something else holds and signs with.
    #[must_use]
    pub fn signer(signer: Arc<dyn AssertionSigner>) -> Self {
        Self(Kind::Signed(Arc::new(SignedAssertions::new(signer))))
    }

    /// A token of another issuer that the registration trusts (Entra doc "Workload identity
    /// federation").
    #[must_use]
    pub fn federated(source: Arc<dyn FederatedAssertion>) -> Self {
        Self(Kind::Federated(source))
    }

    /// What is missing for it to work at all.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        match &self.0 {
            Kind::Secret(secret) if secret.expose().is_empty() => {
                Some("the client secret is empty")
            }
            // Entra ID makes none, and its refusal would not tell that the rest is right.
            Kind::Secret(secret) if secret.expose().trim() != secret.expose() => Some(
                "the client secret begins or ends with a blank or a line break, as text of a file does: trim it",
            ),
            _ => None,
        }
    }

    /// Its kind, as cache keys carry it.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.0 {
            Kind::Secret(_) | Kind::SecretFile(_) => "secret",
            Kind::Signed(_) => "signed",
            Kind::Federated(_) => "federated",
        }
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &'static str {
        match &self.0 {
            Kind::Secret(_) | Kind::SecretFile(_) => "client secret",
            Kind::Signed(_) => "certificate or signer",
            Kind::Federated(_) => "federated credential",
        }
    }

    /// Whether a second proof can be accepted where the first was refused with these codes; `stale` where they say
    /// that an assertion was good once.
    pub(crate) fn may_mend(&self, codes: &[u64], stale: bool) -> bool {
        match &self.0 {
            Kind::Secret(_) => false,
            Kind::SecretFile(_) => SecretFile::may_mend(codes),
            Kind::Signed(_) | Kind::Federated(_) => stale,
        }
    }

    /// The proof for one request.
    pub(crate) async fn prove(
        &self,
        request: &AssertionRequest<'_>,
    ) -> Result<Proof, CredentialError> {
        match &self.0 {
            Kind::Secret(secret) => Ok(Proof::Secret(secret.clone())),
            Kind::SecretFile(file) => Ok(Proof::Secret(file.secret(request.renew).await?)),
            Kind::Signed(signed) => Ok(Proof::Assertion(signed.assertion(request).await?)),
            Kind::Federated(source) => {
                let text = source.assertion(request).await?;
                checked(&text)?;
                Ok(Proof::Assertion(Arc::new(Secret::new(text))))
            }
        }
    }

    /// Entra ID does not take PS256 there: sign with RS256 from now on.
    pub(crate) fn fall_back_to_rs256(&self) {
        if let Kind::Signed(signed) = &self.0 {
            signed.fall_back_to_rs256();
        }
    }
}

/// A token of another issuer is a JWT of moderate size; anything else is a mistake that
/// would only be reported by Entra ID as AADSTS50027.
fn checked(text: &str) -> Result<(), CredentialError> {
    const LIMIT: usize = 64 * 1024;
    let refuse = |reason| Err(CredentialError::new("federated assertion", reason));
    if text.is_empty() {
        return refuse("it is empty");
    }
    if text.len() > LIMIT {
        return refuse("it is longer than 64 KiB");
    }
    if text.split('.').count() != 3 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return refuse("it is not a JWT: three segments with dots between them");
    }
    Ok(())
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Secret(_) => f.write_str("ClientCredential(secret, <redacted>)"),
            Kind::SecretFile(file) => write!(f, "ClientCredential({file:?})"),
            Kind::Signed(signed) => write!(f, "ClientCredential({signed:?})"),
            Kind::Federated(source) => write!(f, "ClientCredential(federated, {source:?})"),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Credentials {
    all: Vec<ClientCredential>,
    /// The one that worked last.
    current: AtomicUsize,
}

impl Credentials {
    pub(crate) fn new(all: Vec<ClientCredential>) -> Self {
        Self {
            all,
            current: AtomicUsize::new(0),
        }
    }

    /// All, beginning with the one that worked last, with their places.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (usize, &ClientCredential)> {
        let current = self.current.load(Ordering::Relaxed);
        let (before, from) = self.all.split_at(current.min(self.all.len()));
        let from = from
            .iter()
            .enumerate()
            .map(move |(i, one)| (current + i, one));
        from.chain(before.iter().enumerate())
    }

    pub(crate) fn worked(&self, place: usize) {
        self.current.store(place, Ordering::Relaxed);
    }

    pub(crate) fn problem(&self) -> Option<&'static str> {
        self.all.iter().find_map(ClientCredential::problem)
    }

    /// Their kinds, as cache keys carry them.
    pub(crate) fn kinds(&self) -> String {
        let kinds: Vec<_> = self.all.iter().map(ClientCredential::kind).collect();
        kinds.join("+")
    }
}
