//! A gateway that issues user contexts, an agent process without a key, two data APIs.
//!
//! Without arguments everything is local and stays up; `agent` is the agent's process, which the gateway's program starts
//! by itself.

mod agent;
mod args;
mod data_api;
mod gateway;
mod local;
mod log;
mod process;
mod self_check;

use std::error::Error;
use std::process::ExitCode;

use args::Mode;
use serde_json::json;

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
        Ok(Mode::Agent) => agent::run().await,
        Ok(Mode::SelfCheck) => self_check::run().await,
        Ok(_) => serve().await,
        Err(error) => {
            eprintln!("agent-user-context-example: {error}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agent-user-context-example: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let local = local::Local::start().await?;
    let guide = json!({
        "gateway": local.gateway,
        "orders_api": local.orders,
        "payroll_api": local.payroll,
        "a_token_of_alice": local.users_token(entra_emulator::demo::ALICE)?,
        "try": format!("curl -s {}/chat -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d '{{\"steps\": [\"orders.read\", \"payroll.read\", \"orders.write\"]}}'", local.gateway),
    });
    println!("{guide:#}");
    std::future::pending().await
}
