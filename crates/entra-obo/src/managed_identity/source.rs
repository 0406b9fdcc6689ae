//! Managed identity endpoints: what a request to each looks like, which identity it names, and
//! when it is repeated.
//!
//! The metadata service is updated under running machines: it answers 404 and, for up to 70
//! seconds, 410 (Entra doc "How to use managed identities ... to acquire an access token",
//! error handling). The other endpoints have a shorter list.

use std::path::PathBuf;
use std::time::Duration;

use foundry_scopes::{ClientId, ObjectId};
use http::{Request, Uri};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

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
    /// The agent of a machine that Azure Arc connects (Azure doc "Authenticate against Azure
    /// resources with Azure Arc-enabled servers").
    Arc {
        endpoint: String,
        /// Where the agent writes the keys of its challenges.
        keys: PathBuf,
    },
}

/// The remedy where what answers is no endpoint of managed identities.
pub(super) const NOT_AN_ENDPOINT: &str =
    "check that the address is that of a managed identity endpoint";

/// The address of the metadata service: link-local, the same on every machine.
pub(super) const IMDS: &str = "http://169.254.169.254";

impl Source {
    /// The endpoint, as keys and messages carry it.
    pub(super) fn endpoint(&self) -> &str {
        match self {
            Self::Imds { base } => base,
            Self::AppService { endpoint, .. } | Self::Arc { endpoint, .. } => endpoint,
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
            Self::Arc { endpoint, .. } => (endpoint.clone(), "2020-06-01", "metadata", "true"),
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

    /// What a status other than 200 means here, and what to do about it.
    pub(super) fn meaning(&self, status: u16) -> (&'static str, &'static str) {
        match (status, self) {
            (400, _) => (
                "no such identity is assigned to this machine, or the resource is not known in its tenant",
                "assign the identity, name one that is assigned, or correct the resource",
            ),
            (401 | 403, Self::Imds { .. }) => (
                "the request did not come from a virtual machine of Azure",
                "run this on a virtual machine of Azure, or use another credential",
            ),
            (401 | 403, Self::Arc { .. }) => (
                "the agent of Azure Arc does not take the content of its key file",
                "ask again; if it lasts, restart the agent",
            ),
            (401 | 403, Self::AppService { .. }) => (
                "IDENTITY_HEADER is not the one of this process",
                "pass on IDENTITY_ENDPOINT and IDENTITY_HEADER as the platform sets them",
            ),
            (404 | 410, Self::Imds { .. }) => (
                "the metadata service is being updated, or this is no virtual machine of Azure",
                "ask again; if it lasts, use another credential",
            ),
            (429, _) => ("too many requests", "ask again later, and less often"),
            (500.., _) => ("the endpoint failed", "ask again in a few seconds"),
            _ => (
                "that is neither a token nor a documented error",
                NOT_AN_ENDPOINT,
            ),
        }
    }

    /// What the endpoint wrote about its refusal: `error_description` of the metadata service,
    /// `message` of App Service. One line of printable ASCII, without the identity header.
    pub(super) fn words(&self, body: &[u8]) -> Option<String> {
        #[derive(Deserialize)]
        struct Wire {
            error: Option<String>,
            error_description: Option<String>,
            message: Option<String>,
        }
        let wire: Wire = serde_json::from_slice(body).ok()?;
        let said = wire.error_description.or(wire.message).or(wire.error)?;
        let plain = |c: char| c == ' ' || c.is_ascii_graphic();
        let said: String = said.chars().take_while(|&c| plain(c)).take(200).collect();
        let secret = match self {
            Self::Imds { .. } | Self::Arc { .. } => None,
            Self::AppService { header, .. } => Some(header.expose()),
        };
        let shown = !said.is_empty() && !secret.is_some_and(|secret| said.contains(secret));
        shown.then_some(said)
    }
}

/// Which of the machine's identities is meant.
///
/// A machine with several user-assigned identities and no system-assigned one answers an
/// unqualified request with an error, so name the one you mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentitySelector {
    /// The system-assigned identity, or the only one.
    #[default]
    Only,
    /// A user-assigned identity by its client id.
    Client(ClientId),
    /// A user-assigned identity by its object id.
    Object(ObjectId),
    /// A user-assigned identity by its Azure resource id
    /// (`/subscriptions/.../userAssignedIdentities/...`).
    Resource(String),
}

impl IdentitySelector {
    /// The value that goes into the request.
    pub(super) fn value(&self) -> Option<String> {
        match self {
            Self::Only => None,
            Self::Client(id) => Some(id.to_string()),
            Self::Object(id) => Some(id.to_string()),
            Self::Resource(id) => Some(id.clone()),
        }
    }

    /// What tells entries apart.
    pub(super) fn key(&self) -> String {
        let kind = match self {
            Self::Only => "only",
            Self::Client(_) => "client",
            Self::Object(_) => "object",
            Self::Resource(_) => "resource",
        };
        format!("{kind}={}", self.value().unwrap_or_default())
    }
}

/// Waits up to here are honoured; a longer `Retry-After` is for the caller.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What came back, as far as repeating is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    Status(u16),
    Timeout,
    NoConnection,
}

/// The pause before the next attempt; `None` when there is none. `attempt` counts from 0.
pub(super) fn pause(
    source: &Source,
    first: Met,
    met: Met,
    attempt: u32,
    told: Option<Duration>,
) -> Option<Duration> {
    let passes = match (met, source) {
        (Met::Status(404 | 408 | 429), _) => true,
        (Met::Status(status), Source::Imds { .. }) => status == 410 || status >= 500,
        (Met::Status(status), Source::AppService { .. } | Source::Arc { .. }) => {
            matches!(status, 500 | 503 | 504)
        }
        (Met::Timeout, Source::Imds { .. }) => true,
        // A second timeout would only take as long again.
        (Met::Timeout, Source::AppService { .. } | Source::Arc { .. }) => attempt == 0,
        (Met::NoConnection, _) => true,
    };
    if !passes {
        return None;
    }
    if first == Met::Status(410) {
        // Seven times ten seconds: it is back within seventy.
        return (attempt < 7).then_some(Duration::from_secs(10));
    }
    if attempt >= 3 {
        return None;
    }
    match told {
        Some(told) if told > LONGEST_WAIT => None,
        Some(told) => Some(told),
        None => match source {
            Source::Imds { .. } => Some(Duration::from_secs(1 << attempt)),
            Source::AppService { .. } | Source::Arc { .. } => Some(Duration::from_secs(1)),
        },
    }
}
