//! A local Microsoft Entra ID: sign-in, tokens and errors on loopback, for tests,
//! examples and offline development.
//!
//! It serves discovery, key sets, the authorization endpoint (code with PKCE, ID tokens, single-page
//! apps), pages on which people sign in, consent, answer policies, enter device codes and sign out,
//! the token endpoint (authorization code, refresh token, client credentials, on-behalf-of, device
//! code, password, and the flows of agent identities), userinfo and a small Microsoft Graph for a
//! directory that you describe, with Entra's own error numbers. `docs/emulator.md` says for each
//! answer how it is known; where captures differ, a directory chooses ([`Reading`]).
//!
//! ```toml
//! [dev-dependencies]
//! entra-emulator = { version = "0.1.0-alpha.1", default-features = false }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! reqwest = { version = "0.13", features = ["form", "json"] } # for the quickstart
//! serde_json = "1"
//! ```
//!
//! | feature | adds |
//! | --- | --- |
//! | `cli` (default) | what the program `entra-emulator` needs; the library is the same without it |
//!
//! # Quickstart
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use entra_emulator::{Directory, Emulator, demo};
//!
//! let emulator = Emulator::start(Directory::demo()).await?;
//!
//! let answer: serde_json::Value = reqwest::Client::new()
//!     .post(emulator.token_endpoint(demo::TENANT))
//!     .form(&[
//!         ("grant_type", "client_credentials"),
//!         ("client_id", demo::DAEMON),
//!         ("client_secret", demo::DAEMON_SECRET),
//!         ("scope", demo::MCP_DEFAULT_SCOPE),
//!     ])
//!     .send()
//!     .await?
//!     .json()
//!     .await?;
//!
//! assert_eq!(answer["token_type"], "Bearer");
//! assert_eq!(emulator.journal().count_grant("client_credentials"), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # A test of your own
//!
//! ```
//! # async fn my_service(_: &str) -> u16 { 503 }
//! # #[tokio::main(flavor = "current_thread")] // yours says #[tokio::test]
//! async fn a_throttled_sign_in_becomes_a_503() -> Result<(), Box<dyn std::error::Error>> {
//!     use entra_emulator::{Directory, Emulator, Fault};
//!
//!     let emulator = Emulator::start(Directory::demo()).await?;
//!     emulator.fail_next(Fault::aadsts("/token", 90055).header("retry-after", "7").always());
//!
//!     let status = my_service(emulator.base_url()).await;
//!
//!     assert_eq!(status, 503);
//!     assert!(emulator.journal().count_grant("client_credentials") <= 1, "it must not insist");
//!     Ok(())
//! }
//! # a_throttled_sign_in_becomes_a_503().unwrap();
//! ```
//!
//! # Steering
//!
//! Clock, keys, faults, journal, consent, accounts, forged tokens and the state of the
//! identity endpoints are methods of [`Emulator`] and, for tests in other languages,
//! operations under `/__emulator` (`GET /__emulator` lists them). Requests of web pages and
//! of other machines are refused there.
//!
//! `entra-emulator env --for msal-python` and [`Emulator::environment`] print what points a
//! client library at an emulator: authority, CA file, identity endpoints, and what its
//! program has to say besides.
//!
//! A directory is built in Rust or read from a file ([`Directory::from_toml`],
//! [`Directory::from_json`], `entra-emulator --directory FILE`);
//! [`Directory::to_json`] writes it, `GET` and `POST` of `/__emulator/directory` take and
//! replace it while it is served, and [`Emulator::reset`] goes back to the start.
//!
//! # A downstream API
//!
//! [`EmulatorBuilder::echo_api`] and `--echo` serve an API for each registered app, which
//! validates the bearer token of a request as a real one would and answers with its claims.
//!
//! # What is checked
//!
//! - the client: known, enabled, right credential: a secret that has not expired, a
//!   certificate assertion (RS256 or PS256; `x5t`, `x5t#S256`, or `x5c` from a trusted
//!   authority), a federated identity credential, or a blueprint's exchange token; none from
//!   a public client;
//! - the scope: one resource, that exists, with scopes that exist; `resource` equal to an
//!   application ID URI of the scope's resource; `/.default` within what is declared;
//! - codes: client, redirect URI, platform (a page redeems a single-page app's, and no other) and
//!   PKCE verifier, in time, once, also when two come at the same moment; device codes once, and
//!   not faster than their interval;
//! - refresh tokens: issued here, to this client, in time, not revoked;
//! - managed identities: a resource that exists, as for every other client;
//! - assertions: signature by a published key, tenant, time, audience, a user's access
//!   token, an enabled user;
//! - consent, for every token with a user in it, administrators' where only they may; and
//!   assignment where an app demands it;
//! - Conditional Access: what policies and the request's `claims` demand, of the sign-in that
//!   the assertion or the refresh token comes from.
//!
//! # What is not
//!
//! The pages ask for no password and no second factor: the person at the browser has both,
//! unless the directory says otherwise. There is no SAML, and of Graph only users, groups,
//! grants and role assignments. Networks, devices and risks are not looked at: a new sign-in that
//! carries a policy's challenge meets it. Keys of federated issuers are fetched from plain http loopback
//! addresses only; give any other issuer's key set. The signing keys are public. Tokens are
//! for tests, and their issuer is always the emulator.
//!
//! # Errors
//!
//! [`StartError`] when it cannot start, [`DirectoryError`] when a directory contradicts
//! itself, [`DeclarationError`] when its text cannot be read, [`ForgeError`] when a token cannot be forged. Over HTTP, errors are Entra's.
//!
//! The crate depends on no other crate of its workspace, on purpose: it is the witness
//! that they are tested against.
//!
//! # Minimum supported Rust version
//!
//! 1.88.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod access;
mod call;
mod changes;
mod clock;
pub mod demo;
mod device;
mod directory;
mod emulator;
mod environment;
mod errors;
mod fault;
mod forge;
mod grants;
mod http;
mod identity;
mod journal;
mod kept;
mod keys;
mod microsoft;
mod scopes;
mod serve;
mod session;
mod sign_ins;
mod state;
mod steer;
mod tokens;
mod x509;

pub use clock::EmulatorClock;
pub use directory::{
    AccessPolicy, App, AppCertificate, ConsentGrant, ConsentKind, DeclarationError, Directory,
    DirectoryError, FederatedCredential, OptionalClaim, PolicyRequirement, Reading,
    RequestedTokenVersion, Tenant, User,
};
pub use emulator::{Emulator, EmulatorBuilder, FederatedTokenFile, StartError};
pub use environment::{
    EnvironmentError, EnvironmentFor, EnvironmentFormat, SdkEnvironment, SdkFamily,
};
pub use errors::error_codes;
pub use fault::{Fault, FaultError, FaultId, PendingFault};
pub use forge::{Forge, ForgeError, ForgeKey, ForgedToken};
pub use identity::IdentityState;
pub use journal::{Journal, JournalEntry, WaitError};
pub use steer::DeviceCodeError;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
