//! Log lines on standard error: text for people, JSON objects with `LOG_FORMAT=json`.

use std::io::IsTerminal as _;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What is logged unless `RUST_LOG` says otherwise (`RUST_LOG=mcp_auth=debug,warn`).
const DEFAULT: &str = "info";

/// Starts logging. Without it the warnings and refusals of the libraries are not shown.
pub fn start() -> Result<(), String> {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| DEFAULT.to_owned());
    let filter: Targets = wanted
        .parse()
        .map_err(|error| format!("RUST_LOG={wanted}: {error}"))?;
    let lines = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match std::env::var("LOG_FORMAT").as_deref() {
        Ok("json") => lines.with(layer.json()).init(),
        Err(_) | Ok("text") => lines.with(layer).init(),
        Ok(other) => return Err(format!("LOG_FORMAT={other}: it is text or json")),
    }
    Ok(())
}
