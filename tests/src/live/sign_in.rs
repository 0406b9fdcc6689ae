//! A person signs in: code and PKCE, back to a loopback address.

use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use super::tenant::{Answer, LiveError, Tenant};

/// How the person signs in to the public client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Code and PKCE.
    #[default]
    Code,
    /// A device code first, which many tenants block; then code and PKCE.
    DeviceCode,
}

/// What opens an address for the person who signs in.
pub trait Browser: Send + Sync {
    /// Opens it, and does not wait.
    fn open(&self, url: &Url);

    /// Shows where a device code is to be entered.
    fn show_code(&self, url: &str, code: &str);
}

/// A text nobody guesses.
fn verifier() -> Result<String, LiveError> {
    let mut bytes = [0_u8; 32];
    let random = aws_lc_rs::rand::fill(&mut bytes);
    random.map_err(|_| LiveError::SignIn("no random numbers".to_owned()))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Tokens for what the person approves. `form` is the client, with its credential.
pub(super) async fn with_code(
    tenant: &Tenant<'_>,
    browser: &dyn Browser,
    form: &[(&str, &str)],
    scope: &str,
) -> Result<Answer, LiveError> {
    let failed = |e: std::io::Error| LiveError::SignIn(e.to_string());
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let redirect = format!("http://localhost:{port}/callback");
    let (verifier, state) = (verifier()?, verifier()?);
    let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(hash);
    let client = form.first().map_or("", |(_, id)| *id);
    let url = format!("{}/oauth2/v2.0/authorize", tenant.settings.base());
    let params = [
        ("client_id", client),
        ("response_type", "code"),
        ("redirect_uri", redirect.as_str()),
        ("scope", scope),
        ("state", state.as_str()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let url = Url::parse_with_params(&url, params);
    browser.open(&url.map_err(|e| LiveError::SignIn(e.to_string()))?);
    let code = callback(&listener, &state).await?;
    let mut redemption = form.to_vec();
    redemption.extend([
        ("grant_type", "authorization_code"),
        ("redirect_uri", redirect.as_str()),
        ("code_verifier", verifier.as_str()),
        ("code", code.as_str()),
    ]);
    let answer = tenant.token(&redemption).await?;
    match answer.json["access_token"].is_string() {
        true => Ok(answer),
        false => Err(LiveError::SignIn(format!(
            "AADSTS{} at the redemption",
            answer.code().unwrap_or_default()
        ))),
    }
}

/// The last answer of a device code flow: tokens, or why there are none.
pub(super) async fn with_device_code(
    tenant: &Tenant<'_>,
    browser: &dyn Browser,
    scope: &str,
) -> Result<Answer, LiveError> {
    let client = tenant.settings.client.as_str();
    let started = tenant
        .post(
            "/oauth2/v2.0/devicecode",
            &[("client_id", client), ("scope", scope)],
        )
        .await?;
    let text = |name: &str| started.json[name].as_str().unwrap_or_default().to_owned();
    let code = text("device_code");
    if code.is_empty() {
        return Ok(started);
    }
    browser.show_code(&text("verification_uri"), &text("user_code"));
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", client),
        ("device_code", code.as_str()),
    ];
    let interval = started.json["interval"].as_u64().unwrap_or(5);
    loop {
        let answer = tenant.token(&form).await?;
        match answer.error().as_deref() {
            Some("authorization_pending" | "slow_down") => {
                tokio::time::sleep(std::time::Duration::from_secs(interval)).await;
            }
            _ => return Ok(answer),
        }
    }
}

/// The code of the first request that carries our state.
async fn callback(listener: &TcpListener, state: &str) -> Result<String, LiveError> {
    let failed = |e: std::io::Error| LiveError::SignIn(e.to_string());
    loop {
        let (mut stream, _) = listener.accept().await.map_err(failed)?;
        let mut request = vec![0; 8192];
        let read = stream.read(&mut request).await.map_err(failed)?;
        let text = String::from_utf8_lossy(request.get(..read).unwrap_or_default()).into_owned();
        let body = "You can close this page.";
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(answer.as_bytes()).await;
        let target = text.split(' ').nth(1).unwrap_or_default();
        let Ok(url) = Url::parse(&format!("http://localhost{target}")) else {
            continue;
        };
        let value = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs.find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
        };
        if value("state").as_deref() != Some(state) {
            continue;
        }
        return match value("code") {
            Some(code) => Ok(code),
            None => Err(LiveError::SignIn(value("error").unwrap_or_default())),
        };
    }
}
