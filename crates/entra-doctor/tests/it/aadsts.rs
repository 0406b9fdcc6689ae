//! `entra-doctor aadsts`

use serde_json::Value;

use crate::support::{doctor, text};

fn codes(args: &[&str], stdin: &[u8]) -> (Option<i32>, Vec<u64>) {
    let args: Vec<_> = ["aadsts", "--json"].iter().chain(args).copied().collect();
    let output = doctor(&args, stdin);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes = told["codes"].as_array().unwrap().iter();
    (
        output.status.code(),
        codes.map(|code| code["code"].as_u64().unwrap()).collect(),
    )
}

#[test]
fn numbers_are_found_in_whatever_is_pasted() {
    for pasted in [
        "65001",
        "AADSTS65001",
        "aadsts65001: nobody consented",
        "error: AADSTS65001, again AADSTS65001",
        r#"{"error":"invalid_grant","error_codes":[65001],"timestamp":"2026-01-02 03:04:05Z"}"#,
        r#"{"status":{"errorCode": 65001,"failureReason":"Other."}}"#,
    ] {
        assert_eq!(codes(&[pasted], b""), (Some(0), vec![65001]), "{pasted}");
        assert_eq!(codes(&["-"], pasted.as_bytes()), (Some(0), vec![65001]));
    }
    let several = codes(&["AADSTS500011", "and", "AADSTS50013."], b"");
    assert_eq!(several, (Some(0), vec![500_011, 50013]));
}

#[test]
fn what_is_not_known_is_said() {
    assert_eq!(codes(&["AADSTS1"], b""), (Some(1), vec![1]));
    assert_eq!(codes(&["1234567"], b""), (Some(1), vec![1_234_567]));
    for nothing in ["hello", "", "AADSTS", "call me 12 times", "99999999999"] {
        assert_eq!(codes(&[nothing], b""), (Some(1), vec![]), "{nothing}");
    }
    let shown = text(&doctor(&["aadsts", "AADSTS1"], b"").stdout);
    assert!(shown.contains("not in the list"), "{shown}");
}

#[test]
fn people_read_what_to_do_and_who_does_it() {
    let shown = text(&doctor(&["aadsts", "7000215"], b"").stdout);
    for part in ["AADSTS7000215", "InvalidClientSecret", "developer"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let token = crate::support::good();
    let shown = text(&doctor(&["aadsts", &token], b"").stdout);
    assert!(!shown.contains("eyJ"), "{shown}");
}
