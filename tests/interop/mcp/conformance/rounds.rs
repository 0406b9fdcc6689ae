//! The tools that ask the client for input and are called again with it (2026-07-28).

use serde_json::{Value, json};

/// What a round comes to.
pub(super) enum Round {
    Ask(Value),
    Done(String),
    /// The state is not one that this server gave.
    Forged,
}

/// The states that this server gives; nobody else can know them.
const FIRST: &str = "b2f0c1d8a7e94c5e-first";
const SECOND: &str = "93d17ab04ce86f52-second";

fn elicit(message: &str, field: &str, kind: &str) -> Value {
    json!({ "method": "elicitation/create", "params": {
        "mode": "form",
        "message": message,
        "requestedSchema": {
            "type": "object",
            "properties": { field: { "type": kind } },
            "required": [field],
        },
    } })
}

fn sample(question: &str, tokens: u32) -> Value {
    json!({ "method": "sampling/createMessage", "params": {
        "messages": [{ "role": "user", "content": { "type": "text", "text": question } }],
        "maxTokens": tokens,
    } })
}

fn roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}

fn ask(requests: Value, state: Option<&str>) -> Round {
    let mut result = json!({ "resultType": "input_required", "inputRequests": requests });
    if let Some(state) = state {
        result["requestState"] = state.into();
    }
    Round::Ask(result)
}

/// The next round of a tool, or of the prompt; `None` if it is none of these.
pub(super) fn next(
    name: &str,
    responses: &Value,
    state: Option<&str>,
    capabilities: &Value,
) -> Option<Round> {
    let name = name.strip_prefix("test_input_required_result_")?;
    let has = |key: &str| responses[key].is_object();
    let name_question = || elicit("What is your name?", "name", "string");
    Some(match name {
        "elicitation" => match responses["user_name"]["content"]["name"].as_str() {
            Some(who) => Round::Done(format!("Hello, {who}!")),
            None => ask(json!({ "user_name": name_question() }), None),
        },
        "sampling" if has("capital_question") => {
            Round::Done(responses["capital_question"].to_string())
        }
        "sampling" => {
            let question = sample("What is the capital of France?", 100);
            ask(json!({ "capital_question": question }), None)
        }
        "list_roots" if has("client_roots") => Round::Done(responses["client_roots"].to_string()),
        "list_roots" => ask(json!({ "client_roots": roots() }), None),
        "request_state" | "tampered_state" => match state {
            Some(FIRST) if has("confirm") => Round::Done("state-ok".to_owned()),
            Some(FIRST) | None => {
                let question = elicit("Please confirm", "ok", "boolean");
                ask(json!({ "confirm": question }), Some(FIRST))
            }
            Some(_) => Round::Forged,
        },
        "multiple_inputs" => match state {
            Some(FIRST) if has("user_name") && has("greeting") && has("client_roots") => {
                Round::Done(responses.to_string())
            }
            Some(FIRST) | None => {
                let requests = json!({
                    "user_name": name_question(),
                    "greeting": sample("Generate a greeting", 50),
                    "client_roots": roots(),
                });
                ask(requests, Some(FIRST))
            }
            Some(_) => Round::Forged,
        },
        "multi_round" => match state {
            None => {
                let question = elicit("Step 1: What is your name?", "name", "string");
                ask(json!({ "step1": question }), Some(FIRST))
            }
            Some(FIRST) => {
                let question = elicit("Step 2: What is your favorite color?", "color", "string");
                ask(json!({ "step2": question }), Some(SECOND))
            }
            Some(SECOND) => Round::Done("both steps are done".to_owned()),
            Some(_) => Round::Forged,
        },
        "capabilities" => {
            let mut requests = json!({});
            if capabilities["sampling"].is_object() {
                requests["question"] = sample("What is the capital of France?", 100);
            }
            if capabilities["elicitation"].is_object() {
                requests["user_name"] = name_question();
            }
            ask(requests, None)
        }
        "prompt" if has("user_context") => Round::Done(responses["user_context"].to_string()),
        "prompt" => {
            let question = elicit("What context should the prompt use?", "context", "string");
            ask(json!({ "user_context": question }), None)
        }
        _ => return None,
    })
}
