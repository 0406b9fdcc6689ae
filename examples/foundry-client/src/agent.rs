//! A Foundry project's Responses endpoint, with a tool that needs the user's consent.

use std::error::Error;

use serde_json::{Value, json};

use crate::identity::Identity;
use crate::target::Target;
use crate::wire;

/// One turn of a conversation.
pub enum Turn {
    /// The agent's answer.
    Answer(String),
    /// A tool of the agent needs the user's consent first: send the user to `link`, then
    /// [`resume`](Agent::resume) with `response`.
    Consent { link: String, response: String },
}

pub struct Agent<'a> {
    pub http: &'a reqwest::Client,
    pub target: &'a Target,
    pub model: &'a str,
    pub identity: &'a Identity,
}

impl Agent<'_> {
    pub async fn ask(&self, question: &str) -> Result<Turn, Box<dyn Error>> {
        self.send(json!({ "model": self.model, "input": question }))
            .await
    }

    /// The same question after the consent. There is no item to answer the request with: the
    /// earlier response is named, and the service goes on from there.
    pub async fn resume(&self, question: &str, response: &str) -> Result<Turn, Box<dyn Error>> {
        self.send(json!({
            "model": self.model,
            "input": question,
            "previous_response_id": response,
        }))
        .await
    }

    async fn send(&self, body: Value) -> Result<Turn, Box<dyn Error>> {
        let url = format!("{}/openai/v1/responses", self.target.url);
        let token = self.identity.token(&self.target.scope).await?;
        let request = self.http.post(url).bearer_auth(token).json(&body);
        let answer = request.send().await?;
        if !answer.status().is_success() {
            return Err(refused(answer, self.target).await);
        }
        let response: Value = wire::json(answer).await?;
        read(&response)
    }
}

pub fn read(response: &Value) -> Result<Turn, Box<dyn Error>> {
    let output = response["output"]
        .as_array()
        .ok_or("a response without output")?;
    let of_type = |wanted| output.iter().find(move |item| item["type"] == wanted);
    if let Some(item) = of_type("oauth_consent_request") {
        let link = item["consent_link"]
            .as_str()
            .ok_or("a consent request without a link")?;
        let id = response["id"].as_str().ok_or("a response without an id")?;
        return Ok(Turn::Consent {
            link: openable(link)?,
            response: id.to_owned(),
        });
    }
    let message = of_type("message").ok_or("a response without a message")?;
    let text = message["content"][0]["text"].as_str();
    Ok(Turn::Answer(text.unwrap_or_default().to_owned()))
}

/// A link that a person may be asked to open: https, or this machine.
fn openable(link: &str) -> Result<String, Box<dyn Error>> {
    let url = url::Url::parse(link)?;
    let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
    match url.scheme() {
        "https" => Ok(url.into()),
        "http" if local => Ok(url.into()),
        other => Err(format!("the consent link is {other}, not https").into()),
    }
}

/// What a refusal of the service most often means.
pub async fn refused(answer: reqwest::Response, target: &Target) -> Box<dyn Error> {
    let status = answer.status();
    let advice = match status.as_u16() {
        401 => format!(
            "the token was for {}; if that is right, the caller lacks a role: the data plane says 401 for that too",
            target.scope.resource()
        ),
        403 => "the caller lacks a role on the resource or project".to_owned(),
        404 => "there is no such deployment or response".to_owned(),
        _ => String::from_utf8_lossy(&wire::body(answer).await.unwrap_or_default()).into_owned(),
    };
    format!("{} answered {status}: {advice}", target.url).into()
}

#[cfg(test)]
mod tests {
    use super::openable;

    #[test]
    fn a_link_that_is_no_page_is_not_shown() {
        assert!(openable("https://consent.azure-apim.net/login?data=x").is_ok());
        assert!(openable("http://127.0.0.1:1/consent").is_ok());
        for bad in [
            "http://evil.example/",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "/x",
        ] {
            assert!(openable(bad).is_err(), "{bad}");
        }
    }
}
