//! What the claims must say. Cheap, so it runs before the signature is checked; a refusal
//! here takes no trust, and acceptance needs the signature as well.

use foundry_scopes::TenantId;

use super::Validator;
use crate::claims::MarkClaim;
use crate::kind;
use crate::reject::Detail;
use crate::{Claims, Reason, Rejection};

/// What is read on the way.
pub(super) struct Checked {
    pub(super) tenant: TenantId,
    pub(super) exp: i64,
}

pub(super) fn check(policy: &Validator, claims: &Claims) -> Result<Checked, Rejection> {
    is_access_token(claims)?;
    is_bearer(claims)?;
    let tenant = issuer(policy, claims)?;
    audience(policy, claims)?;
    let exp = super::lifetime::check(claims, policy.clock.wall(), policy.leeway)?;
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
/// whoever copied it would pass (RFC 7800; RFC 8705, section 3). `cnf` is what says so;
/// `xms_tb`, undocumented, is seen beside it and decides nothing.
fn is_bearer(claims: &Claims) -> Result<(), Rejection> {
    if !claims.has(MarkClaim::Confirmation) {
        return Ok(());
    }
    let detail = Detail::found(MarkClaim::Confirmation.name())
        .needed("a token that is not bound to a key")
        .hint("request the token without proof of possession");
    Err(Rejection::with(Reason::SenderConstrained, detail))
}

/// The issuer of the token's version, filled with the tenant that `tid` names, and that
/// tenant is accepted (Entra doc "Access tokens", validating the issuer).
fn issuer(policy: &Validator, claims: &Claims) -> Result<TenantId, Rejection> {
    let iss = required(claims.iss(), "iss")?;
    let tid = required(claims.tid(), "tid")?;
    let ver = required(claims.ver(), "ver")?;
    let (v1, v2) = (policy.cloud.issuer_v1(), policy.cloud.issuer_v2());
    let (as_v1, as_v2) = (v1.tenant_in(iss), v2.tenant_in(iss));
    if as_v1.or(as_v2).is_none() {
        let needed = match policy.tenants.only() {
            Some(tenant) => format!("{} or {}", v1.render(tenant), v2.render(tenant)),
            None => format!("{} or {}", v1.as_str(), v2.as_str()),
        };
        let detail = Detail::found(iss)
            .needed(needed)
            .hint(super::advice::issuer(&policy.cloud, iss));
        return Err(Rejection::with(Reason::WrongIssuer, detail));
    }
    let of_version = match ver {
        "1.0" => as_v1,
        "2.0" => as_v2,
        _ => None,
    };
    let Some(tenant) = of_version else {
        let needed = format!(
            "ver 1.0 with {} or ver 2.0 with {}",
            v1.as_str(),
            v2.as_str()
        );
        let detail = Detail::found(&format!("ver {ver} with {iss}")).needed(needed);
        return Err(Rejection::with(Reason::WrongVersion, detail));
    };
    if TenantId::from_token(tid) != Some(tenant) {
        let detail = Detail::found(tid)
            .needed(format!("tid {tenant}, the issuer's tenant"))
            .hint("Entra ID writes tid as a GUID in lower case");
        return Err(Rejection::with(Reason::TenantMismatch, detail));
    }
    if !policy.tenants.allows(tenant) {
        let detail = Detail::found(tid)
            .needed(policy.tenants.named())
            .hint("sign in to that tenant, or add the tenant to the policy");
        return Err(Rejection::with(Reason::TenantNotAllowed, detail));
    }
    Ok(tenant)
}

/// One text that is one of ours. An array is refused, even of one: Entra ID writes a
/// text, and a second reader could pick another element.
fn audience(policy: &Validator, claims: &Claims) -> Result<(), Rejection> {
    let aud = required(claims.aud(), "aud")?;
    if policy.audiences.accepts(aud) {
        return Ok(());
    }
    let accepted: Vec<_> = policy
        .audiences
        .as_slice()
        .iter()
        .map(foundry_scopes::Audience::as_str)
        .collect();
    let detail = Detail::found(aud)
        .needed(accepted.join(" or "))
        .hint(super::advice::audience(policy, aud, claims.ver()));
    Err(Rejection::with(Reason::WrongAudience, detail))
}

fn required<'c>(claim: Option<&'c str>, name: &'static str) -> Result<&'c str, Rejection> {
    claim.ok_or_else(|| Rejection::missing_claim(name))
}
