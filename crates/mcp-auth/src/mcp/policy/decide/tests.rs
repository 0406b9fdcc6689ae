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

fn orders() -> McpPolicy {
    McpPolicy::new()
        .resources_under("orders://", rule("read"))
        .resource("orders://archive/payroll", rule("write"))
        .resources_under("orders://hr/", rule("write"))
        .resource("file:///etc/keys", rule("write"))
        .resources_under("https://docs.test/secret/", rule("write"))
        .deny_unlisted()
}

fn read(uri: &str) -> String {
    let params = serde_json::json!({ "uri": uri }).to_string();
    decide(orders(), "resources/read", &params)
}

/// A broad rule for a prefix must not take what a narrower rule holds in another spelling.
#[test]
fn a_broad_prefix_does_not_open_a_narrower_rule() {
    for uri in [
        "orders://archive/%70ayroll",
        "orders://ARCHIVE/payroll",
        "orders://HR/salaries",
        "orders://%68r/salaries",
        "orders://archive/payroll?",
        "orders://archive/payroll?x=1",
        "orders://archive/payroll#x",
        "orders://archive/payroll/",
        "orders://archive//payroll",
        "orders://archive./payroll",
        "orders://archive/payroll.",
        "orders://u@archive/payroll",
        "orders://archive:/payroll",
        "orders://archive/%2570ayroll",
        "orders:archive/payroll",
        "orders:/hr/salaries",
        "orders://hr",
        "orders://hr//salaries/",
        "file:/etc/keys",
        "file://localhost/etc/keys",
        "https://docs.test:443/secret/a",
        "https://u:p@docs.test/secret/a",
        "https://docs.test./secret/a",
    ] {
        let decided = read(uri);
        // Within its own folder a resource may be spelt as it is.
        assert!(["denied", "write"].contains(&&*decided), "{uri}: {decided}");
    }
    for (uri, rules) in [
        ("orders://archive/payroll", "write"),
        ("orders://hr/salaries", "write"),
        ("orders://archive/other", "read"),
        ("orders://archive/other?page=2", "read"),
        ("orders://hrx/a", "read"),
        ("https://docs.test/secret/a?b=c", "write"),
        ("https://docs.test:8443/secret/a", "denied"),
    ] {
        assert_eq!(read(uri), rules, "{uri}");
    }
}

/// The list of a folder tells what is in it.
#[test]
fn a_list_needs_the_rule_of_what_is_below() {
    let list = |policy, uri: &str| {
        let params = serde_json::json!({ "uri": uri }).to_string();
        decide(policy, "resources/directory/read", &params)
    };
    for uri in ["orders://hr", "orders://hr/", "orders://hr/2026"] {
        assert_eq!(list(orders(), uri), "write", "{uri}");
    }
    assert_eq!(list(orders(), "orders://archive"), "read");
    assert_eq!(list(orders(), "orders://HR"), "denied");
    let own = orders().resource("orders://hr", rule("list"));
    assert_eq!(list(own.clone(), "orders://hr"), "list+write");
    assert_eq!(list(own, "orders://archive/payroll"), "write+read");
}

#[test]
fn a_rule_is_checked_once_and_a_flood_of_names_not_at_all() {
    let listen = |uris: usize| {
        let uris: Vec<_> = (0..uris).map(|n| format!("orders://hr/{n}")).collect();
        let params = serde_json::json!({"notifications": {"resourceSubscriptions": uris}});
        let policy = McpPolicy::new().resources_under("orders://hr/", rule("write"));
        decide(policy, "subscriptions/listen", &params.to_string())
    };
    assert_eq!(listen(SUBSCRIPTIONS), "write");
    assert_eq!(listen(SUBSCRIPTIONS + 1), "denied");
}

mod spellings {
    use proptest::prelude::*;

    use super::*;

