//! The completion scripts of `entra-doctor` in zsh and fish, as a person's keys get them.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::programs::{self, Needed};
use crate::report::{StepResult, none_found};
use crate::workspace::Workspace;

const NEEDED: [Needed; 2] = [
    Needed {
        program: "zsh",
        packages: &["zsh"],
    },
    Needed {
        program: "fish",
        packages: &["fish"],
    },
];

/// What is typed, and what the shell makes of it: a command, an option, a value.
const TYPED: [(&str, &str); 4] = [
    ("entra-doctor exp", "explain"),
    ("entra-doctor explain --sta", "--status"),
    ("entra-doctor scope --cloud us", "usgov"),
    ("entra-doctor explain --shell pow", "powershell"),
];

/// A zsh in a terminal of its own: the words are typed, then the tab key.
const ZSH: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=; fpath=($2 \$fpath); autoload -Uz compinit; compinit -u -D; echo rea''dy"
zpty -r -m shell line '*ready*'
zpty -w -n shell "$1"$'\t'
sleep 1
zpty -w -n shell $'\x15'"echo do''ne"$'\n'
zpty -r -m shell line '*done*'
print -r -- $line
"#;

pub(super) fn check(workspace: &Workspace) -> StepResult {
    programs::ensure(&NEEDED, "leave this step out with `--only` or `--from`")?;
    super::cargo(workspace, "build --bin entra-doctor").run()?;
    let program = workspace.target().join("debug/entra-doctor");
    let folder = workspace.target().join("completions");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for (shell, file) in [("zsh", "_entra-doctor"), ("fish", "entra-doctor.fish")] {
        let script = said(Command::new(&program).args(["completions", shell]))?;
        std::fs::write(folder.join(file), script).map_err(|error| error.to_string())?;
    }
    let mut findings = Vec::new();
    for (typed, expected) in TYPED {
        let fish =
            said(Command::new("fish").args(["--no-config", "-c", &in_fish(&folder, typed)]))?;
        let zsh = said(
            Command::new("zsh")
                .args(["-f", "-c", ZSH, "zsh", typed])
                .arg(&folder),
        )?;
        for (shell, answer) in [("fish", fish), ("zsh", zsh)] {
            let found = answer.contains(expected);
            println!(
                "{} {shell}: {typed} -> {expected}",
                if found { "ok" } else { "FAILED" }
            );
            if !found {
                findings.push(format!("{shell} does not complete `{typed}`: {answer:?}"));
            }
        }
    }
    none_found(&findings)
}

fn in_fish(folder: &Path, typed: &str) -> String {
    let script = folder.join("entra-doctor.fish");
    format!("source {}; complete -C '{typed}'", script.display())
}

fn said(command: &mut Command) -> Result<String, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}
