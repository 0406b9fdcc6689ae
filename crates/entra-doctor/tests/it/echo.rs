//! What an answer repeats of its input: marked as not verified, without secrets, harmless to a
//! terminal.

use serde_json::{Value, json};

use crate::support::{doctor, good, good_claims, text, token};

/// A token that anybody can write: an application's, for a key vault.
fn forged() -> String {
    let mut claims = good_claims();
    claims["aud"] = json!("https://vault.azure.net");
    claims["idtyp"] = json!("app");
    claims.as_object_mut().unwrap().remove("scp");
    claims["appidacr"] = json!("2");
    token(
        &json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" }),
        &claims,
    )
}

#[test]
fn an_answer_about_a_token_says_that_nothing_was_verified() {
    let vault = "https://contoso.vault.azure.net/secrets/a";
    let args = [
        "explain",
        "--endpoint",
        vault,
        "--status",
        "403",
        "--token",
        "-",
    ];
    let shown = text(&doctor(&args, forged().as_bytes()).stdout);
    assert!(shown.starts_with("NOT VERIFIED"), "{shown}");
    // The role goes to an id that the token's author chose.
    let role = shown.find("az role assignment create").unwrap();
    let check = shown.find("check this id first").unwrap();
    assert!(check < role, "{shown}");
    assert!(shown.contains("directoryObjects/aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb"));
    let paste = format!("GET {vault} 403\nAuthorization: Bearer {}", forged());
    let shown = text(&doctor(&["explain", "-"], paste.as_bytes()).stdout);
    assert!(shown.starts_with("NOT VERIFIED"), "{shown}");
    // Without a token there is nothing to verify.
    let shown = text(&doctor(&["explain", "-"], b"GET https://x.example/ 403").stdout);
    assert!(!shown.contains("NOT VERIFIED"), "{shown}");
}

#[test]
fn an_id_that_an_answer_names_is_to_be_checked_before_it_gets_a_role() {
    let paste = b"HTTP/1.1 401\nhttps://contoso.openai.azure.com/\nThe principal `aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action`";
    let shown = text(&doctor(&["explain", "-"], paste).stdout);
    let role = shown.find("az role assignment create").unwrap();
    assert!(shown.find("check this id first").unwrap() < role, "{shown}");
}

#[test]
fn the_echo_of_the_command_line_is_harmless() {
    let hostile = "x\u{1b}]0;title\u{7}\u{9b}31m\u{202e}y";
    let spaced = "eyAiYWxnIjogIlJTMjU2IiB9.eyAiYXVkIjogIngiIH0.c2lnbmF0dXJl";
    let sas = "https://a.example/?sig=abcdefghijklmnop";
    for args in [
        vec!["scope", "a", hostile],
        vec!["explain", "--status", hostile],
        vec!["--no-such-option", hostile],
        vec!["decode", "a", spaced],
        vec!["explain", "--at", sas],
        vec!["no-such-command", hostile],
    ] {
        let output = doctor(&args, b"");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let shown = text(&output.stderr);
        for char in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'] {
            assert!(!shown.contains(char), "{args:?}: {shown:?}");
        }
        assert!(!shown.contains(spaced), "{shown}");
        assert!(!shown.contains("abcdefghijklmnop"), "{shown}");
    }
}

#[test]
fn json_repeats_no_character_that_moves_a_terminal() {
    let mut claims = good_claims();
    claims["aud"] = json!("https://ai.azure.com\u{9b}31m\u{202e}\u{7f}");
    let odd = token(&json!({ "alg": "RS256", "typ": "JWT" }), &claims);
    for args in [
        &["decode", "--json"][..],
        &["explain", "--json", "--token", "-"],
    ] {
        let shown = text(&doctor(args, odd.as_bytes()).stdout);
        for char in ['\u{9b}', '\u{202e}', '\u{7f}'] {
            assert!(!shown.contains(char), "{args:?}: {shown:?}");
        }
        let read: Value = serde_json::from_str(&shown).unwrap();
        assert!(
            read.to_string().contains('\u{202e}'),
            "the value is the same"
        );
    }
    let shown = text(&doctor(&["endpoint", "--json", "https://a\u{202e}b.example/"], b"").stdout);
    assert!(!shown.contains('\u{202e}'), "{shown:?}");
}

#[test]
fn secrets_of_the_input_are_not_repeated() {
    let refresh = format!(
        "1.AXkAfh1aPLKQRk-KHF0ue58KE.AgABAwEAAAB{}",
        "q9Rw_Z".repeat(30)
    );
    let secret = "Zk3u0n1nB7eVwqLr0yqv4rVvC1pZ2m9aTtUu";
    let paste = format!(
        "POST https://login.microsoftonline.com/common/oauth2/v2.0/token refresh_token={refresh}\n\
         {{\"aud\": \"https://a.example/?code={secret}\", \"iss\": \"x\"}}\n\
         https://contoso.blob.core.windows.net/c?sig={secret}&sv=1 401 nothing else {refresh}\n"
    );
    for args in [&["explain", "-"][..], &["explain", "-", "--json"]] {
        let output = doctor(args, paste.as_bytes());
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(
            !shown.contains(secret) && !shown.contains(&refresh),
            "{shown}"
        );
    }
    let mut claims = good_claims();
    claims["aud"] = json!(format!("https://a.example/?x={}", good()));
    let odd = token(&json!({ "alg": "RS256", "typ": "JWT" }), &claims);
    let shown = text(
        &doctor(
            &[
                "explain",
                "--token",
                "-",
                "--endpoint",
                "https://contoso.vault.azure.net/",
            ],
            odd.as_bytes(),
        )
        .stdout,
    );
    assert!(!shown.contains("?x="), "a query of an audience: {shown}");
    // Files: what is wrong is said, and not what is in them.
    let file = std::env::temp_dir().join(format!("entra-doctor-echo-{}.json", std::process::id()));
    std::fs::write(
        &file,
        format!("{{\"audiences\": [\"https://a.example/?code={secret}\"], \"{refresh}\": 1}}"),
    )
    .unwrap();
    let policy = file.to_str().unwrap();
    let output = doctor(
        &["verify", "--policy", policy, "--jwks", policy],
        good().as_bytes(),
    );
    let shown = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert!(
        !shown.contains(secret) && !shown.contains(&refresh),
        "{shown}"
    );
    std::fs::remove_file(&file).unwrap();
}
