//! The container beside its stand-ins, used as clients do; each step is a JSON line.

use std::error::Error;

use serde_json::{Value, json};

use crate::local::{AGENT_OBJECT, Local, request_for_consent};
use crate::steps::Steps;

const AI: &str = "https://ai.azure.com/.default";
const OTHER: &str = "https://cognitiveservices.azure.com/.default";

pub async fn run() -> Result<(), Box<dyn Error>> {
    let local = Local::start().await?;
    let mut steps = Steps::default();
    let ready = local.readiness().await?;
    steps.tell("readiness", ready == 200, json!(ready));

    let question = json!({ "input": "where am I going?" });
    let asked = ask(&local, "alice", &question).await?;
    let item = &asked["output"][0];
    let link = item["consent_link"].as_str().unwrap_or_default();
    let right = asked["status"] == "incomplete"
        && asked["incomplete_details"].is_null()
        && item["type"] == "oauth_consent_request"
        && item["id"]
            .as_str()
            .is_some_and(|id| id.len() == 55 && id.starts_with("oacr_"))
        && link.starts_with("https://westeurope.consent.azure-apim.net/");
    steps.tell("oauth_consent_request", right, asked.clone());
    let ready = local.readiness().await?;
    steps.tell(
        "missing_consent_leaves_it_ready",
        ready == 200,
        json!(ready),
    );

    let events = stream(
        &local,
        "alice",
        &json!({ "input": "where?", "stream": true }),
    )
    .await?;
    let kinds: Vec<_> = events.iter().map(|event| event["type"].clone()).collect();
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.output_item.done",
        "response.incomplete",
    ];
    let last = events.last().cloned().unwrap_or_default();
    let right = kinds == expected && last["response"]["incomplete_details"].is_null();
    steps.tell("response_incomplete_as_a_stream", right, json!(kinds));

    let previous = asked["id"].clone();
    let resume = json!({ "previous_response_id": previous });
    let early = ask(&local, "alice", &resume).await?;
    steps.tell(
        "no_answer_before_the_consent",
        early["status"] == "incomplete",
        early["status"].clone(),
    );
    local.foundry.consent("alice");
    let (status, _) = local.ask("bob", &resume).await?;
    steps.tell(
        "another_users_response_is_not_there",
        status == 404,
        json!(status),
    );
    let resumed = ask(&local, "alice", &resume).await?;
    let text = &resumed["output"][0]["content"][0]["text"];
    let right =
        *text == "Here are the trips of alice." && resumed["previous_response_id"] == previous;
    steps.tell("resumed_with_previous_response_id", right, text.clone());
    let events = stream(
        &local,
        "alice",
        &json!({ "input": "where?", "stream": true }),
    )
    .await?;
    let delta = events
        .iter()
        .find(|event| event["type"] == "response.output_text.delta");
    let right = delta.is_some_and(|event| event["delta"] == *text)
        && events
            .last()
            .is_some_and(|event| event["type"] == "response.completed");
    steps.tell("answer_as_a_stream", right, json!(events.len()));
    let bob = ask(&local, "bob", &question).await?;
    steps.tell(
        "consent_is_each_users_own",
        bob["status"] == "incomplete",
        bob["status"].clone(),
    );

    headers(&mut steps, &local);
    errors(&mut steps, &local).await?;
    refusals(&mut steps, &local).await?;
    steps.end()
}

async fn ask(local: &Local, user: &str, body: &Value) -> Result<Value, Box<dyn Error>> {
    let (status, text) = local.ask(user, body).await?;
    match status {
        200 => Ok(serde_json::from_str(&text)?),
        _ => Err(format!("{status}: {text}").into()),
    }
}

async fn stream(local: &Local, user: &str, body: &Value) -> Result<Vec<Value>, Box<dyn Error>> {
    let (_, text) = local.ask(user, body).await?;
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    Ok(data.map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// Whose token it is, and where the call id goes.
fn headers(steps: &mut Steps, local: &Local) {
    let known = local.foundry.known();
    let own = known
        .toolbox
        .iter()
        .all(|(object, _)| object == AGENT_OBJECT);
    steps.tell(
        "the_toolbox_sees_the_agents_own_token",
        own,
        json!(AGENT_OBJECT),
    );
    let has = |headers: &axum::http::HeaderMap, name: &str| headers.contains_key(name);
    let (call, user) = ("x-agent-foundry-call-id", "x-agent-user-id");
    let right = known
        .toolbox
        .iter()
        .all(|(_, seen)| has(seen, call) && !has(seen, user))
        && !known.model.is_empty()
        && known
            .model
            .iter()
            .all(|seen| !has(seen, call) && !has(seen, user));
    let seen = json!({ "toolbox": known.toolbox.len(), "model": known.model.len() });
    steps.tell("the_call_id_goes_to_the_toolbox_only", right, seen);
}

/// The forms of the toolbox's errors.
async fn errors(steps: &mut Steps, local: &Local) -> Result<(), Box<dyn Error>> {
    let good = "https://westeurope.consent.azure-apim.net/login?data=x";
    let hard =
        json!({ "name": "crm", "type": "mcp", "error": { "code": "HTTP_403", "message": "no" } });
    let consent = |kind: &str, link: &str| request_for_consent(kind, link);
    for (step, code, errors, status) in [
        (
            "consent_of_several_sources",
            -32007,
            vec![consent("mcp", good), consent("a2a_preview", good)],
            "incomplete",
        ),
        (
            "consent_beside_an_error_is_an_error",
            -32007,
            vec![consent("mcp", good), hard],
            "failed",
        ),
        (
            "a_link_to_a_foreign_host_is_not_shown",
            -32006,
            vec![consent("mcp", "https://evil.example/login")],
            "failed",
        ),
        (
            "a_link_without_tls_is_not_shown",
            -32006,
            vec![consent("mcp", &good.replace("https", "http"))],
            "failed",
        ),
    ] {
        let next = json!({ "code": code, "errors": errors });
        local.foundry.known().next_error = Some(next);
        let answer = ask(local, "alice", &json!({ "input": "where?" })).await?;
        let told = answer.to_string();
        let right = answer["status"] == status && !told.contains("evil") && !told.contains("http:");
        steps.tell(step, right, answer["output"].clone());
    }
    Ok(())
}

/// What the toolbox refuses, as Foundry does.
async fn refusals(steps: &mut Steps, local: &Local) -> Result<(), Box<dyn Error>> {
    let body = json!({ "input": "where?" });
    let (_, text) = local.ask_without_platform(&body).await?;
    let answer: Value = serde_json::from_str(&text)?;
    let failed = answer["status"] == "failed" && !text.contains("HTTP_403");
    steps.tell(
        "without_a_call_there_is_no_user",
        failed,
        answer["error"].clone(),
    );
    let status = local.toolbox("?api-version=v1", OTHER, "x").await?;
    steps.tell(
        "the_toolbox_refuses_another_audience",
        status == 401,
        json!(status),
    );
    let status = local.toolbox("", AI, "x").await?;
    steps.tell(
        "the_toolbox_refuses_a_missing_version",
        status == 400,
        json!(status),
    );
    Ok(())
}
