//! The tenant under test: requests to it, and the person's tokens.

use std::sync::Mutex;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{Client, Method, redirect::Policy};
use serde_json::Value;
use url::Url;

use super::settings::Settings;
use super::sign_in::{self, Browser, Way};

/// Why the kit stopped.
#[derive(Debug)]
pub enum LiveError {
    /// A request could not be sent, or its answer not be read.
    Http(String),
    /// The sign-in ended with an error of Entra ID.
    SignIn(String),
    /// The report would show something that must stay in the tenant.
    Leak(&'static str),
}

impl std::fmt::Display for LiveError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Http(reason) => write!(f, "the tenant could not be asked: {reason}"),
            Self::SignIn(reason) => write!(f, "nobody was signed in: {reason}"),
            Self::Leak(what) => write!(f, "the report would show {what}: it is not written"),
        }
    }
}

impl std::error::Error for LiveError {}

impl From<reqwest::Error> for LiveError {
    fn from(error: reqwest::Error) -> Self {
        // The address holds parameters.
        Self::Http(error.without_url().to_string())
    }
}

/// One answer, as far as probes look at it.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<String>,
    pub(super) location: Option<Url>,
    pub(super) json: Value,
}

impl Answer {
    /// The number of the error: in the list, or in the description of a redirect.
    pub(super) fn code(&self) -> Option<u64> {
        let listed = self.json["error_codes"][0].as_u64();
        listed.or_else(|| {
            let text = self.parameter("error_description")?;
            let digits = text.strip_prefix("AADSTS")?.split(':').next()?;
            digits.parse().ok()
        })
    }

    /// `error`, of the body or of a redirect.
    pub(super) fn error(&self) -> Option<String> {
        let named = self.json["error"].as_str().map(str::to_owned);
        named.or_else(|| self.parameter("error"))
    }

    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let location = self.location.as_ref()?;
        let fragment = location.fragment().unwrap_or_default();
        let query = location.query().unwrap_or_default();
        let mut all = url::form_urlencoded::parse(query.as_bytes())
            .chain(url::form_urlencoded::parse(fragment.as_bytes()));
        all.find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    }

    /// The claims of a token in the body, not verified.
    pub(super) fn claims(&self, member: &str) -> Option<Value> {
        part(self.json[member].as_str()?, 1)
    }

    /// Its header.
    pub(super) fn header(&self, member: &str) -> Option<Value> {
        part(self.json[member].as_str()?, 0)
    }
}

fn part(token: &str, index: usize) -> Option<Value> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?);
    serde_json::from_slice(&bytes.ok()?).ok()
}

/// A tenant with somebody signed in.
pub(super) struct Tenant<'a> {
    pub(super) settings: &'a Settings,
    http: Client,
    /// Tokens of the public client for the API.
    pub(super) tokens: Answer,
    /// Tokens of the API for itself, signed in to as a client.
    pub(super) own: Answer,
    /// How the device code flow ended, if it was asked for.
    pub(super) device: Option<Answer>,
    seen: Mutex<Vec<String>>,
}

impl<'a> Tenant<'a> {
    /// Signs a person in, to the client and to the API.
    pub(super) async fn sign_in(
        settings: &'a Settings,
        browser: &dyn Browser,
        way: Way,
    ) -> Result<Self, LiveError> {
        let http = Client::builder().redirect(Policy::none()).build()?;
        let none = Answer {
            status: 0,
            headers: Vec::new(),
            location: None,
            json: Value::Null,
        };
        let mut tenant = Self {
            settings,
            http,
            tokens: none.clone(),
            own: none,
            device: None,
            seen: Mutex::default(),
        };
        let scope = format!(
            "{} openid profile offline_access",
            settings.scope(&settings.read)
        );
        if way == Way::DeviceCode {
            let answer = sign_in::with_device_code(&tenant, browser, &scope).await?;
            tenant.device = Some(answer);
        }
        let form = [("client_id", settings.client.as_str())];
        tenant.tokens = sign_in::with_code(&tenant, browser, &form, &scope).await?;
        let form = [
            ("client_id", settings.api.as_str()),
            ("client_secret", settings.api_secret.as_str()),
        ];
        tenant.own = sign_in::with_code(&tenant, browser, &form, &scope).await?;
        Ok(tenant)
    }

    pub(super) fn secrets(&self) -> Vec<String> {
        let mut all = self.settings.secrets();
        if let Ok(seen) = self.seen.lock() {
            all.extend(seen.iter().cloned());
        }
        all
    }

    /// A request to the token endpoint.
    pub(super) async fn token(&self, form: &[(&str, &str)]) -> Result<Answer, LiveError> {
        self.token_from(form, None).await
    }

    /// The same with an `Origin`.
    pub(super) async fn token_from(
        &self,
        form: &[(&str, &str)],
        origin: Option<&str>,
    ) -> Result<Answer, LiveError> {
        let url = format!("{}/oauth2/v2.0/token", self.settings.base());
        let mut request = self.http.post(url).form(form);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        self.read(request).await
    }

    /// A form to another endpoint.
    pub(super) async fn post(
        &self,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer, LiveError> {
        let url = format!("{}{path}", self.settings.base());
        self.read(self.http.post(url).form(form)).await
    }

    /// A request to the authorization endpoint, without a page.
    pub(super) async fn authorize(&self, params: &[(&str, &str)]) -> Result<Answer, LiveError> {
        let url = format!("{}/oauth2/v2.0/authorize", self.settings.base());
        let url = Url::parse_with_params(&url, params);
        let url = url.map_err(|e| LiveError::Http(e.to_string()))?;
        self.read(self.http.get(url)).await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answer, LiveError> {
        let url = format!("{}{path}", self.settings.base());
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.read(request).await
    }

    async fn read(&self, request: reqwest::RequestBuilder) -> Result<Answer, LiveError> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let location = text("location").and_then(|l| Url::parse(&l).ok());
        let headers = response.headers().keys().map(ToString::to_string);
        let headers = headers.collect();
        let body = response.text().await?;
        let json: Value = serde_json::from_str(&body).unwrap_or_default();
        for member in ["access_token", "refresh_token", "id_token", "client_info"] {
            if let (Some(token), Ok(mut seen)) = (json[member].as_str(), self.seen.lock()) {
                seen.push(token.to_owned());
                for claim in ["oid", "sub", "upn", "preferred_username", "name", "email"] {
                    let claims = part(token, 1).unwrap_or_default();
                    seen.extend(claims[claim].as_str().map(str::to_owned));
                }
            }
        }
        Ok(Answer {
            status,
            headers,
            location,
            json,
        })
    }
}
