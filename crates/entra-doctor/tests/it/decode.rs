//! `entra-doctor decode`

use serde_json::{Value, json};

use crate::support::{SIGNATURE, doctor, good, good_claims, text, token};

#[test]
fn a_good_token_is_told_in_words_and_loudly_not_verified() {
    let output = doctor(&["decode"], format!("Bearer {}\n", good()).as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.starts_with("NOT VERIFIED"), "{shown}");
    for part in [
        "It looks like a user's access token",
        "for Microsoft Foundry",
        "Azure CLI asked for it",
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
    assert!(text(&output.stderr).contains("printf %s \"$TOKEN\" | entra-doctor"));
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
fn a_token_within_a_claim_is_not_repeated() {
    let inner = good();
    let mut claims = good_claims();
    claims["forwarded"] = json!(inner);
    let outer = token(&json!({ "alg": "RS256", "typ": "JWT" }), &claims);
    for args in [&["decode"][..], &["decode", "--json"]] {
        let shown = text(&doctor(args, outer.as_bytes()).stdout);
        assert!(
            shown.contains("forwarded") && shown.contains("(token)"),
            "{shown}"
        );
        assert!(
            !shown.contains("eyJ") && !shown.contains(SIGNATURE),
            "{shown}"
        );
    }
}
