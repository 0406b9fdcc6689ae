//! Reads pasted text as an endpoint of one cloud, or of a custom host.

use std::str::FromStr;

use super::error::{Corrections, EndpointError, EndpointReason as Reason};
use super::hosts::{self, CustomHost, Service};
use super::{Endpoint, classify, pasted, raw};
use crate::cloud::Cloud;
use crate::scope::Scope;

/// Reads endpoints of one cloud, and of the hosts that the caller names.
///
/// A custom domain, a gateway or an app of your own is refused unless it is named here,
/// together with the scope that it wants.
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
    cloud: Cloud,
    custom_hosts: Vec<CustomHost>,
}

impl EndpointReader {
    /// Endpoints of `cloud`.
    #[must_use]
    pub fn new(cloud: Cloud) -> Self {
        Self {
            cloud,
            custom_hosts: Vec::new(),
        }
    }

    /// Takes `host` too, exactly this one, on port 443, for tokens of `scope`.
    ///
    /// # Errors
    ///
    /// What is no plain host name, and hosts of Microsoft's that have an audience of their
    /// own or are pages for browsers: those cannot be redefined.
    pub fn allow_custom_host(mut self, host: &str, scope: Scope) -> Result<Self, EndpointError> {
        let refuse = |refusal| EndpointError::new(refusal, None);
        let host = host.to_ascii_lowercase();
        if !host.is_ascii() || !host.contains('.') {
            return Err(refuse(Reason::Host));
        }
        raw::check_host(&host).map_err(refuse)?;
        match hosts::find(&host) {
            Err(Reason::UnknownHost) => {}
            Err(refusal) => return Err(refuse(refusal)),
            Ok(found) => match found.row.service {
                Service::Refused(Reason::Gateway) | Service::Site => {}
                _ => return Err(refuse(Reason::KnownHost)),
            },
        }
        self.custom_hosts.push(CustomHost { host, scope });
        Ok(self)
    }

    /// Reads what was pasted.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::parse`].
    pub fn parse(&self, text: &str) -> Result<Endpoint, EndpointError> {
        let mut corrections = Corrections::default();
        match self.read(text, &mut corrections) {
            Ok(endpoint) => match corrections.into_error() {
                None => Ok(endpoint),
                Some(error) => Err(error),
            },
            Err(reason) => Err(EndpointError::new(reason, None)),
        }
    }

    /// Unwraps, splits and classifies the address, each once.
    fn read(&self, text: &str, corrections: &mut Corrections) -> Result<Endpoint, Reason> {
        let pasted = pasted::take(text, self.cloud.known(), corrections)?;
        let mut raw = raw::split(&pasted.url, corrections)?;
        let mut result = classify::classify(
            &mut raw,
            pasted.notes,
            &self.cloud,
            &self.custom_hosts,
            corrections,
        );
        if let Ok(endpoint) = &mut result {
            if corrections.lacks_suggestion() {
                corrections.suggest(raw::within_limit(raw.to_url())?);
            }
            if let Some((name, wants)) = pasted.variable {
                endpoint.notes.extend(wants.advice(name, endpoint));
            }
        }
        result
    }
}

impl Endpoint {
    /// Reads an endpoint of the public cloud.
    ///
    /// # Errors
    ///
    /// An address that no token may be sent to, with the corrected address where the
    /// intention is clear.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        Self::parse_in(text, &Cloud::public())
    }

    /// Reads an endpoint of `cloud`. A host of another cloud is refused: its audience and
    /// its authority are others.
    ///
    /// ```
    /// use foundry_scopes::{Cloud, Endpoint};
    ///
    /// let text = "https://contoso.services.ai.azure.us/api/projects/p1";
    /// let endpoint = Endpoint::parse_in(text, &Cloud::us_government())?;
    /// assert_eq!(endpoint.scope().as_str(), "https://ai.azure.us/.default");
    /// assert_eq!(Endpoint::parse(text).unwrap_err().code(), "other_cloud");
    /// # Ok::<(), foundry_scopes::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Endpoint::parse`].
    pub fn parse_in(text: &str, cloud: &Cloud) -> Result<Self, EndpointError> {
        EndpointReader::new(cloud.clone()).parse(text)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        Self::parse(text)
    }
}
