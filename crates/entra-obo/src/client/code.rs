//! Authorization code grant for an ID token alone: who signed in.

use std::borrow::Cow;
use std::fmt;

use foundry_scopes::ClientId;
use http::{StatusCode, header};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::ExchangeClient;
use crate::credential::{AssertionRequest, ClientCredential, federated_audience};
use crate::engine::{after, unix};
use crate::error::{EntraError, ErrorKind, ExchangeError, RequestContext};
use crate::request::{TokenRequest, random_guid};
use crate::secret::Secret;

/// Longer ID tokens are not taken.
const TOKEN_LIMIT: usize = 32 * 1024;

/// When it is worth starting again after no answer at all.
const UNREACHABLE: std::time::Duration = std::time::Duration::from_secs(5);

/// What an authorization response brought back, with what only the program that began the
/// sign-in knows (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
#[derive(Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the parameters of the grant, by name so that none is mixed up"
)]
pub struct AuthorizationCode<'a> {
    /// The code.
    pub code: &'a str,
    /// The redirect URI that it was sent to.
    pub redirect_uri: &'a str,
    /// The PKCE verifier.
    pub verifier: &'a str,
}

impl fmt::Debug for AuthorizationCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationCode")
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

/// An ID token that has not been verified yet: give it to
/// `entra_claims::Authenticator::authenticate_id_token`.
pub struct IdToken(Secret);

impl IdToken {
    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdToken(<redacted>)")
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    id_token: Option<Cow<'a, str>>,
}

impl ExchangeClient {
    /// This application's client id.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.core.client
    }

    /// Redeems an authorization code for the ID token alone, to learn who signed in on a page
    /// of this server (Entra doc "Microsoft identity platform and OAuth 2.0 authorization code
    /// flow"). Access and refresh tokens that come along are dropped unread: this is no way to
    /// get a user's tokens.
    ///
    /// Sent once: a code that was redeemed is void, and so is one whose answer got lost.
    ///
    /// # Errors
    ///
    /// As an exchange: a code that is unknown, expired or another client's is
    /// [`ErrorKind::Interaction`](crate::ErrorKind::Interaction) or [`ErrorKind::Denied`](crate::ErrorKind::Denied), and the person has
    /// to start again.
    pub async fn redeem_code(&self, code: AuthorizationCode<'_>) -> Result<IdToken, ExchangeError> {
        let id = random_guid();
        let mut last = None;
        for (place, credential) in self.core.credentials.in_order() {
            match self.redeem_with(credential, code, &id).await {
                Err(error) if error.kind() == ErrorKind::Credential => last = Some(error),
                answer => {
                    self.core.credentials.worked(place);
                    return answer;
                }
            }
        }
        Err(last.unwrap_or(ExchangeError::configuration("the client has no credential")))
    }

    async fn redeem_with(
        &self,
        credential: &ClientCredential,
        code: AuthorizationCode<'_>,
        id: &str,
    ) -> Result<IdToken, ExchangeError> {
        let endpoint = self.authority.token_endpoint();
        let uri = endpoint
            .parse()
            .map_err(|_| ExchangeError::configuration("the token endpoint is not a URI"))?;
        let request = AssertionRequest {
            client: self.core.client,
            authority: &self.authority,
            endpoint: &endpoint,
            federated_audience: federated_audience(self.authority.cloud()),
            now: self.core.engine.now().wall,
            renew: false,
        };
        let proof = credential.prove(&request).await;
        let proof = proof.map_err(|error| ExchangeError::no_proof(error, credential.name()))?;
        let request = TokenRequest {
            client: self.core.client,
            proof: &proof,
            grant: &[
                ("grant_type", "authorization_code"),
                ("code", code.code),
                ("redirect_uri", code.redirect_uri),
                ("code_verifier", code.verifier),
            ],
            // `profile` brings `oid` (Entra doc "ID token claims reference").
            scope: "openid profile",
            claims: None,
            request_id: id,
        };
        let request = request
            .build(&uri)
            .map_err(|_| ExchangeError::configuration("the token request cannot be written"))?;
        let core = &self.core;
        let sent = core
            .engine
            .send(&*core.transport, request, "authorization_code", Some(id))
            .await;
        let response = sent.map_err(|source| {
            ExchangeError::unreachable(source, id, after(self.core.engine.now(), UNREACHABLE))
        })?;
        let (head, body) = response.into_parts();
        let body = Zeroizing::new(body);
        if head.status == StatusCode::OK {
            return id_token(&body)
                .ok_or_else(|| ExchangeError::unusable_token("it has no ID token", id));
        }
        let wait = head.headers.get(header::RETRY_AFTER);
        let wait = wait.and_then(|value| value.to_str().ok());
        let now = unix(self.core.engine.now().wall);
        let answer = EntraError::from_response(head.status.as_u16(), wait, &body, now).sent_as(id);
        let asked = RequestContext {
            consent: None,
            credential: Some(credential.name()),
        };
        Err(ExchangeError::answered(answer, asked))
    }
}

fn id_token(body: &[u8]) -> Option<IdToken> {
    let wire: Wire<'_> = serde_json::from_slice(body).ok()?;
    let token = wire.id_token.filter(|token| token.len() <= TOKEN_LIMIT)?;
    let whole = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
    whole.then(|| IdToken(Secret::new(token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_with_an_id_token_is_one() {
        let read = |body: &str| id_token(body.as_bytes()).map(|token| token.expose().to_owned());
        assert_eq!(
            read(r#"{"access_token":"a","id_token":"h.p.s"}"#).unwrap(),
            "h.p.s"
        );
        let long = format!(r#"{{"id_token":"{}"}}"#, "x".repeat(TOKEN_LIMIT + 1));
        for none in [
            "",
            "[]",
            "{}",
            r#"{"access_token":"a"}"#,
            r#"{"id_token":""}"#,
            r#"{"id_token":"a b"}"#,
            r#"{"id_token":7}"#,
            "<html>",
            &long,
        ] {
            assert_eq!(read(none), None, "{none}");
        }
        assert!(!format!("{:?}", id_token(br#"{"id_token":"h.p.s"}"#)).contains("h.p.s"));
    }
}
