//! What is refused, and the line that each refused client gets.

use std::error::Error;

use entra_emulator::demo;
use foundry_scopes::Endpoint;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use url::Url;

use crate::browser;
use crate::console::Console;
use crate::mcp_client::{self, Client};
use crate::step::Step;
use crate::world::{REDIRECT_URI, World};

/// Entra ID refuses the `resource` parameter that MCP clients send, unless it is an
/// identifier URI of the scope's application: the reason for the metadata facade.
pub async fn resource_rule(console: &mut Console, world: &World) -> Result<(), Box<dyn Error>> {
    let mut url = Url::parse(&world.authority.authorize_endpoint())?;
    url.query_pairs_mut()
        .append_pair("client_id", demo::MCP_CLIENT)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", REDIRECT_URI)
        .append_pair("scope", demo::MCP_READ_SCOPE)
        .append_pair("resource", &world.mcp_url)
        // The example of RFC 7636, appendix B.
        .append_pair(
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        )
        .append_pair("code_challenge_method", "S256");
    let back = browser::sign_in(url.as_str(), demo::ALICE_UPN, REDIRECT_URI).await?;
    let description = back
        .query_pairs()
        .find(|(name, _)| name == "error_description")
        .map(|(_, text)| text.into_owned())
        .unwrap_or_default();
    console.tell(
        &Step::new("resource_rule", "Without the server's facade, Entra ID refuses the client's resource parameter")
            .why("MCP clients send the server's URL as resource; Entra ID wants an identifier URI of the scope's application. The local one does as the real one.")
            .fact("local entra id says", first_sentence(&description))
            .must("the refusal is AADSTS9010010", description.starts_with("AADSTS9010010")),
    );
    Ok(())
}

/// No token: a challenge without an error code, since nothing was wrong yet.
pub async fn no_token(console: &mut Console, world: &World) -> Result<(), Box<dyn Error>> {
    let (status, headers, _) = initialize(world, None).await?;
    let challenge = header(&headers);
    console.tell(
        &Step::new("refused_no_token", "Refused: no token")
            .fact("status", status.as_u16())
            .fact("www-authenticate", challenge.as_str())
            .must("the status is 401", status == StatusCode::UNAUTHORIZED)
            .must(
                "the challenge has no error, since no token was sent",
                !challenge.contains("error="),
            )
            .must(
                "the challenge says where to go",
                challenge.contains("resource_metadata="),
            ),
    );
    Ok(())
}

/// A token for another API: fixed text for the client, the reason for the operator.
pub async fn wrong_audience(
    console: &mut Console,
    world: &World,
    challenge: &str,
) -> Result<(), Box<dyn Error>> {
    let reports = [demo::REPORTS_READ_SCOPE];
    let other = mcp_client::sign_in(&world.mcp_url, challenge, demo::ALICE_UPN, &reports).await?;
    let (status, headers, _) = initialize(world, Some(&other.access_token)).await?;
    let challenge = header(&headers);
    let log = last_log_line(world);
    console.tell(
        &Step::new("refused_audience", "Refused: a token for another audience")
            .why("The client learns what to ask for. What was wrong with the token is only in the server's own log.")
            .fact("status", status.as_u16())
            .fact("www-authenticate", challenge.as_str())
            .fact("the server's own log", log.as_str())
            .must("the status is 401", status == StatusCode::UNAUTHORIZED)
            .must("the error is invalid_token", challenge.contains("error=\"invalid_token\""))
            .must("the challenge names the scope to request", challenge.contains(demo::MCP_READ_SCOPE))
            .must("the client is not told the audience found", !challenge.contains(demo::REPORTS_API))
            .must("the log names the audience found", log.contains(demo::REPORTS_API_URI))
            .must("the log names the audience needed", log.contains(demo::MCP_SERVER)),
    );
    Ok(())
}

