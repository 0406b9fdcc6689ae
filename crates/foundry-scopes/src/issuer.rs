//! Issuer templates with a place for the tenant id.

use crate::error::ParseError;
use crate::id::TenantId;

/// An issuer with `{tenantid}` in it, as Entra's metadata publishes it. Where it stands more
/// than once, as in the issuers of External ID, it is the same tenant in each place.
///
/// Matching is exact: byte for byte around the tenant, and the tenant itself in the
/// spelling that Entra ID uses (Entra doc "Access tokens", validating the issuer).
///
/// ```
/// use foundry_scopes::{Cloud, TenantId};
///
/// let cloud = Cloud::public();
/// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// let issuer = cloud.issuer_v2().render(tenant);
/// assert_eq!(issuer, "https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0");
/// assert_eq!(cloud.issuer_v2().tenant_in(&issuer), Some(tenant));
/// assert_eq!(cloud.issuer_v1().and_then(|v1| v1.tenant_in(&issuer)), None);
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IssuerTemplate {
    text: Box<str>,
    /// Where the markers begin, in order; never none.
    places: Box<[usize]>,
}

/// The marker, exactly as in the metadata documents.
const MARKER: &str = "{tenantid}";

impl IssuerTemplate {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// Text without `{tenantid}`, or with characters no issuer has.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = |reason| ParseError::new("issuer template", text, reason);
        let template = Self::of(text);
        if template.places.is_empty() {
            return Err(refuse("{tenantid} is needed"));
        }
        if !text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
            return Err(refuse("only printable ASCII without blanks is allowed"));
        }
        Ok(template)
    }

    /// The issuer of one tenant.
    #[must_use]
    pub fn render(&self, tenant: TenantId) -> String {
        let tenant = tenant.to_string();
        let mut issuer = String::with_capacity(self.text.len() + self.places.len() * GUID);
        let mut from = 0;
        for place in &self.places {
            issuer.push_str(self.text.get(from..*place).unwrap_or_default());
            issuer.push_str(&tenant);
            from = place + MARKER.len();
        }
        issuer.push_str(self.text.get(from..).unwrap_or_default());
        issuer
    }

    /// The tenant that `issuer` names, if it is this template filled in exactly.
    #[must_use]
    pub fn tenant_in(&self, issuer: &str) -> Option<TenantId> {
        let (first, _) = self.places.split_first()?;
        let mut rest = issuer.strip_prefix(self.text.get(..*first)?)?;
        let mut named = None;
        for (at, place) in self.places.iter().enumerate() {
            let (tenant, tail) = rest.split_at_checked(GUID)?;
            let tenant = TenantId::from_token(tenant)?;
            if named.is_some_and(|named| named != tenant) {
                return None;
            }
            named = Some(tenant);
            let end = self.places.get(at + 1).copied();
            let literal = place + MARKER.len()..end.unwrap_or(self.text.len());
            rest = tail.strip_prefix(self.text.get(literal)?)?;
        }
        named.filter(|_| rest.is_empty())
    }

    /// The template as text, with `{tenantid}` in it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A template with its places, for the constants of the known clouds.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            places: text.match_indices(MARKER).map(|(place, _)| place).collect(),
            text: text.into(),
        }
    }
}

/// Characters of a GUID with hyphens.
const GUID: usize = 36;

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";

    #[test]
    fn only_the_exact_issuer_names_its_tenant() {
        let v2 =
            IssuerTemplate::parse("https://login.microsoftonline.com/{tenantid}/v2.0").unwrap();
        let good = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        assert_eq!(v2.tenant_in(&good).unwrap().to_string(), TENANT);
        for bad in [
            String::new(),
            format!("{good}/"),
            format!(
                "https://login.microsoftonline.com/{}/v2.0",
                TENANT.to_uppercase()
            ),
            format!("https://login.microsoftonline.com.evil/{TENANT}/v2.0"),
            format!("http://login.microsoftonline.com/{TENANT}/v2.0"),
            format!("{good}?x"),
            format!(" {good}"),
            "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
            format!("https://sts.windows.net/{TENANT}/"),
            format!("https://login.microsoftonline.com/{TENANT}/{TENANT}/v2.0"),
        ] {
            assert_eq!(v2.tenant_in(&bad), None, "{bad}");
        }
    }

    #[test]
    fn a_template_has_a_place() {
        assert!(IssuerTemplate::parse("https://x/").is_err());
        assert!(IssuerTemplate::parse("https://{tenantId}/").is_err());
        assert!(IssuerTemplate::parse("https://x y/{tenantid}/").is_err());
        assert!(IssuerTemplate::parse("https://x\\/{tenantid}/").is_err());
        assert!(IssuerTemplate::parse("https://\u{fc}/{tenantid}/").is_err());
    }

    #[test]
    fn one_tenant_stands_in_every_place() {
        let text = "https://{tenantid}.ciamlogin.com/{tenantid}/v2.0";
        let template = IssuerTemplate::parse(text).unwrap();
        let other = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
        let issuer = |host: &str, path: &str| format!("https://{host}.ciamlogin.com/{path}/v2.0");
        let tenant = TenantId::parse(TENANT).unwrap();
        assert_eq!(template.render(tenant), issuer(TENANT, TENANT));
        assert_eq!(template.tenant_in(&issuer(TENANT, TENANT)), Some(tenant));
        for bad in [
            issuer(TENANT, other),
            issuer(other, TENANT),
            issuer("contoso", TENANT),
            issuer(TENANT, &TENANT.to_uppercase()),
            issuer(TENANT, TENANT) + "/",
            issuer(TENANT, "\u{fc}")[..50].to_owned(),
            format!("https://{TENANT}"),
            text.to_owned(),
        ] {
            assert_eq!(template.tenant_in(&bad), None, "{bad}");
        }
        let adjacent = IssuerTemplate::parse("{tenantid}{tenantid}").unwrap();
        assert_eq!(
            adjacent.tenant_in(&format!("{TENANT}{TENANT}")),
            Some(tenant)
        );
        assert_eq!(adjacent.tenant_in(TENANT), None);
    }
}
