//! Building a [`ProtectedResource`], and refusing what contradicts itself.

use std::sync::Arc;

use foundry_scopes::{AppIdUri, OidcScope, Scope, ScopeName, TenantAuthority};

use super::error::ResourceError;
use super::url::PublicUrl;
use super::{Inner, Issuer, ProtectedResource};

/// Collects what a [`ProtectedResource`] is made of; see [`ProtectedResource::builder`].
#[derive(Clone, Debug)]
#[must_use = "nothing is built before `build`"]
pub struct ProtectedResourceBuilder {
    url: String,
    authority: Option<TenantAuthority>,
    identifier_uri: Option<AppIdUri>,
    scopes: Vec<ScopeName>,
    issuer: IssuerChoice,
    root: RootDocument,
    name: Option<String>,
    documentation: Option<String>,
}

#[derive(Clone, Debug)]
enum IssuerChoice {
    /// Entra ID itself; the URL has to equal the identifier URI.
    Plain,
    /// Entra ID itself; the operator says that the URL is registered.
    PlainRegistered,
    Facade(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RootDocument {
    Served,
    Omitted,
}

impl ProtectedResourceBuilder {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            authority: None,
            identifier_uri: None,
            scopes: Vec::new(),
            issuer: IssuerChoice::Plain,
            root: RootDocument::Served,
            name: None,
            documentation: None,
        }
    }

    /// The tenant whose tokens are accepted. Its own v2 issuer is what the metadata lists:
    /// clients refuse the `{tenantid}` template that `common` and `organizations` show.
    pub fn authority(mut self, authority: &TenantAuthority) -> Self {
        self.authority = Some(authority.clone());
        self
    }

    /// An identifier URI of the API's app registration; scopes are advertised under it.
    pub fn identifier_uri(mut self, uri: AppIdUri) -> Self {
        self.identifier_uri = Some(uri);
        self
    }

    /// One more scope that clients should ask for at first; call it once per scope.
    ///
    /// Name the few that basic use needs (MCP security best practices: scope
    /// minimization). Without any, `<identifier URI>/.default` is advertised: whatever the
    /// client's registration lists.
    pub fn scope(mut self, scope: ScopeName) -> Self {
        self.scopes.push(scope);
        self
    }

    /// Puts the metadata facade between clients and Entra ID, at `/as` of the resource's
    /// origin.
    ///
    /// Clients send the resource's URL as `resource` (RFC 8707); Entra ID compares it with
    /// the identifier URIs of the scope's application and answers AADSTS9010010 when it is
    /// none. Most URLs cannot be one (localhost, tunnels, `*.azurecontainerapps.io`), so
    /// the facade leaves the parameter out. It mints no token, keeps nothing, and talks to
    /// the tenant's own endpoints only; see the crate's documentation.
    pub fn facade(self) -> Self {
        self.facade_at("/as")
    }

    /// The facade at another path of the resource's origin.
    pub fn facade_at(mut self, path: impl Into<String>) -> Self {
        self.issuer = IssuerChoice::Facade(path.into());
        self
    }

    /// States that the resource's URL is registered as one more identifier URI of the same
    /// application, so that clients may talk to Entra ID directly.
    pub fn url_is_identifier_uri(mut self) -> Self {
        self.issuer = IssuerChoice::PlainRegistered;
        self
    }

    /// Leaves out the document at `/.well-known/oauth-protected-resource`, for all but one
    /// of several resources on one origin. The one with the path inserted always exists.
    pub fn without_root_document(mut self) -> Self {
        self.root = RootDocument::Omitted;
        self
    }

    /// A name for people (`resource_name`).
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The address of a page for developers (`resource_documentation`).
    pub fn documentation(mut self, url: impl Into<String>) -> Self {
        self.documentation = Some(url.into());
        self
    }

    /// The resource.
    ///
    /// # Errors
    ///
    /// What contradicts itself or what no client could use, with what to change:
    /// a URL with a trailing slash, a fragment, or http off loopback; no authority or
    /// identifier URI; scopes of the sign-in; a URL that Entra ID does not know while the
    /// facade is off; a facade that would lie over the resource.
    pub fn build(self) -> Result<ProtectedResource, ResourceError> {
        let url = PublicUrl::parse(&self.url)?;
        let authority = self.authority.ok_or(ResourceError::Missing {
            setting: "authority",
        })?;
        let identifier_uri = self.identifier_uri.ok_or(ResourceError::Missing {
            setting: "identifier_uri",
        })?;
        if let Some(scope) = self
            .scopes
            .iter()
            .find(|s| OidcScope::from_name(s.as_str()).is_some())
        {
            return Err(ResourceError::SignInScope {
                scope: scope.clone(),
            });
        }
        let mut scopes = Vec::new();
        for name in &self.scopes {
            let scope = Scope::of(&identifier_uri, name);
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        if scopes.is_empty() {
            scopes.push(Scope::default_of(&identifier_uri));
        }
        let issuer = match self.issuer {
            IssuerChoice::Facade(path) => Issuer::Facade(facade_url(&url, &path)?),
            IssuerChoice::PlainRegistered => Issuer::Entra,
            IssuerChoice::Plain if url.as_text() == identifier_uri.as_str() => Issuer::Entra,
            IssuerChoice::Plain => {
                return Err(ResourceError::NotRegistered {
                    resource: url.as_text(),
                    identifier_uri,
                });
            }
        };
        Ok(ProtectedResource(Arc::new(Inner {
            url,
            authority,
            identifier_uri,
            scopes,
            issuer,
            root: self.root,
            name: self.name,
            documentation: self.documentation,
        })))
    }
}

/// The facade's issuer: a URL of its own on the resource's origin.
fn facade_url(resource: &PublicUrl, path: &str) -> Result<PublicUrl, ResourceError> {
    let refuse = |reason| {
        Err(ResourceError::FacadePath {
            path: path.to_owned(),
            reason,
        })
    };
    if path.len() < 2 || !path.starts_with('/') || path.contains('?') {
        return refuse("a path like /as is needed");
    }
    let text = format!("{}{path}", resource.origin());
    let url = match PublicUrl::parse(&text) {
        Ok(url) => url,
        Err(ResourceError::Url { reason, .. }) => return refuse(reason),
        Err(other) => return Err(other),
    };
    let below = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // A guard over the resource's path would guard the sign-in as well.
    if !resource.path().is_empty() && below(url.path(), resource.path()) {
        return refuse("it lies under the resource, whose guard would ask for a token there");
    }
    if below(resource.path(), url.path()) {
        return refuse("the resource lies under it");
    }
    Ok(url)
}
