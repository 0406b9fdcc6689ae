//! Azure OpenAI, its classic API with an `api-version`.

use std::error::Error;

use serde_json::{Value, json};

use crate::agent::refused;
use crate::identity::Identity;
use crate::target::Target;
use crate::wire;

const API_VERSION: &str = "2024-10-21";

/// Asks a deployment, and gives its answer.
pub async fn ask(
    http: &reqwest::Client,
    target: &Target,
    deployment: &str,
    identity: &Identity,
    question: &str,
) -> Result<String, Box<dyn Error>> {
    let url = format!(
        "{}/openai/deployments/{deployment}/chat/completions?api-version={API_VERSION}",
        target.url
    );
    let body = json!({ "messages": [{ "role": "user", "content": question }] });
    let token = identity.token(&target.scope).await?;
    let answer = http.post(url).bearer_auth(token).json(&body).send().await?;
    if !answer.status().is_success() {
        return Err(refused(answer, target).await);
    }
    let answer: Value = wire::json(answer).await?;
    let text = answer["choices"][0]["message"]["content"].as_str();
    Ok(text.ok_or("an answer without a message")?.to_owned())
}
