//! Scope sets: the scopes of one token request, for one resource.

use std::fmt;

use crate::app_id_uri::AppIdUri;
use crate::error::ParseError;
use crate::scope::{OidcScope, Scope, ScopeName};
use crate::text::parsed_value;

/// The scopes of one token request: one resource, plus the OpenID Connect scopes apart.
///
/// Sorted and without duplicates, so equal requests render equally.
///
/// ```
/// use foundry_scopes::ScopeSet;
///
/// let scopes = ScopeSet::parse("https://graph.microsoft.com/Mail.Read openid https://graph.microsoft.com/User.Read")?;
/// assert_eq!(scopes.resource(), "https://graph.microsoft.com");
/// assert_eq!(scopes.to_string(), "https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/User.Read openid");
///
/// let error = ScopeSet::parse("https://graph.microsoft.com/User.Read https://ai.azure.com/.default").unwrap_err();
/// assert!(error.to_string().contains("one resource"));
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScopeSet {
    scopes: Vec<Scope>,
    oidc: Vec<OidcScope>,
}

impl ScopeSet {
    /// Reads scopes separated by blanks.
    ///
    /// # Errors
    ///
    /// No resource scope, scopes of more than one resource (AADSTS28000 and 70011 at the
    /// token endpoint), `.default` beside named scopes of the same resource, or a part
    /// that is no scope.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut scopes = Vec::new();
        let mut oidc = Vec::new();
        for part in text.split_ascii_whitespace() {
            match OidcScope::from_name(part) {
                Some(scope) => oidc.push(scope),
                None => scopes.push(Scope::parse(part)?),
            }
        }
        Self::checked(scopes, oidc)
    }

    /// The given scopes, all of one resource.
    ///
    /// # Errors
    ///
    /// As [`ScopeSet::parse`].
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, ParseError> {
        Self::checked(scopes.into_iter().collect(), Vec::new())
    }

    /// Reads scopes of one resource that may be short, as a challenge or a configuration
    /// file lists them, and qualifies them.
    ///
    /// ```
    /// use foundry_scopes::{AppIdUri, ScopeSet};
    ///
    /// let api = AppIdUri::parse("api://contoso")?;
    /// let scopes = ScopeSet::qualify(&api, "orders.read api://contoso/orders.write openid")?;
    /// assert_eq!(scopes.to_string(), "api://contoso/orders.read api://contoso/orders.write openid");
    /// assert_eq!(scopes.names().collect::<Vec<_>>(), ["orders.read", "orders.write"]);
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ScopeSet::parse`]; a qualified scope must be of this resource.
    pub fn qualify(resource: &AppIdUri, text: &str) -> Result<Self, ParseError> {
        let mut scopes = vec![];
        let mut oidc = vec![];
        for part in text.split_ascii_whitespace() {
            match OidcScope::from_name(part) {
                Some(scope) => oidc.push(scope),
                None if part == ".default" => scopes.push(Scope::default_for(resource)),
                None if part.contains('/') => {
                    let scope = Scope::parse(part)?;
                    if scope.resource() != resource.as_str() {
                        return Err(ParseError::new(
                            "scope",
                            part,
                            "it belongs to another resource",
                        )
                        .hint(format!("write it as a scope of {resource}")));
                    }
                    scopes.push(scope);
                }
                None => scopes.push(Scope::new(resource, &ScopeName::parse(part)?)),
            }
        }
        Self::checked(scopes, oidc)
    }

    fn checked(mut scopes: Vec<Scope>, mut oidc: Vec<OidcScope>) -> Result<Self, ParseError> {
        scopes.sort_unstable();
        scopes.dedup();
        oidc.sort_unstable();
        oidc.dedup();
        let set = Self { scopes, oidc };
        let refuse = |reason| ParseError::new("scope set", &set.to_string(), reason);
        let Some(first) = set.scopes.first() else {
            return Err(refuse("it asks for no resource").hint("add <resource>/.default"));
        };
        if set.scopes.iter().any(|s| s.resource() != first.resource()) {
            return Err(
                refuse("a token is for one resource").hint("ask for one token per resource")
            );
        }
        if set.scopes.len() > 1 && set.scopes.iter().any(Scope::is_default) {
            return Err(refuse(".default already stands for every granted scope")
                .hint("ask for .default alone or for the named scopes"));
        }
        Ok(set)
    }

    /// The resource that all scopes belong to.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.scopes.first().map_or("", Scope::resource)
    }

    /// The resource scopes, sorted.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The short names, as a token's `scp` will carry them (`.default` for itself).
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(Scope::name)
    }

    /// The OpenID Connect scopes, sorted.
    #[must_use]
    pub fn oidc(&self) -> &[OidcScope] {
        &self.oidc
    }

    /// The same set with one more OpenID Connect scope.
    #[must_use]
    pub fn with(mut self, scope: OidcScope) -> Self {
        self.oidc.push(scope);
        self.oidc.sort_unstable();
        self.oidc.dedup();
        self
    }
}

impl From<Scope> for ScopeSet {
    fn from(scope: Scope) -> Self {
        Self {
            scopes: vec![scope],
            oidc: Vec::new(),
        }
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = self.scopes.iter().map(Scope::as_str);
        let oidc = self.oidc.iter().map(|s| s.as_str());
        for (i, scope) in resource.chain(oidc).enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

parsed_value!(ScopeSet);

#[cfg(test)]
mod tests;
