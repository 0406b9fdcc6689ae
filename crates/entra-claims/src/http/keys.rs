//! Where an [`Authenticator`](crate::Authenticator) gets its keys from, and how they are.
//!
//! 1. Keys are read without a lock. A refresh is due 12 hours after the last, at most 36 minutes
//!    later at random, and runs in a task of its own; no request waits for it.
//! 2. One fetch per authority is under way at a time, whoever wants it.
//! 3. A `kid` that is not known causes at most one fetch a minute, and who waits for that waits
//!    no longer. Within that minute it is "unknown" if the last fetch succeeded, and "cannot
//!    decide" if it failed.
//! 4. A fetch that fails changes nothing: keys at hand are served for 24 hours, or up to 7 days
//!    by [choice](crate::AuthenticatorBuilder::serve_stale_keys_for), and then it cannot be
//!    decided. The next try comes after 1 s, doubling up to 60 s (2 s without keys), or when
//!    the authority asks for it, an hour at most.
//! 5. Tenants of a list of up to 256 have keys of their own; a longer list, any organization,
//!    anybody and a [registry](crate::registry) use the ones that all tenants share. Each key's
//!    own issuer is compared either way.
//!
//! # For a health endpoint
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use entra_claims::keys::StaticKeys;
//! use entra_claims::{AcceptedAudiences, Authenticator, KeySet, TenantPolicy, Validator};
//! use foundry_scopes::{ClientId, Cloud, TenantId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let document = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
//! let validator = Validator::new(
//!     Cloud::public(),
//!     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
//!     AcceptedAudiences::of_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
//! );
//! let authenticator = Authenticator::builder(validator)
//!     // Without this line: fetched from the authority.
//!     .key_source(Arc::new(StaticKeys::new(KeySet::from_json(document)?)))
//!     .build()?;
//! assert!(!authenticator.ready()); // for a readiness probe
//! authenticator.warm_up().await?; // at the start, so that no request waits
//! assert!(authenticator.ready());
//!
//! for health in authenticator.key_health() {
//!     assert_eq!(health.keys, 2);
//!     assert!(health.age.is_some_and(|age| age < Duration::from_secs(60)));
//!     assert_eq!(health.degraded_for, None); // for how long fetching has failed
//! }
//! # Ok(())
//! # }
//! ```

pub use super::authority::KeyAuthority;
pub use super::discovery::HttpKeys;
pub use super::health::KeyHealth;
pub use super::key_source::{FetchReason, KeyFile, KeySource, KeySourceError, StaticKeys};
