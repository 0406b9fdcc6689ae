//! The model that words the answer, as the agent itself: no call id goes here.

use serde_json::{Value, json};

use crate::settings::Settings;

/// What the model makes of what the tool said.
pub async fn word(
    http: &reqwest::Client,
    settings: &Settings,
    model: &str,
    text: &str,
) -> Result<String, String> {
    let token = settings.identity.token(&settings.scope).await;
    let token = token.map_err(|error| format!("no token for Foundry: {error}"))?;
    let url = format!("{}/openai/v1/responses", settings.project);
    let body = json!({ "model": model, "input": format!("Say in one sentence: {text}") });
    let request = http.post(url).bearer_auth(token.expose()).json(&body);
    let answer = request.send().await.map_err(|error| error.to_string())?;
    if !answer.status().is_success() {
        return Err(format!("the model answered {}", answer.status()));
    }
    let answer: Value = answer.json().await.map_err(|error| error.to_string())?;
    let text = answer["output"][0]["content"][0]["text"].as_str();
    Ok(text.unwrap_or_default().to_owned())
}
