//! Checks of the claims: issuer, tenant, audience, times. Cheap, so they run before the signature is checked; a refusal
//! here takes no trust, and acceptance needs the signature as well.

use foundry_scopes::{Audience, ClientId, TenantId};

use super::{BoundTokens, TokenVersion, Validator};
use crate::claims::{Claims, MarkClaim};
use crate::kind;
use crate::principal::LAST_SECOND;
use crate::reject::{Detail, Reason, Rejection};

/// What is read on the way.
pub(super) struct Checked {
    pub(super) tenant: TenantId,
    pub(super) exp: i64,
}

/// `named` is the issuer that the metadata beside the keys names, where it was fetched.
pub(super) fn check(
    policy: &Validator,
    claims: &Claims,
    named: Option<&str>,
) -> Result<Checked, Rejection> {
    is_access_token(claims)?;
    is_bearer(policy, claims)?;
    let (tenant, version) = issuer(policy, claims, named)?;
    audience(policy, claims, version)?;
    let exp = lifetime(claims, policy.clock.wall(), policy.leeway)?;
    Ok(Checked { tenant, exp })
}

/// An ID token of this very sign-in, for this very client (OpenID Connect Core 1.0, section
/// 3.1.3.7). The v2 endpoint makes v2 ones only, whatever the API's access tokens are.
pub(super) fn check_id_token(
    policy: &Validator,
    claims: &Claims,
    named: Option<&str>,
    client: ClientId,
) -> Result<Checked, Rejection> {
    let policy = Validator {
        versions: vec![TokenVersion::V2],
        ..policy.clone()
    };
    let (tenant, _) = issuer(&policy, claims, named)?;
    let aud = required(claims.aud(), "aud")?;
    if ClientId::from_token(aud) != Some(client) {
        let detail = Detail::found(aud).needed(format!("{client}, who began the sign-in"));
        return Err(Rejection::with(Reason::WrongAudience, detail));
    }
    let exp = lifetime(claims, policy.clock.wall(), policy.leeway)?;
    Ok(Checked { tenant, exp })
}

fn is_access_token(claims: &Claims) -> Result<(), Rejection> {
    let Some(found) = kind::id_token_mark(claims) else {
        return Ok(());
    };
    let detail = Detail::found(found)
        .needed("an access token with azp or appid")
        .hint("send the access token of the token response (`access_token`), not `id_token`");
    Err(Rejection::with(Reason::IdToken, detail))
}

/// A token that is bound to a key is no bearer token: without the proof of that key
/// a thief's copy would pass (RFC 7800; RFC 8705, section 3). `cnf` is what says so;
/// `xms_tb`, undocumented, is seen beside it and decides nothing.
fn is_bearer(policy: &Validator, claims: &Claims) -> Result<(), Rejection> {
    if policy.bound == BoundTokens::TakenAsBearer || !claims.has(MarkClaim::Confirmation) {
        return Ok(());
    }
    let detail = Detail::found(MarkClaim::Confirmation.name())
        .needed("a token that is not bound to a key")
        .hint("request the token without proof of possession");
    Err(Rejection::with(Reason::SenderConstrained, detail))
}

