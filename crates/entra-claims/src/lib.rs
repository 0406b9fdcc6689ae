//! Decode and strictly validate Microsoft Entra ID access tokens, and say who is calling.
//!
//! A token that this crate lets through is one that Entra ID signed, for a tenant, an
//! audience and a time that you named; and the types make sure that a token which was
//! only looked at is never taken for one. An HTTP service takes
//! [`mcp-auth`](https://docs.rs/mcp-auth), which guards routes with this crate.
//!
//! ```toml
//! [dependencies]
//! entra-claims = "0.1.0-alpha.1"
//! foundry-scopes = "0.1.0-alpha.1"
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! | feature | adds |
//! | --- | --- |
//! | none (`default-features = false`) | [`UnverifiedToken`], for people and tools. No crypto, no HTTP |
//! | `validate` | [`Validator`], [`Policy`], [`KeySet`], [`VerifiedToken`], [`Requirement`] (aws-lc-rs) |
//! | `http` (default) | [`Authenticator`], [`keys`], [`registry`], [`groups`] and [`transport`] (reqwest with rustls, tokio, async-trait) |
//! | `metrics` | counters through the `metrics` facade; the application installs a recorder |
//! | `test-tokens` | [`dangerous::TestToken`](dangerous), verified tokens without keys, for your tests. Under `[dev-dependencies]` only: a release build refuses to compile with it |
//! | `jsonwebtoken` | conversions between [`KeySet`] and `jsonwebtoken`'s key set. None of that crate's crypto providers is enabled, so the application's choice stands |
//!
//! # Quickstart
//!
//! An [`Authenticator`] fetches the keys itself. A [`Validator`] does no I/O: give it keys.
//!
//! ```
//! # #[cfg(feature = "validate")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use entra_claims::{AcceptedAudiences, KeySet, ManualClock, Requirement, TenantPolicy, Validator};
//! use foundry_scopes::{ClientId, Cloud, ScopeName, TenantId};
//!
//! # let document = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
//! # let bearer_token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
//! let validator = Validator::new(
//!     Cloud::public(),
//!     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
//!     AcceptedAudiences::for_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
//! )
//! // Only so that this example's token is not expired.
//! .with_clock(Arc::new(ManualClock::at(1_700_000_000)));
//!
//! let keys = KeySet::from_json(document)?;
//! let token = validator.verify(bearer_token, &keys)?;
//! assert_eq!(token.principal().key().object.to_string(), "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb");
//!
//! let rule = Requirement::scope(ScopeName::parse("access_as_user")?);
//! assert!(rule.check(&token).is_ok());
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "validate"))]
//! # fn main() {}
//! ```
//!
//! # What is checked
//!
//! In this order; [`Reason`] is the precedence table, and each rule names its source there.
//!
//! 1. At most 32 KiB, or what you set; three segments; base64url without padding or stray bits.
//! 2. The header: JSON without duplicate members; `alg` is one that you configured, RS256 if
//!    you did not; no `crit`, `zip`, `b64`, `enc`; no Microsoft Graph token, no proof of
//!    possession; `typ`, if it is there, says `JWT` or `at+jwt`; a `kid`.
//!    Key hints (`jku`, `jwk`, `x5u`, `x5c`) are ignored.
//! 3. The key: RSA of 2048 to 8192 bits with a sane exponent, meant for signatures, and
//!    the only one of its name.
//! 4. The payload: JSON without duplicate members at any depth, without a case variant of
//!    `tid`, and with every known claim of its type. A wrong type is never absence.
//! 5. An access token and not an ID token; not bound to a key (`cnf`).
//! 6. `iss` is the configured cloud's v1 or v2 issuer, byte for byte (for External ID the one
//!    that its metadata names, on its own hosts), and goes with `ver`, which is accepted;
//!    `tid` is its tenant; the [`TenantPolicy`] accepts that tenant.
//! 7. `aud` is one text and one of yours, byte for byte; of a v1 token, which repeats what
//!    the client wrote, a GUID in either case and your own URIs with a slash more or less.
//! 8. `exp` and `nbf`, as integers, with 300 s of skew by default.
//! 9. The key's own `issuer` and `cloud_instance_name`, where the key set names them, fit
//!    the tenant and the cloud.
//! 10. The RSA signature.
//! 11. `oid` and the client id are GUIDs; the kind of caller is clear and nothing
//!     contradicts it.
//! 12. Where the policy says so, the tenant is in your registry ([`registry`]), which is asked
//!     by the [`Authenticator`] and not by a [`Validator`].
//!
//! Whatever a token says before step 10 may only refuse it early, or pick one of the
//! configured tenants' authorities. No URL is made from it.
//!
//! # What is not checked
//!
//! - **Revocation.** A token is accepted until it expires, and so is one that the
//!   authenticator remembers. Continuous access evaluation is not implemented.
//! - **What the caller may do.** That is a [`Requirement`], and yours to ask for. Any
//!   application of a tenant can get an app-only token for your API.
//! - **Groups beyond a token's 200.** [`Groups`] says so, and a [`Requirement`] of a group then
//!   is undecided. Asking Microsoft Graph is yours; [`groups`] is the place for it.
//! - Encrypted tokens, proof-of-possession tokens, tokens for Microsoft Graph and Azure AD
//!   B2C tokens are refused and not read.
//! - Replay: a bearer token works for every holder, a thief included.
//!
//! # Errors
//!
//! A [`Rejection`] is small and shows fixed texts only. [`Rejection::class`] says what it
//! means (malformed, invalid, forbidden, cannot decide now, configured wrongly),
//! [`Rejection::code`] is stable, and [`Rejection::explain`] is the line for your log: what
//! was found, what was needed, what to change. No error, `Debug` or trace event holds a
//! token.
//!
//! # What can be observed
//!
//! `tracing`, with the targets of this crate: the spans `entra_claims.fetch_keys` (`authority`,
//! `reason`) and `entra_claims.ask_registry` (`tenant`) around what runs in the background; a
//! warning for each fetch and lookup that fails; at `debug` the `kid` of tokens that name an
//! unknown key, escaped.
//!
//! With the feature `metrics`, counters; no label has a value from a token. A token that is
//! remembered is a hit of the cache and not counted as accepted again:
//!
//! | counter | label `outcome` |
//! | --- | --- |
//! | `entra_claims_tokens_total` | `accepted`, or the code of the refusal |
//! | `entra_claims_token_cache_total` | `hit`, `miss` |
//! | `entra_claims_key_fetches_total` | `ok`, `failed` |
//! | `entra_claims_unknown_keys_total` | |
//! | `entra_claims_tenant_lookups_total` | `known`, `unknown`, `failed` |
//!
//! # MSRV
//!
//! Rust 1.88. Raising it is a minor release.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod challenge;
mod claims;
#[cfg(feature = "validate")]
pub mod dangerous;
mod decode;
#[cfg(feature = "http")]
pub mod groups;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "validate")]
mod key;
mod kind;
#[cfg(feature = "validate")]
mod policy;
#[cfg(feature = "validate")]
mod principal;
#[cfg(feature = "validate")]
mod reject;
#[cfg(feature = "validate")]
mod require;
#[cfg(feature = "validate")]
mod validate;

