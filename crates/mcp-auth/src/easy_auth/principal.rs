//! `ClientPrincipal`: the user or application that App Service authentication signed in.

use std::fmt;

use foundry_scopes::{ObjectId, TenantId};

use super::claims::Raw;

/// What App Service authentication says about the caller, after the tenant policy accepted
/// the tenant.
///
/// It is the platform's word and no token: nothing was verified here, so it becomes neither
/// a [`Caller`](crate::Caller) nor a user assertion:
///
/// ```compile_fail
/// fn exchange(principal: &mcp_auth::ClientPrincipal) {
///     let _ = entra_obo::UserAssertion::try_from(principal);
/// }
/// ```
///
/// ```compile_fail
/// fn pass_for_verified(principal: mcp_auth::ClientPrincipal) -> mcp_auth::Caller {
///     principal.into()
/// }
/// ```
///
/// To call on as the user behind App Service authentication, send the site's access token
/// through an [`AuthLayer`](crate::AuthLayer) like any other.
#[derive(Clone)]
pub struct ClientPrincipal {
    tenant: TenantId,
    object: ObjectId,
    name_typ: Option<String>,
    role_typ: Option<String>,
    claims: Vec<(String, String)>,
}

/// The short name, and the long one that App Service maps it to.
const TENANT: [&str; 2] = [
    "tid",
    "http://schemas.microsoft.com/identity/claims/tenantid",
];
const OBJECT: [&str; 2] = [
    "oid",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
];
const SCOPE: [&str; 2] = ["scp", "http://schemas.microsoft.com/identity/claims/scope"];
const ROLE: [&str; 2] = [
    "roles",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
];

impl ClientPrincipal {
    pub(super) fn from_raw(raw: Raw) -> Result<Self, ClientPrincipalError> {
        if raw.auth_typ != "aad" {
            return Err(ClientPrincipalError::OtherProvider);
        }
        let tenant = only(&raw.claims, TENANT).and_then(TenantId::from_token);
        let object = only(&raw.claims, OBJECT).and_then(ObjectId::from_token);
        Ok(Self {
            tenant: tenant.ok_or(ClientPrincipalError::NoIdentity { claim: "tid" })?,
            object: object.ok_or(ClientPrincipalError::NoIdentity { claim: "oid" })?,
            name_typ: raw.name_typ,
            role_typ: raw.role_typ,
            claims: raw.claims,
        })
    }

    /// The caller's tenant. With [`object`](Self::object) it is who is calling.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The caller's object id in that tenant.
    #[must_use]
    pub fn object(&self) -> ObjectId {
        self.object
    }

    /// The name, for display only: a tenant's administrator chooses it.
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        let name_typ = self.name_typ.as_deref()?;
        self.values([name_typ, name_typ]).next()
    }

    /// The delegated scopes, short names. Compare whole words.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let all = self.values(SCOPE).flat_map(|scopes| scopes.split(' '));
        all.filter(|scope| !scope.is_empty())
    }

    /// The app roles, of users as well as of applications. An application on its own that
    /// has none got its token for nothing: any application of the tenant can.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        let names = match self.role_typ.as_deref() {
            Some(name) => [name, "roles"],
            None => ROLE,
        };
        self.values(names)
    }

    /// The values of the claims of this type, as App Service names it.
    pub fn claim<'a>(&'a self, typ: &'a str) -> impl Iterator<Item = &'a str> {
        self.values([typ, typ])
    }

    fn values<'a>(&'a self, names: [&'a str; 2]) -> impl Iterator<Item = &'a str> {
        let named = move |(typ, _): &&(String, String)| names.contains(&typ.as_str());
        self.claims
            .iter()
            .filter(named)
            .map(|(_, val)| val.as_str())
    }
}

/// The claim's one value, under whichever of its names; none if there are two.
fn only<'a>(claims: &'a [(String, String)], names: [&str; 2]) -> Option<&'a str> {
    let mut values = claims
        .iter()
        .filter(|(typ, _)| names.contains(&typ.as_str()))
        .map(|(_, val)| val.as_str());
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// Ids only: claims are personal data.
impl fmt::Debug for ClientPrincipal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientPrincipal")
            .field("tenant", &self.tenant)
            .field("object", &self.object)
            .finish_non_exhaustive()
    }
}

/// Why `X-MS-CLIENT-PRINCIPAL` does not say who is calling.
///
/// Answer `Missing` and whatever is malformed with 401, and `TenantNotAllowed` with 403. No
/// text of the header is in it, but for a tenant id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientPrincipalError {
    /// No such header: the request did not pass App Service authentication, or the site
    /// lets anonymous requests through.
    #[error("the request has no X-MS-CLIENT-PRINCIPAL header")]
    Missing,
    /// More than one such header.
    #[error("the request has more than one X-MS-CLIENT-PRINCIPAL header")]
    Repeated,
    /// Longer than the platform would make it.
    #[error("the X-MS-CLIENT-PRINCIPAL header has {length} bytes, and at most {limit} are read")]
    #[non_exhaustive]
    TooLong {
        /// Of the header, in bytes.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Not standard base64 with padding.
    #[error("the X-MS-CLIENT-PRINCIPAL header is not base64")]
    NotBase64,
    /// No JSON object of the documented form: with a member twice, of another type, or
    /// something behind it.
    #[error("the X-MS-CLIENT-PRINCIPAL header holds no client principal: {reason}")]
    #[non_exhaustive]
    Malformed {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Another identity provider than Entra ID (`aad`) signed the user in.
    #[error("the user did not sign in with Microsoft Entra ID")]
    OtherProvider,
    /// A claim that tells the caller apart is missing, is no GUID, or stands there with two
    /// values.
    #[error("the client principal has no usable {claim}")]
    #[non_exhaustive]
    NoIdentity {
        /// The claim's short name.
        claim: &'static str,
    },
    /// A tenant that the policy leaves out.
    #[error("the tenant {tenant} is not accepted")]
    #[non_exhaustive]
    TenantNotAllowed {
        /// Whose user called.
        tenant: TenantId,
    },
}
