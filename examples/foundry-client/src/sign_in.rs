//! Signing a person in from a terminal: the device code flow (RFC 8628), then the refresh
//! token for each audience (Entra doc "OAuth 2.0 device authorization grant flow").

use std::error::Error;
use std::sync::Mutex;
use std::time::Duration;

use mcp_auth::scopes::{ClientId, Scope, TenantAuthority};
use serde::Deserialize;

use crate::wire;

/// A person who signed in. The refresh token is kept in memory only.
pub struct Session {
    http: reqwest::Client,
    authority: TenantAuthority,
    client: ClientId,
    refresh_token: Mutex<String>,
}

/// What the person has to do.
#[derive(Deserialize)]
pub struct Prompt {
    pub user_code: String,
    pub verification_uri: String,
    device_code: String,
    interval: u64,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

pub struct SignIn {
    http: reqwest::Client,
    authority: TenantAuthority,
    client: ClientId,
}

impl SignIn {
    pub fn new(authority: TenantAuthority, client: ClientId) -> Result<Self, Box<dyn Error>> {
        // The token requests hold secrets: a redirect would carry them elsewhere.
        let http = wire::client()?;
        Ok(Self {
            http,
            authority,
            client,
        })
    }

    /// Asks for a code that the person enters on another page. `first` is the resource that
    /// is consented to here; others of the registration come by the refresh token.
    pub async fn begin(&self, first: &Scope) -> Result<Prompt, Box<dyn Error>> {
        let url = self
            .authority
            .token_endpoint()
            .replace("/token", "/devicecode");
        let scope = format!("{first} openid offline_access");
        let form = [("client_id", self.client.to_string()), ("scope", scope)];
        let answer = self.http.post(url).form(&form).send().await?;
        if !answer.status().is_success() {
            return Err(refused(answer).await);
        }
        wire::json(answer).await
    }

    /// Waits until the person has signed in, or declined, or the code has expired.
    pub async fn finish(self, prompt: &Prompt) -> Result<Session, Box<dyn Error>> {
        let form = [
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:device_code".to_owned(),
            ),
            ("client_id", self.client.to_string()),
            ("device_code", prompt.device_code.clone()),
        ];
        let mut pause = Duration::from_secs(prompt.interval);
        loop {
            let request = self.http.post(self.authority.token_endpoint()).form(&form);
            let answer = request.send().await?;
            if answer.status().is_success() {
                let tokens: Tokens = wire::json(answer).await?;
                let refresh = tokens.refresh_token.ok_or("no refresh token was given")?;
                return Ok(Session {
                    http: self.http,
                    authority: self.authority,
                    client: self.client,
                    refresh_token: Mutex::new(refresh),
                });
            }
            let refusal: Refusal = wire::json(answer).await?;
            match refusal.error.as_str() {
                "authorization_pending" => {}
                "slow_down" => pause += Duration::from_secs(5),
                _ => return Err(refusal.into_error()),
            }
            tokio::time::sleep(pause).await;
        }
    }
}

impl Session {
    /// A token for this resource: the same sign-in, another audience.
    pub async fn token(&self, scope: &Scope) -> Result<String, Box<dyn Error>> {
        let held = self.refresh_token.lock().map_err(|_| "poisoned")?.clone();
        let form = [
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", self.client.to_string()),
            ("refresh_token", held),
            ("scope", format!("{scope} offline_access")),
        ];
        let request = self.http.post(self.authority.token_endpoint()).form(&form);
        let answer = request.send().await?;
        if !answer.status().is_success() {
            return Err(refused(answer).await);
        }
        let tokens: Tokens = wire::json(answer).await?;
        // Entra ID rotates refresh tokens.
        if let Some(newer) = tokens.refresh_token {
            *self.refresh_token.lock().map_err(|_| "poisoned")? = newer;
        }
        Ok(tokens.access_token)
    }
}

impl Refusal {
    fn into_error(self) -> Box<dyn Error> {
        let text = self.error_description.unwrap_or_default();
        format!("Entra ID answered {}: {text}", self.error).into()
    }
}

async fn refused(answer: reqwest::Response) -> Box<dyn Error> {
    match wire::json::<Refusal>(answer).await {
        Ok(refusal) => refusal.into_error(),
        Err(error) => error,
    }
}
