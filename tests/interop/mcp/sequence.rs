//! What a client sent, as lines to compare with what is expected of it.

use std::path::Path;

use entra_emulator::demo;
use serde_json::Value;

/// The tool that no scope opens: each client's last call.
const REFUSED: &str = "audit";

/// Compares the server's events with `sequences/<name>.txt`, up to the first refusal for
/// good; after that a client may try once more, in its own way, and no client goes on.
pub(super) fn check(name: &str, events: &[Value]) {
    let refusal = |event: &Value| event["tool"] == REFUSED;
    let refusals = events.iter().filter(|event| refusal(event));
    let refused: Vec<_> = refusals.map(|event| &event["status"]).collect();
    assert!((1..=2).contains(&refused.len()), "{name}: {refused:?}");
    assert!(
        refused.iter().all(|status| **status == 403),
        "{name}: {refused:?}"
    );
    let first = events.iter().position(refusal).unwrap();
    let events = &events[..=first];
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("interop/mcp/sequences")
        .join(format!("{name}.txt"));
    let seen = written(events);
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(
        lines(&seen),
        lines(&expected),
        "{name} sent something else than {} says; it sent:\n{seen}",
        file.display()
    );
}

/// The requests in their order, then what has none: the stream that clients of the session
/// era open beside their calls, and the downstream calls, told while the tool's call is
/// under way.
fn written(events: &[Value]) -> String {
    let requests = events.iter().filter(|event| event["event"] == "request");
    let (streams, ordered): (Vec<_>, Vec<_>) =
        requests.partition(|event| event["method"] == "GET" && event["path"] == "/mcp");
    let downstream = events.iter().filter(|event| event["event"] == "downstream");
    let lines = ordered
        .into_iter()
        .map(request)
        .chain(
            streams
                .into_iter()
                .map(|event| format!("beside: {}", request(event))),
        )
        .chain(downstream.map(call));
    lines.map(|line| line + "\n").collect()
}

/// `POST /mcp tools/call whoami 200 (token, session, 2025-11-25)`
fn request(event: &Value) -> String {
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let mut line = vec![text("method"), text("path"), text("rpc"), text("tool")];
    line.retain(|word| !word.is_empty());
    line.extend(asked(event));
    line.push(event["status"].to_string());
    let mut with: Vec<String> = ["authorization", "session"]
        .into_iter()
        .filter(|name| event[*name] == true)
        .map(|name| name.replace("authorization", "token"))
        .collect();
    with.extend(event["protocol"].as_str().map(str::to_owned));
    match with.is_empty() {
        true => line.join(" "),
        false => format!("{} ({})", line.join(" "), with.join(", ")),
    }
}

/// `for mcp.read offline_access, prompt consent, resource /mcp`
fn asked(event: &Value) -> Option<String> {
    let asked = event["asked"].as_object()?;
    let own = format!("{}/", demo::MCP_SERVER_URI);
    let mut said = vec![format!(
        "for {}",
        asked["scope"].as_str()?.replace(&own, "")
    )];
    said.extend(
        asked
            .get("prompt")
            .and_then(Value::as_str)
            .map(|prompt| format!("prompt {prompt}")),
    );
    // The server's port is another one each time.
    let path = |url: &Value| Some(url::Url::parse(url.as_str()?).ok()?.path().to_owned());
    said.extend(
        asked
            .get("resource")
            .and_then(path)
            .map(|path| format!("resource {path}")),
    );
    Some(said.join(", "))
}

/// `downstream: graph me as alice for https://graph.microsoft.com with User.Read`
fn call(event: &Value) -> String {
    let who = match (event["object"].as_str(), event["client"].as_str()) {
        (Some(demo::ALICE), Some(demo::MCP_SERVER)) => "alice, by the server",
        _ => "somebody else",
    };
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    format!(
        "downstream: {} {} as {who}, for {} with {}",
        text("api"),
        text("what"),
        text("audience"),
        text("scopes"),
    )
}
