//! TLS to Redis: a rustls configuration of our own, so that no process-wide provider is needed or set.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The authorities that are trusted: those of the system and those of a file.
#[derive(Clone)]
pub(crate) struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// # Errors
    ///
    /// The file cannot be read or holds no certificate; or there is no authority at all.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, String> {
        // Some of the system's may be unreadable; the others count.
        let mut all = rustls_native_certs::load_native_certs().certs;
        if let Some(path) = file {
            let shown = path.display();
            let read = CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let certificates = read
                .map_err(|error| format!("{shown} cannot be read as PEM certificates: {error}"))?;
            if certificates.is_empty() {
                return Err(format!("{shown} holds no certificate"));
            }
            all.extend(certificates);
        }
        match all.is_empty() {
            true => Err("the system has no certificate authorities: install them (ca-certificates) or name a file".into()),
            false => Ok(Self(all)),
        }
    }

    pub(crate) fn connector(&self) -> Result<TlsConnector, String> {
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(self.0.iter().cloned());
        if added == 0 {
            return Err("none of the certificates can be used as an authority".into());
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }

    /// For the cluster client, which makes its own configuration of it, and leaves out none that it cannot read.
    pub(crate) fn pem(&self) -> Vec<u8> {
        let mut usable = RootCertStore::empty();
        let certificates = self
            .0
            .iter()
            .filter(|certificate| usable.add((*certificate).clone()).is_ok());
        let pem = certificates.map(|certificate| {
            let text = STANDARD.encode(certificate);
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        });
        pem.collect::<String>().into_bytes()
    }
}

/// The cluster client takes the provider of the process; where there are several and none was chosen, rustls panics.
///
/// # Errors
///
/// That is so.
pub(crate) fn process_has_a_provider() -> Result<(), String> {
    let made = std::panic::catch_unwind(|| drop(ClientConfig::builder()));
    made.map_err(|_| {
        "TLS to a cluster takes the crypto provider of rustls that this process chose, and it chose none: call \
         rustls::crypto::CryptoProvider::install_default at the start of main"
            .into()
    })
}
