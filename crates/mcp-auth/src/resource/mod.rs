//! The resource as clients and Entra ID know it (RFC 9728).

mod builder;
mod document;
mod error;
mod url;

use std::sync::Arc;

use foundry_scopes::{AppIdUri, Scope, TenantAuthority};

pub use builder::ProtectedResourceBuilder;
pub use error::ResourceError;

pub(crate) use self::url::PublicUrl;

use crate::Challenge;
use builder::RootDocument;
use document::Document;

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
    identifier_uri: AppIdUri,
    scopes: Vec<Scope>,
    issuer: Issuer,
    root: RootDocument,
    name: Option<String>,
    documentation: Option<String>,
}

/// Whom the metadata names as authorization server.
#[derive(Debug)]
enum Issuer {
    Entra,
    Facade(PublicUrl),
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
            Issuer::Entra => self.0.authority.issuer_v2(),
            Issuer::Facade(url) => url.as_text(),
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

    /// The paths of the metadata document: with the resource's path inserted, and at the
    /// root, where some clients look first.
    pub(crate) fn metadata_paths(&self) -> Vec<String> {
        let inserted = self.0.url.well_known_path(WELL_KNOWN);
        let root = format!("/.well-known/{WELL_KNOWN}");
        let mut paths = vec![inserted];
        if self.0.root == RootDocument::Served && !paths.contains(&root) {
            paths.push(root);
        }
        paths
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

#[cfg(test)]
mod tests;
