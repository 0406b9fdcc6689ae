//! Standard output belongs to the command: an installation on the way prints elsewhere.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

const FIGURE: &str = "{\"name\":\"mcp.cost.hot\",\"value\":1.0}\n";

/// A machine without `wrk`: programs that say what they do and do nothing.
struct Machine(PathBuf);

impl Machine {
    fn new() -> Self {
        let name = format!("xtask-installs-{}", std::process::id());
        let machine = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&machine.0).unwrap();
        symlink("/bin/sh", machine.0.join("sh")).unwrap();
        machine.program("id", "echo 0");
        machine.program(
            "apt-get",
            &format!(
                "echo \"noise of apt-get $1\"\n: > {}/wrk",
                machine.0.display()
            ),
        );
        // `cargo metadata` is answered by the real one, the benchmarks by a figure.
        machine.program(
            "cargo-or-figure",
            &format!(
                "case \"$1\" in metadata) PATH='{}' exec {} \"$@\";; esac\ncase \"$*\" in *allocations*) exit 0;; esac\nprintf '%s' '{FIGURE}'",
                std::env::var("PATH").unwrap(),
                env!("CARGO")
            ),
        );
        machine
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.0.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // What stays behind is a small folder in the temporary directory.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_apt_prints_is_not_in_the_json_of_bench() {
    let machine = Machine::new();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["bench", "--json", "mcp.cost"])
        .env("PATH", machine.path())
        .env("CARGO", machine.path().join("cargo-or-figure"))
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), FIGURE);
    assert!(errors.contains("noise of apt-get update"), "{errors}");
    assert!(errors.contains("noise of apt-get install"), "{errors}");
}
