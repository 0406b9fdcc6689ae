//! Calls of cargo.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::report::{Outcome, StepResult};

/// The settings of `[profile.dev]` in the root manifest. Builds outside this workspace (verification of
/// packages, examples copied out, benches) do not see that file; without the same profile they could
/// share nothing of the target directory and would compile every dependency again.
const SAME_PROFILE: [&str; 4] = [
    "--config",
    "profile.dev.debug=\"line-tables-only\"",
    "--config",
    "profile.dev.package.\"*\".debug=false",
];

/// A cargo command in `directory`, not yet started.
pub(crate) struct Cargo {
    command: Command,
    shown: String,
}

impl Cargo {
    /// `words` are arguments without blanks; what is not fixed goes through [`Self::args`].
    pub(crate) fn new(directory: &Path, words: &str) -> Self {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(program);
        command.current_dir(directory).stdin(Stdio::null());
        // `cargo run` describes this package to its child. Build scripts that watch such a variable
        // would run again after each change between `cargo xtask` and a plain cargo command.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(describes_a_package) {
                command.env_remove(&name);
            }
        }
        Self {
            command,
            shown: "cargo".to_owned(),
        }
        .args(words.split_whitespace())
    }

    pub(crate) fn args<I: IntoIterator<Item = S>, S: AsRef<str>>(mut self, arguments: I) -> Self {
        for argument in arguments {
            let argument = argument.as_ref();
            self.command.arg(argument);
            self.shown.push(' ');
            self.shown.push_str(argument);
        }
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        let value = value.as_ref();
        self.shown = format!("{name}={:?} {}", value, self.shown);
        self.command.env(name, value);
        self
    }

    /// Builds with this workspace's profile and target directory, wherever the manifest is.
    pub(crate) fn sharing(self, target: &Path) -> Self {
        let target = target.to_string_lossy().into_owned();
        self.args(SAME_PROFILE).args(["--target-dir", &target])
    }

    /// Finds subcommands in `folder` too.
    pub(crate) fn with_programs_of(mut self, folder: &Path) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain([folder.to_path_buf()]);
        // Folders that stood in `PATH` can be joined again.
        if let Ok(path) = std::env::join_paths(folders) {
            self.command.env("PATH", path);
        }
        self
    }

    /// Runs it with its output on ours.
    pub(crate) fn run(mut self) -> StepResult {
        println!("$ {}", self.shown);
        match self.command.status() {
            Ok(status) if status.success() => Ok(Outcome::Passed),
            Ok(status) => Err(format!("`{}` ended with {status}", self.shown)),
            Err(error) => Err(format!("cannot start `{}`: {error}", self.shown)),
        }
    }

    /// Runs it and keeps what it wrote to standard output; its errors stay on the terminal.
    pub(crate) fn output(mut self) -> Result<Output, String> {
        self.command.stderr(Stdio::inherit());
        self.command
            .output()
            .map_err(|error| format!("cannot start `{}`: {error}", self.shown))
    }

    /// Whether it ended well, and what it wrote to standard error.
    pub(crate) fn errors(mut self) -> Result<(bool, String), String> {
        println!("$ {}", self.shown);
        let output = self.command.output();
        let output = output.map_err(|error| format!("cannot start `{}`: {error}", self.shown))?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((output.status.success(), errors))
    }

    /// What it wrote to standard output, if it ended well.
    pub(crate) fn stdout(self) -> Result<String, String> {
        let shown = self.shown.clone();
        let output = self.output()?;
        if !output.status.success() {
            return Err(format!("`{shown}` ended with {}", output.status));
        }
        String::from_utf8(output.stdout).map_err(|_| format!("`{shown}` did not write UTF-8"))
    }

    /// Whether the command can be run at all, with nothing shown.
    pub(crate) fn at_hand(mut self) -> bool {
        self.command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

fn describes_a_package(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || matches!(
            name,
            "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR"
        )
}
