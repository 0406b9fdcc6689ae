use super::*;

fn read(text: &str) -> Result<Message, McpRequestError> {
    Message::read(text.as_bytes())
}

fn codes(text: &str) -> &'static str {
    read(text).unwrap_err().code()
}

#[test]
fn requests_notifications_and_responses_are_told_apart() {
    let call = read(r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"x"}}"#);
    let call = call.unwrap();
    assert_eq!(call.id(), Some(&Id::Text("a".to_owned())));
    assert_eq!(call.method, "tools/call");
    assert_eq!(call.mirrored_name(), Some("x"));
    let notification = read(r#"{"jsonrpc":"2.0","method":"ping"}"#).unwrap();
    assert_eq!(notification.kind, Kind::Notification);
    for outcome in [r#""result":{}"#, r#""error":{"code":1,"message":""}"#] {
        let response = read(&format!(r#"{{"jsonrpc":"2.0","id":1,{outcome}}}"#)).unwrap();
        assert_eq!((response.kind, &*response.method), (Kind::Response, ""));
    }
}

#[test]
fn escapes_are_read_before_names_are_compared() {
    let call = read(
        r#"{"jsonrpc":"2.0","id":1,"m\u0065thod":"tools/call","params":{"n\u0061me":"\u0078"}}"#,
    );
    assert_eq!(call.unwrap().mirrored_name(), Some("x"));
    assert_eq!(
        codes(r#"{"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"tools/call"}"#),
        "malformed_message"
    );
}

#[test]
fn what_two_parsers_could_read_differently_is_refused() {
    for text in [
        "",
        "nonsense",
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}x"#,
        "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
        r#"{"jsonrpc":"2.0","id":1,"method":"ping",}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#,
    ] {
        assert_eq!(codes(text), "malformed_json", "{text}");
    }
    let invalid = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"x\":\"\xff\"}";
    assert_eq!(Message::read(invalid).unwrap_err().code(), "malformed_json");
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(Message::read(&utf16).unwrap_err().code(), "malformed_json");
}

#[test]
fn what_is_no_single_message_is_refused() {
    for text in [
        "7",
        "[]",
        r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        "{}",
        r#"{"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"a":1,"a":2}}}"#,
    ] {
        assert_eq!(codes(text), "malformed_message", "{text}");
    }
}

#[test]
fn what_is_called_has_to_be_named() {
    for (method, params) in [
        ("tools/call", r#"{"Name":"x"}"#),
        ("tools/call", r#"{"name":7}"#),
        ("tools/call", "null"),
        ("prompts/get", "{}"),
        ("resources/read", r#"{"name":"x"}"#),
        ("resources/subscribe", r#"{"uri":["x"]}"#),
    ] {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
        let error = read(&text)
            .unwrap()
            .names_its_target(Era::Sessions)
            .unwrap_err();
        assert_eq!(error.code(), "malformed_params", "{text}");
    }
}

#[test]
fn what_lies_deeper_is_found() {
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"},
        "ref":{"type":"ref/prompt","name":"p"},
        "notifications":{"resourceSubscriptions":["a",7,"b"]},
        "arguments":{"name":"not this"}}}"#;
    let message = read(text).unwrap();
    assert_eq!(message.version(), Some("2026-07-28"));
    assert_eq!(message.param_in("ref", "name"), Some("p"));
    assert_eq!(message.subscriptions().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(message.param_in("arguments", "name"), None);
}
