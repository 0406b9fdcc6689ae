//! Times: whole seconds, no overflow.

use crate::principal::LAST_SECOND;
use crate::reject::Detail;
use crate::{Claims, Reason, Rejection};

/// Checks `exp` and `nbf` at `now` and gives `exp`.
///
/// `exp == now - leeway` is still valid and `nbf == now + leeway` already is, as
/// Microsoft's own library has it. `nbf` may be missing, `exp` may not.
pub(super) fn check(claims: &Claims, now: i64, leeway: i64) -> Result<i64, Rejection> {
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
