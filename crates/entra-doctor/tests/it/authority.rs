//! `verify --authority`, against the local Entra ID.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;

use entra_emulator::{Directory, Emulator, demo};
use serde_json::{Value, json};

use crate::support::{doctor, text};

/// A policy in a file of its own, which goes with it.
struct PolicyFile(PathBuf);

impl PolicyFile {
    fn new(name: &str, base: &str, tenants: Value) -> Self {
        let policy = json!({
            "cloud": {"loopback": base}, "tenants": tenants,
            "audiences": [demo::MCP_SERVER, format!("api://{}", demo::MCP_SERVER)],
            "token_kinds": ["delegated"],
        });
        let name = format!("entra-doctor-authority-{name}-{}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, policy.to_string()).unwrap();
        Self(path)
    }

    fn single(name: &str, base: &str) -> Self {
        Self::new(
            name,
            base,
            json!({"mode": "single", "tenant": demo::TENANT}),
        )
    }

    fn verify(&self, authority: &str, more: &[&str], token: &str) -> (Value, Option<i32>) {
        let path = self.0.to_str().unwrap();
        let mut args = vec![
            "verify",
            "--json",
            "--policy",
            path,
            "--authority",
            authority,
        ];
        args.extend(more);
        let output = doctor(&args, token.as_bytes());
        let answer = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (answer, output.status.code())
    }
}

impl Drop for PolicyFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn start() -> (Emulator, String) {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let token = emulator
        .forge()
        .user_token(
            demo::TENANT,
            demo::ALICE,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &[demo::MCP_READ],
        )
        .unwrap()
        .sign()
        .unwrap();
    (emulator, token)
}

#[track_caller]
fn refused(answer: &(Value, Option<i32>), says: &[&str]) {
    let (answer, exit) = answer;
    assert_eq!(*exit, Some(2), "{answer}");
    assert_eq!(answer["error"]["code"], "authority", "{answer}");
    let message = answer["error"]["message"].as_str().unwrap();
    for words in says {
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_and_every_check_is_told() {
    let (emulator, token) = start().await;
    let base = emulator.base_url().to_owned();
    let policy = PolicyFile::single("good", &base);
    for spelling in [
        format!("{base}/{}", demo::TENANT),
        format!("{base}/{}/v2.0", demo::TENANT),
        format!("{base}/{}/oauth2/v2.0/token", demo::TENANT),
    ] {
        let (answer, exit) = policy.verify(&spelling, &[], &token);
        assert_eq!(
            (answer["outcome"].as_str(), exit),
            (Some("accept"), Some(0)),
            "{answer}"
        );
        let checks = answer["checks"].as_array().unwrap();
        assert!(checks.len() > 20 && checks.iter().all(|check| check["went"] == "passed"));
    }
    // Metadata and keys, and nothing of the token.
    assert_eq!(emulator.journal().count(|_| true), 6);
    assert_eq!(
        emulator
            .journal()
            .count(|entry| entry.path().ends_with("/keys")),
        3
    );

    let url = format!("{base}/{}", demo::TENANT);
    let (answer, exit) = policy.verify(&url, &["--now", "4000000000"], &token);
    assert_eq!(
        (answer["reason"].as_str(), exit),
        (Some("expired"), Some(1))
    );
    emulator.rotate_keys();
    let (answer, _) = policy.verify(&url, &[], &token);
    assert_eq!(
        answer["outcome"], "accept",
        "the old key is still published"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_authority_will_do_for_many_tenants() {
    let (emulator, token) = start().await;
    let base = emulator.base_url().to_owned();
    let policy = PolicyFile::new("shared", &base, json!({"mode": "organizations"}));
    for alias in ["organizations", "common"] {
        let (answer, exit) = policy.verify(&format!("{base}/{alias}"), &[], &token);
        assert_eq!(
            (answer["outcome"].as_str(), exit),
            (Some("accept"), Some(0)),
            "{answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_not_the_policys_is_not_asked() {
    let (emulator, token) = start().await;
    let base = emulator.base_url().to_owned();
    let policy = PolicyFile::single("foreign", &base);
    let public = format!("https://login.microsoftonline.com/{}", demo::TENANT);
    refused(
        &policy.verify(&public, &[], &token),
        &["another cloud", &base],
    );
    let nearly = format!("{base}.evil.example/{}", demo::TENANT);
    refused(
        &policy.verify(&nearly, &[], &token),
        &["not the authority of this cloud"],
    );
    let elsewhere = format!("http://192.0.2.1/{}", demo::TENANT);
    refused(&policy.verify(&elsewhere, &[], &token), &[&base]);
    let domain = format!("{base}/contoso.com");
    refused(
        &policy.verify(&domain, &[], &token),
        &["directory (tenant) id"],
    );
    refused(
        &policy.verify(&base, &[], &token),
        &["no tenant in the path"],
    );
    assert_eq!(emulator.journal().count(|_| true), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_is_told() {
    let (emulator, token) = start().await;
    let base = emulator.base_url().to_owned();
    let policy = PolicyFile::single("missing", &base);
    let nobody = format!("{base}/c0de0000-7e4a-4000-8000-00000000dead");
    refused(
        &policy.verify(&nobody, &[], &token),
        &["the authority answered 40"],
    );

    // A port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let base = format!("http://{free}");
    let policy = PolicyFile::single("down", &base);
    let url = format!("{base}/{}", demo::TENANT);
    refused(
        &policy.verify(&url, &[], &token),
        &[
            "no connection to the server",
            ".well-known/openid-configuration",
        ],
    );
}

/// Gives one answer to everybody.
fn lying(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let own = base.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let body = answer(&own);
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length:";
            let _ = write!(stream, "{head} {length}\r\n\r\n{body}");
        }
    });
    base
}

#[test]
fn a_document_that_speaks_for_another_is_told_and_not_followed() {
    let tenant = demo::TENANT;
    let issuer = lying(|base| {
        json!({"issuer": "https://evil.example/\u{1b}[31m", "jwks_uri": format!("{base}/keys")})
            .to_string()
    });
    let policy = PolicyFile::single("issuer", &issuer);
    let answer = policy.verify(&format!("{issuer}/{tenant}"), &[], "x");
    let needed = format!("{issuer}/{tenant}/v2.0");
    refused(
        &answer,
        &["another issuer's", "https://evil.example/", &needed],
    );
    assert!(!answer.0.to_string().contains('\u{1b}'));

    let keys = lying(move |base| {
        json!({"issuer": format!("{base}/{tenant}/v2.0"), "jwks_uri": "https://evil.example/k"})
            .to_string()
    });
    let policy = PolicyFile::single("jwks-uri", &keys);
    let answer = policy.verify(&format!("{keys}/{tenant}"), &[], "x");
    refused(&answer, &["jwks_uri", "https://evil.example/k"]);

    let html = lying(|_| "<html>".to_owned());
    let policy = PolicyFile::single("html", &html);
    let answer = policy.verify(&format!("{html}/{tenant}"), &[], "x");
    refused(&answer, &["cannot be read"]);
}

#[test]
fn keys_come_from_one_place() {
    let both = ["verify", "--policy", "p", "--jwks", "k", "--authority", "a"];
    let neither = ["verify", "--policy", "p"];
    let batch = ["verify", "--batch", "-", "--authority", "a"];
    for args in [&both[..], &neither, &batch] {
        let output = doctor(args, b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("--authority"), "{args:?}");
    }
}
