//! Credentials for the Azure SDK for Rust: its clients act as a user, as the application, or
//! as an agent identity.
//!
//! `azure_identity` has no on-behalf-of credential. [`OnBehalfOfCredential`] is one: it
//! implements [`azure_core::credentials::TokenCredential`] for one user, with the cache, the
//! single flight and the typed errors of this crate behind it. [`AppCredential`] does the
//! same for an application, an agent identity, an agent's user account or a managed identity.
//!
//! # One SDK client per user
//!
//! An SDK client keeps **one** token for all callers: `azure_core`'s bearer token policy asks
//! its credential once, stores the answer in the client and sends it with every request until
//! five minutes before it expires. The credential learns neither who is calling nor that
//! another user is.
//!
//! A credential that looked up the "current user" by itself (from a task-local, from the
//! request being handled) would therefore leak: the first user's token would go out with the
//! requests of everybody who came after. There is no such credential here. An
//! [`OnBehalfOfCredential`] is bound to exactly one [`UserAssertion`](crate::UserAssertion)
//! when it is made, and nothing can put another one into it.
//!
//! So: **a client per user and request, over a transport that all of them share.** A client
//! is cheap; the connections are in the transport, and the tokens in the
//! [`ExchangeClient`](crate::ExchangeClient)'s cache:
//!
//! ```
//! use std::sync::Arc;
//! use azure_core::credentials::TokenCredential;
//! use azure_core::http::{ClientOptions, Transport};
//! use entra_obo::{ExchangeClient, UserAssertion, azure::OnBehalfOfCredential};
//!
//! /// What a client of the SDK is made of, per request; `transport` is made once, at start.
//! fn as_user(
//!     exchange: &ExchangeClient,
//!     user: UserAssertion,
//!     transport: &Transport,
//! ) -> (Arc<dyn TokenCredential>, ClientOptions) {
//!     let credential = OnBehalfOfCredential::new(exchange, user);
//!     let options = ClientOptions {
//!         transport: Some(transport.clone()),
//!         ..ClientOptions::default()
//!     };
//!     // SecretClient::new("https://contoso.vault.azure.net", credential, Some(SecretClientOptions {
//!     //     client_options: options, ..Default::default() }))
//!     (Arc::new(credential), options)
//! }
//! # let _ = as_user;
//! ```
//!
//! # Example
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use azure_core::credentials::TokenCredential;
//! use entra_obo::azure::{OnBehalfOfCredential, AppCredential, exchange_error};
//! use entra_obo::{ClientCredential, ClientSecret, ExchangeClient, NextStep, UserAssertion};
//! # use entra_emulator::{Directory, Emulator, demo};
//! # use foundry_scopes::{ClientId, Cloud, TenantAuthority, TenantId};
//! # let emulator = Emulator::start(Directory::demo()).await?;
//! # let authority = TenantAuthority::new(Cloud::loopback(emulator.base_url())?, TenantId::parse(demo::TENANT)?);
//! # let this_api = ClientId::parse(demo::MCP_SERVER)?;
//! # let secret = ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET));
//! # let verified = |user| {
//! #     let scopes = [demo::MCP_READ];
//! #     let token = emulator.forge().user_token(demo::TENANT, user, demo::MCP_CLIENT, demo::MCP_SERVER, &scopes)?;
//! #     Ok::<_, Box<dyn std::error::Error>>(entra_claims::dangerous::assume_verified(&token.sign()?)?)
//! # };
//! # let (alice, bob) = (verified(demo::ALICE)?, verified(demo::BOB)?);
//!
//! let client = ExchangeClient::new(authority, this_api, secret)?;
//!
//! // Per request, from the caller's verified token. Each acts as its own user.
//! let as_alice = OnBehalfOfCredential::new(&client, UserAssertion::try_from(&alice)?);
//! let as_bob = OnBehalfOfCredential::new(&client, UserAssertion::try_from(&bob)?);
//!
//! // What an SDK client does with them:
//! let alices = as_alice.get_token(&[demo::ORDERS_READ_SCOPE], None).await?;
//! let bobs = as_bob.get_token(&[demo::ORDERS_READ_SCOPE], None).await?;
//! assert_ne!(alices.token.secret(), bobs.token.secret());
//!
//! // The cache is the exchange client's: a new credential of the same user sends no request.
//! let again = OnBehalfOfCredential::new(&client, UserAssertion::try_from(&alice)?);
//! again.get_token(&[demo::ORDERS_READ_SCOPE], None).await?;
//! assert_eq!(client.stats().requests, 2);
//!
//! // The error still says what to do.
//! let error = as_alice.get_token(&[demo::PAYROLL_READ_SCOPE], None).await.unwrap_err();
//! assert_eq!(exchange_error(&error).map(|error| error.next()), Some(NextStep::AskConsent));
//!
//! // The application itself, without a user.
//! let own = AppCredential::application(&client);
//! own.get_token(&[demo::ORDERS_DEFAULT_SCOPE], None).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What is asked for
//!
//! 1. The scopes that an SDK client hands in must be scopes of one resource, as
//!    [`ScopeSet`] reads them, for example
//!    `https://vault.azure.net/.default`. Anything else is refused before anything is sent.
//! 2. An application, an agent identity on its own and a managed identity ask for
//!    `<resource>/.default` only.
//! 3. Some clients take the resource from the server (Key Vault's do, from its challenge).
//!    `only` bounds which ones a credential asks for.
//!
//! # Claims challenges
//!
//! `azure_core` has no way to hand a claims challenge to a credential, and its policy answers
//! none. The 401 reaches the caller as an error, and is answered in three steps:
//!
//! 1. read it: [`ClaimsChallenge::from_www_authenticate`](crate::ClaimsChallenge::from_www_authenticate)
//!    on the header of the error's raw response;
//! 2. `client.downstream(scopes)?.with_claims(challenge).token_on_behalf_of(&assertion)`, whose token
//!    takes the place of the refused one in the cache;
//! 3. call once more: the policy dropped its own copy with the 401, and gets the new token.
//!
//! # Errors
//!
//! Every error is of the kind [`Credential`](azure_core::error::ErrorKind::Credential), and
//! [`exchange_error`] finds the [`ExchangeError`] in it, below whatever
//! an SDK client put around it.

