//! A hosted agent for Microsoft Foundry: the container contract in Rust. Its tool acts as the user
//! who calls, by way of the toolbox, and asks for consent where it is missing.
//!
//! Without settings everything is local: stand-ins of the platform, the toolbox and the model that
//! refuse what Foundry refuses, and an emulated Entra ID with the agent's managed identity. See README.md.

mod args;
mod call;
mod consent;
mod events;
mod local;
mod log;
mod model;
mod responses;
mod self_check;
mod server;
mod settings;
mod steps;
mod toolbox;
mod turns;

use std::net::SocketAddr;
use std::process::ExitCode;

use args::Mode;
use settings::Settings;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let port = settings::variable("PORT");
    let mode = match args::read(&words, settings::is_configured(), port.as_deref()) {
        Ok(Mode::Help) => {
            println!("{}", args::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(mode) => log::start().map(|()| mode),
        Err(error) => Err(format!("{error}\n{}", args::USAGE)),
    };
    let outcome = match mode {
        Ok(Mode::Serve(host, port)) => serve(SocketAddr::new(host, port)).await,
        Ok(_) => self_check::run().await,
        Err(error) => {
            eprintln!("hosted-agent: {error}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hosted-agent: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(address: SocketAddr) -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::from_environment()?;
    let listener = mcp_auth::listen(address).await?;
    server::serve(listener, settings, server::terminated()).await
}
