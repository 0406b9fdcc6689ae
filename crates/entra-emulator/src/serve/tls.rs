//! A certificate authority that lives as long as its emulator.
//!
//! Its private key never leaves the process, and its certificate is constrained to the
//! emulator's own DNS names (RFC 5280, section 4.2.1.10). IP addresses are not constrained:
//! programs on Bun refuse an authority with such constraints.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::directory::external_names;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// The server's TLS settings and the certificate that clients must trust.
pub(crate) struct LocalTls {
    config: Arc<ServerConfig>,
    ca_pem: String,
}

impl fmt::Debug for LocalTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTls").finish_non_exhaustive()
    }
}

/// Apple's clients refuse server certificates that are valid for more than 398 days.
const VALID_DAYS: i64 = 397;

impl LocalTls {
    /// A new authority and a certificate of it for `localhost`, the loopback addresses and
    /// `host`.
    pub(crate) fn generate(host: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let mut names = vec![
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
            "::1".to_owned(),
        ];
        if !names.iter().any(|n| n == bare) {
            names.push(bare.to_owned());
        }
        names.push(external_names(host));

        let now = OffsetDateTime::now_utc();
        let (begin, end) = (now - Duration::DAY, now + Duration::days(VALID_DAYS));
        let mut ca = CertificateParams::default();
        (ca.not_before, ca.not_after) = (begin, end);
        // Two authorities with one name confuse trust stores.
        let name = format!("entra-emulator TEST ONLY {}", uuid::Uuid::new_v4().simple());
        ca.distinguished_name.push(DnType::CommonName, name);
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let dns = names.iter().filter(|n| n.parse::<IpAddr>().is_err());
        let dns = dns.filter(|n| !n.starts_with('*'));
        ca.name_constraints = Some(NameConstraints {
            permitted_subtrees: dns.cloned().map(GeneralSubtree::DnsName).collect(),
            excluded_subtrees: Vec::new(),
        });
        let ca_key = KeyPair::generate()?;
        let ca_pem = ca.self_signed(&ca_key)?.pem();

        let mut leaf = CertificateParams::new(names)?;
        (leaf.not_before, leaf.not_after) = (begin, end);
        leaf.distinguished_name
            .push(DnType::CommonName, "entra-emulator");
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let leaf = leaf.signed_by(&key, &Issuer::new(ca, ca_key))?;

        // The provider by name: a process may have chosen another default, or none.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            ca_pem,
        })
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    pub(crate) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}