mod credentials;

pub use credentials::{AppCredential, OnBehalfOfCredential};

use std::error::Error;

use azure_core::credentials::AccessToken;
use azure_core::error::ErrorKind;
use foundry_scopes::{Audience, Scope, ScopeSet};

use crate::error::ExchangeError;

pub(super) fn answer(
    got: Result<crate::AccessToken, ExchangeError>,
) -> azure_core::Result<AccessToken> {
    match got {
        Ok(token) => Ok(AccessToken::new(
            token.expose().to_owned(),
            token.expires_at(),
        )),
        Err(error) => Err(azure_core::Error::new(ErrorKind::Credential, error)),
    }
}

/// The exchange's error inside of an error that an Azure SDK client returned, whatever was
/// put around it.
///
/// ```
/// use azure_core::error::{Error, ErrorKind};
/// use entra_obo::azure::exchange_error;
/// use entra_obo::{EntraError, ExchangeError, NextStep};
///
/// let body = br#"{"error":"invalid_client","error_codes":[7000222]}"#;
/// let answer = EntraError::from_response(401, None, body, time::OffsetDateTime::UNIX_EPOCH);
/// let ours = ExchangeError::from(answer);
/// let error = Error::new(ErrorKind::Credential, ours).with_context("while listing secrets");
/// assert_eq!(exchange_error(&error).map(ExchangeError::next), Some(NextStep::FixConfiguration));
/// assert!(exchange_error(&Error::with_message(ErrorKind::Io, "broken pipe")).is_none());
/// ```
#[must_use]
pub fn exchange_error(error: &azure_core::Error) -> Option<&ExchangeError> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref() {
            return Some(ours);
        }
        next = error.source();
    }
    None
}

/// The resources that a credential asks for; any if none is named.
#[derive(Clone, Debug, Default)]
pub(super) struct Resources(Option<Vec<Audience>>);

impl Resources {
    pub(super) fn only(resources: impl IntoIterator<Item = Audience>) -> Self {
        Self(Some(resources.into_iter().collect()))
    }

    /// The scopes as one request.
    pub(super) fn read(&self, scopes: &[&str]) -> azure_core::Result<ScopeSet> {
        let read: Result<Vec<Scope>, _> = scopes.iter().map(|text| Scope::parse(text)).collect();
        let scopes = read
            .and_then(ScopeSet::new)
            .map_err(|error| azure_core::Error::new(ErrorKind::Credential, error))?;
        match self.admits(scopes.resource()) {
            true => Ok(scopes),
            false => Err(azure_core::Error::with_message(
                ErrorKind::Credential,
                format!(
                    "this credential gives no tokens for {}: it is bound to other resources",
                    scopes.resource()
                ),
            )),
        }
    }

    fn admits(&self, resource: &str) -> bool {
        let Some(allowed) = &self.0 else {
            return true;
        };
        Audience::parse(resource)
            .is_ok_and(|wanted| allowed.iter().any(|one| one.names_same_resource(&wanted)))
    }
}