/// The issuer of the token's version, filled with the tenant that `tid` names, and that
/// tenant and version are accepted (Entra doc "Access tokens", validating the issuer).
fn issuer(
    policy: &Validator,
    claims: &Claims,
    named: Option<&str>,
) -> Result<(TenantId, TokenVersion), Rejection> {
    let cloud = &policy.cloud;
    // Of External ID's possible issuers the metadata names the one; elsewhere there is but one.
    let named = named.filter(|_| cloud.is_external_id());
    let is_named = |iss: &&str| named.is_none_or(|named| named == *iss);
    let as_v1 = claims
        .iss()
        .and_then(|iss| cloud.issuer_v1()?.tenant_in(iss));
    let as_v2 = claims
        .iss()
        .filter(is_named)
        .and_then(|iss| cloud.issuers_v2().find_map(|v2| v2.tenant_in(iss)));
    if as_v1.or(as_v2).is_none() {
        // Its tokens lack claims that Entra ID's have, so its name comes first.
        if let Some(mark) = b2c_mark(claims) {
            let detail = Detail::found(mark)
                .needed("a token of Entra ID")
                .hint("validate tokens of Azure AD B2C with another library");
            return Err(Rejection::with(Reason::AzureAdB2c, detail));
        }
    }
    let iss = required(claims.iss(), "iss")?;
    let tid = required(claims.tid(), "tid")?;
    let ver = required(claims.ver(), "ver")?;
    if as_v1.or(as_v2).is_none() {
        let needed = match named {
            Some(named) => format!("{named}, which the authority's metadata names"),
            None => super::advice::issuers(policy),
        };
        let detail = Detail::found(iss)
            .needed(needed)
            .hint(super::advice::issuer(cloud, iss));
        return Err(Rejection::with(Reason::WrongIssuer, detail));
    }
    let version = TokenVersion::from_claim(ver);
    let of_version = match version {
        // Personal accounts have v2 tokens only (Entra doc "Optional claims reference").
        Some(TokenVersion::V1) => as_v1.filter(|tenant| *tenant != TenantId::PERSONAL),
        Some(TokenVersion::V2) => as_v2,
        None => None,
    };
    let (Some(version), Some(tenant)) = (version, of_version) else {
        let v1 = cloud
            .issuer_v1()
            .map(|v1| format!("ver 1.0 with {} or ", v1.as_str()));
        let v2 = cloud.issuer_v2().as_str();
        let needed = format!("{}ver 2.0 with {v2}", v1.unwrap_or_default());
        let detail = Detail::found(&format!("ver {ver} with {iss}")).needed(needed);
        return Err(Rejection::with(Reason::WrongVersion, detail));
    };
    if !policy.versions.contains(&version) {
        let names: Vec<_> = policy.versions.iter().map(|own| own.as_str()).collect();
        let detail = Detail::found(ver).needed(format!("ver {}", names.join(" or "))).hint(
            "set requestedAccessTokenVersion in the manifest of the API's own registration, or accept both versions",
        );
        return Err(Rejection::with(Reason::VersionNotAccepted, detail));
    }
    if TenantId::from_token(tid) != Some(tenant) {
        let detail = Detail::found(tid)
            .needed(format!("tid {tenant}, the issuer's tenant"))
            .hint("Entra ID writes tid as a GUID in lower case");
        return Err(Rejection::with(Reason::TenantMismatch, detail));
    }
    if !policy.tenants.may_allow(tenant) {
        let detail = Detail::found(tid)
            .needed(policy.tenants.named())
            .hint("sign in to that tenant, or add the tenant to the policy");
        return Err(Rejection::with(Reason::TenantNotAllowed, detail));
    }
    Ok((tenant, version))
}

/// One text that is one of ours. An array is refused, even of one: Entra ID writes a
/// text, and a second reader could pick another element.
fn audience(policy: &Validator, claims: &Claims, version: TokenVersion) -> Result<(), Rejection> {
    let aud = required(claims.aud(), "aud")?;
    if policy.audiences.accepts(aud, version) {
        return Ok(());
    }
    let accepted: Vec<_> = policy.audiences.iter().map(Audience::as_str).collect();
    let detail = Detail::found(aud)
        .needed(accepted.join(" or "))
        .hint(super::advice::audience(policy, aud, claims.ver()));
    Err(Rejection::with(Reason::WrongAudience, detail))
}

fn required<'c>(claim: Option<&'c str>, name: &'static str) -> Result<&'c str, Rejection> {
    claim.ok_or_else(|| Rejection::missing_claim(name))
}

/// Checks `exp` and `nbf` at `now` and gives `exp`.
///
/// `exp == now - leeway` is still valid and `nbf == now + leeway` already is, as
/// Microsoft's own library has it. `nbf` may be missing, `exp` may not.
fn lifetime(claims: &Claims, now: i64, leeway: i64) -> Result<i64, Rejection> {
    let exp = claims
        .exp()
        .ok_or_else(|| Rejection::missing_claim("exp"))?;
    let nbf = claims.nbf();
    if exp > LAST_SECOND || nbf.is_some_and(|nbf| nbf > exp || nbf < 0) {
        let nbf = nbf.map_or_else(|| "no nbf".to_owned(), |nbf| format!("nbf {nbf}"));
        let found = format!("{nbf}, exp {exp}");
        let detail =
            Detail::found(&found).needed("nbf before exp, both from 1970 to the year 9999");
        return Err(Rejection::with(Reason::BadLifetime, detail));
    }
    if exp < now.saturating_sub(leeway) {
        let detail = Detail::found(&format!("exp {exp}, {} s ago", now.saturating_sub(exp)))
            .needed(format!("exp of at least {now} - {leeway}"))
            .hint("get a new token; if it is new, compare the clocks");
        return Err(Rejection::with(Reason::Expired, detail));
    }
    if let Some(nbf) = nbf.filter(|nbf| *nbf > now.saturating_add(leeway)) {
        let detail = Detail::found(&format!("nbf {nbf}, in {} s", nbf.saturating_sub(now)))
            .needed(format!("nbf of at most {now} + {leeway}"))
            .hint("compare the clocks of this machine and of the authority");
        return Err(Rejection::with(Reason::NotYetValid, detail));
    }
    Ok(exp)
}

/// What shows that Azure AD B2C made the token: its host, or a user flow's name.
///
/// B2C is another service with other claims, not sold to new customers since 1 May 2025
/// (Azure AD B2C doc "Frequently asked questions"). On a
/// custom domain only the user flow in `tfp` or `acr` tells (Azure AD B2C doc "Overview of
/// tokens").
fn b2c_mark(claims: &Claims) -> Option<&'static str> {
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
