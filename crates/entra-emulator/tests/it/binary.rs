//! The command: it prints what works.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use reqwest::Client;
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
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// Starts the command and reads what it prints, up to its last line.
fn start(command: &mut Command) -> (Running, String) {
    let mut child = command.args(["--port", "0"]).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let running = Running(child);
    let mut text = String::new();
    for line in out.lines() {
        let line = line.unwrap();
        text.push_str(&line);
        text.push('\n');
        if line.contains("Ctrl-C") {
            return (running, text);
        }
    }
    panic!("it stopped after:\n{text}");
}

#[tokio::test]
async fn the_printed_instructions_work() {
    let (_running, text) = start(&mut command());
    let http = Client::builder().no_proxy().build().unwrap();

    let base_url = text.lines().find(|l| l.starts_with("  base url ")).unwrap();
    let base_url = base_url.split_whitespace().nth(2).unwrap();
    assert!(text.contains("(for Cloud::loopback)"));

    let discovery = text
        .split_whitespace()
        .find(|w| w.ends_with("openid-configuration"))
        .unwrap();
    assert!(discovery.starts_with(&format!("{base_url}/")));
    let document: Value = http
        .get(discovery)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let words: Vec<_> = text.split_whitespace().collect();
    let curl = words.iter().position(|w| *w == "curl").unwrap();
    assert_eq!(words[curl + 1], document["token_endpoint"]);

    let form: Vec<_> = words[curl..]
        .windows(2)
        .filter(|w| w[0] == "-d")
        .map(|w| w[1].split_once('=').unwrap())
        .collect();
    assert_eq!(form.len(), 4);
    let answer = http.post(words[curl + 1]).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);

    let sign_in = words.iter().find(|w| w.contains("/authorize?")).unwrap();
    let challenge = crate::support::challenge(crate::support::VERIFIER);
    let sign_in = sign_in.replace("...", &challenge).replace("PORT", "1");
    let page = http.get(sign_in).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(
        page.text()
            .await
            .unwrap()
            .contains(entra_emulator::demo::ALICE_UPN)
    );
}

#[test]
fn colour_is_for_those_who_want_it() {
    let escape = '\u{1b}';
    let (_running, text) = start(&mut command());
    assert!(!text.contains(escape), "not to a pipe");
    let (_running, text) = start(command().env("CLICOLOR_FORCE", "1"));
    assert!(text.contains(escape));
    let (_running, text) = start(command().env("NO_COLOR", "1"));
    assert!(!text.contains(escape));
}

#[test]
fn a_host_that_is_not_loopback_is_refused() {
    let mut child = command()
        .args(["--host", "0.0.0.0", "--port", "0"])
        .spawn()
        .unwrap();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let mut running = Running(child);
    // It would print its guide if it ran.
    assert!(BufReader::new(out).lines().next().is_none());
    assert!(!running.0.wait().unwrap().success());
    let text = std::io::read_to_string(err).unwrap();
    assert!(text.contains("`0.0.0.0` is not a loopback host"), "{text}");
    assert!(text.contains("--allow-remote"), "{text}");
}

#[test]
fn a_port_that_is_taken_is_told_with_the_reason_and_the_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let answer = command().args(["--port", &port]).output().unwrap();
    assert!(!answer.status.success());
    let text = String::from_utf8(answer.stderr).unwrap();
    let reason = std::net::TcpListener::bind(taken.local_addr().unwrap()).unwrap_err();
    assert_eq!(
        text.trim_end(),
        format!(
            "entra-emulator: could not listen on localhost port {port}: {reason}; choose another \
             port with --port, 0 takes a free one"
        )
    );
}

#[tokio::test]
async fn with_tls_it_writes_the_authority_that_clients_trust() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("written-ca.pem");
    let _ = std::fs::remove_file(&file);
    let (_running, text) = start(command().arg("--tls").arg("--ca-file").arg(&file));
    assert!(text.contains(file.to_str().unwrap()), "{text}");
    let ca = reqwest::Certificate::from_pem(&std::fs::read(&file).unwrap()).unwrap();
    let http = Client::builder().no_proxy().tls_certs_only([ca]);
    let discovery = text
        .split_whitespace()
        .find(|w| w.ends_with("openid-configuration"))
        .unwrap();
    assert!(discovery.starts_with("https://localhost:"));
    let answer = http.build().unwrap().get(discovery).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[test]
