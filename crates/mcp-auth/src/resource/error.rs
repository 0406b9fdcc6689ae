//! `ResourceError`: invalid settings of a protected resource.

use entra_parts::seal::SealError;
use foundry_scopes::{AppIdUri, ScopeName};

/// Settings of a [`ProtectedResource`](crate::ProtectedResource) that contradict each
/// other or that no client could use; each says what to change.
///
/// ```
/// use mcp_auth::ProtectedResource;
///
/// let error = ProtectedResource::builder("https://mcp.contoso.example/mcp/").build().unwrap_err();
/// assert!(error.to_string().contains("trailing slash"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceError {
    /// The resource's URL cannot be one.
    #[error("{url:?} cannot be the URL of a protected resource: {reason}")]
    #[non_exhaustive]
    Url {
        /// The URL as given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A setting without which no document can be written.
    #[error("the protected resource has no {setting}: call `.{setting}(...)` on the builder")]
    #[non_exhaustive]
    Missing {
        /// The builder's method.
        setting: &'static str,
    },
    /// The header that names clients' addresses cannot be one.
    #[error("{name:?} cannot be the name of the header with the client's address")]
    #[non_exhaustive]
    HeaderName {
        /// The name as given.
        name: String,
    },
    /// A scope of OpenID Connect, which belongs to sign-in and not to a resource.
    #[error(
        "{scope} belongs to the sign-in and not to a resource: advertise scopes of the API only"
    )]
    #[non_exhaustive]
    SignInScope {
        /// The scope.
        scope: ScopeName,
    },
    /// Clients would ask Entra ID for a resource that it does not know.
    #[error(
        "clients send {resource:?} as `resource`, and Entra ID accepts only identifier URIs of the \
         scope's application there (AADSTS9010010); the configured identifier URI is {identifier_uri}: \
         call `.facade()` on the builder, or register the URL as an identifier URI and call \
         `.url_is_identifier_uri()`"
    )]
    #[non_exhaustive]
    NotRegistered {
        /// The resource's URL.
        resource: String,
        /// The identifier URI that was configured.
        identifier_uri: AppIdUri,
    },
    /// Most clients would abort at an issuer without a tenant.
    #[error(
        "listing {authority} as issuer makes most clients abort: its metadata names the issuer \
         {{tenantid}}, which the TypeScript SDK 2.x, the Python SDK, FastMCP and rmcp compare with the \
         listed one (RFC 8414, section 3.3) and the TypeScript SDK 1.x does not: call `.facade()` on the \
         builder, or `.build_per_tenant(...)`, or `.allow_shared_issuer()`"
    )]
    #[non_exhaustive]
    OpenIssuer {
        /// The authority without a tenant.
        authority: String,
    },
    /// The page for developers has no address that a browser could open.
    #[error("{url:?} cannot be the page for developers: an https URL is needed")]
    #[non_exhaustive]
    Documentation {
        /// The address as given.
        url: String,
    },
    /// Two settings that do not go together.
    #[error("{reason}")]
    #[non_exhaustive]
    Contradiction {
        /// Which, and why.
        reason: &'static str,
    },
    /// A limit with which nothing would work.
    #[error("the limit {limit} cannot be {value}: {allowed} are allowed")]
    #[non_exhaustive]
    Limit {
        /// The limit's name.
        limit: &'static str,
        /// What was asked for.
        value: u64,
        /// The range.
        allowed: &'static str,
    },
    /// The facade cannot be at that path.
    #[error("the facade cannot be at {path:?}: {reason}")]
    #[non_exhaustive]
    FacadePath {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The keys that values in a store are sealed with could not be made.
    #[error(transparent)]
    Sealing(#[from] SealError),
}

impl ResourceError {
    pub(super) fn url(url: &str, reason: &'static str) -> Self {
        Self::Url {
            url: url.to_owned(),
            reason,
        }
    }
}
