//! A token broker: it validates who asks, and gives tokens for downstream APIs by policy.
//!
//! For agents and programs in any language that cannot exchange tokens themselves; the HTTP
//! contract is in README.md. Without settings everything is local, with `BROKER_CONFIG` in
//! the environment it is a real tenant.

mod answer;
mod args;
mod broker;
mod config;
mod health;
mod http;
mod local;
mod log;
mod self_check;

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use args::{Mode, Serve};
use config::Config;
use local::Local;
use mcp_auth::{EntraApp, ServeLimits};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> ExitCode {
    let mode = match args::read(std::env::args().skip(1)) {
        Ok(Mode::Help) => {
            println!("{}", args::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(mode) => log::start().map(|()| mode),
        Err(error) => Err(format!("{error}\n{}", args::USAGE)),
    };
    let outcome = match mode {
        Ok(Mode::Serve(args)) => serve(&args).await,
        Ok(_) => self_check::run().await,
        Err(error) => {
            eprintln!("token-broker: {error}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("token-broker: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(args: &Serve) -> Result<(), Box<dyn Error>> {
    let local;
    let (config, entra, guide) = match std::env::var("BROKER_CONFIG") {
        // The registration and any credential: certificate, federated token, managed identity or secret.
        Ok(file) if !args.offline => (
            Config::read(Path::new(&file))?,
            EntraApp::from_env()?,
            Value::Null,
        ),
        _ => {
            local = Local::start().await?;
            (Local::config()?, local.entra()?, local.guide()?)
        }
    };
    let app = http::application(&config, &entra)?;
    let address = SocketAddr::new(args.host, args.port);
    let listener = mcp_auth::listen(address).await?;
    let address = listener.local_addr()?;
    let url = match address.ip().is_loopback() {
        true => format!("http://localhost:{}", address.port()),
        false => format!("http://{address}"),
    };
    match args.json {
        true => println!(
            "{}",
            json!({ "event": "listening", "url": url, "offline": guide })
        ),
        false if guide.is_null() => println!("Token broker: {url}"),
        false => println!("Token broker: {url}\n{guide:#}"),
    }
    Ok(mcp_auth::serve(listener, app, ServeLimits::default()).await?)
}
