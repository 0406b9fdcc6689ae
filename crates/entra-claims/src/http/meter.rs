//! Counters through the `metrics` facade, behind the feature of that name.
//!
//! Labels have few values: none of them comes from a token.

/// A fetch of keys ended.
pub(super) fn fetched(ok: bool) {
    #[cfg(feature = "metrics")]
    {
        let outcome = if ok { "ok" } else { "failed" };
        metrics::counter!("entra_claims_key_fetches_total", "outcome" => outcome).increment(1);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = ok;
}

/// A token named a key that is not known.
pub(super) fn unknown_key() {
    #[cfg(feature = "metrics")]
    metrics::counter!("entra_claims_unknown_keys_total").increment(1);
}

/// The memory of verified tokens was asked.
pub(super) fn remembered(hit: bool) {
    #[cfg(feature = "metrics")]
    {
        let outcome = if hit { "hit" } else { "miss" };
        metrics::counter!("entra_claims_token_cache_total", "outcome" => outcome).increment(1);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = hit;
}

/// A token that was not remembered was decided: `accepted`, or the code of the refusal.
pub(super) fn decided(outcome: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("entra_claims_tokens_total", "outcome" => outcome).increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = outcome;
}

/// A tenant registry was asked: `known`, `unknown` or `failed`.
pub(super) fn looked_up(outcome: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("entra_claims_tenant_lookups_total", "outcome" => outcome).increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = outcome;
}
