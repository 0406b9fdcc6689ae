//! Building a [`ProtectedResource`], with all checks of its settings.

use std::collections::BTreeSet;
use std::sync::Arc;

use foundry_scopes::{AppIdUri, OidcScope, Scope, ScopeName, TenantAuthority, TenantId};
use http::HeaderName;
use url::Url;

use super::error::ResourceError;
use super::sign_in::{Accounts, FacadeLimits, Issuer, OpenIssuer};
use super::url::{PLACEHOLDER, PublicUrl};
use super::{Inner, ProtectedResource};
use crate::shared::SharedTier;

/// Collects what a [`ProtectedResource`] is made of; see [`ProtectedResource::builder`].
#[derive(Clone, Debug)]
#[must_use = "nothing is built before `build`"]
pub struct ProtectedResourceBuilder {
    pub(super) url: String,
    pub(super) authority: Option<TenantAuthority>,
    pub(super) accounts: Accounts,
    identifier_uri: Option<AppIdUri>,
    scopes: Vec<ScopeName>,
    issuer: IssuerChoice,
    open_issuer: OpenIssuer,
    facade_limits: FacadeLimits,
    client_address_header: Option<String>,
    shared: Option<SharedTier>,
    tenants: Tenants,
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

/// Whose tokens a guard of this resource takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tenants {
    /// Whatever its validator accepts.
    Validated,
    /// Of those the authority's own.
    Own,
}

impl ProtectedResourceBuilder {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            authority: None,
            accounts: Accounts::OfTheTenant,
            identifier_uri: None,
            scopes: Vec::new(),
            issuer: IssuerChoice::Plain,
            open_issuer: OpenIssuer::Refused,
            facade_limits: FacadeLimits::default(),
            client_address_header: None,
            shared: None,
            tenants: Tenants::Validated,
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

    /// Lets accounts of any organization sign in, for a server whose validator accepts any
    /// work or school tenant.
    ///
    /// With the [facade](Self::facade) every client can. Without it the metadata would have to
    /// list `organizations` as issuer, which [`build`](Self::build) refuses, see
    /// [`allow_shared_issuer`](Self::allow_shared_issuer).
    pub fn any_organization(mut self) -> Self {
        self.accounts = Accounts::OfAnyOrganization;
        self
    }

    /// The same for any organization and personal Microsoft accounts (`common`).
    pub fn any_account(mut self) -> Self {
        self.accounts = Accounts::Any;
        self
    }

    /// **Lists `organizations` or `common` as issuer although most clients abort there.**
    ///
    /// Entra ID's metadata at these addresses names the issuer `.../{tenantid}/v2.0`, which is
    /// not the listed one. RFC 8414, section 3.3, has clients refuse that, and the TypeScript
    /// SDK 2.x, the Python SDK (with FastMCP) and `rmcp` do; the TypeScript SDK 1.x goes on.
    pub fn allow_shared_issuer(mut self) -> Self {
        self.open_issuer = OpenIssuer::Accepted;
        self
    }

    /// How many token requests the facade forwards; more are answered with 429.
    pub fn facade_limits(mut self, limits: FacadeLimits) -> Self {
        self.facade_limits = limits;
        self
    }

    /// **The header in which the proxy in front names the client's address**, `x-forwarded-for` as a
    /// rule: the last entry counts, which that proxy adds. One address gets a quarter of the
    /// facade's [limits](Self::facade_limits) at most.
    ///
    /// Name it only where every request comes through that proxy: whoever reaches the server
    /// directly writes the header as they like. Without it the address of the connection counts,
    /// unless it is in a private network, where it is a proxy's and stands for all clients.
    pub fn client_address_header(mut self, name: impl Into<String>) -> Self {
        self.client_address_header = Some(name.into());
        self
    }

