//! Signing a person in at a public client: authorization code with PKCE back to loopback, or device
//! code.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use axum::Router;
use axum::extract::Query;
use axum::response::Html;
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mcp_auth::scopes::{ClientId, TenantAuthority};
use serde::Deserialize;
use tokio::sync::mpsc;
use url::Url;

/// How long a person may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// A public client at which a person signs in.
pub struct SignIn {
    http: reqwest::Client,
    authority: TenantAuthority,
    client: ClientId,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// What a person has to do on another page.
#[derive(Deserialize)]
pub struct Prompt {
    pub user_code: String,
    pub verification_uri: String,
    device_code: String,
    interval: u64,
}

impl SignIn {
    pub fn new(authority: TenantAuthority, client: ClientId) -> Result<Self, Box<dyn Error>> {
        // The token requests hold secrets: a redirect would carry them elsewhere.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            authority,
            client,
        })
    }

    /// Sends a browser to Entra ID and waits at loopback for what comes back. `open` gets the address.
    pub async fn in_browser<F>(
        &self,
        scope: &str,
        open: impl FnOnce(String) -> F,
    ) -> Result<String, Box<dyn Error>>
    where
        F: Future<Output = Result<(), Box<dyn Error>>>,
    {
        let (verifier, state) = (random()?, random()?);
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let redirect_uri = format!(
            "http://localhost:{}/callback",
            listener.local_addr()?.port()
        );
        let (send, mut receive) = mpsc::channel::<HashMap<String, String>>(4);
        let back = Router::new().route(
            "/callback",
            get(async move |Query(answer): Query<HashMap<String, String>>| {
                let _ = send.send(answer).await;
                Html("<!doctype html><title>Back</title><p>You can close this window.</p>")
            }),
        );
        let server = tokio::spawn(async move { axum::serve(listener, back).await });
        let mut url = Url::parse(&self.authority.authorize_endpoint())?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.client.to_string())
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("scope", scope)
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        open(url.into()).await?;
        let answer = tokio::time::timeout(PATIENCE, answer_to(&mut receive, &state)).await;
        server.abort();
        let answer = answer.map_err(|_| "nobody signed in within five minutes")??;
        if let Some(error) = answer.get("error") {
            let text = answer.get("error_description").map_or("", String::as_str);
            return Err(told(error, text).into());
        }
        let code = answer.get("code").ok_or("the answer has no code")?;
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", &verifier),
        ])
        .await
        .map_err(|refusal| told(&refusal.error, &refusal.error_description).into())
    }

    /// Asks for a code that the person enters on another page.
    pub async fn device_code(&self, scope: &str) -> Result<Prompt, Box<dyn Error>> {
        let url = self.authority.token_endpoint();
        let url = url.replace("/token", "/devicecode");
        let form = [
            ("client_id", self.client.to_string()),
            ("scope", scope.to_owned()),
        ];
        let answer = self.http.post(url).form(&form).send().await?;
        if answer.status().is_success() {
            return Ok(answer.json().await?);
        }
        let refusal: Refusal = answer.json().await?;
        Err(told(&refusal.error, &refusal.error_description).into())
    }

    /// Waits until the person has entered the code, or declined, or it has expired.
    pub async fn wait_for(&self, prompt: &Prompt) -> Result<String, Box<dyn Error>> {
        let mut pause = Duration::from_secs(prompt.interval);
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", prompt.device_code.as_str()),
        ];
        loop {
            match self.token(&form).await {
                Ok(token) => return Ok(token),
                Err(refusal) if refusal.error == "authorization_pending" => {}
                Err(refusal) if refusal.error == "slow_down" => pause += Duration::from_secs(5),
                Err(refusal) => {
                    return Err(told(&refusal.error, &refusal.error_description).into());
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn token(&self, form: &[(&str, &str)]) -> Result<String, Refusal> {
        let failed = |error: reqwest::Error| Refusal {
            error: "no_answer".to_owned(),
            error_description: error.to_string(),
        };
        let id = self.client.to_string();
        let form: Vec<_> = form
            .iter()
            .copied()
            .chain([("client_id", id.as_str())])
            .collect();
        let request = self.http.post(self.authority.token_endpoint()).form(&form);
        let answer = request.send().await.map_err(failed)?;
        if answer.status().is_success() {
            let tokens: Tokens = answer.json().await.map_err(failed)?;
            return Ok(tokens.access_token);
        }
        Err(answer.json().await.map_err(failed)?)
    }
}

/// The first answer with the state of this sign-in; others are not for it.
async fn answer_to(
    receive: &mut mpsc::Receiver<HashMap<String, String>>,
    state: &str,
) -> Result<HashMap<String, String>, &'static str> {
    loop {
        let answer = receive.recv().await.ok_or("the callback is gone")?;
        if answer.get("state").map(String::as_str) == Some(state) {
            return Ok(answer);
        }
    }
}

/// What Entra ID said, with what to do where the flow itself is blocked.
fn told(error: &str, text: &str) -> String {
    let blocked = text.contains("AADSTS53003") || text.contains("AADSTS530036");
    let advice = match blocked {
        true => {
            ". A Conditional Access policy blocks this sign-in, and many tenants block the device code \
             flow altogether: sign in with the browser instead, without --device-code"
        }
        false => "",
    };
    format!("Entra ID answered {error}: {text}{advice}")
}

/// 256 random bits, as text.
fn random() -> Result<String, &'static str> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| "there is no randomness")?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn a_blocked_flow_is_said_to_be_blocked() {
        let blocked = told("access_denied", "AADSTS53003: Access has been blocked.");
        assert!(blocked.contains("without --device-code"));
        assert!(!told("invalid_grant", "AADSTS65001: x").contains("--device-code"));
    }
}
