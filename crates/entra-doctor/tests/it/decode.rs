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
        (
            b"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n",
            "PEM",
        ),
        (b"MIIDBTCCAe2gAwIBAgIQWHUzT0f", "certificate or a key"),
        (
            b"{\"access_token\":\"a.b.c\"}",
            "give the value of `access_token`",
        ),
        (b"eyJh.eyJh", "cut off"),
        (b"1.AXsAx.AgABx", "refresh tokens look like this"),
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
    let output = doctor(
        &["decode", "--unredacted"],
        token(&header, &claims).as_bytes(),
    );
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
    for args in [
        &["decode", "--unredacted"][..],
        &["decode", "--unredacted", "--json"],
    ] {
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

#[test]
fn names_addresses_and_unknown_claims_are_hidden_unless_asked_for() {
    let header = json!({ "alg": "RS256", "typ": "JWT" });
    let mut claims = good_claims();
    let personal = [
        "name",
        "preferred_username",
        "upn",
        "unique_name",
        "email",
        "given_name",
        "family_name",
        "nickname",
        "onprem_sid",
        "ipaddr",
        "fwd",
        "login_hint",
        "extn.phone",
        "own_text",
    ];
    for name in personal {
        claims[name] = json!(format!("secret-{name}"));
    }
    for name in [
        "verified_primary_email",
        "verified_secondary_email",
        "own_list",
    ] {
        claims[name] = json!([format!("secret-{name}")]);
    }
    claims["own_claim"] = json!({ "deep": "secret-deep" });
    claims["own_number"] = json!(424_242);
    let token = token(&header, &claims);
    for args in [&["decode"][..], &["decode", "--json"]] {
        let output = doctor(args, token.as_bytes());
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(
            !shown.contains("secret-") && !shown.contains("424242"),
            "{shown}"
        );
        // What there is, and what decides, is told.
        for part in [
            "email",
            "own_claim",
            "(hidden: object of 1)",
            "(hidden: list of 1)",
            "user_impersonation",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        let open = doctor(&[args, &["--unredacted"]].concat(), token.as_bytes());
        let open = text(&open.stdout);
        for name in personal.iter().chain(&["own_list", "deep"]) {
            assert!(open.contains(&format!("secret-{name}")), "{name}: {open}");
        }
        assert!(
            open.contains("424242") && !open.contains("hidden"),
            "{open}"
        );
        assert!(!open.contains(SIGNATURE), "{open}");
    }
    let report = doctor(&["decode", "--json"], token.as_bytes());
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let hidden = |name: &str| {
        let facts = report["claims"].as_array().unwrap();
        facts.iter().find(|fact| fact["name"] == name).unwrap()["hidden"].clone()
    };
    assert_eq!(hidden("email"), true);
    assert_eq!(hidden("aud"), Value::Null);
    assert!(
        text(&doctor(&["decode"], token.as_bytes()).stdout).contains("--unredacted shows them")
    );
}

/// From an argument, standard input, a file and a variable, in words and as JSON.
#[test]
fn a_token_of_each_odd_kind_is_named_wherever_it_comes_from() {
    let claims = |name: &str, value: Value| {
        let mut claims = good_claims();
        claims[name] = value;
        claims
    };
    let plain = json!({ "alg": "RS256", "typ": "JWT" });
    let good = good_claims();
    for (name, header, claims, code, exit) in [
        (
            "graph",
            json!({ "alg": "RS256", "nonce": "n" }),
            &good,
            "graph_token",
            0,
        ),
        (
            "pop",
            json!({ "alg": "RS256", "typ": "pop" }),
            &json!({ "at": "x" }),
            "proof_of_possession",
            1,
        ),
        (
            "id",
            plain.clone(),
            &claims("c_hash", json!("h")),
            "id_token",
            1,
        ),
        (
            "id-without-client",
            plain.clone(),
            &claims("appid", Value::Null),
            "id_token",
            1,
        ),
        (
            "bound",
            plain.clone(),
            &claims("cnf", json!({ "kid": "k" })),
            "bound_token",
            1,
        ),
        (
            "overage",
            plain.clone(),
            &claims("_claim_names", json!({ "groups": "src1" })),
            "groups_overage",
            0,
        ),
        ("unsigned", json!({ "alg": "none" }), &good, "unsigned", 1),
    ] {
        let claims = match claims.get("appid") {
            Some(Value::Null) => {
                let mut claims = claims.clone();
                claims.as_object_mut().unwrap().remove("appid");
                claims
            }
            _ => claims.clone(),
        };
        let token = token(&header, &claims);
        let path = std::env::temp_dir().join(format!("entra-doctor-{}-{name}", std::process::id()));
        std::fs::write(&path, format!("Bearer {token}\n")).unwrap();
        let file = path.to_str().unwrap();
        for (args, stdin) in [
            (vec!["decode", token.as_str()], ""),
            (vec!["decode"], token.as_str()),
            (vec!["decode", "-"], token.as_str()),
            (vec!["decode", "--token-file", file], ""),
            (
                vec!["decode", "--token-env", "ENTRA_DOCTOR_TEST_TOKEN"],
                token.as_str(),
            ),
        ] {
            let env = [("ENTRA_DOCTOR_TEST_TOKEN", token.as_str())];
            let output = crate::support::doctor_with(&args, &env, stdin.as_bytes());
            assert_eq!(output.status.code(), Some(exit), "{name} {args:?}");
            assert!(
                text(&output.stdout).contains(&format!("[{code}]")),
                "{name} {args:?}"
            );
            let json = [args.clone(), vec!["--json"]].concat();
            let output = crate::support::doctor_with(&json, &env, stdin.as_bytes());
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["ok"], exit == 0, "{name}");
            assert_eq!(report["verified"], false);
            let codes = report["findings"].as_array().unwrap();
            assert!(
                codes.iter().any(|finding| finding["code"] == code),
                "{name}: {report}"
            );
        }
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn agents_guests_and_proofs_are_told_in_words() {
    let mut claims = good_claims();
    for (name, value) in [
        ("xms_act_fct", json!("9 3 11")),
        ("xms_sub_fct", json!("4 3")),
        ("xms_tnt_fct", json!("x")),
        ("xms_idrel", json!("5 28")),
        (
            "xms_par_app_azp",
            json!("22223333-cccc-4444-dddd-5555eeee6666"),
        ),
        ("acct", json!(1)),
        ("appidacr", json!("2")),
        ("groups", json!(["a", "b"])),
        ("xms_cc", json!(["cp1"])),
    ] {
        claims[name] = value;
    }
    let token = token(&json!({ "alg": "RS256", "typ": "JWT" }), &claims);
    let shown = text(&doctor(&["decode"], token.as_bytes()).stdout);
    for part in [
        "a user who acts through an agent",
        "the client application is an agent identity",
        "the subject is no agent",
        "so nothing is known of agents",
        "the subject is, in this tenant, a guest",
        "not for authorization",
        "the user is a guest of this tenant",
        "proved itself with a certificate",
        "2 groups that the user is in",
        "understands claims challenges",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}
