//! The command line: one file per command, and what they have in common.

mod completions;
mod decode;
mod endpoint;
mod explain;
mod lookup;
mod manifest;
mod serve;
mod session;
mod verify;

use std::ffi::OsString;
use std::io::{Read, Write};

use clap::{Parser, Subcommand};

use crate::render;

pub use session::Exit;
pub(crate) use session::{Session, Stop};

#[derive(Parser)]
#[command(
    name = "entra-doctor",
    version,
    about = "Why do I get a 401? Looks at tokens, endpoints and scopes and says what to change",
    after_help = "Nothing is called and nothing is sent, but for the keys of `verify --authority`.\n\n\
        Examples:\n  \
          az account get-access-token --query accessToken -o tsv | entra-doctor decode\n  \
          entra-doctor endpoint https://contoso.openai.azure.com/openai/deployments/gpt-4o\n  \
          entra-doctor scope graph\n  \
          entra-doctor aadsts AADSTS65001\n\n\
        Exit codes:\n  \
          0  nothing is wrong as far as can be seen\n  \
          1  it was looked at, and something is wrong or not known\n  \
          2  it could not be read, or the command line was not understood\n\n\
        A token belongs on standard input, in a file or in an environment variable; as an\n\
        argument it stays in the shell's history. NO_COLOR=1 turns colours off."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// JSON on one line instead of text
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    Decode(decode::Decode),
    Endpoint(endpoint::EndpointCommand),
    Explain(Box<explain::Explain>),
    Manifest(manifest::Manifest),
    Scope(lookup::ScopeCommand),
    Catalogue(lookup::CatalogueCommand),
    Aadsts(lookup::AadstsCommand),
    Verify(verify::Verify),
    Serve(serve::Serve),
    Completions(completions::Completions),
}

/// Runs the program on these arguments (the first is the program's name) and streams, at
/// the time `now` in Unix seconds.
///
/// ```
/// use entra_doctor::{Exit, run};
///
/// let (mut out, mut err) = (Vec::new(), Vec::new());
/// let args = ["entra-doctor", "endpoint", "https://contoso.openai.azure.com/", "--json"];
/// let exit = run(args, &mut std::io::empty(), &mut out, &mut err, 0);
/// assert_eq!(exit, Exit::Fine);
/// assert!(String::from_utf8_lossy(&out).contains("\"kind\":\"azure_openai\""));
/// ```
pub fn run<A: Into<OsString> + Clone>(
    args: impl IntoIterator<Item = A>,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
    now: i64,
) -> Exit {
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            let text = refused(&error.render().ansi().to_string(), &args);
            return session::written(err.write_all(text.as_bytes()), Exit::CannotRead);
        }
        Err(error) => {
            let text = error.render().ansi().to_string();
            return session::written(out.write_all(text.as_bytes()), Exit::Fine);
        }
    };
    let mut session = Session::new(cli.json, stdin, out, err, now);
    let outcome = match cli.command {
        Command::Decode(command) => command.run(&mut session),
        Command::Endpoint(command) => command.run(&mut session),
        Command::Explain(command) => command.run(&mut session),
        Command::Manifest(command) => command.run(&mut session),
        Command::Scope(command) => command.run(&mut session),
        Command::Catalogue(command) => command.run(&mut session),
        Command::Aadsts(command) => command.run(&mut session),
        Command::Verify(command) => command.run(&mut session),
        Command::Serve(command) => command.run(&mut session),
        Command::Completions(command) => command.run::<Cli>(&mut session),
    };
    session.end(outcome)
}

/// What clap says of a command line. It repeats words of it, and one may be a misplaced token or
/// move the terminal.
fn refused(text: &str, args: &[OsString]) -> String {
    let mut text = text.to_owned();
    for arg in args.iter().map(|arg| arg.to_string_lossy()) {
        let parts = [
            arg.as_ref(),
            arg.split_once('=').map_or("", |(_, value)| value),
        ];
        for part in parts.into_iter().filter(|part| part.len() > 1) {
            let shown = render::safe(part);
            if shown != part {
                text = text.replace(part, &shown);
            }
        }
    }
    let plain = anstream::adapter::strip_str(&text).to_string();
    let lines: Vec<_> = plain.lines().map(render::safe).collect();
    lines.join("\n") + "\n"
}
