//! The endpoints, and what a request to each looks like.

use http::{Request, Uri};
use url::form_urlencoded::Serializer;

use super::IdentitySelector;
use crate::secret::Secret;

/// Where tokens come from.
#[derive(Debug)]
pub(super) enum Source {
    /// The metadata service of a virtual machine (Entra doc "How to use managed identities
    /// for Azure resources on an Azure VM to acquire an access token").
    Imds {
        /// Scheme and host.
        base: String,
    },
    /// App Service, Functions and Container Apps (Azure doc "How to use managed identities
    /// for App Service and Azure Functions", REST endpoint reference).
    AppService { endpoint: String, header: Secret },
}

/// The address of the metadata service: link-local, the same on every machine.
pub(super) const IMDS: &str = "http://169.254.169.254";

impl Source {
    /// The endpoint, as keys and messages carry it.
    pub(super) fn endpoint(&self) -> &str {
        match self {
            Self::Imds { base } => base,
            Self::AppService { endpoint, .. } => endpoint,
        }
    }

    pub(super) fn request(
        &self,
        resource: &str,
        selector: &IdentitySelector,
    ) -> Result<Request<Vec<u8>>, http::Error> {
        let (address, version, name, value) = match self {
            Self::Imds { base } => (
                format!("{base}/metadata/identity/oauth2/token"),
                "2018-02-01",
                "metadata",
                "true",
            ),
            Self::AppService { endpoint, header } => (
                endpoint.clone(),
                "2019-08-01",
                "x-identity-header",
                header.expose(),
            ),
        };
        let mut query = Serializer::new(String::new());
        query
            .append_pair("api-version", version)
            .append_pair("resource", resource);
        if let Some(value) = selector.value() {
            query.append_pair(self.parameter(selector), &value);
        }
        let uri: Uri = format!("{address}?{}", query.finish()).parse()?;
        let mut value = http::HeaderValue::from_str(value)?;
        value.set_sensitive(true);
        Request::get(uri).header(name, value).body(Vec::new())
    }

    /// The resource id has another name at each endpoint.
    fn parameter(&self, selector: &IdentitySelector) -> &'static str {
        match (selector, self) {
            (IdentitySelector::Object(_), _) => "object_id",
            (IdentitySelector::Resource(_), Self::Imds { .. }) => "msi_res_id",
            (IdentitySelector::Resource(_), Self::AppService { .. }) => "mi_res_id",
            _ => "client_id",
        }
    }

    /// What a refusal that is no error of Entra ID means here.
    pub(super) fn hint(&self, status: u16) -> &'static str {
        match (status, self) {
            (400, _) => {
                "no such identity is assigned to this machine, or the resource is not known in its tenant"
            }
            (401 | 403, Self::Imds { .. }) => {
                "the request did not come from a virtual machine of Azure"
            }
            (401 | 403, Self::AppService { .. }) => {
                "IDENTITY_HEADER is not the one of this process"
            }
            (404 | 410, Self::Imds { .. }) => {
                "the metadata service is being updated, or this is no virtual machine of Azure"
            }
            (429, _) => "too many requests",
            (500.., _) => "the endpoint failed",
            _ => "that is neither a token nor an error of Entra ID",
        }
    }
}
