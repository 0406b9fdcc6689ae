//! What all commands have in common.

use std::process::Command;

use serde_json::Value;

use crate::support::{doctor, good, text};

#[test]
fn colours_are_for_terminals_and_no_color_wins() {
    let with = |name: &str, value: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_entra-doctor"));
        command.args(["endpoint", "https://contoso.openai.azure.com/"]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command.env(name, value);
        text(&command.output().unwrap().stdout)
    };
    assert!(with("CLICOLOR_FORCE", "1").contains('\u{1b}'));
    assert!(
        !with("TERM", "xterm").contains('\u{1b}'),
        "a pipe is no terminal"
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_entra-doctor"));
    command.args(["endpoint", "https://contoso.openai.azure.com/"]);
    command.env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE");
    assert!(!text(&command.output().unwrap().stdout).contains('\u{1b}'));
}

#[test]
fn help_names_the_exit_codes_and_gives_examples() {
    let help = text(&doctor(&["--help"], b"").stdout);
    assert!(help.contains("Exit codes") && help.contains("Nothing is called"));
    for command in ["decode", "endpoint"] {
        let output = doctor(&[command, "--help"], b"");
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("Examples"));
    }
}

#[test]
fn every_command_takes_json_and_says_so() {
    let listed = text(&doctor(&["--help"], b"").stdout);
    for command in commands() {
        assert!(listed.contains(&command), "{command}");
        let help = text(&doctor(&[&command, "--help"], b"").stdout);
        assert!(help.contains("Examples"), "{command}: {help}");
        assert!(help.contains("--json"), "{command}: {help}");
    }
    let before = doctor(&["--json", "decode"], good().as_bytes());
    let after = doctor(&["decode", "--json"], good().as_bytes());
    assert_eq!(before.stdout, after.stdout);
    assert!(before.stdout.starts_with(b"{"));
}

/// The commands that the help lists.
fn commands() -> Vec<String> {
    let help = text(&doctor(&["--help"], b"").stdout);
    let list = help.split("Commands:\n").nth(1).unwrap();
    let list = list.split("\n\n").next().unwrap();
    let first = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    list.lines().map(first).filter(|c| c != "help").collect()
}

#[test]
fn a_token_comes_from_a_file_or_the_environment_without_a_warning() {
    let path = std::env::temp_dir().join(format!("entra-doctor-{}", std::process::id()));
    std::fs::write(&path, format!("\u{feff}Bearer {}\n", good())).unwrap();
    let file = path.to_str().unwrap();
    let from_file = doctor(&["decode", "--token-file", file], b"");
    let both = doctor(&["decode", "-", "--token-file", file], b"");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(from_file.status.code(), Some(0));
    assert!(from_file.stderr.is_empty());
    assert_eq!(both.status.code(), Some(2), "one source");
    let gone = doctor(&["decode", "--json", "--token-file", file], b"");
    assert_eq!(gone.status.code(), Some(2));
    let told: Value = serde_json::from_slice(&gone.stdout).unwrap();
    assert_eq!(told["error"]["code"], "unreadable");
    assert!(told["error"]["message"].as_str().unwrap().contains(file));

    let mut command = Command::new(env!("CARGO_BIN_EXE_entra-doctor"));
    command.args(["decode", "--token-env", "DOCTOR_TEST_TOKEN"]);
    let unset = command.output().unwrap();
    assert_eq!(unset.status.code(), Some(2));
    assert!(text(&unset.stderr).contains("DOCTOR_TEST_TOKEN"));
    let set = command.env("DOCTOR_TEST_TOKEN", good()).output().unwrap();
    assert_eq!(set.stdout, from_file.stdout);
    assert!(set.stderr.is_empty());
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = doctor(&["completions", shell], b"");
        assert_eq!(output.status.code(), Some(0));
        let script = text(&output.stdout);
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
    }
    let output = doctor(&["completions", "cmd"], b"");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_json_of_a_command_has_the_members_that_are_documented() {
    let page = include_str!("../../src/json.md");
    let documented = |command: &str| {
        let section = page.split(&format!("\n`{command}`, ")).nth(1).unwrap();
        let section = section.split("\n\n`").next().unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        rows.flat_map(|row| row.split(" | ").next().unwrap().split('`'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let token = good();
    for (command, args, stdin) in [
        ("decode", &["decode"][..], token.as_bytes()),
        (
            "endpoint",
            &["endpoint", "https://contoso.openai.azure.com"],
            b"",
        ),
        ("endpoint", &["endpoint", "contoso.openai.azure.com"], b""),
        ("scope", &["scope", "graph"], b""),
        ("scope", &["scope", "unheard of"], b""),
        ("catalogue", &["catalogue", "vault"], b""),
        ("aadsts", &["aadsts", "65001"], b""),
    ] {
        let args: Vec<_> = args.iter().copied().chain(["--json"]).collect();
        let output = doctor(&args, stdin);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let documented = documented(command);
        for member in told.as_object().unwrap().keys() {
            assert!(documented.contains(member), "{command}: {member}");
        }
        assert_eq!(told["ok"], output.status.code() == Some(0));
    }
}

/// The function of the script, called as bash calls it.
#[test]
fn bash_completes_after_the_subcommand() {
    let script = text(&doctor(&["completions", "bash"], b"").stdout);
    let complete = |words: &str, current: &str, previous: &str, at: usize| {
        let call = format!(
            "{script}\nCOMP_WORDS=({words})\nCOMP_CWORD={at}\n_entra__doctor entra-doctor '{current}' '{previous}'\necho \"${{COMPREPLY[*]}}\""
        );
        let output = Command::new("bash")
            .args(["--norc", "-c", &call])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(
        complete("entra-doctor ex", "ex", "entra-doctor", 1).trim(),
        "explain"
    );
    assert_eq!(
        complete("entra-doctor explain --sta", "--sta", "explain", 2).trim(),
        "--status"
    );
    assert!(complete("entra-doctor scope --cloud ''", "", "--cloud", 3).contains("usgov"));
}

#[test]
fn commands_to_paste_are_written_for_the_shell_and_their_placeholders_quoted() {
    let paste = b"my function has 0 invocations";
    for shell in ["sh", "powershell"] {
        let shown = text(&doctor(&["explain", "-", "--shell", shell], paste).stdout);
        assert!(
            shown.contains("--name '<site>' --resource-group '<group>'"),
            "{shown}"
        );
    }
}

/// As under `| head`: the exit code still says that it was refused.
#[test]
fn a_refusal_is_no_success_for_a_reader_that_went_away() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_entra-doctor"))
        .args(["explain", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, b"HTTP/1.1 401 Unauthorized").unwrap();
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
