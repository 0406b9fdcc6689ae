//! The project's toolbox, an MCP endpoint: tools that act as the user of a call id.

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::call::CallId;
use crate::consent::{self, Asked};
use crate::settings::Settings;

/// More of an answer is not read.
const MOST: usize = 4 << 20;

/// What a tool gave.
pub enum Outcome {
    Text(String),
    /// The user has to consent first.
    Consent(Vec<consent::ConsentRequest>),
    Failed(String),
}

/// Calls the tool as the agent, for the user of the call id.
pub async fn call(
    http: &reqwest::Client,
    settings: &Settings,
    call: Option<&CallId>,
    question: &str,
) -> Outcome {
    let token = match settings.identity.token(&settings.scope).await {
        Ok(token) => token,
        Err(error) => return Outcome::Failed(format!("no token for Foundry: {error}")),
    };
    // Without the version the toolbox answers 400.
    let url = format!(
        "{}/toolboxes/{}/mcp?api-version=v1",
        settings.project, settings.toolbox
    );
    let body = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": { "name": settings.tool, "arguments": { "question": question } },
    });
    let mut request = http
        .post(url)
        .bearer_auth(token.expose())
        .header(ACCEPT, "application/json, text/event-stream")
        .header("foundry-features", "Toolboxes=V1Preview")
        .json(&body);
    if let Some(call) = call {
        let (name, value) = call.header();
        request = request.header(name, value);
    }
    match answered(request).await {
        Ok(answer) => read(&answer, settings),
        Err(error) => Outcome::Failed(error),
    }
}

async fn answered(request: reqwest::RequestBuilder) -> Result<Value, String> {
    let failed = |error: reqwest::Error| format!("the toolbox gave no answer: {error}");
    let mut answer = request.send().await.map_err(failed)?;
    if !answer.status().is_success() {
        return Err(format!("the toolbox answered {}", answer.status()));
    }
    let kind = answer.headers().get(CONTENT_TYPE);
    let stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if bytes.len() + chunk.len() > MOST {
            return Err("the toolbox's answer is too long".to_owned());
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&bytes);
    let json = match stream {
        // The response is the last message of the stream.
        true => text
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("data:")),
        false => Some(&*text),
    };
    serde_json::from_str(json.unwrap_or_default())
        .map_err(|_| "the toolbox's answer is no JSON".to_owned())
}

fn read(answer: &Value, settings: &Settings) -> Outcome {
    if let Some(error) = answer.get("error") {
        return match consent::read(error, &settings.consent_hosts) {
            Asked::Consent(requests) => Outcome::Consent(requests),
            Asked::Other(text) => Outcome::Failed(text),
        };
    }
    let content = answer["result"]["content"].as_array();
    let texts = content
        .into_iter()
        .flatten()
        .filter_map(|part| part["text"].as_str());
    let text = texts.collect::<Vec<_>>().join("\n");
    match answer["result"]["isError"] == true {
        true => Outcome::Failed(text),
        false => Outcome::Text(text),
    }
}