fn a_ca_file_that_cannot_be_written_is_named() {
    let answer = command()
        .args([
            "--port",
            "0",
            "--tls",
            "--ca-file",
            "/no/such/folder/ca.pem",
        ])
        .output()
        .unwrap();
    assert_eq!(answer.status.code(), Some(1));
    let text = String::from_utf8(answer.stderr).unwrap();
    assert!(
        text.contains("could not write the CA file /no/such/folder/ca.pem: "),
        "{text}"
    );
    let answer = command().args(["--ca-file", "ca.pem"]).output().unwrap();
    assert_eq!(answer.status.code(), Some(2), "a file without --tls");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_it() {
    let (mut running, _) = start(&mut command());
    let id = running.0.id().to_string();
    let sent = Command::new("sh")
        .args(["-c", "kill -INT \"$0\"", &id])
        .status()
        .unwrap();
    assert!(sent.success());
    assert!(running.0.wait().unwrap().success());
}

#[test]
fn env_asks_the_emulator_that_runs() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("env-ca.pem");
    let (_running, text) = start(command().arg("--tls").arg("--ca-file").arg(&file));
    let base_url = text.lines().find(|l| l.starts_with("  base url ")).unwrap();
    let base_url = base_url.split_whitespace().nth(2).unwrap();
    let env = |family: &str, url: &str| {
        let mut env = command();
        env.args(["env", "--for", family, "--url", url]);
        env.arg("--ca-file").arg(&file).output().unwrap()
    };
    let answer = env("azure-identity-python", base_url);
    assert!(answer.status.success(), "{answer:?}");
    let printed = String::from_utf8(answer.stdout).unwrap();
    let lines: Vec<_> = printed.lines().collect();
    assert!(lines.contains(&format!("AZURE_AUTHORITY_HOST={base_url}").as_str()));
    let trusted = format!("REQUESTS_CA_BUNDLE={}", file.display());
    assert!(lines.contains(&trusted.as_str()), "{printed}");

    assert_eq!(env("msal-cobol", base_url).status.code(), Some(2));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let answer = env("msal-node", &url);
    let text = String::from_utf8(answer.stderr).unwrap();
    assert!(!answer.status.success());
    assert!(
        text.contains(&format!("no emulator answers at {url}")),
        "{text}"
    );
}

#[tokio::test]
async fn a_directory_of_ones_own_is_served() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let text = entra_emulator::Directory::demo().to_json().to_string();
    let json = folder.join("directory.json");
    std::fs::write(&json, text.replace("Alice Example", "Alma")).unwrap();
    let (_running, text) = start(command().arg("--directory").arg(&json));
    assert!(text.contains(entra_emulator::demo::DAEMON), "{text}");
    let base_url = text.lines().find(|l| l.starts_with("  base url ")).unwrap();
    let base_url = base_url.split_whitespace().nth(2).unwrap();
    let http = Client::builder().no_proxy().build().unwrap();
    let url = format!("{base_url}/__emulator/directory");
    let snapshot = http.get(url).send().await.unwrap().text().await.unwrap();
    assert!(snapshot.contains("Alma"));

    let toml = folder.join("wrong.toml");
    std::fs::write(&toml, "[[tenants]]\nid = 7\n").unwrap();
    let odd = folder.join("directory.yaml");
    for (file, reason) in [
        (toml.as_path(), "tenants[0].id: "),
        (odd.as_path(), "its name must end in .toml or .json"),
        (std::path::Path::new("/no/such.json"), "/no/such.json: "),
    ] {
        let answer = command().arg("--directory").arg(file).output().unwrap();
        assert_eq!(answer.status.code(), Some(1));
        let text = String::from_utf8(answer.stderr).unwrap();
        assert!(text.contains(reason), "{text}");
    }
}

#[tokio::test]
async fn the_echo_api_is_served_on_request() {
    let http = Client::builder().no_proxy().build().unwrap();
    for (flags, status) in [(&["--echo"][..], 401), (&[][..], 404)] {
        let (_running, text) = start(command().args(flags));
        let base_url = text.lines().find(|l| l.starts_with("  base url ")).unwrap();
        let base_url = base_url.split_whitespace().nth(2).unwrap();
        let url = format!("{base_url}/echo/{}", entra_emulator::demo::ORDERS_API);
        assert_eq!(http.get(url).send().await.unwrap().status(), status);
    }
}

#[test]
fn a_federated_token_is_kept_in_a_file() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("kept-token");
    let _ = std::fs::remove_file(&file);
    let (_running, _) = start(command().arg("--federated-token-file").arg(&file));
    let token = crate::support::Token::read(&std::fs::read_to_string(&file).unwrap());
    assert_eq!(token.claims["sub"], "system:serviceaccount:default:demo");
    let nowhere = ["--port", "0", "--federated-token-file", "/no/such/token"];
    let answer = command().args(nowhere).output().unwrap();
    assert_eq!(answer.status.code(), Some(1));
    let text = String::from_utf8(answer.stderr).unwrap();
    assert!(text.contains("/no/such/token: "), "{text}");
}