/// The right audience without the scope: 403 and the qualified scope to ask for.
pub async fn missing_scope(
    console: &mut Console,
    world: &World,
    challenge: &str,
) -> Result<(), Box<dyn Error>> {
    let write = [demo::MCP_WRITE_SCOPE];
    let other = mcp_client::sign_in(&world.mcp_url, challenge, demo::BOB_UPN, &write).await?;
    let (status, headers, _) = initialize(world, Some(&other.access_token)).await?;
    let challenge = header(&headers);
    console.tell(
        &Step::new("refused_scope", "Refused: a token without the scope")
            .why("Tokens carry the short scope name; the challenge names the qualified one, which is what a client must request.")
            .fact("status", status.as_u16())
            .fact("www-authenticate", challenge.as_str())
            .must("the status is 403", status == StatusCode::FORBIDDEN)
            .must("the error is insufficient_scope", challenge.contains("error=\"insufficient_scope\""))
            .must("the challenge names the qualified scope", challenge.contains(demo::MCP_READ_SCOPE)),
    );
    Ok(())
}

/// A downstream that the user has not consented to: a typed error reaches the client.
pub async fn no_consent(console: &mut Console, client: &Client) -> Result<(), Box<dyn Error>> {
    let result = client.call("show_payslip").await?;
    let is_error = result.is_error == Some(true);
    let error = result.structured_content.unwrap_or_default();
    console.tell(
        &Step::new("refused_consent", "Refused: a downstream the user has not consented to")
            .why("Entra ID refuses the exchange; the tool's error says what is missing, so that the client can ask the user.")
            .fact("error", error["error"].clone())
            .fact("scopes", error["scopes"].clone())
            .fact("aadsts", error["aadsts"].clone())
            .fact("message", error["message"].clone())
            .must("the tool call is an error", is_error)
            .must("the error is consent_required", error["error"] == "consent_required")
            .must("the code is AADSTS65001", error["aadsts"] == json!([65001])),
    );
    Ok(())
}

/// An endpoint as people paste it: put right, with what was changed.
pub fn wrong_endpoint(console: &mut Console) -> Result<(), Box<dyn Error>> {
    let pasted = "https://Contoso.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
    let endpoint = Endpoint::parse(pasted)?;
    let notes: Vec<Value> = endpoint
        .notes()
        .iter()
        .map(|note| Value::from(note.to_string()))
        .collect();
    let changed = !notes.is_empty();
    console.tell(
        &Step::new(
            "endpoint",
            "An endpoint pasted wrongly becomes a base URL and a scope",
        )
        .fact("pasted", pasted)
        .fact("endpoint", endpoint.base_url())
        .fact("scope to request", endpoint.scope().to_string())
        .fact("what was changed", notes)
        .must(
            "the base URL is the resource's own",
            endpoint.base_url() == "https://contoso.openai.azure.com/",
        )
        .must(
            "the scope is the data plane's",
            endpoint.scope().as_str() == "https://cognitiveservices.azure.com/.default",
        )
        .must("what was changed is said", changed),
    );
    Ok(())
}

/// Nothing that the server logged shows a token.
pub fn no_secrets(console: &mut Console, world: &World, token: &str) {
    let signature = token.rsplit('.').next().unwrap_or(token).to_owned();
    let lines = world
        .server_log
        .lock()
        .map(|log| log.clone())
        .unwrap_or_default();
    console.tell(
        &Step::new("no_secrets", "The server's log holds reasons and no tokens")
            .fact("log", lines.clone())
            .must("there is a log", !lines.is_empty())
            .must(
                "no token is in it",
                !lines
                    .iter()
                    .any(|line| line.contains(&signature) || line.contains("eyJ")),
            ),
    );
}

async fn initialize(
    world: &World,
    token: Option<&str>,
) -> Result<(StatusCode, HeaderMap, String), Box<dyn Error>> {
    let mut request = crate::wire::client()?
        .post(&world.mcp_url)
        .header("accept", "application/json, text/event-stream")
        .json(&json!({
            "jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": { "name": "quickstart", "version": "0" },
            },
        }));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await?;
    Ok((
        answer.status(),
        answer.headers().clone(),
        answer.text().await?,
    ))
}

fn header(headers: &HeaderMap) -> String {
    headers
        .get(WWW_AUTHENTICATE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

fn last_log_line(world: &World) -> String {
    world
        .server_log
        .lock()
        .ok()
        .and_then(|log| log.last().cloned())
        .unwrap_or_default()
}

fn first_sentence(description: &str) -> &str {
    description.split(" Trace ID").next().unwrap_or(description)
}
