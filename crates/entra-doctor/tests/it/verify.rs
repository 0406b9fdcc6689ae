//! `verify` and `verify --batch`

use serde_json::{Value, json};

use crate::support::doctor;

const KEYS: &str = include_str!("../../../entra-claims/tests/data/keys.json");
const TOKEN: &str = include_str!("../../../entra-claims/tests/data/token.txt");
const NOW: i64 = 1_700_000_000;

fn policy() -> Value {
    json!({
        "cloud": "public",
        "tenants": {"mode": "single", "tenant": "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"},
        "audiences": ["11112222-bbbb-3333-cccc-4444dddd5555"],
        "versions": ["1.0", "2.0"], "algorithms": ["RS256"], "clock_skew_s": 60,
        "token_kinds": ["delegated", "app"], "required_scopes_any": null, "required_roles_any": null,
        "allowed_clients": null, "max_token_bytes": 16384,
    })
}

fn question(id: Value) -> Value {
    let keys: Value = serde_json::from_str(KEYS).unwrap();
    json!({"id": id, "token": TOKEN.trim_end(), "now": NOW, "jwks": keys, "policy": policy()})
}

fn answers(input: &[u8]) -> Vec<Value> {
    let output = doctor(&["verify", "--batch", "-"], input);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn answer(question: &Value) -> Value {
    answers(format!("{question}\n").as_bytes()).remove(0)
}

#[test]
fn each_line_has_one_answer_in_order_and_in_the_documented_shape() {
    let mut expired = question(json!(2));
    expired["now"] = json!(NOW + 1_000_000);
    let input = format!("{}\nno JSON\n\n{expired}\n[]", question(json!("a")));
    let answers = answers(input.as_bytes());
    assert_eq!(answers.len(), 5);
    assert_eq!(
        answers[0],
        json!({"id": "a", "outcome": "accept", "principal": {
            "tid": "8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
            "oid": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb", "kind": "delegated",
        }})
    );
    for line in [1, 2, 4] {
        assert_eq!(answers[line]["id"], Value::Null);
        assert_eq!(answers[line]["outcome"], "error");
        assert_eq!(answers[line].as_object().unwrap().len(), 3);
    }
    assert_eq!(answers[3]["id"], 2);
    assert_eq!(answers[3]["outcome"], "reject");
    assert_eq!(answers[3]["reason"], "expired");
    assert!(answers[3]["message"].as_str().unwrap().contains("expired"));
    assert_eq!(answers[3].as_object().unwrap().len(), 4);
}

#[test]
fn a_token_may_be_any_string() {
    for token in [
        "",
        "\u{0}",
        "a\r\nb\u{1b}[31m",
        "\u{2028}",
        "..",
        "Bearer x",
        &".".repeat(100_000),
    ] {
        let mut line = question(json!(1));
        line["token"] = json!(token);
        assert_eq!(answer(&line)["outcome"], "reject", "{token:?}");
    }
    let half = question(json!(1))
        .to_string()
        .replace(TOKEN.trim_end(), "\\ud800");
    assert_eq!(answers(half.as_bytes())[0]["outcome"], "reject");
    let mut line = question(json!(1));
    line["token"] = json!(7);
    assert_eq!(answer(&line)["outcome"], "error");
}

#[test]
fn garbage_beside_good_keys_does_no_harm_and_no_key_is_an_unknown_key() {
    let mut line = question(json!(1));
    let keys = line["jwks"]["keys"].as_array_mut().unwrap();
    for garbage in [
        json!(null),
        json!("x"),
        json!({}),
        json!([[[]]]),
        json!({"kty": "RSA", "kid": "key-1"}),
    ] {
        keys.insert(0, garbage);
    }
    assert_eq!(answer(&line)["outcome"], "accept");
    let deep = format!("{}1{}", "[".repeat(2000), "]".repeat(2000));
    let text = line
        .to_string()
        .replacen("\"keys\":[", &format!("\"keys\":[{deep},"), 1);
    assert_eq!(answers(text.as_bytes())[0]["outcome"], "accept");
    line["jwks"] = json!({"keys": []});
    assert_eq!(answer(&line)["reason"], "unknown_key");
    line["jwks"] = json!({"keys": [null]});
    assert_eq!(answer(&line)["reason"], "unknown_key");
}

#[test]
fn a_policy_that_is_none_is_an_error() {
    for (name, value) in [
        ("audiences", json!([])),
        ("tenants", json!({"mode": "organizations", "tenants": []})),
        ("unknown", json!(1)),
    ] {
        let mut line = question(json!(1));
        line["policy"][name] = value;
        assert_eq!(answer(&line)["outcome"], "error", "{name}");
    }
}

#[test]
fn no_answer_holds_a_token() {
    let mut line = question(json!(1));
    line["token"] = json!(format!("{}x", TOKEN.trim_end()));
    let text = answer(&line).to_string();
    assert!(!text.contains("eyJ"), "{text}");
    let broken = line.to_string().replace("\"now\":", TOKEN);
    let text = answers(broken.as_bytes())[0].to_string();
    assert!(!text.contains("eyJ"), "{text}");
}

#[test]
fn one_token_gets_a_verdict_and_every_check() {
    let folder = std::env::temp_dir().join(format!("entra-doctor-verify-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (policy, keys) = (
        file("policy.json", &policy().to_string()),
        file("keys.json", KEYS),
    );
    let run = |now: i64| {
        let now = now.to_string();
        let args = [
            "verify", "--json", "--policy", &policy, "--jwks", &keys, "--now", &now,
        ];
        let output = doctor(&args, TOKEN.as_bytes());
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        (answer, output.status.code())
    };
    let (accepted, exit) = run(NOW);
    assert_eq!(
        (accepted["outcome"].as_str(), exit),
        (Some("accept"), Some(0))
    );
    let checks = accepted["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["went"] == "passed"));
    let (rejected, exit) = run(NOW + 1_000_000);
    assert_eq!(
        (rejected["reason"].as_str(), exit),
        (Some("expired"), Some(1))
    );
    let went = |name: &str| {
        let checks = rejected["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["check"] == name).unwrap();
        check["went"].as_str().unwrap().to_owned()
    };
    assert_eq!(went("wrong_audience"), "passed");
    assert_eq!(went("expired"), "failed");
    assert_eq!(went("bad_signature"), "not reached");
    let bad = file("bad.json", "{}");
    let output = doctor(
        &["verify", "--policy", &bad, "--jwks", &keys],
        TOKEN.as_bytes(),
    );
    assert_eq!(output.status.code(), Some(2));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_token_is_taken_out_of_what_is_pasted_around_it() {
    let folder = std::env::temp_dir().join(format!("doctor-verify-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (policy_file, keys) = (folder.join("policy.json"), folder.join("keys.json"));
    std::fs::write(&policy_file, policy().to_string()).unwrap();
    std::fs::write(&keys, KEYS).unwrap();
    let now = NOW.to_string();
    let args = [
        "verify",
        "--policy",
        policy_file.to_str().unwrap(),
        "--jwks",
        keys.to_str().unwrap(),
        "--now",
        &now,
        "--json",
    ];
    let token = TOKEN.trim_end();
    for pasted in [
        format!("{{\"token_type\":\"Bearer\",\"access_token\":\"{token}\"}}"),
        format!("Authorization: Bearer {token}\r\n"),
    ] {
        let output = doctor(&args, pasted.as_bytes());
        assert_eq!(output.status.code(), Some(0), "{pasted}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("taken out of the text"), "{said}");
    }
    let plain = doctor(&args, TOKEN.as_bytes());
    assert_eq!(plain.status.code(), Some(0));
    assert!(plain.stderr.is_empty());
    std::fs::remove_dir_all(&folder).unwrap();
}
