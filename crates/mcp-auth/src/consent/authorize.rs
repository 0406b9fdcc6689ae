//! OAuth authorization requests to Entra ID (with PKCE, RFC 7636), and its responses.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entra_obo::Consent;
use entra_parts::seal::random_id;
use foundry_scopes::{ClientId, Scope, ScopeSet, TenantAuthority};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

/// What the user is sent to Entra ID for, once it is clear who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Consent to a permission.
    Consent(Consent),
    /// A sign-in that meets a claims challenge: its JSON, byte for byte.
    Claims {
        authority: TenantAuthority,
        claims: String,
    },
}

impl Ask {
    /// The user's consent to these scopes for an application.
    pub(super) fn consent(
        authority: TenantAuthority,
        application: ClientId,
        scopes: ScopeSet,
    ) -> Self {
        Self::Consent(Consent::for_user(authority, application, scopes))
    }

    /// Whether it is consent for an agent identity: its page may be refused, and its answer
    /// proves nothing.
    pub(super) fn is_for_agent(&self) -> bool {
        matches!(self, Self::Consent(consent) if consent.blueprint().is_some())
    }

    pub(super) fn authority(&self) -> &TenantAuthority {
        match self {
            Self::Consent(consent) => consent.authority(),
            Self::Claims { authority, .. } => authority,
        }
    }

    /// The sentence on the page.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Consent(consent) => {
                let scopes = consent.scopes().scopes().iter().map(Scope::as_str);
                let scopes: Vec<_> = scopes.collect();
                let scopes = scopes.join(", ");
                match self.is_for_agent() {
                    false => format!("It needs your consent to use on your behalf: {scopes}"),
                    true => format!(
                        "Its agent needs your consent to use on your behalf: {scopes}. Microsoft \
                         may refuse to show the page for it (AADSTS82014); then an administrator \
                         has to grant the permission."
                    ),
                }
            }
            Self::Claims { .. } => {
                "It needs you to sign in with further proof, such as a second factor.".to_owned()
            }
        }
    }

    /// Where Entra ID asks for it. `hint` is whom it has to be asked of.
    pub(super) fn url(
        &self,
        client: ClientId,
        redirect_uri: &str,
        state: &str,
        hint: Option<&str>,
        pkce: &Pkce,
    ) -> Option<String> {
        let mut page = match self {
            Self::Consent(consent) if self.is_for_agent() => {
                Url::parse(consent.agent_pages(redirect_uri, state)?.user()).ok()?
            }
            Self::Consent(consent) => Url::parse(&consent.user_url(redirect_uri, state)?).ok()?,
            Self::Claims { authority, claims } => {
                let mut page = authorize(authority, client, redirect_uri, state)?;
                page.query_pairs_mut()
                    .append_pair("scope", "openid")
                    .append_pair("claims", claims);
                page
            }
        };
        let mut query = page.query_pairs_mut();
        // The code that comes back is never redeemed; with this no other process can either.
        // For an agent identity there is no code.
        if !self.is_for_agent() {
            query
                .append_pair("code_challenge", pkce.challenge())
                .append_pair("code_challenge_method", "S256");
        }
        if let Some(hint) = hint {
            query.append_pair("login_hint", hint);
        }
        drop(query);
        Some(page.into())
    }
}

/// The authorization request for a code (Entra doc "Microsoft identity platform and OAuth
/// 2.0 authorization code flow").
pub(super) fn authorize(
    authority: &TenantAuthority,
    client: ClientId,
    redirect_uri: &str,
    state: &str,
) -> Option<Url> {
    let mut page = Url::parse(&authority.authorize_endpoint()).ok()?;
    page.query_pairs_mut()
        .append_pair("client_id", &client.to_string())
        .append_pair("response_type", "code")
        .append_pair("response_mode", "query")
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", state);
    Some(page)
}

/// A verifier of 384 random bits, and its challenge. In a record it is the verifier.
#[derive(Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[derive(Clone)]
pub(super) struct Pkce {
    verifier: Zeroizing<String>,
    challenge: String,
}

impl Pkce {
    pub(super) fn new() -> Option<Self> {
        Some((random_id().ok()? + &random_id().ok()?).into())
    }

    pub(super) fn verifier(&self) -> &str {
        &self.verifier
    }

    pub(super) fn challenge(&self) -> &str {
        &self.challenge
    }
}

impl From<String> for Pkce {
    fn from(verifier: String) -> Self {
        let hash = digest(&SHA256, verifier.as_bytes());
        Self {
            challenge: BASE64_URL_SAFE_NO_PAD.encode(hash),
            verifier: Zeroizing::new(verifier),
        }
    }
}

impl From<Pkce> for String {
    fn from(pkce: Pkce) -> Self {
        pkce.verifier.to_string()
    }
}

/// Which answer of Entra ID it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    SignIn,
    Ask,
}

/// An authorization response, as far as it matters.
pub(super) struct Answered {
    pub(super) leg: Leg,
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) with: With,
}

/// What an authorization response brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum With {
    Code(String),
    Error,
    /// The state alone (`response_type=none`).
    Nothing,
}

impl Answered {
    /// Each parameter once (RFC 6749, section 3.1), and a state of the form `leg.id.secret`.
    pub(super) fn read(query: &str) -> Option<Self> {
        let mut all = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if all.insert(name, value).is_some() {
                return None;
            }
        }
        let mut state = all.get("state")?.split('.');
        let (leg, id, secret) = (state.next()?, state.next()?, state.next()?);
        let leg = match leg {
            "s" => Leg::SignIn,
            "a" => Leg::Ask,
            _ => return None,
        };
        let code = all.get("code").filter(|code| !code.is_empty());
        let failed = all.contains_key("error");
        let with = match (code, failed) {
            _ if state.next().is_some() => return None,
            (Some(_), true) => return None,
            (None, true) => With::Error,
            (Some(code), false) => With::Code(code.clone().into_owned()),
            // An empty code is no answer, and who signs in brings one.
            (None, false) if leg == Leg::SignIn || all.contains_key("code") => return None,
            (None, false) => With::Nothing,
        };
        Some(Self {
            leg,
            id: id.to_owned(),
            secret: secret.to_owned(),
            with,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_a_code_or_an_error_with_a_state_of_ours() {
        let read = |query: &str| {
            let answered = Answered::read(query)?;
            Some((answered.leg, answered.id, answered.secret, answered.with))
        };
        let of = |leg, with| Some((leg, "id".to_owned(), "x".to_owned(), with));
        let code = |code: &str| With::Code(code.to_owned());
        assert_eq!(
            read("code=c%2B1&state=s.id.x&session_state=1"),
            of(Leg::SignIn, code("c+1"))
        );
        assert_eq!(read("state=a.id.x&code=c"), of(Leg::Ask, code("c")));
        assert_eq!(
            read("error=access_denied&state=a.id.x"),
            of(Leg::Ask, With::Error)
        );
        assert_eq!(read("state=a.id.x"), of(Leg::Ask, With::Nothing));
        for none in [
            "",
            "code=c",
            "state=s.id.x",
            "code=&state=s.id.x",
            "code=c&error=e&state=s.id.x",
            "code=c&code=d&state=s.id.x",
            "code=c&state=s.id.x&state=s.id.x",
            "code=c&state=s.id",
            "code=c&state=s.id.x.y",
            "code=c&state=t.id.x",
            "code=c&state=",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
