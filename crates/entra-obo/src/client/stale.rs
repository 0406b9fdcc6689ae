//! Which refusals of a proof a new proof can mend.
//!
//! Entra ID has no `suberror` for these: the number alone tells a stale proof from a wrong
//! one. A wrong secret (AADSTS7000215), an expired one (7000222) or an unknown client
//! (700016) does not get better by trying again.

use crate::EntraError;

/// A proof that was good once: a certificate or a token file that has been rotated
/// meanwhile, an assertion that has run out on the way, a certificate that was revoked.
const STALE: [u32; 6] = [700_024, 700_027, 7_000_214, 1_000_502, 7_000_274, 7_000_277];

/// PS256 on an authority without it.
const NO_PS256: u32 = 5_002_730;

/// Whether to build the proof anew and ask once more.
pub(super) fn proof(answer: &EntraError) -> bool {
    answer.codes().iter().any(|code| STALE.contains(code))
}

/// Whether to sign with RS256 instead.
pub(super) fn algorithm(answer: &EntraError) -> bool {
    answer.codes().contains(&NO_PS256)
}
