//! App ID URIs: the names a resource application is known by.

use crate::error::ParseError;
use crate::id::{ClientId, TenantId};
use crate::text::text_value;

/// An App ID URI (identifier URI) of a resource application, kept byte for byte.
///
/// Entra ID compares these literally: case, trailing slash and all. Any absolute URI is
/// taken (`api:`, `https:`, `urn:`, `spn:` and older ones are registered in the wild).
///
/// ```
/// use foundry_scopes::{AppIdUri, ClientId};
///
/// let uri = AppIdUri::parse("api://11112222-bbbb-3333-cccc-4444dddd5555")?;
/// assert_eq!(uri.client_id(), Some(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?));
/// assert!(AppIdUri::parse("11112222-bbbb-3333-cccc-4444dddd5555").is_err());
/// assert!(AppIdUri::parse("https://graph.microsoft.com/.default").is_err());
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppIdUri(Box<str>);

impl AppIdUri {
    /// Reads an identifier URI.
    ///
    /// # Errors
    ///
    /// Text without a scheme, with blanks, quotes, commas, semicolons, a wildcard or a fragment, longer than
    /// 255 characters, or a scope (`.../.default`) in its place.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = |reason| ParseError::new("App ID URI", text, reason);
        if text.len() > 255 {
            return Err(refuse("it is longer than 255 characters"));
        }
        if !text.bytes().all(is_uri_byte) {
            return Err(refuse("it contains a character that no URI has"));
        }
        if text.contains([',', ';']) {
            return Err(refuse("it holds a comma or a semicolon").hint("give one URI"));
        }
        if text.contains('*') {
            return Err(refuse("a wildcard names no single resource")
                .hint("write the URI that the token's aud carries"));
        }
        if text.is_empty() {
            return Err(refuse("it is empty"));
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(refuse("it has no scheme").hint("write api://<client id> for a plain GUID"));
        };
        let scheme_ok = scheme.bytes().enumerate().all(|(i, b)| {
            b.is_ascii_alphabetic() || (i > 0 && (b.is_ascii_digit() || b"+-.".contains(&b)))
        });
        if scheme.is_empty() || !scheme_ok || rest.trim_start_matches('/').is_empty() {
            return Err(refuse("it is not an absolute URI"));
        }
        if text.ends_with("/.default") {
            return Err(
                refuse("this is a scope").hint("the App ID URI is the part before /.default")
            );
        }
        Ok(Self(text.into()))
    }

    /// `api://<client id>`, what the portal proposes for a new API.
    #[must_use]
    pub fn api(client: ClientId) -> Self {
        Self(format!("api://{client}").into())
    }

    /// The client id that the URI names, where its form leaves no doubt: `api://<client id>`
    /// and any `api://.../<client id>`.
    ///
    /// `api://<GUID>/<text>` names none: Entra ID allows a tenant id in that place too
    /// (Entra doc "Restrictions on identifier URIs of Microsoft Entra applications").
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        let rest = self.0.strip_prefix("api://")?;
        let last = rest.rsplit('/').next()?;
        ClientId::parse(last).ok()
    }

    /// What form it has.
    ///
    /// ```
    /// use foundry_scopes::{AppIdUri, AppIdUriForm};
    ///
    /// let uri = AppIdUri::parse("https://contoso.example/orders")?;
    /// assert_eq!(uri.form(), AppIdUriForm::Https { host: "contoso.example" });
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    #[must_use]
    pub fn form(&self) -> AppIdUriForm<'_> {
        if let Some(rest) = self.0.strip_prefix("api://") {
            let (first, path) = rest.split_once('/').unwrap_or((rest, ""));
            let guid = ClientId::parse(first);
            return match (self.client_id(), guid) {
                (Some(client), _) => AppIdUriForm::Api(client),
                (None, Ok(id)) => AppIdUriForm::ApiIdPath {
                    id: id.as_bytes().to_owned(),
                    path,
                },
                (None, Err(_)) => AppIdUriForm::ApiText(rest),
            };
        }
        match self.0.strip_prefix("https://") {
            Some(rest) => AppIdUriForm::Https {
                host: rest.split_once('/').map_or(rest, |(host, _)| host),
            },
            None => AppIdUriForm::Other,
        }
    }

    /// Whether it is one of the two that the strictest tenant policy admits:
    /// `api://<client id>` and `api://<tenant id>/<client id>` (Microsoft Graph,
    /// `identifierUriConfiguration`: `nonDefaultUriAddition`).
    ///
    /// ```
    /// use foundry_scopes::{AppIdUri, ClientId, TenantId};
    ///
    /// let client = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
    /// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
    /// assert!(AppIdUri::api(client).is_default_for(client, tenant));
    /// assert!(!AppIdUri::parse("https://contoso.example/orders")?.is_default_for(client, tenant));
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    #[must_use]
    pub fn is_default_for(&self, client: ClientId, tenant: TenantId) -> bool {
        let rest = self.0.strip_prefix("api://").unwrap_or_default();
        rest == client.to_string() || rest == format!("{tenant}/{client}")
    }

    /// Whether it holds something that no other tenant has, which the usual tenant policy
    /// demands: the client id, the tenant id, or a verified domain in its host (Microsoft
    /// Graph, `identifierUriConfiguration`: `uriAdditionWithoutUniqueTenantIdentifier`).
    ///
    /// ```
    /// use foundry_scopes::{AppIdUri, ClientId, TenantId};
    ///
    /// let client = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
    /// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
    /// let allowed = |uri: &str| {
    ///     AppIdUri::parse(uri).is_ok_and(|uri| uri.is_unique_to(client, tenant, &["contoso.com"]))
    /// };
    /// assert!(allowed("https://orders.contoso.com") && allowed("api://orders.contoso.com/v1"));
    /// assert!(allowed("api://8eaef023-2b34-4da1-9baa-8bc8c9d6a490/orders"));
    /// assert!(!allowed("api://orders") && !allowed("https://contoso.com.example"));
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    #[must_use]
    pub fn is_unique_to(&self, client: ClientId, tenant: TenantId, domains: &[&str]) -> bool {
        let Some((_, rest)) = self.0.split_once("://") else {
            return false;
        };
        let ids = [client.to_string(), tenant.to_string()];
        if rest
            .split('/')
            .any(|part| ids.iter().any(|id| part.eq_ignore_ascii_case(id)))
        {
            return true;
        }
        let host = rest
            .split_once('/')
            .map_or(rest, |(host, _)| host)
            .to_ascii_lowercase();
        domains.iter().any(|domain| {
            let before = host.strip_suffix(&domain.to_ascii_lowercase());
            !domain.is_empty()
                && before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    }

    /// The URI as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The forms that App ID URIs have (Entra doc "Restrictions on identifier URIs of Microsoft
/// Entra applications").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppIdUriForm<'a> {
    /// `api://<client id>`, or any `api://.../<client id>`.
    Api(ClientId),
    /// `api://<GUID>/<path>`: the GUID is a client id or a tenant id, the text does not tell.
    ApiIdPath {
        /// The sixteen bytes of the GUID.
        id: [u8; 16],
        /// What follows it.
        path: &'a str,
    },
    /// `api://<text>`
    ApiText(&'a str),
    /// `https://<host>`, with or without a path.
    Https {
        /// The host, as written.
        host: &'a str,
    },
    /// `urn:`, `spn:`, `http:` and whatever older registrations have.
    Other,
}

/// RFC 3986 characters without `#`, and without the ones that would need quoting in a
/// scope list or a challenge.
pub(crate) fn is_uri_byte(b: u8) -> bool {
    b.is_ascii_graphic() && !b"\"\\#<>^`{|}".contains(&b)
}

text_value!(AppIdUri);

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

    #[test]
    fn registered_forms_are_kept_byte_for_byte() {
        for text in [
            "api://11112222-bbbb-3333-cccc-4444dddd5555",
            "api://11112222-bbbb-3333-cccc-4444dddd5555/files",
            "api://AzureADTokenExchange",
            "https://contoso.azurewebsites.net",
            "https://contoso.onmicrosoft.com/Api",
            "https://management.azure.com/",
            "https://analysis.windows.net/powerbi/api",
            "http://localhost:8080/mcp",
            "urn:contoso:api",
            "spn:11112222-bbbb-3333-cccc-4444dddd5555",
            "ms-appx-web://contoso",
        ] {
            assert_eq!(AppIdUri::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn each_refusal_says_why() {
        let long = format!("api://{}", "x".repeat(250));
        for (text, why) in [
            (long.as_str(), "longer than 255"),
            ("api://contoso api", "no URI has"),
            ("api://contoso\n", "no URI has"),
            ("api://contoso#part", "no URI has"),
            ("api://conto\u{308}so", "no URI has"),
            ("https://*.azurewebsites.net", "wildcard"),
            (GUID, "no scheme"),
            ("contoso", "no scheme"),
            ("", "it is empty"),
            ("://contoso", "not an absolute URI"),
            ("1api://contoso", "not an absolute URI"),
            ("a_b://contoso", "not an absolute URI"),
            ("api://", "not an absolute URI"),
            ("https:", "not an absolute URI"),
            ("https://graph.microsoft.com/.default", "this is a scope"),
        ] {
            let error = AppIdUri::parse(text).unwrap_err();
            assert!(error.reason().contains(why), "{text:?}: {error}");
        }
        let longest = format!("api://{}", "x".repeat(249));
        assert!(AppIdUri::parse(&longest).is_ok());
    }

    #[test]
    fn each_form_is_told() {
        let client = ClientId::parse(GUID).unwrap();
        let form = |text: &str| format!("{:?}", AppIdUri::parse(text).unwrap().form());
        assert_eq!(AppIdUri::api(client).form(), AppIdUriForm::Api(client));
        assert!(form(&format!("api://contoso/{GUID}")).starts_with("Api("));
        assert!(form(&format!("api://{GUID}/files")).contains("path: \"files\""));
        assert_eq!(form("api://contoso/files"), "ApiText(\"contoso/files\")");
        assert_eq!(
            form("https://a.example/x/y"),
            "Https { host: \"a.example\" }"
        );
        assert_eq!(form("urn:contoso:api"), "Other");
        assert_eq!(form("http://localhost"), "Other");
    }

    #[test]
    fn a_tenant_policy_wants_something_of_the_tenants_own() {
        let client = ClientId::parse(GUID).unwrap();
        let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490").unwrap();
        for (text, default, unique) in [
            (format!("api://{GUID}"), true, true),
            (format!("api://{tenant}/{GUID}"), true, true),
            (format!("api://{GUID}/files"), false, true),
            (format!("api://{tenant}/files"), false, true),
            (format!("https://x.example/{tenant}"), false, true),
            ("https://contoso.com/files".into(), false, true),
            ("https://API.Contoso.com".into(), false, true),
            ("https://notcontoso.com".into(), false, false),
            ("https://contoso.com.example".into(), false, false),
            ("https://x.example/contoso.com".into(), false, false),
            ("api://files".into(), false, false),
            ("urn:contoso:api".into(), false, false),
        ] {
            let uri = AppIdUri::parse(&text).unwrap();
            assert_eq!(uri.is_default_for(client, tenant), default, "{text}");
            assert_eq!(
                uri.is_unique_to(client, tenant, &["contoso.com"]),
                unique,
                "{text}"
            );
            assert!(
                !uri.is_unique_to(client, tenant, &[""])
                    || text.contains(GUID)
                    || text.contains(&tenant.to_string())
            );
        }
    }

    #[test]
    fn only_an_unmistakable_client_id_is_taken_out() {
        let client = ClientId::parse(GUID).unwrap();
        let tenant = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
        let in_uri = |text: &str| AppIdUri::parse(text).unwrap().client_id();
        assert_eq!(AppIdUri::api(client).client_id(), Some(client));
        assert_eq!(in_uri(&format!("api://{tenant}/{GUID}")), Some(client));
        assert_eq!(
            in_uri(&format!("api://fabrikam.example/{GUID}")),
            Some(client)
        );
        assert_eq!(in_uri(&format!("api://{tenant}/files")), None);
        assert_eq!(in_uri("api://contoso"), None);
        assert_eq!(in_uri(&format!("https://contoso.example/{GUID}")), None);
    }
}