    /// Counts the facade's token requests over all instances that share this store: the
    /// [limits](Self::facade_limits) hold for each of them and, in windows of ten seconds, for all
    /// together.
    pub fn shared(mut self, tier: SharedTier) -> Self {
        self.shared = Some(tier);
        self
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
    /// facade is off; an issuer without a tenant; a facade that would lie over the resource.
    pub fn build(self) -> Result<ProtectedResource, ResourceError> {
        let url = PublicUrl::parse(&self.url)?;
        let authority = self.authority.ok_or(ResourceError::Missing {
            setting: "authority",
        })?;
        let identifier_uri = self.identifier_uri.ok_or(ResourceError::Missing {
            setting: "identifier_uri",
        })?;
        if let Some(url) = self.documentation.as_ref().filter(|url| !is_web_page(url)) {
            return Err(ResourceError::Documentation { url: url.clone() });
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
        let open = self.accounts != Accounts::OfTheTenant;
        if open && matches!(issuer, Issuer::Entra) && self.open_issuer == OpenIssuer::Refused {
            let authority = self.accounts.authority(&authority).to_string();
            return Err(ResourceError::OpenIssuer { authority });
        }
        let budget = self
            .shared
            .map(|tier| tier.space("mcp-auth/facade-budget/1"));
        let facade_budget = budget.transpose()?;
        let client_address_header = match self.client_address_header {
            None => None,
            Some(name) => {
                Some(HeaderName::try_from(&name).map_err(|_| ResourceError::HeaderName { name })?)
            }
        };
        Ok(ProtectedResource(Arc::new(Inner {
            url,
            scopes: advertised(&identifier_uri, &self.scopes)?,
            authority,
            accounts: self.accounts,
            identifier_uri,
            issuer,
            facade_limits: self.facade_limits.check()?,
            facade_budget,
            client_address_header,
            tenants: self.tenants,
            root: self.root,
            name: self.name,
            documentation: self.documentation,
        })))
    }

    /// This resource for one of several tenants.
    pub(super) fn of_tenant(mut self, tenant: TenantId) -> Self {
        let id = tenant.to_string();
        self.url = self.url.replace(PLACEHOLDER, &id);
        if let IssuerChoice::Facade(path) = &mut self.issuer {
            if !path.contains(PLACEHOLDER) {
                *path = format!("{path}/{PLACEHOLDER}");
            }
            *path = path.replace(PLACEHOLDER, &id);
        }
        self.tenants = Tenants::Own;
        self.root = RootDocument::Omitted;
        self
    }
}

/// The scopes to advertise, each once: `.default` where none is named.
fn advertised(uri: &AppIdUri, names: &[ScopeName]) -> Result<Vec<Scope>, ResourceError> {
    let mut scopes = Vec::new();
    for name in names {
        if OidcScope::from_name(name.as_str()).is_some() {
            return Err(ResourceError::SignInScope {
                scope: name.clone(),
            });
        }
        let scope = Scope::new(uri, name);
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        scopes.push(Scope::default_for(uri));
    }
    Ok(scopes)
}

fn is_web_page(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
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

impl ProtectedResourceBuilder {
    /// One resource per tenant, for a server of several: each has a URL, a metadata document
    /// and, with the facade, a sign-in of its own, so that every client finds an issuer that
    /// names its tenant.
    ///
    /// The URL says with `{tenant}` where the tenant's id goes. Give each resource a guard of
    /// its own; they may share one authenticator. **Such a guard takes tokens of its
    /// resource's tenant only**, whatever the validator accepts besides.
    ///
    /// ```
    /// use foundry_scopes::{AppIdUri, Cloud, TenantAuthority, TenantId};
    /// use mcp_auth::ProtectedResource;
    ///
    /// let contoso = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
    /// let fabrikam = TenantId::parse("11111111-2222-3333-4444-555555555555")?;
    /// let resources = ProtectedResource::builder("https://mcp.example/{tenant}/mcp")
    ///     .authority(&TenantAuthority::new(Cloud::public(), contoso))
    ///     .identifier_uri(AppIdUri::parse("api://11112222-bbbb-3333-cccc-4444dddd5555")?)
    ///     .facade()
    ///     .build_per_tenant([contoso, fabrikam])?;
    /// assert_eq!(resources[0].url(), "https://mcp.example/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/mcp");
    /// assert_eq!(resources[1].authority().tenant(), fabrikam);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As of [`build`](Self::build); and no tenant, a URL without `{tenant}`, accounts of any
    /// organization.
    pub fn build_per_tenant(
        self,
        tenants: impl IntoIterator<Item = TenantId>,
    ) -> Result<Vec<ProtectedResource>, ResourceError> {
        let refuse = |reason| Err(ResourceError::Contradiction { reason });
        if !self.url.contains(PLACEHOLDER) {
            return refuse("the URL of a resource per tenant needs {tenant} in its path");
        }
        if self.accounts != Accounts::OfTheTenant {
            return refuse("a resource per tenant signs in the accounts of that tenant only");
        }
        let Some(authority) = self.authority.clone() else {
            return Err(ResourceError::Missing {
                setting: "authority",
            });
        };
        let mut seen = BTreeSet::new();
        let resources: Vec<_> = tenants
            .into_iter()
            .filter(|tenant| seen.insert(*tenant))
            .map(|tenant| {
                let one = self.clone().authority(&authority.for_tenant(tenant));
                one.of_tenant(tenant).build()
            })
            .collect::<Result<_, _>>()?;
        if resources.is_empty() {
            return refuse("no tenant is named");
        }
        Ok(resources)
    }
}
