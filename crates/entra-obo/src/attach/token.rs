//! `AttachToken`: one user or application identity, and the origins of one API.

use super::message::Refusal;
use super::origins::ApiOrigins;
use crate::assertion::UserAssertion;
use crate::client::{AppDownstream, Downstream, Exchange};
use crate::error::ExchangeError;
use crate::token::AccessToken;

/// Puts the right token into requests to one API, and answers the API's challenge once.
///
/// It is bound to one user (or to one identity of its own) and to the origins of one API when
/// it is made, so neither can be mixed up later. With the feature `tower` it is a layer over
/// any service that takes `http` requests; with `reqwest` it sends a request of that client
/// (`execute`). Making one copies pointers: make one per request.
///
/// 1. A request to any other origin is refused: nothing is sent, and no token is asked for.
///    A client that follows a redirect elsewhere must drop `Authorization`, as `reqwest` does;
///    a service that follows redirects goes around this layer, not inside it, and is refused
///    there.
/// 2. The token replaces whatever `Authorization` the request has (the user's own token for
///    *this* API must not go on), and is marked as sensitive.
/// 3. A 401 with `error="insufficient_claims"` and `claims` in its `WWW-Authenticate`
///    (`invalid_token` with claims too) leads to one token with these claims, byte for byte,
///    which takes the old one's place in the cache, and to one repetition. The token of an
///    application, which all its callers share, is replaced once in 60 s: a challenge for other
///    claims in that time is passed on.
/// 4. A 401 with `error="invalid_token"` alone leads to one new token and one repetition, but
///    not if the token is younger than a minute: then another one would fare no better.
/// 5. The answer to the repetition is passed on, whatever it is. So is a challenge that cannot
///    be read (RFC 9110, section 11.6.1) or is longer than 16 KiB.
/// 6. Where the token that the challenge asks for needs the user, the error says so
///    ([`AttachError::Exchange`](crate::attach::AttachError::Exchange), with the claims for the
///    client).
///
/// ```
/// # #[cfg(feature = "reqwest")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use entra_emulator::{Directory, Emulator, Fault, demo};
/// use entra_obo::attach::{ApiOrigins, AttachError, AttachToken};
/// use entra_obo::ClaimsChallenge;
/// # use entra_obo::{ClientCredential, ClientSecret, ExchangeClient, UserAssertion};
/// # use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
///
/// let emulator = Emulator::builder(Directory::demo()).echo_api().start().await?;
/// # let authority = TenantAuthority::new(Cloud::loopback(emulator.base_url())?, TenantId::parse(demo::TENANT)?);
/// # let secret = ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET));
/// # let client = ExchangeClient::new(authority, ClientId::parse(demo::MCP_SERVER)?, secret)?;
/// # let bearer = emulator.forge()
/// #     .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER, &[demo::MCP_READ])?
/// #     .sign()?;
/// # let alice = UserAssertion::try_from(&entra_claims::dangerous::assume_verified(&bearer)?)?;
///
/// // Once, at start: what to ask for, and where the API is.
/// let orders = client.downstream(ScopeSet::parse(demo::ORDERS_READ_SCOPE)?)?;
/// let origins = ApiOrigins::new([emulator.base_url()])?; // "https://orders.contoso.example"
/// let http = reqwest::Client::new();
///
/// // Per request.
/// let as_alice = AttachToken::as_user(&orders, alice, &origins);
/// let request = http.get(emulator.echo_url(demo::ORDERS_API)).build()?;
/// let answer: serde_json::Value = as_alice.execute(&http, request).await?.json().await?;
/// assert_eq!(answer["who"]["oid"], demo::ALICE);
///
/// // The token was revoked: one new token, one repetition.
/// let claims = ClaimsChallenge::from_json(r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#)?;
/// let challenge = format!(r#"Bearer error="insufficient_claims", claims="{}""#, claims.to_base64());
/// emulator.fail_next(Fault::status("/echo/", 401).header("WWW-Authenticate", challenge));
/// let request = http.get(emulator.echo_url(demo::ORDERS_API)).build()?;
/// assert_eq!(as_alice.execute(&http, request).await?.status(), 200);
/// assert_eq!(client.stats().requests, 2);
///
/// // The token goes nowhere else.
/// let request = http.get("https://evil.example/").build()?;
/// let error = as_alice.execute(&http, request).await.unwrap_err();
/// assert!(matches!(error, AttachError::ForeignOrigin { .. }));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "reqwest"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct AttachToken {
    exchange: Exchange,
    pub(super) origins: ApiOrigins,
}

impl AttachToken {
    /// Tokens of `api` on behalf of the user of `assertion`.
    #[must_use]
    pub fn as_user(api: &Downstream, assertion: UserAssertion, origins: &ApiOrigins) -> Self {
        Self {
            exchange: api.exchange(&assertion),
            origins: origins.clone(),
        }
    }

    /// Tokens of `api` of the application itself, an agent identity or an agent's user
    /// account.
    #[must_use]
    pub fn as_app(api: &AppDownstream, origins: &ApiOrigins) -> Self {
        Self {
            exchange: api.exchange().clone(),
            origins: origins.clone(),
        }
    }

    pub(super) async fn token(&self) -> Result<AccessToken, ExchangeError> {
        self.exchange.token().await
    }

    pub(super) async fn instead_of(
        &self,
        refused: &AccessToken,
        refusal: Refusal,
    ) -> Result<Option<AccessToken>, ExchangeError> {
        let challenge = match refusal {
            Refusal::Claims(challenge) => Some(challenge),
            Refusal::InvalidToken => None,
        };
        self.exchange.instead_of(refused, challenge).await
    }
}
