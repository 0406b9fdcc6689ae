//! The program as people run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// 256 bytes, as many as a key of Entra ID gives: `secret-signature--` 14 times, and zeros.
const SIGNATURE: &str = concat!(
    "c2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0t",
    "c2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0t",
    "c2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0t",
    "c2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tAAAAAA",
);

fn doctor(args: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_entra-doctor"))
        .args(args)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read; that is its right.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

fn token(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{SIGNATURE}", encode(header), encode(claims))
}

/// Valid until the year 2200.
fn good_claims() -> Value {
    json!({
        "aud": "https://ai.azure.com",
        "iss": "https://sts.windows.net/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/",
        "tid": "8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
        "oid": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb",
        "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "scp": "user_impersonation",
        "nbf": 1_000_000_000,
        "exp": 7_258_118_400_i64,
        "ver": "1.0",
        "own_claim": { "a": 1 },
    })
}

fn good() -> String {
    token(
        &json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" }),
        &good_claims(),
    )
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_good_token_is_told_in_words_and_loudly_not_verified() {
    let output = doctor(&["decode"], format!("Bearer {}\n", good()).as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.starts_with("NOT VERIFIED"), "{shown}");
    for part in [
        "It looks like a user's access token",
        "for Microsoft Foundry",
        "the Azure CLI asked for it",
        "a v1 issuer",
        "expires in ",
        "own_claim",
        "Nothing looks wrong",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(output.stderr.is_empty());
}

#[test]
fn the_signature_and_the_token_are_never_printed() {
    let token = good();
    let payload = token.split('.').nth(1).unwrap();
    for args in [
        vec!["decode"],
        vec!["decode", "--json"],
        vec!["decode", &token],
    ] {
        let output = doctor(&args, token.as_bytes());
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(shown.contains("user_impersonation"));
        assert!(!shown.contains(SIGNATURE), "{args:?}");
        assert!(!shown.contains("secret-signature"), "{args:?}");
        assert!(!shown.contains(payload), "{args:?}");
    }
    // Where it stands in the wrong place, or does not decode.
    for args in [
        vec![token.as_str()],
        vec!["decode", "a", &token],
        vec!["endpoint", "--x", &token],
    ] {
        let output = doctor(&args, b"");
        assert_eq!(output.status.code(), Some(2));
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(
            !shown.contains(SIGNATURE) && !shown.contains(payload),
            "{shown}"
        );
    }
    let broken = format!("{token}.{SIGNATURE}");
    let output = doctor(&["decode"], broken.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(!text(&output.stderr).contains(SIGNATURE));
}

#[test]
fn a_token_as_argument_is_read_with_a_warning() {
    let output = doctor(&["decode", &good()], b"");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("shell's history"));
    assert!(text(&output.stderr).contains("printf %s \"$TOKEN\" | entra-doctor decode -"));
    // A variable that is not set holds no secret.
    for nothing in ["", " "] {
        let output = doctor(&["decode", nothing], b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("there is no token"));
        assert!(!text(&output.stderr).contains("history"));
    }
    let dash = doctor(&["decode", "-"], good().as_bytes());
    assert_eq!(dash.status.code(), Some(0));
    assert!(dash.stderr.is_empty());
}

#[test]
fn something_wrong_is_exit_code_1() {
    let mut claims = good_claims();
    claims["exp"] = json!(1_000_000_100);
    let header = json!({ "alg": "RS256", "typ": "JWT" });
    let output = doctor(&["decode", "--json"], token(&header, &claims).as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], false);
    assert_eq!(report["verified"], false);
    assert_eq!(report["findings"][0]["code"], "expired");
    assert_eq!(report["caller"], "user");
}

#[test]
fn what_cannot_be_read_is_exit_code_2_with_what_to_do() {
    for (stdin, says) in [
        (&b""[..], "there is no token"),
        (b"  \n", "there is no token"),
        (b"hello", "API key or an opaque token"),
        (b"\xff\xfe", "as text"),
        (b"a.b.c.d.e", "encrypted"),
        (b"-----BEGIN CERTIFICATE-----", "PEM"),
    ] {
        let output = doctor(&["decode"], stdin);
        assert_eq!(output.status.code(), Some(2), "{stdin:?}");
        assert!(output.stdout.is_empty());
        assert!(
            text(&output.stderr).contains(says),
            "{}",
            text(&output.stderr)
        );
        let output = doctor(&["decode", "--json"], stdin);
        assert_eq!(output.status.code(), Some(2));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(report["error"]["message"].as_str().unwrap().contains(says));
        assert!(
            ["nothing", "not_a_token", "unreadable"]
                .contains(&report["error"]["code"].as_str().unwrap())
        );
    }
    let output = doctor(&["no-such-command"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("Usage"));
}

#[test]
fn claims_cannot_draw_on_the_terminal() {
    let mut claims = good_claims();
    claims["name"] = json!("\u{1b}[2J\u{1b}[1;32mVERIFIED\u{202e}");
    claims["odd\nclaim"] = json!("x\r\ny");
    let header = json!({ "alg": "RS256", "kid": "\u{1b}]0;x\u{7}" });
    let output = doctor(&["decode"], token(&header, &claims).as_bytes());
    let shown = text(&output.stdout);
    assert!(shown.contains("VERIFIED"));
    for char in ['\u{1b}', '\u{7}', '\r', '\u{202e}'] {
        assert!(!shown.contains(char), "{shown:?}");
    }
    assert!(
        !shown.lines().any(|line| line.starts_with("claim")),
        "{shown}"
    );
}

#[test]
fn an_endpoint_is_told_with_what_was_changed() {
    let pasted = "https://Contoso.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
    let output = doctor(&["endpoint", pasted], b"");
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for part in [
        "An Azure OpenAI resource",
        "https://contoso.openai.azure.com/",
        "gpt-4o",
        "2024-10-21",
        "https://cognitiveservices.azure.com/.default",
        "azure_endpoint",
        "host_case",
        "path_removed",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let output = doctor(&["endpoint", "--json", pasted], b"");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], true);
    assert_eq!(report["kind"], "azure_openai");
    assert_eq!(report["origin"], "https://contoso.openai.azure.com");
    assert_eq!(report["audience"], "https://cognitiveservices.azure.com");
    assert_eq!(report["parts"]["deployment"], "gpt-4o");
    assert_eq!(
        report["clients"]["openai_base_url"]["scope"],
        "https://ai.azure.com/.default"
    );
    assert_eq!(report["notes"].as_array().unwrap().len(), 3);
}

#[test]
fn a_refused_endpoint_is_exit_code_1_with_the_text_that_was_meant() {
    let output = doctor(&["endpoint", "contoso.openai.azure.com"], b"");
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(
        shown.contains("https://contoso.openai.azure.com"),
        "{shown}"
    );
    let hostile = "https://user:hunter2@contoso.openai.azure.com.evil.example/?sig=hunter2";
    let output = doctor(&["endpoint", "--json", hostile], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(!text(&output.stdout).contains("hunter2"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], false);
    assert_eq!(report["error"]["code"], "user_info");
    assert_eq!(report["suggestion"], Value::Null);
}

#[test]
fn the_cloud_is_a_choice() {
    let gov = "https://contoso.services.ai.azure.us/api/projects/p1";
    let refused = doctor(&["endpoint", gov], b"");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).contains("add `--cloud usgov`"));
    let china = "https://contoso.openai.azure.cn/";
    let refused = doctor(&["endpoint", "--json", china], b"");
    assert!(text(&refused.stdout).contains("add `--cloud china`"));
    let output = doctor(&["endpoint", "--cloud", "usgov", "--json", gov], b"");
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["scope"], "https://ai.azure.us/.default");
    let output = doctor(&["endpoint", "--cloud", "mars", gov], b"");
    assert_eq!(output.status.code(), Some(2));
}

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
    assert!(help.contains("Exit codes") && help.contains("Nothing leaves this machine"));
    for command in ["decode", "endpoint"] {
        let output = doctor(&[command, "--help"], b"");
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("Examples"));
    }
}
