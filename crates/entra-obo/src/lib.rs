//! Trade a user's token for one that the next service accepts, on behalf of that user, at
//! Microsoft Entra ID, or ask for one as the application or as an agent identity: one request
//! per user however many callers, never another user's token, and errors that say what to do
//! next. An HTTP service takes [`mcp-auth`](https://docs.rs/mcp-auth), which verifies the caller
//! and calls on with this crate.
//!
//! ```toml
//! [dependencies]
//! entra-obo = "0.1.0-alpha.1"
//! entra-claims = "0.1.0-alpha.1"
//! foundry-scopes = "0.1.0-alpha.1"
//!
//! [dev-dependencies] # what the quickstart needs to run offline
//! entra-emulator = { version = "0.1.0-alpha.1", default-features = false }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! | feature | adds |
//! | --- | --- |
//! | `client` (default) | the exchange client and its cache. Without it the crate reads and classifies Entra ID's errors ([`EntraError`], [`aadsts`]) and has neither HTTP nor cryptography |
//! | `azure_core` | credentials with which any client of the Azure SDK for Rust acts as a user, as the application or as an agent identity (module `azure`) |
//! | `tower` | `AttachToken` as a layer over `http` requests |
//! | `reqwest` | `AttachToken::execute` for requests of that client |
//! | `graph-groups` | `GraphGroups`: groups of users from Microsoft Graph, for tokens that do not list them |
//! | `metrics` | counters and timings through the `metrics` facade; the application installs a recorder |
//!
//! # Quickstart
//!
//! Everything here runs offline: the emulator stands in for Entra ID.
//!
//! ```
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use entra_claims::{AcceptedAudiences, Authenticator, TenantPolicy, Validator};
//! use entra_emulator::{Directory, Emulator, demo};
//! use entra_obo::{ClientCredential, ClientSecret, ExchangeClient, NextStep, UserAssertion};
//! use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
//!
//! let emulator = Emulator::start(Directory::demo()).await?;
//! let cloud = Cloud::loopback(emulator.base_url())?; // or `Cloud::public()`
//! let tenant = TenantId::parse(demo::TENANT)?;
//! let this_api = ClientId::parse(demo::MCP_SERVER)?;
//!
//! // Once, at start.
//! let client = ExchangeClient::new(
//!     TenantAuthority::new(cloud.clone(), tenant),
//!     this_api,
//!     ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET)),
//! )?;
//! let orders = client.downstream(ScopeSet::parse(demo::ORDERS_READ_SCOPE)?)?;
//! let payroll = client.downstream(ScopeSet::parse(demo::PAYROLL_READ_SCOPE)?)?;
//!
//! // Per request: the caller's token is verified first, and only then exchanged.
//! # let bearer = emulator
//! #     .forge()
//! #     .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER, &[demo::MCP_READ])?
//! #     .sign()?;
//! let policy = TenantPolicy::single(tenant);
//! let validator = Validator::new(cloud, policy, AcceptedAudiences::for_client(this_api));
//! let caller = Authenticator::new(validator)?.authenticate(&bearer).await?;
//! let assertion = UserAssertion::try_from(&caller)?;
//!
//! let token = orders.token_on_behalf_of(&assertion).await?;
//! // send it: `.bearer_auth(token.expose())`
//! assert!(token.scopes().eq([demo::ORDERS_READ_SCOPE]));
//!
//! // The second call is answered from the cache.
//! orders.token_on_behalf_of(&assertion).await?;
//! assert_eq!(client.stats().requests, 1);
//!
//! // This permission was not consented to: the error says what to do.
//! let refusal = payroll.token_on_behalf_of(&assertion).await.unwrap_err();
//! assert_eq!(refusal.next(), NextStep::AskConsent);
//! assert_eq!(refusal.codes(), [65001]);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! # Flows and credentials
//!
//! | who the token is for | made with |
//! | --- | --- |
//! | the user who calls | `ExchangeClient::downstream`, `Downstream::token_on_behalf_of` |
//! | the application itself | `ExchangeClient::for_app`, `AppDownstream::token` |
//! | an agent identity, alone | `ExchangeClient::agent`, `AgentIdentity::for_app` |
//! | an agent identity on behalf of a user | `AgentIdentity::downstream` |
//! | an agent's user account | `AgentIdentity::user_account` |
//! | what runs on a platform of Azure | `ManagedIdentity::token` |
//!
//! `AttachToken` puts these tokens into outgoing requests (`tower`, `reqwest`) and answers an
//! API's claims challenge; the module `azure` gives them to clients of the Azure SDK.
//!
//! The client proves itself with a secret, a certificate (in memory or in a file that is
//! rotated), a signer whose key stays in a vault, or a federated assertion (of a managed
//! identity, say): see `ClientCredential`. Several may be given and are tried in order. A
//! stale assertion is replaced by a new one once.
//!
//! # What is checked
//!
//! - Only a verified token with a user in it becomes a `UserAssertion`; an application's
//!   own is refused with a typed error.
//! - The user's tenant is the tenant that is asked; another one is refused before anything
//!   is looked up or sent. `/common` cannot be written.
//! - An expired assertion opens nothing, the cache included.
//! - A cached token is found only by the hash of everything that shaped it: cloud, tenant,
//!   client, credential, flow, scopes, capabilities and the whole assertion. Two tokens of
//!   the same user are two assertions, since the second may carry multifactor
//!   authentication.
//! - A cached token is served only while both the wall clock and the monotonic clock leave
//!   it its minimum life (60 s).
//! - What comes from a shared store was sealed by a client with the same keys, for exactly this
//!   request, and its user has not been forgotten since. Anything else there is a miss.
//! - One request per key is under way at a time. It runs in its own task; a caller that
//!   goes away does not stop it. Failures go to those who wait, and are never cached.
//! - `Retry-After` holds back the one user at the one downstream that it was said to.
//! - A claims challenge goes past the cache, byte for byte. `AttachToken` answers one per
//!   request, and sends a token only to the origins that it was made for.
//! - An application's token, an agent's and a user's never share an entry, and each is
//!   renewed by its own grant only. The tokens between the legs of an agent identity are not
//!   given out.
//! - A certificate's key belongs to the certificate, and is RSA.
//! - Redirects are not followed: the body holds a secret and the user's token. The built-in
//!   transport is https only, but for a loopback cloud.
//! - An answer must be a bearer token of a stated lifetime; lifetimes above 28 h are not
//!   believed.
//!
//! # What is not checked
//!
//! - That the assertion's audience is this client: the validator that made the verified
//!   token did that, or Entra ID refuses it (AADSTS500131).
//! - The downstream token. It is opaque here; its API validates it.
//! - That the granted scopes are all that were asked for: see `AccessToken::scopes`.
//! - Revocation: a cached token is served until its end unless the API challenges it or
//!   `ExchangeClient::forget` is called. What other processes hold in memory is not reached.
//! - That a shared store is fresh: one that answers with the values of yesterday, token and
//!   epoch, undoes a `forget` until the token's own end.
//! - A transport of your own: it has to refuse redirects itself.
//!
//! # Errors
//!
//! `ExchangeError::next` says what to do, and callers ask nothing else: ask for consent
//! (`consent` has the pages for the user and the administrator), pass on a claims challenge
//! (`claims`), have the user sign in again, retry at a time, tell the user that access is denied
//! until an administrator changes something, fix the configuration, or stop. `remedy` is a
//! sentence for the operator, `kind` a word for metrics, `entra` Entra ID's answer.
//!
//! Decisions are made on `error`, `suberror`, `claims` and the status. An AADSTS number decides
//! only where those leave it open, or where it says that an interaction cannot help; otherwise
//! the numbers inform people, and [`aadsts`] explains them.
//!
//! # Spans, events and metrics
//!
//! Each task that gets a token is a span `token_exchange` (`flow`, `purpose`, `outcome`) below
//! that of the first caller who waits for it; each request to the endpoint is a span
//! `token_request` in it (`client_request_id`, `status`). Events say who got which token, by
//! ids, kinds and codes. With the feature `metrics`:
//!
//! | metric | labels | counts |
//! | --- | --- | --- |
//! | `entra_obo_cache_total` | `flow`, `outcome`: `hit`, `due`, `miss` | look-ups in memory; `due` was served, and a refresh begins |
//! | `entra_obo_shared_store_total` | `outcome`: `hit`, `miss`, `rejected`, `failed`, `left_out` | look-ups in the shared store, what was not sealed for them, and calls that failed or were left out |
//! | `entra_obo_coalesced_total` | `flow` | calls that wait for another call's request |
//! | `entra_obo_refreshes_total` | `flow` | refreshes ahead of expiry |
//! | `entra_obo_throttled_total` | `flow` | calls refused because Entra ID had asked for patience |
//! | `entra_obo_requests_total` | `flow`, `status`: `2xx`, `3xx`, `4xx`, `429`, `5xx`, `timeout`, `unreachable` | requests to the endpoint, repetitions included |
//! | `entra_obo_exchanges_total` | `flow`, `outcome`: `ok` or an `ErrorKind` | what became of them |
//! | `entra_obo_exchange_seconds` | the same | how long it took, a histogram |
//! | `entra_obo_api_refusals_total` | `reason`: `claims`, `invalid_token`; `outcome`: `repeated`, `passed_on`, `not_repeatable`, `no_token` | tokens that an API refused (`AttachToken`) |
//!
//! `flow` is `on_behalf_of`, `client_credentials`, `agent_exchange`, `agent_user_exchange`,
//! `agent_user`, `managed_identity` or, for requests alone, `authorization_code`. No label and no field has a token, a secret or a user
//! in it. What is held now is in `ExchangeClient::stats`.
//!
//! # Minimum supported Rust version
//!
//! 1.88.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod aadsts;
#[cfg(feature = "client")]
mod assertion;
#[cfg(any(feature = "tower", feature = "reqwest"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "tower", feature = "reqwest"))))]
pub mod attach;
#[cfg(feature = "azure_core")]
#[cfg_attr(docsrs, doc(cfg(feature = "azure_core")))]
pub mod azure;
#[cfg(feature = "client")]
mod cache;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
pub mod credential;
#[cfg(feature = "client")]
pub mod dangerous;
#[cfg(feature = "client")]
mod engine;
mod error;
#[cfg(feature = "graph-groups")]
#[cfg_attr(docsrs, doc(cfg(feature = "graph-groups")))]
pub mod graph_groups;
#[cfg(feature = "client")]
pub mod managed_identity;
#[cfg(feature = "client")]
mod meter;
#[cfg(feature = "client")]
mod overrides;
#[cfg(feature = "client")]
mod request;
#[cfg(feature = "client")]
mod response;
#[cfg(feature = "client")]
mod secret;
#[cfg(feature = "client")]
pub mod store;
#[cfg(feature = "client")]
pub mod testing;
#[cfg(feature = "client")]
mod throttle;
#[cfg(feature = "client")]
mod token;

#[cfg(feature = "client")]
pub use assertion::{AssertionError, UserAssertion};
#[cfg(feature = "client")]
pub use cache::CacheLimits;
#[cfg(feature = "client")]
pub use client::{
    AgentIdentity, AgentUser, AppDownstream, AuthorizationCode, Downstream, ExchangeClient,
    ExchangeClientBuilder, IdToken,
};
#[cfg(feature = "client")]
pub use credential::ClientCredential;
#[doc(inline)]
pub use entra_claims::{ClaimsChallenge, InvalidChallenge};
#[cfg(feature = "client")]
pub use error::{Consent, ExchangeError};
pub use error::{EntraError, ErrorKind, NextStep};
#[cfg(feature = "client")]
pub use meter::Stats;
#[cfg(feature = "client")]
pub use secret::ClientSecret;
#[cfg(feature = "client")]
pub use throttle::ThrottleScope;
#[cfg(feature = "client")]
pub use token::AccessToken;

#[cfg(all(test, feature = "client"))]
mod wrong_user;

#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
