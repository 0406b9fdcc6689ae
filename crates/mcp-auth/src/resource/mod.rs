//! `ProtectedResource`: URL, authority, scopes and metadata document (RFC 9728).

mod builder;
mod error;
mod sign_in;
mod url;

use std::sync::Arc;

use entra_parts::store::SharedSpace;
use foundry_scopes::{AppIdUri, Authority, Scope, TenantAuthority, TenantId};
use http::HeaderName;
use serde::Serialize;

use crate::challenge::Challenge;
use builder::{RootDocument, Tenants};
use sign_in::{Accounts, Issuer};

pub(crate) use self::url::PublicUrl;
pub use builder::ProtectedResourceBuilder;
pub use error::ResourceError;
pub use sign_in::{FacadeLimits, SignInMode};

const WELL_KNOWN: &str = "oauth-protected-resource";

/// A protected resource: its public URL, its tenant, and the scopes clients ask for.
///
/// It is configuration only, made once and cheap to clone: the guard takes its challenges
/// from it, the metadata routes their documents. Nothing is ever derived from `Host` or
/// `X-Forwarded-*`, so a request cannot change where clients are sent.
///
/// ```
/// use foundry_scopes::{AppIdUri, Cloud, ScopeName, TenantAuthority, TenantId};
/// use mcp_auth::ProtectedResource;
///
/// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// let resource = ProtectedResource::builder("https://mcp.contoso.example/mcp")
///     .authority(&TenantAuthority::new(Cloud::public(), tenant))
///     .identifier_uri(AppIdUri::parse("api://11112222-bbbb-3333-cccc-4444dddd5555")?)
///     .scope(ScopeName::parse("mcp.read")?)
///     .facade()
///     .build()?;
/// assert_eq!(
///     resource.metadata_url(),
///     "https://mcp.contoso.example/.well-known/oauth-protected-resource/mcp"
/// );
/// assert_eq!(resource.issuer(), "https://mcp.contoso.example/as");
/// assert_eq!(resource.scopes()[0].as_str(), "api://11112222-bbbb-3333-cccc-4444dddd5555/mcp.read");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProtectedResource(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: PublicUrl,
    authority: TenantAuthority,
    accounts: Accounts,
    identifier_uri: AppIdUri,
    scopes: Vec<Scope>,
    issuer: Issuer,
    facade_limits: FacadeLimits,
    facade_budget: Option<SharedSpace>,
    client_address_header: Option<HeaderName>,
    tenants: Tenants,
    root: RootDocument,
    name: Option<String>,
    documentation: Option<String>,
}

impl ProtectedResource {
    /// Starts from the URL that clients connect to, for example
    /// `https://mcp.contoso.example/mcp`.
    pub fn builder(url: impl Into<String>) -> ProtectedResourceBuilder {
        ProtectedResourceBuilder::new(url.into())
    }

    /// The resource's URL: what clients send as `resource` (RFC 8707).
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url.as_text()
    }

    /// The tenant whose tokens are accepted.
    #[must_use]
    pub fn authority(&self) -> &TenantAuthority {
        &self.0.authority
    }

    /// The identifier URI that qualifies scopes.
    #[must_use]
    pub fn identifier_uri(&self) -> &AppIdUri {
        &self.0.identifier_uri
    }

    /// The advertised scopes, qualified: what a request to Entra ID needs, while a token's
    /// `scp` carries the short names.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.0.scopes
    }

    /// The authorization server in the metadata: the tenant's v2 issuer, or the facade.
    #[must_use]
    pub fn issuer(&self) -> String {
        match &self.0.issuer {
            Issuer::Entra if self.0.accounts == Accounts::OfTheTenant => {
                self.0.authority.issuer_v2()
            }
            Issuer::Entra => format!("{}/v2.0", self.sign_in_authority()),
            Issuer::Facade(url) => url.as_text(),
        }
    }

    /// Whether clients sign in at Entra ID itself or through the facade. The start-up event
    /// under `mcp_auth::metadata` says it too, and why.
    #[must_use]
    pub fn sign_in_mode(&self) -> SignInMode {
        match &self.0.issuer {
            Issuer::Entra => SignInMode::Plain,
            Issuer::Facade(_) => SignInMode::Facade,
        }
    }

    /// Where the metadata is: the `resource_metadata` of each challenge.
    #[must_use]
    pub fn metadata_url(&self) -> String {
        self.0.url.well_known_url(WELL_KNOWN)
    }

    /// The metadata document (RFC 9728, section 2).
    #[must_use]
    pub fn metadata_json(&self) -> String {
        let (resource, issuer) = (self.url(), self.issuer());
        let document = Document {
            resource: &resource,
            authorization_servers: [&issuer],
            scopes_supported: self.0.scopes.iter().map(Scope::as_str).collect(),
            bearer_methods_supported: ["header"],
            resource_name: self.0.name.as_deref(),
            resource_documentation: self.0.documentation.as_deref(),
        };
        // Strings in a struct: this cannot fail.
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// A challenge that points to this resource's metadata and names its scopes, for a
    /// handler that refuses by itself.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge::bearer()
            .scopes(self.0.scopes.iter().cloned())
            .resource_metadata(&self.metadata_url())
    }

    /// The paths of the metadata document: with the resource's path inserted (RFC 9728,
    /// section 3.1), below the resource, where `rmcp` looks too, and at the root, where some
    /// clients look first.
    pub(crate) fn metadata_paths(&self) -> Vec<String> {
        let root = format!("/.well-known/{WELL_KNOWN}");
        let mut paths = vec![self.0.url.well_known_path(WELL_KNOWN)];
        if !self.0.url.path().is_empty() {
            paths.push(format!("{}{root}", self.0.url.path()));
        }
        if self.0.root == RootDocument::Served && !paths.contains(&root) {
            paths.push(root);
        }
        paths
    }

    /// Where Entra ID signs the accounts in.
    pub(crate) fn sign_in_authority(&self) -> Authority {
        self.0.accounts.authority(&self.0.authority)
    }

    /// The issuer that Entra ID's document there has to name.
    pub(crate) fn documented_issuer(&self) -> String {
        self.0.accounts.documented_issuer(&self.0.authority)
    }

    pub(crate) fn facade_limits(&self) -> FacadeLimits {
        self.0.facade_limits
    }

    /// The header in which the proxy in front names the client.
    pub(crate) fn client_address_header(&self) -> Option<&HeaderName> {
        self.0.client_address_header.as_ref()
    }

    /// Where the facade's requests are counted over all instances.
    pub(crate) fn facade_budget(&self) -> Option<&SharedSpace> {
        self.0.facade_budget.as_ref()
    }

    /// The one tenant whose tokens a guard takes, whatever its validator accepts.
    pub(crate) fn only_tenant(&self) -> Option<TenantId> {
        match self.0.tenants {
            Tenants::Validated => None,
            Tenants::Own => Some(self.0.authority.tenant()),
        }
    }

    pub(crate) fn public_url(&self) -> &PublicUrl {
        &self.0.url
    }

    pub(crate) fn facade_url(&self) -> Option<&PublicUrl> {
        match &self.0.issuer {
            Issuer::Entra => None,
            Issuer::Facade(url) => Some(url),
        }
    }
}

/// RFC 9728, section 2. Members without a value are left out (section 3.2).
#[derive(Serialize)]
struct Document<'a> {
    resource: &'a str,
    authorization_servers: [&'a str; 1],
    scopes_supported: Vec<&'a str>,
    bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_documentation: Option<&'a str>,
}

#[cfg(test)]
mod tests;
