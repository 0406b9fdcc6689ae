//! Calls Azure OpenAI and the Responses endpoint of a Foundry project, each with the audience
//! that it wants, as a signed-in user or as the machine's managed identity.
//!
//! Without settings everything is local: an emulated Entra ID and a stand-in of the two
//! services that validates audiences. With `AZURE_TENANT_ID` or an endpoint in the
//! environment it is the real ones; see README.md.

mod agent;
mod identity;
mod local;
mod openai;
mod real;
mod self_check;
mod sign_in;
mod target;

use std::process::ExitCode;

const USAGE: &str = "\
usage: foundry-client [--as user|managed-identity] [QUESTION]
       foundry-client --self-check

  --as          whose token it is; user without it
  --self-check  everything against the local stand-in, each step as a JSON line; also what
                runs where no endpoint is in the environment";

#[tokio::main]
async fn main() -> ExitCode {
    let mut question = "Which plan fits us?".to_owned();
    let mut machine = false;
    let mut checks = !real::is_configured();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--self-check" => checks = true,
            "--as" => match words.next().as_deref() {
                Some("user") => machine = false,
                Some("managed-identity") => machine = true,
                _ => return usage(),
            },
            word if word.starts_with('-') => return usage(),
            _ => question = word,
        }
    }
    let outcome = match checks {
        true => self_check::run().await,
        false => real::run(machine, &question).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("foundry-client: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}