#[cfg(feature = "http")]
pub use crate::http::{
    Authenticator, AuthenticatorBuilder, Decision, PendingDecision, TokenCacheLimits, keys,
    registry, transport,
};
pub use challenge::{ClaimsChallenge, InvalidChallenge};
pub use claims::{Claims, ClientAuthentication, Facets, Groups, Membership};
pub use decode::{DecodeError, Header, KindGuess, Part, UnverifiedToken};
#[cfg(feature = "validate")]
#[doc(inline)]
pub use entra_parts::clock::{Clock, ManualClock, SystemClock};
#[cfg(feature = "validate")]
pub use key::{Algorithm, KeySet, KeySetError};
pub use kind::{AgentEvidence, PrincipalKind};
#[cfg(feature = "validate")]
pub use policy::{Policy, PolicyError};
#[cfg(feature = "validate")]
pub use principal::{Principal, PrincipalKey, TokenDigest, VerifiedToken};
#[cfg(feature = "validate")]
pub use reject::{Reason, Rejection, RejectionClass};
#[cfg(feature = "validate")]
pub use require::{CallerCheck, Requirement, RequirementError, ResolvedGroups, ScopeHierarchy};
#[cfg(feature = "validate")]
pub use validate::{
    AcceptedAudiences, ConfigError, ExpectedSignIn, SignedIn, TenantPolicy, TokenVersion, Validator,
};

#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
