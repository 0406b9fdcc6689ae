//! Calls Azure OpenAI, the Responses endpoint of a Foundry project and a published agent, each with the
//! audience that it wants, as a signed-in user, as an application or as the machine's managed identity.
//!
//! Without settings everything is local: an emulated Entra ID and a stand-in of the two
//! services that validates audiences. With an endpoint in the
//! environment it is the real ones; see README.md.

mod agent;
mod check_published;
mod identity;
mod local;
mod local_agents;
mod log;
mod openai;
mod published;
mod real;
mod self_check;
mod sign_in;
mod target;
mod wire;

use std::process::ExitCode;

use real::As;

const USAGE: &str = "\
usage: foundry-client [--as user|app|managed-identity] [QUESTION]
       foundry-client --self-check
       foundry-client --help

  --as          whose token it is; user without it
  --self-check  everything against the local stand-in, each step as a JSON line; also what runs
                without arguments where no endpoint is in the environment

RUST_LOG (warn without it) says what is logged on standard error, LOG_FORMAT=json how.";

enum Mode {
    Ask(As, String),
    SelfCheck,
    Help,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mode = match read(std::env::args().skip(1).collect(), real::is_configured()) {
        Ok(Mode::Help) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Ok(mode) => log::start().map(|()| mode),
        Err(error) => Err(format!("{error}\n{USAGE}")),
    };
    let outcome = match mode {
        Ok(Mode::Ask(who, question)) => real::run(who, &question).await,
        Ok(_) => self_check::run().await,
        Err(error) => {
            eprintln!("foundry-client: {error}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // It may repeat what a service wrote.
            eprintln!("foundry-client: {}", wire::printable(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// Reads the arguments. What would do nothing in the mode that is run is refused.
fn read(words: Vec<String>, configured: bool) -> Result<Mode, String> {
    match words.as_slice() {
        [] if !configured => return Ok(Mode::SelfCheck),
        [only] if only == "--self-check" => return Ok(Mode::SelfCheck),
        [only] if only == "--help" || only == "-h" => return Ok(Mode::Help),
        _ => {}
    }
    let (mut who, mut question) = (As::User, None);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--as" => {
                who = match words.next().as_deref() {
                    Some("user") => As::User,
                    Some("app") => As::App,
                    Some("managed-identity") => As::ManagedIdentity,
                    _ => return Err("--as needs user, app or managed-identity".to_owned()),
                }
            }
            "--self-check" | "--help" | "-h" => {
                return Err(format!("{word} goes without other arguments"));
            }
            word if word.starts_with('-') => return Err(format!("unknown argument {word:?}")),
            _ if question.is_some() => {
                return Err("one question is needed; put it into quotes".to_owned());
            }
            _ => question = Some(word),
        }
    }
    if !configured {
        return Err(format!(
            "there is nothing to ask: set {}, {} or {}; see README.md",
            real::OPENAI,
            real::PROJECT,
            real::AGENT
        ));
    }
    let question = question.unwrap_or_else(|| "Which plan fits us?".to_owned());
    Ok(Mode::Ask(who, question))
}

#[cfg(test)]
mod tests {
    use super::{Mode, read};

    fn mode(words: &[&str], configured: bool) -> Result<Mode, String> {
        read(
            words.iter().map(|word| (*word).to_owned()).collect(),
            configured,
        )
    }

    #[test]
    fn an_argument_that_would_do_nothing_is_refused() {
        assert!(matches!(mode(&[], false), Ok(Mode::SelfCheck)));
        assert!(matches!(mode(&["--help"], false), Ok(Mode::Help)));
        assert!(matches!(
            mode(&["--as", "app", "why?"], true),
            Ok(Mode::Ask(..))
        ));
        for wrong in [&["--as", "app"][..], &["why?"], &["--self-check", "why?"]] {
            assert!(mode(wrong, false).is_err(), "{wrong:?}");
        }
        assert!(mode(&["why", "not?"], true).is_err());
    }
}