    /// One change that a parser of URLs, or a server, may take back.
    fn changed(uri: &str, change: u8, at: usize) -> String {
        let place = uri.char_indices().nth(at % uri.chars().count());
        let (place, found) = place.unwrap_or((0, 'x'));
        let (before, rest) = uri.split_at(place);
        let after = rest.get(found.len_utf8()..).unwrap_or_default();
        match change {
            0 => format!("{before}%{:02X}{after}", u32::from(found)),
            1 => format!("{before}%{:02x}{after}", u32::from(found)),
            2 => format!("{before}{}{after}", found.to_ascii_uppercase()),
            3 => format!("{uri}?"),
            4 => format!("{uri}#part"),
            5 if found == '/' => format!("{before}//{after}"),
            6 if found == '/' => format!("{before}/./{after}"),
            7 if found == '/' => format!("{before}/x/../{after}"),
            8 => uri.replacen("://", "://u@", 1),
            9 => uri.replacen(".test/", ".test:443/", 1),
            10 => uri.replacen(":///", ":/", 1),
            11 => uri.replacen(":///", "://localhost/", 1),
            12 => format!("{before}\t{rest}"),
            _ => uri.replacen(".test/", ".test./", 1),
        }
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_resource_is_laxer_than_the_plain_one(
            uri in proptest::sample::select(&[
                "orders://archive/payroll",
                "orders://hr/salaries",
                "file:///etc/keys",
                "https://docs.test/secret/a",
            ][..]),
            changes in proptest::collection::vec((0u8..14, any::<usize>()), 1..4),
        ) {
            let spelt = changes
                .iter()
                .fold(uri.to_owned(), |text, (change, at)| changed(&text, *change, *at));
            let means = |text: &str| url::Url::parse(text).ok().map(|mut url| {
                url.set_fragment(None);
                if url.query() == Some("") {
                    url.set_query(None);
                }
                url
            });
            let same = means(&spelt).is_some_and(|url| Some(url) == means(uri));
            let decided = read(&spelt);
            prop_assert!(
                !same || ["denied", "write"].contains(&&*decided),
                "{} is {} and gets {}", spelt, uri, decided
            );
            // Also what only a laxer server takes for it.
            prop_assert!(
                resolved(&spelt) != resolved(uri) || ["denied", "write"].contains(&&*decided),
                "{} is {} and gets {}", spelt, uri, decided
            );
        }
    }
}

/// A thousand rules by one group are one rule, and a million names are not compared.
#[test]
fn each_distinct_rule_is_checked_once_and_lists_have_a_bound() {
    let mut policy = McpPolicy::new();
    for n in 0..900 {
        policy = policy.resource(format!("orders://{n}"), rule(["a", "b"][n % 2]));
    }
    let listen = |uris: Vec<String>| {
        let params = serde_json::json!({"notifications": {"resourceSubscriptions": uris}});
        decide(policy.clone(), "subscriptions/listen", &params.to_string())
    };
    assert_eq!(
        listen((0..900).map(|n| format!("orders://{n}")).collect()),
        "a+b"
    );
    assert_eq!(listen(vec!["orders://0".to_owned(); 1_000]), "a");
    assert_eq!(listen(vec!["orders://0".to_owned(); 1_001]), "denied");
    assert_eq!(listen(vec!["orders://0".to_owned(); 100_000]), "denied");
    let long = format!("orders://{}", "x".repeat(7_000));
    let policy = McpPolicy::new().resource(&*long, rule("a"));
    let long_ones = |n| vec![long.clone(); n];
    let listen = |uris: Vec<String>| {
        let params = serde_json::json!({"notifications": {"resourceSubscriptions": uris}});
        decide(policy.clone(), "subscriptions/listen", &params.to_string())
    };
    assert_eq!(listen(long_ones(37)), "a");
    assert_eq!(listen(long_ones(38)), "denied", "more than 256 KiB");
}

#[test]
fn what_is_too_long_to_compare_is_denied_where_there_are_rules() {
    let long = |bytes: usize| format!("z://{}", "x".repeat(bytes - 4));
    let read = |policy: McpPolicy, uri: &str| {
        decide(
            policy,
            "resources/read",
            &serde_json::json!({"uri": uri}).to_string(),
        )
    };
    assert_eq!(read(policy(), &long(8 * 1024)), "");
    assert_eq!(read(policy(), &long(8 * 1024 + 1)), "denied");
    assert_eq!(read(McpPolicy::new(), &long(1 << 20)), "");
    let call = |policy: McpPolicy, name: &str| {
        decide(
            policy,
            "tools/call",
            &serde_json::json!({"name": name}).to_string(),
        )
    };
    assert_eq!(call(policy(), &"x".repeat(1024)), "");
    assert_eq!(call(policy(), &"x".repeat(1025)), "denied");
    assert_eq!(call(McpPolicy::new(), &"x".repeat(1 << 20)), "");
}
