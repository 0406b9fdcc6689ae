//! An MCP server on `rmcp` that calls two APIs as the user who calls it.
//!
//! Without settings everything is local: an emulated Entra ID, a Graph-like and a
//! Foundry-like API that validate what they get. With `AZURE_TENANT_ID` in the environment
//! it is a real tenant, Microsoft Graph and a Foundry project; see README.md.

mod args;
mod downstream;
mod events;
mod local;
mod log;
mod self_check;
mod server;
mod settings;
mod tools;
mod wire;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use args::{Mode, Serve};
use events::Events;
use local::Local;
use mcp_auth::ServeLimits;
use serde_json::json;
use settings::Settings;

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
            eprintln!("mcp-server-obo: {error}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mcp-server-obo: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn serve(args: &Serve) -> Result<(), Box<dyn Error>> {
    let events = if args.json {
        Events::stdout()
    } else {
        Events::off()
    };
    let address = SocketAddr::new(args.host, args.port);
    let listener = mcp_auth::listen(address).await?;
    let port = listener.local_addr()?.port();
    let local;
    let (settings, guide) = match Settings::from_environment(port)? {
        Some(settings) if !args.offline => (settings, None),
        _ => {
            local = Local::start(port, events.clone()).await?;
            (local.settings()?, Some(local.guide()))
        }
    };
    let app = server::application(&settings, &events)?;
    if args.json {
        events.emit(json!({
            "event": "listening",
            "mcp_url": settings.mcp_url,
            "authority": settings.entra.authority().issuer_v2(),
            "offline": guide,
        }));
    } else {
        println!("MCP endpoint: {}", settings.mcp_url);
        println!("Entra ID:     {}", settings.entra.authority().issuer_v2());
        if let Some(guide) = guide {
            println!("A client needs: {guide:#}");
        }
    }
    Ok(mcp_auth::serve(listener, app, ServeLimits::default()).await?)
}
