use super::*;

fn rule(name: &str) -> Requirement {
    Requirement::role(name)
}

fn policy() -> McpPolicy {
    McpPolicy::new()
        .tool("write", rule("tool"))
        .prompt("sum", rule("prompt"))
        .resource("x://a/1", rule("one"))
        .resource("y://alone", rule("alone"))
        .resources_under("x://a/", rule("under"))
        .resources_under("x://a/b/", rule("deeper"))
        .method("tasks/cancel", rule("method"))
}

/// The names of the rules, or that it is denied.
fn decide(policy: McpPolicy, method: &str, params: &str) -> String {
    let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
    shown(policy, &text)
}

fn shown(policy: McpPolicy, text: &str) -> String {
    let message = Message::read(text.as_bytes()).unwrap();
    match Compiled::new(policy).decide(&message) {
        Decision::Denied => "denied".to_owned(),
        Decision::Rules(rules) => {
            let names = rules.iter().map(ToString::to_string);
            let names: Vec<_> = names
                .map(|n| n.trim_start_matches("application role ").to_owned())
                .collect();
            names.join("+")
        }
    }
}

#[test]
fn each_method_finds_the_rule_of_what_it_names() {
    for (method, params, rules) in [
        ("tools/call", r#"{"name":"write"}"#, "tool"),
        ("tools/call", r#"{"name":"read"}"#, ""),
        ("tools/call", r#"{"name":"sum"}"#, ""),
        ("prompts/get", r#"{"name":"sum"}"#, "prompt"),
        ("prompts/get", r#"{"name":"write"}"#, ""),
        ("resources/read", r#"{"uri":"x://a/1"}"#, "one"),
        ("resources/subscribe", r#"{"uri":"x://a/1"}"#, "one"),
        ("resources/unsubscribe", r#"{"uri":"x://a/2"}"#, "under"),
        (
            "resources/directory/read",
            r#"{"uri":"x://a/b/3"}"#,
            "deeper",
        ),
        ("skills/get", r#"{"uri":"x://a/b/3"}"#, "deeper"),
        ("resources/read", r#"{"uri":"x://c"}"#, ""),
        ("resources/read", r#"{"uri":"y://alone"}"#, "alone"),
        ("resources/read", r#"{"uri":"y://alone/2"}"#, ""),
        (
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","name":"sum"}}"#,
            "prompt",
        ),
        (
            "completion/complete",
            r#"{"ref":{"type":"ref/resource","uri":"x://a/1"}}"#,
            "one",
        ),
        (
            "completion/complete",
            r#"{"ref":{"type":"x","name":"sum","uri":"x://a/1"}}"#,
            "prompt+one",
        ),
        (
            "subscriptions/listen",
            r#"{"notifications":{"resourceSubscriptions":["x://c","x://a/1","x://a/b/"]}}"#,
            "one+deeper",
        ),
        ("tasks/cancel", r#"{"taskId":"1"}"#, "method"),
        ("tasks/get", r#"{"taskId":"1"}"#, ""),
        ("logging/setLevel", r#"{"level":"debug"}"#, ""),
        ("unknown", "{}", ""),
    ] {
        assert_eq!(decide(policy(), method, params), rules, "{method} {params}");
    }
}

#[test]
fn a_rule_of_a_method_adds_to_the_rule_of_what_it_names() {
    let policy = policy().method("tools/call", rule("all"));
    assert_eq!(
        decide(policy, "tools/call", r#"{"name":"write"}"#),
        "all+tool"
    );
}

#[test]
fn what_is_unlisted_can_be_denied() {
    for (method, params, denied) in [
        ("tools/call", r#"{"name":"write"}"#, false),
        ("tools/call", r#"{"name":"read"}"#, true),
        ("prompts/get", r#"{"name":"read"}"#, true),
        ("resources/read", r#"{"uri":"x://c"}"#, true),
        ("resources/read", r#"{"uri":"x://a/1"}"#, false),
        ("completion/complete", r#"{"ref":{"name":"other"}}"#, true),
        ("completion/complete", "{}", true),
        ("completion/complete", r#"{"ref":{"name":"sum"}}"#, false),
        ("subscriptions/listen", "{}", true),
        ("tasks/get", "{}", true),
        ("tasks/cancel", "{}", false),
        ("logging/setLevel", "{}", true),
        ("unknown", "{}", true),
        // A request in a notification's name is no notification.
        ("notifications/initialized", "{}", true),
        ("initialize", "{}", false),
        ("server/discover", "{}", false),
        ("ping", "{}", false),
        ("tools/list", "{}", false),
        ("prompts/list", "{}", false),
        ("resources/list", "{}", false),
        ("resources/templates/list", "{}", false),
    ] {
        let shown = decide(policy().deny_unlisted(), method, params);
        assert_eq!(shown == "denied", denied, "{method} {params}: {shown}");
    }
    let notification = |method: &str| format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#);
    for (method, denied) in [
        ("notifications/initialized", false),
        ("ping", false),
        ("x", true),
    ] {
        let shown = shown(policy().deny_unlisted(), &notification(method));
        assert_eq!(shown == "denied", denied, "{method}");
    }
    let response = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    assert_eq!(shown(policy().deny_unlisted(), response), "");
}

/// AT-31: a server might fold names, the policy never does.
#[test]
fn other_spellings_of_a_listed_name_are_denied() {
    for name in [
        "Write",
        "WRITE",
        " write",
        "write ",
        "write\\u0000",
        "wr\\u200bite",
        "wr%69te",
        "w_r_i_t_e",
        "\\u0077rite\\u0301",
        "wr\\u0456te",
    ] {
        let params = format!(r#"{{"name":"{name}"}}"#);
        assert_eq!(decide(policy(), "tools/call", &params), "denied", "{name}");
    }
    // The listed name itself, however the JSON escapes it.
    assert_eq!(
        decide(policy(), "tools/call", r#"{"n\u0061me":"\u0077rite"}"#),
        "tool"
    );
    // Without rules there is nothing to fold away.
    assert_eq!(
        decide(McpPolicy::new(), "tools/call", r#"{"name":"é"}"#),
        ""
    );
}

#[test]
fn uris_that_lead_around_a_prefix_are_denied() {
    for uri in [
        "x://c/../a/1",
        "x://c/%2e%2e/a/1",
        "x://a\\\\1",
        "x://c/%2fa",
        "X://a/1",
        "x://A/2",
        "x://%61/2",
        "Y://alone",
        "y://al%6fne",
    ] {
        let params = format!(r#"{{"uri":"{uri}"}}"#);
        assert_eq!(
            decide(policy(), "resources/read", &params),
            "denied",
            "{uri}"
        );
    }
}
