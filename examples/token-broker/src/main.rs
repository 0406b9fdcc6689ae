//! A token broker: it validates who asks, and gives tokens for downstream APIs by policy.
//!
//! For agents and programs in any language that cannot exchange tokens themselves; the HTTP
//! contract is in README.md. Without settings everything is local, with `BROKER_CONFIG` in
//! the environment it is a real tenant.

mod answer;
mod broker;
mod config;
mod health;
mod http;
mod local;
mod self_check;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use config::Config;
use entra_obo::ClientSecret;
use local::Local;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const USAGE: &str = "\
usage: token-broker [--port N] [--offline] [--json]
       token-broker --self-check

  --port N      listen there; 3002 without it, 0 for a free port
  --offline     the local tenant, even if BROKER_CONFIG is set
  --json        say where it listens as a JSON object
  --self-check  start it offline, use it as clients do, tell each step as JSON, end";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("token-broker: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (mut port, mut offline, mut as_json) = (3002, false, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--self-check" => return self_check::run().await,
            "--offline" => offline = true,
            "--json" => as_json = true,
            "--port" => {
                let number = words.next().and_then(|text| text.parse().ok());
                port = number.ok_or(format!("--port needs a number\n{USAGE}"))?;
            }
            other => return Err(format!("unknown argument {other:?}\n{USAGE}").into()),
        }
    }

    let local;
    let (config, secret, guide) = match std::env::var("BROKER_CONFIG") {
        Ok(file) if !offline => {
            let secret = std::env::var("BROKER_CLIENT_SECRET")
                .map_err(|_| "BROKER_CONFIG is set, so BROKER_CLIENT_SECRET is needed too")?;
            (
                Config::read(Path::new(&file))?,
                ClientSecret::new(secret),
                Value::Null,
            )
        }
        _ => {
            local = Local::start().await?;
            (local.config()?, Local::secret(), local.guide()?)
        }
    };
    let (app, authenticator) = http::router(&config, secret)?;
    // Ready from the start where that is possible; a failure is not final.
    if let Err(error) = authenticator.warm_up().await {
        eprintln!("token-broker: no signing keys yet: {}", error.explain());
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let url = format!("http://localhost:{}", listener.local_addr()?.port());
    match as_json {
        true => println!(
            "{}",
            json!({ "event": "listening", "url": url, "offline": guide })
        ),
        false => println!("Token broker: {url}\n{guide:#}"),
    }
    Ok(axum::serve(listener, app).await?)
}
