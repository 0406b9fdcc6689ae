//! Issuers with a place for the tenant.

use crate::{ParseError, TenantId};

/// An issuer with `{tenantid}` in it, as Entra's metadata publishes it.
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
/// assert_eq!(cloud.issuer_v1().tenant_in(&issuer), None);
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IssuerTemplate {
    text: Box<str>,
    prefix: usize,
}

/// The marker, exactly as in the metadata documents.
const MARKER: &str = "{tenantid}";

impl IssuerTemplate {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// Text without exactly one `{tenantid}`, or with characters no issuer has.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = |reason| ParseError::new("issuer template", text, reason);
        let mut places = text.match_indices(MARKER);
        let (Some((prefix, _)), None) = (places.next(), places.next()) else {
            return Err(refuse("exactly one {tenantid} is needed"));
        };
        if !text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
            return Err(refuse("only printable ASCII without blanks is allowed"));
        }
        Ok(Self {
            text: text.into(),
            prefix,
        })
    }

    /// The issuer of one tenant.
    #[must_use]
    pub fn render(&self, tenant: TenantId) -> String {
        let (prefix, suffix) = self.around();
        format!("{prefix}{tenant}{suffix}")
    }

    /// The tenant that `issuer` names, if it is this template filled in exactly.
    #[must_use]
    pub fn tenant_in(&self, issuer: &str) -> Option<TenantId> {
        let (prefix, suffix) = self.around();
        let tenant = issuer.strip_prefix(prefix)?.strip_suffix(suffix)?;
        TenantId::from_token(tenant)
    }

    /// The template as text, with `{tenantid}` in it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `prefix`, the tenant, `suffix`: for the constants of the known clouds.
    pub(crate) fn of(prefix: &str, suffix: &str) -> Self {
        Self {
            text: format!("{prefix}{MARKER}{suffix}").into(),
            prefix: prefix.len(),
        }
    }

    fn around(&self) -> (&str, &str) {
        let (prefix, rest) = self.text.split_at(self.prefix);
        (prefix, rest.strip_prefix(MARKER).unwrap_or_default())
    }
}

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
    fn a_template_has_one_place() {
        assert!(IssuerTemplate::parse("https://x/").is_err());
        assert!(IssuerTemplate::parse("https://{tenantid}/{tenantid}/").is_err());
        assert!(IssuerTemplate::parse("https://x y/{tenantid}/").is_err());
        assert!(IssuerTemplate::parse("https://x\\/{tenantid}/").is_err());
        assert!(IssuerTemplate::parse("https://\u{fc}/{tenantid}/").is_err());
    }

    #[test]
    fn a_template_from_parts_is_the_parsed_one() {
        assert_eq!(
            IssuerTemplate::of("https://sts.windows.net/", "/"),
            IssuerTemplate::parse("https://sts.windows.net/{tenantid}/").unwrap()
        );
    }
}
