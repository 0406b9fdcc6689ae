//! What the user is asked for.

use entra_obo::Consent;
use foundry_scopes::{ClientId, Scope, TenantAuthority};
use url::Url;

use super::pkce::Pkce;

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
                format!(
                    "It needs your consent to use on your behalf: {}",
                    scopes.join(", ")
                )
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
        // The code that comes back is never redeemed; with this nobody else can either.
        query
            .append_pair("code_challenge", pkce.challenge())
            .append_pair("code_challenge_method", "S256");
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
