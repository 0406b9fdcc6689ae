//! The command for scripts: files that say when it is ready, JSON, directory files, shells.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Stops the command even if the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entra-emulator"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn file(name: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&file);
    file
}

fn waited_for(file: &Path) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        if let Ok(text) = std::fs::read_to_string(file) {
            return text;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{} never came", file.display());
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn the_ready_file_comes_when_requests_are_answered_and_goes_at_the_end() {
    let ready = file("ready.json");
    let ca = file("ready-ca.pem");
    let mut start = command();
    start.args(["--port", "0", "--tls", "--json", "--ready-file"]);
    start.arg(&ready).arg("--ca-file").arg(&ca);
    let mut running = Running(start.spawn().unwrap());
    let text = waited_for(&ready);
    let facts: Value = serde_json::from_str(&text).unwrap();
    let base = facts["base_url"].as_str().unwrap();
    assert!(base.ends_with(&format!(":{}", facts["port"])), "{facts}");
    assert_eq!(facts["pid"], running.0.id());
    let pem = std::fs::read_to_string(facts["ca_file"].as_str().unwrap()).unwrap();
    assert_eq!(facts["ca_pem"], pem);
    let ca = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([ca]);
    let http = http.build().unwrap();
    let index = http.get(facts["control_url"].as_str().unwrap());
    assert_eq!(index.send().await.unwrap().status(), 200);
    // The same line stands on standard output, alone.
    let out = running.0.stdout.take().unwrap();
    let line = BufReader::new(out).lines().next().unwrap().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), facts);
    #[cfg(unix)]
    {
        let id = running.0.id().to_string();
        let mut kill = Command::new("sh");
        let sent = kill.args(["-c", "kill -INT \"$0\"", &id]).status();
        assert!(sent.unwrap().success());
        assert!(running.0.wait().unwrap().success());
        assert!(!ready.exists());
    }
}

#[test]
fn a_ready_file_that_cannot_be_written_is_named() {
    let mut start = command();
    let start = start.args(["--port", "0", "--ready-file", "/no/such/folder/ready"]);
    let answer = start.output().unwrap();
    assert_eq!(answer.status.code(), Some(1));
    let text = String::from_utf8(answer.stderr).unwrap();
    assert!(text.contains("/no/such/folder/ready: "), "{text}");
}

#[test]
fn the_printed_example_is_a_directory_that_passes_the_check() {
    let example = stdout(&command().args(["directory", "--example"]).output().unwrap());
    let written = file("example.toml");
    std::fs::write(&written, &example).unwrap();
    let check = |file: &Path| {
        let mut check = command();
        check.args(["directory", "--check"]).arg(file);
        check.output().unwrap()
    };
    let said = stdout(&check(&written));
    assert!(said.contains("is a directory: 2 tenants, "), "{said}");
    std::fs::write(&written, example.replace("scopes = [", "scoops = [")).unwrap();
    let refused = check(&written);
    assert_eq!(refused.status.code(), Some(1));
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains("scoops"), "{text}");
    let schema = stdout(&command().args(["directory", "--schema"]).output().unwrap());
    assert!(serde_json::from_str::<Value>(&schema).unwrap()["$defs"].is_object());
    for wrong in [&["directory"][..], &["directory", "--example", "--schema"]] {
        let answer = command().args(wrong).output().unwrap();
        assert_eq!(answer.status.code(), Some(2), "{wrong:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_shell_evaluates_what_env_prints_for_it() {
    let ready = file("env-ready.json");
    let mut start = command();
    start.args(["--port", "0", "--ready-file"]).arg(&ready);
    let _running = Running(start.spawn().unwrap());
    let facts: Value = serde_json::from_str(&waited_for(&ready)).unwrap();
    let base = facts["base_url"].as_str().unwrap();
    let script = "eval \"$(\"$0\" env --format sh --url \"$1\")\"; \
                  sh -c 'printf %s \"$AZURE_AUTHORITY_HOST\"'";
    let program = env!("CARGO_BIN_EXE_entra-emulator");
    let answer = Command::new("sh")
        .args(["-c", script, program, base])
        .output();
    assert_eq!(stdout(&answer.unwrap()), base);
}

#[test]
fn the_command_of_the_compose_file_is_one() {
    let compose = include_str!("../../../../docs/emulator/compose.yaml");
    let line = compose
        .lines()
        .find_map(|line| line.trim().strip_prefix("command: [\"--port"))
        .unwrap();
    let arguments: Vec<String> = serde_json::from_str(&format!("[\"--port{line}")).unwrap();
    let folder = file("compose-folder");
    std::fs::create_dir_all(&folder).unwrap();
    let shown = folder.display().to_string();
    let arguments = arguments
        .iter()
        .map(|a| a.replace("8443", "0").replace("/shared", &shown));
    let ready = folder.join("ready.json");
    let _ = std::fs::remove_file(&ready);
    let _running = Running(command().args(arguments).spawn().unwrap());
    let facts: Value = serde_json::from_str(&waited_for(&ready)).unwrap();
    assert!(folder.join("ca.pem").exists());
    // The ids and secrets that the file names are the demo directory's.
    let tenant = facts["tenant"].as_str().unwrap();
    for known in [
        tenant,
        entra_emulator::demo::DAEMON,
        entra_emulator::demo::DAEMON_SECRET,
        entra_emulator::demo::ORDERS_API,
        entra_emulator::demo::ORDERS_API_SECRET,
        entra_emulator::demo::MCP_DEFAULT_SCOPE,
    ] {
        assert!(compose.contains(known), "{known}");
    }
}
