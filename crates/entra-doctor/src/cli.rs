//! The command line.

use std::ffi::OsString;
use std::io::{self, Read, Write};

use clap::{Parser, Subcommand, ValueEnum};
use foundry_scopes::Cloud;

use crate::input::{self, InputError};
use crate::render::{self, CARE};
use crate::{EndpointReport, TokenReport};

/// How it went, as the process tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "documented exit codes")]
pub enum Exit {
    /// 0: nothing is wrong as far as can be seen.
    Fine,
    /// 1: it was looked at, and something is wrong.
    SomethingWrong,
    /// 2: it could not be read, or the command line was not understood.
    CannotRead,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0_u8,
            Exit::SomethingWrong => 1,
            Exit::CannotRead => 2,
        })
    }
}

#[derive(Parser)]
#[command(
    name = "entra-doctor",
    version,
    about = "Looks at a Microsoft Entra ID token or an endpoint and says what to change",
    after_help = "Nothing leaves this machine, and nothing is verified: this reads.\n\n\
        Exit codes:\n  \
          0  nothing is wrong as far as can be seen\n  \
          1  it was looked at, and something is wrong\n  \
          2  it could not be read, or the command line was not understood\n\n\
        NO_COLOR=1 turns colours off."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what a token says. It is NOT verified
    #[command(after_help = "Examples:\n  \
        az account get-access-token --query accessToken -o tsv | entra-doctor decode\n  \
        printf %s \"$TOKEN\" | entra-doctor decode -\n  \
        entra-doctor decode --json < token.txt")]
    Decode {
        /// The token; `-` or nothing reads standard input, which keeps it out of the
        /// shell's history
        token: Option<String>,
        /// One JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// Say what an endpoint is and which token it wants
    #[command(after_help = "Examples:\n  \
        entra-doctor endpoint https://contoso.openai.azure.com/openai/deployments/gpt-4o\n  \
        entra-doctor endpoint --cloud usgov https://contoso.openai.azure.us")]
    Endpoint {
        /// The endpoint as it was copied
        url: String,
        /// The cloud it should be in
        #[arg(long, value_enum, default_value_t = CloudName::Public)]
        cloud: CloudName,
        /// One JSON object instead of text
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum CloudName {
    Public,
    Usgov,
    China,
}

impl CloudName {
    fn cloud(self) -> Cloud {
        match self {
            Self::Public => Cloud::public(),
            Self::Usgov => Cloud::us_government(),
            Self::China => Cloud::china(),
        }
    }
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
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let text = without_tokens(&error.render().ansi().to_string());
            return if error.use_stderr() {
                finish(err.write_all(text.as_bytes()), Exit::CannotRead)
            } else {
                finish(out.write_all(text.as_bytes()), Exit::Fine)
            };
        }
    };
    match cli.command {
        Command::Decode { token, json } => decode(token, json, stdin, out, err, now),
        Command::Endpoint { url, cloud, json } => {
            let report = EndpointReport::of(&url, &cloud.cloud());
            let written = if json {
                writeln!(out, "{}", report.to_json())
            } else {
                report.write(out)
            };
            told(written, report.is_fine())
        }
    }
}

fn decode(
    token: Option<String>,
    json: bool,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
    now: i64,
) -> Exit {
    let text = match token.filter(|token| token != "-") {
        // There is nothing to keep secret: a shell variable was not set.
        Some(token) if token.trim().is_empty() => Ok(token),
        Some(token) => {
            let warned = render::line(
                err,
                CARE,
                "A token on the command line stays in the shell's history and the process list: `printf %s \"$TOKEN\" | entra-doctor decode -` keeps it out.",
            );
            if warned.is_err() {
                return Exit::CannotRead;
            }
            Ok(token)
        }
        None => input::from_stdin(stdin),
    };
    let report = text.and_then(|text| TokenReport::read(&text, now));
    match report {
        Ok(report) => {
            let written = if json {
                writeln!(out, "{}", report.to_json())
            } else {
                report.write(out)
            };
            told(written, report.is_fine())
        }
        Err(error) => finish(unreadable(&error, json, out, err), Exit::CannotRead),
    }
}

/// How a report that was written ends the program.
fn told(written: io::Result<()>, is_fine: bool) -> Exit {
    let exit = if is_fine {
        Exit::Fine
    } else {
        Exit::SomethingWrong
    };
    finish(written, exit)
}

fn unreadable(
    error: &InputError,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<()> {
    if json {
        let value = serde_json::json!({
            "ok": false,
            "error": { "code": error.code(), "message": error.to_string() },
        });
        writeln!(out, "{value}")
    } else {
        render::line(err, render::ALARM, &error.to_string())
    }
}

/// A message about the command line repeats its words, and one may be a token that stands
/// in the wrong place.
fn without_tokens(text: &str) -> String {
    let mut parts = text.split("eyJ");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str("(token)");
        let of_token = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
        shown.push_str(part.trim_start_matches(of_token));
    }
    shown
}

/// A reader that went away (`| head`) is no fault of what was looked at.
fn finish(written: io::Result<()>, exit: Exit) -> Exit {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Exit::CannotRead,
        _ => exit,
    }
}
