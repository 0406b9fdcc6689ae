//! A foreign program that runs cases and prints a line for each.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::world::World;

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

pub(crate) struct Program {
    program: OsString,
    arguments: Vec<OsString>,
    in_app_service: bool,
}

impl Program {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            in_app_service: false,
        }
    }

    /// Gives it the variables by which App Service tells of a managed identity; the other
    /// programs set them for a case alone.
    pub(crate) fn in_app_service(mut self) -> Self {
        self.in_app_service = true;
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
    pub(crate) fn run(self, world: &World) -> Counts {
        let ca = &world.ca_file;
        let mut command = Command::new(&self.program);
        if self.in_app_service {
            let (endpoint, header) = &world.identity;
            command.env("IDENTITY_ENDPOINT", endpoint);
            command.env("IDENTITY_HEADER", header);
        }
        let mut child = command
            .args(&self.arguments)
            .env("ENTRA_WORLD", &world.file)
            // Each client reads its own variable; none of them may leave the machine.
            .env("REQUESTS_CA_BUNDLE", ca)
            .env("SSL_CERT_FILE", ca)
            .env("NODE_EXTRA_CA_CERTS", ca)
            .env("NO_PROXY", "*")
            .env("PYTHONDONTWRITEBYTECODE", "1")
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
