//! Streams, clock, output form and exit code of one command.

use std::io::{self, Read, Write};

use clap::{Args, ValueEnum};
use foundry_scopes::{Cloud, CloudSpec, KnownCloud};

use crate::diagnosis::Shell;
use crate::input::InputError;
use crate::redact;
use crate::render::{self, ALARM, CARE, Report};

/// The streams, the clock and the chosen form of the output.
pub(crate) struct Session<'a> {
    json: bool,
    stdin: Option<&'a mut dyn Read>,
    pub(crate) out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    pub(crate) now: i64,
}

/// Why a command ends before it has an answer.
pub(crate) enum Stop {
    Input(InputError),
    Output(io::Error),
}

impl From<InputError> for Stop {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        json: bool,
        stdin: &'a mut dyn Read,
        out: &'a mut dyn Write,
        err: &'a mut dyn Write,
        now: i64,
    ) -> Self {
        Self {
            json,
            stdin: Some(stdin),
            out,
            err,
            now,
        }
    }

    /// Standard input, once.
    pub(crate) fn stdin(&mut self) -> Result<&'a mut dyn Read, InputError> {
        self.stdin.take().ok_or(InputError::StdinTwice)
    }

    /// A line on standard error that is not part of the answer.
    pub(crate) fn warn(&mut self, text: &str) -> io::Result<()> {
        render::line(self.err, CARE, &render::safe(text))
    }

    /// Writes the answer in the chosen form.
    pub(crate) fn tell(&mut self, report: &dyn Report) -> Result<Exit, Stop> {
        let written = if self.json {
            writeln!(self.out, "{}", render::safe_json(&report.to_json()))
        } else {
            report.write(self.out)
        };
        // A reader that went away (`| head`) does not make a refusal fine.
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(Exit::of(report.is_fine())),
        }
    }

    /// How the program ends after a command.
    pub(super) fn end(&mut self, outcome: Result<Exit, Stop>) -> Exit {
        match outcome {
            Ok(exit) => written(self.out.flush(), exit),
            Err(Stop::Output(error)) => written(Err(error), Exit::Fine),
            Err(Stop::Input(error)) => written(self.unreadable(&error), Exit::CannotRead),
        }
    }

    fn unreadable(&mut self, error: &InputError) -> io::Result<()> {
        let message = redact::secrets(&error.to_string());
        if self.json {
            let value = serde_json::json!({
                "ok": false,
                "error": { "code": error.code(), "message": message },
            });
            writeln!(self.out, "{}", render::safe_json(&value.to_string()))
        } else {
            render::line(self.err, ALARM, &render::safe(&message))
        }
    }
}

/// A reader that went away (`| head`) is no fault of what was looked at.
pub(super) fn written(written: io::Result<()>, exit: Exit) -> Exit {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Exit::CannotRead,
        _ => exit,
    }
}

/// How it went, as the process tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "documented exit codes")]
pub enum Exit {
    /// 0: nothing is wrong as far as can be seen.
    Fine,
    /// 1: it was looked at, and something is wrong or not known.
    SomethingWrong,
    /// 2: it could not be read, or the command line was not understood.
    CannotRead,
}

impl Exit {
    pub(crate) fn of(is_fine: bool) -> Self {
        if is_fine {
            Self::Fine
        } else {
            Self::SomethingWrong
        }
    }
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

#[derive(Args)]
pub(crate) struct ShellOption {
    /// The shell that commands to paste are written for
    #[arg(long, value_enum, default_value = "sh")]
    shell: ShellName,
}

#[derive(Clone, Copy, ValueEnum)]
enum ShellName {
    Sh,
    Powershell,
}

impl ShellOption {
    pub(crate) fn shell(&self) -> Shell {
        match self.shell {
            ShellName::Sh => Shell::Posix,
            ShellName::Powershell => Shell::PowerShell,
        }
    }
}

#[derive(Args)]
pub(crate) struct CloudOption {
    /// The cloud it should be in; an address is read in its own cloud if this is left out
    #[arg(long, value_enum)]
    cloud: Option<CloudName>,
}

#[derive(Clone, Copy, ValueEnum)]
enum CloudName {
    Public,
    Usgov,
    China,
    Bleu,
    Delos,
    Govsg,
}

impl CloudOption {
    /// The cloud that was chosen, else the public one.
    pub(crate) fn cloud(&self) -> Cloud {
        self.chosen().unwrap_or_else(Cloud::public)
    }

    pub(crate) fn chosen(&self) -> Option<Cloud> {
        Some(match self.cloud? {
            CloudName::Public => Cloud::public(),
            CloudName::Usgov => Cloud::us_government(),
            CloudName::China => Cloud::china(),
            CloudName::Bleu => sovereign(KnownCloud::Bleu),
            CloudName::Delos => sovereign(KnownCloud::Delos),
            CloudName::Govsg => sovereign(KnownCloud::GovSg),
        })
    }
}

/// A cloud of which the catalogue has rows, and nobody documents the issuers.
fn sovereign(known: KnownCloud) -> Cloud {
    let host = known.authority_hosts().first().copied().unwrap_or_default();
    let authority = format!("https://{host}");
    let issuer = format!("{authority}/{{tenantid}}/");
    Cloud::custom(CloudSpec {
        name: known.as_str(),
        authority: &authority,
        issuer_v1: &issuer,
        issuer_v2: &format!("{issuer}v2.0"),
        key_cloud: None,
    })
    .map_or_else(|_| Cloud::public(), |cloud| cloud.with_catalogue_of(known))
}
