//! Platforms of a registration: redirect URIs, and what the authorization endpoint gives.

use serde::{Deserialize, Serialize};

use super::App;

/// The platform "single-page application": its codes are redeemed by a page of the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpaPlatform {
    pub(crate) redirect_uris: Vec<String>,
}

impl SpaPlatform {
    pub(super) fn is_empty(&self) -> bool {
        self.redirect_uris.is_empty()
    }
}

/// Whether the authorization endpoint gives ID tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IdTokens {
    #[default]
    Off,
    On,
}

impl App {
    /// Adds a redirect URI of the platform "web", or of a public client "mobile and desktop".
    /// The port of a `localhost` one is free, and for a public client also that of
    /// `http://127.0.0.1`.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Adds a redirect URI of the platform "single-page application": a code for it is
    /// redeemed by a page of the browser, without a credential and with PKCE.
    #[must_use]
    pub fn spa_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.spa.redirect_uris.push(uri.into());
        self
    }

    /// Sets the front-channel logout URL: the page after signing out loads it with `iss` and `sid`,
    /// if the person signed in to the app in that session.
    #[must_use]
    pub fn logout_url(mut self, url: impl Into<String>) -> Self {
        self.logout_url = Some(url.into());
        self
    }

    /// Lets the authorization endpoint give ID tokens (`response_type` `id_token` and
    /// `code id_token`); otherwise it answers AADSTS700054.
    #[must_use]
    pub fn id_token_issuance(mut self) -> Self {
        self.id_tokens = IdTokens::On;
        self
    }

    pub(crate) fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }
}
