//! Azure AD B2C, which is recognized and refused.

use crate::Claims;

/// What shows that Azure AD B2C made the token: its host, or a user flow's name.
///
/// B2C is another service with other claims, not sold to new customers since 1 May 2025
/// (Azure AD B2C doc "Frequently asked questions"). On a
/// custom domain only the user flow in `tfp` or `acr` tells (Azure AD B2C doc "Overview of
/// tokens").
pub(super) fn mark(claims: &Claims) -> Option<&'static str> {
    if claims.iss().is_some_and(is_b2c_issuer) {
        return Some("an issuer of Azure AD B2C");
    }
    let flow = |name: Option<&str>| {
        let start = name.and_then(|name| name.get(..6));
        start.is_some_and(|start| start.eq_ignore_ascii_case("b2c_1_"))
    };
    (flow(claims.tfp()) || flow(claims.acr())).then_some("a user flow of Azure AD B2C")
}

fn is_b2c_issuer(iss: &str) -> bool {
    let Some(rest) = iss.strip_prefix("https://") else {
        return false;
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    host.ends_with(".b2clogin.com") || path.starts_with("tfp/")
}
