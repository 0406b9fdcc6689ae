//! Reading with hosts of one's own.

use super::hosts::{self, Service};
use super::refusal::EndpointRefusal as Refusal;
use super::{Endpoint, EndpointError, raw, suggest};
use crate::{Cloud, Scope};

/// Reads endpoints of one cloud, and of the hosts that the caller names.
///
/// A custom domain, a gateway or an app of one's own is refused unless it is named here,
/// together with the scope that it wants: nobody else can know either.
///
/// ```
/// use foundry_scopes::{Cloud, Endpoint, EndpointKind, EndpointReader, Scope};
///
/// let text = "https://contoso.azure-api.net/openai";
/// assert_eq!(Endpoint::parse(text).unwrap_err().code(), "gateway");
///
/// let scope = Scope::parse("api://11112222-bbbb-3333-cccc-4444dddd5555/.default")?;
/// let reader = EndpointReader::new(Cloud::public()).allow_custom_host("contoso.azure-api.net", scope)?;
/// let endpoint = reader.parse(text)?;
/// assert_eq!(endpoint.kind(), EndpointKind::Custom);
/// assert_eq!(endpoint.scope().resource(), "api://11112222-bbbb-3333-cccc-4444dddd5555");
/// // One host, whole and literally.
/// assert!(reader.parse("https://other.azure-api.net/openai").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EndpointReader {
    pub(super) cloud: Cloud,
    own: Vec<OwnHost>,
}

#[derive(Clone, Debug)]
pub(super) struct OwnHost {
    pub(super) host: String,
    pub(super) scope: Scope,
}

impl EndpointReader {
    /// Endpoints of `cloud`.
    #[must_use]
    pub fn new(cloud: Cloud) -> Self {
        Self {
            cloud,
            own: Vec::new(),
        }
    }

    /// Takes `host` too, exactly this one, on port 443, for tokens of `scope`.
    ///
    /// # Errors
    ///
    /// What is no plain host name, and hosts of Microsoft's that have an audience of their
    /// own or are pages for browsers: those are not the caller's to redefine.
    pub fn allow_custom_host(mut self, host: &str, scope: Scope) -> Result<Self, EndpointError> {
        let refuse = |refusal| EndpointError::new(refusal, None);
        let host = host.to_ascii_lowercase();
        if !host.is_ascii() || !host.contains('.') {
            return Err(refuse(Refusal::Host));
        }
        raw::check_host(&host).map_err(refuse)?;
        match hosts::find(&host) {
            Err(Refusal::UnknownHost) => {}
            Err(refusal) => return Err(refuse(refusal)),
            Ok(found) => match found.row.service {
                Service::Refused(Refusal::Gateway) | Service::Site => {}
                _ => return Err(refuse(Refusal::KnownHost)),
            },
        }
        self.own.push(OwnHost { host, scope });
        Ok(self)
    }

    /// Reads what was pasted.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::parse`].
    pub fn parse(&self, text: &str) -> Result<Endpoint, EndpointError> {
        super::classify::read(text, self).map_err(|stopped| {
            match suggest::correct(&stopped.text, stopped.refusal, self) {
                Ok(suggestion) => EndpointError::new(stopped.refusal, Some(suggestion)),
                // A missing scheme in front of a portal page is not what is in the way.
                Err(obstacle) => EndpointError::new(obstacle, None),
            }
        })
    }

    pub(super) fn own_host(&self, host: &str) -> Option<&OwnHost> {
        self.own.iter().find(|own| own.host == host)
    }
}
