//! App Service authentication headers: reading `X-MS-CLIENT-PRINCIPAL`, stripping them all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entra_claims::TenantPolicy;
use http::{HeaderMap, HeaderName};

use super::claims;
use super::principal::ClientPrincipal;
use super::principal::ClientPrincipalError;

const HEADER: HeaderName = HeaderName::from_static("x-ms-client-principal");

/// App Service cuts off far below; its own limit of all headers is 64 KiB.
const LIMIT: usize = 64 * 1024;

/// Reads `X-MS-CLIENT-PRINCIPAL`, for sites that run behind App Service authentication on
/// purpose (App Service doc "Work with user identities").
///
/// 1. The header stands there once, has at most 64 KiB and is standard base64 with padding.
/// 2. It holds one JSON object without duplicate members: `auth_typ`, `name_typ`,
///    `role_typ`, and `claims` as a list of `typ` and `val`.
/// 3. Entra ID signed the user in (`auth_typ` is `aad`).
/// 4. Tenant and object id are there, under their short or their long names, and
///    unambiguous.
/// 5. The policy accepts the tenant. **The platform does not check it** where the site's
///    issuer is `common`, `organizations` or none: then the users of all tenants come
///    through.
///
/// # Deployment caveats
///
/// - **A client that reaches the site without App Service authentication in front can write this
///   header**: another container of the same app, a private endpoint of its own, a path
///   that is excluded from authentication, a local run. Read it only where the platform
///   removes what clients send.
/// - The platform's session may outlive the token by hours.
/// - An [`AuthLayer`](crate::AuthLayer) takes the platform's headers out of requests, unless
///   it is configured to [trust them](crate::AuthLayer::trust_app_service_headers).
///
/// ```
/// use entra_claims::TenantPolicy;
/// use foundry_scopes::TenantId;
/// use http::HeaderMap;
/// use mcp_auth::{ClientPrincipalError, ClientPrincipalReader};
///
/// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// let reader = ClientPrincipalReader::new(TenantPolicy::single(tenant));
///
/// let mut headers = HeaderMap::new();
/// assert_eq!(reader.read(&headers).unwrap_err(), ClientPrincipalError::Missing);
///
/// // {"auth_typ":"aad","claims":[{"typ":"tid","val":"8eaef023-..."},{"typ":"oid","val":"aaaaaaaa-..."}]}
/// let value = "eyJhdXRoX3R5cCI6ImFhZCIsImNsYWltcyI6W3sidHlwIjoidGlkIiwidmFsIjoiOGVhZWYwMjMtMmIzNC00ZGExLTliYWEt\
///              OGJjOGM5ZDZhNDkwIn0seyJ0eXAiOiJvaWQiLCJ2YWwiOiJhYWFhYWFhYS0wMDAwLTExMTEtMjIyMi1iYmJiYmJiYmJiYmIifV19";
/// headers.insert("x-ms-client-principal", value.parse()?);
/// let principal = reader.read(&headers)?;
/// assert_eq!(principal.object().to_string(), "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb");
///
/// let other = TenantId::parse("11111111-2222-3333-4444-555555555555")?;
/// let error = ClientPrincipalReader::new(TenantPolicy::single(other)).read(&headers).unwrap_err();
/// assert!(matches!(error, ClientPrincipalError::TenantNotAllowed { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientPrincipalReader {
    tenants: TenantPolicy,
}

impl ClientPrincipalReader {
    /// For the users and applications of these tenants.
    #[must_use]
    pub fn new(tenants: TenantPolicy) -> Self {
        Self { tenants }
    }

    /// Who the platform says is calling.
    ///
    /// # Errors
    ///
    /// See the numbered rules above.
    pub fn read(&self, headers: &HeaderMap) -> Result<ClientPrincipal, ClientPrincipalError> {
        let mut all = headers.get_all(HEADER).iter();
        let value = all.next().ok_or(ClientPrincipalError::Missing)?;
        if all.next().is_some() {
            return Err(ClientPrincipalError::Repeated);
        }
        let length = value.len();
        if length > LIMIT {
            let limit = LIMIT;
            return Err(ClientPrincipalError::TooLong { length, limit });
        }
        let json = STANDARD
            .decode(value)
            .map_err(|_| ClientPrincipalError::NotBase64)?;
        let raw =
            claims::parse(&json).map_err(|reason| ClientPrincipalError::Malformed { reason })?;
        let principal = ClientPrincipal::from_raw(raw)?;
        let tenant = principal.tenant();
        if !self.tenants.allows(tenant) {
            return Err(ClientPrincipalError::TenantNotAllowed { tenant });
        }
        Ok(principal)
    }
}

/// `X-MS-CLIENT-PRINCIPAL` and `-ID`, `-NAME`, `-IDP`; `X-MS-TOKEN-<provider>-ACCESS-TOKEN`,
/// `-ID-TOKEN`, `-REFRESH-TOKEN`, `-EXPIRES-ON` (App Service doc "Work with user identities").
const PREFIXES: [&str; 2] = ["x-ms-client-principal", "x-ms-token-"];

/// Removes them. Where App Service is not in front, any client can write them, and they
/// say who is calling.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let added = |name: &HeaderName| {
        let name = name.as_str();
        // What both begin with: one comparison for almost all headers.
        name.starts_with("x-ms-") && PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    // None, as a rule: then nothing is copied.
    if !headers.keys().any(added) {
        return;
    }
    let found: Vec<_> = headers.keys().filter(|name| added(name)).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::strip;

    #[test]
    fn all_of_them_go_and_nothing_else() {
        let mut headers = HeaderMap::new();
        for name in [
            "x-ms-client-principal",
            "x-ms-client-principal-id",
            "x-ms-client-principal-name",
            "x-ms-client-principal-idp",
            "x-ms-token-aad-access-token",
            "x-ms-token-aad-id-token",
            "x-ms-token-aad-refresh-token",
            "x-ms-token-aad-expires-on",
            "x-ms-token-google-access-token",
            "x-ms-request-id",
            "x-ms-client-request-id",
            "accept",
        ] {
            let value = HeaderValue::from_static("x");
            headers.append(HeaderName::from_static(name), value.clone());
            headers.append(HeaderName::from_static(name), value);
        }
        strip(&mut headers);
        let left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left.len(), 3, "{left:?}");
        assert!(headers.contains_key("x-ms-client-request-id"));
    }
}
