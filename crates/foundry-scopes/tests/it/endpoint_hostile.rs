//! Hostile texts that look like one host and are another, or hide something.

use foundry_scopes::Endpoint;

/// (given, code)
const HOSTILE: &[(&str, &str)] = &[
    (
        "https://contoso.openai.azure.com/;Key=hunter2",
        "connection_string",
    ),
    (
        "AZURE_OPENAI_ENDPOINT=https://contoso.openai.azure.com/;AZURE_OPENAI_API_KEY=hunter2",
        "connection_string",
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/YOUR_PROJECT",
        "placeholder",
    ),
    ("", "empty"),
    (" \t\n", "empty"),
    (
        "https://contoso.openai.azure.com.evil.example",
        "unknown_host",
    ),
    ("https://contoso.openai.azure.com@evil.example", "user_info"),
    ("https://contoso@contoso.openai.azure.com", "user_info"),
    (
        "https://user:password@contoso.openai.azure.com",
        "user_info",
    ),
    ("https://evil.example#.openai.azure.com", "unknown_host"),
    ("https://evil.example?.openai.azure.com", "unknown_host"),
    ("https://evil.example/.openai.azure.com", "unknown_host"),
    ("https://evil.example\\.openai.azure.com", "character"),
    ("https:\\\\contoso.openai.azure.com", "character"),
    ("https:/contoso.openai.azure.com", "scheme"),
    ("https:contoso.openai.azure.com", "scheme"),
    ("https:///contoso.openai.azure.com", "scheme"),
    ("//contoso.openai.azure.com", "scheme"),
    ("ftp://contoso.openai.azure.com", "scheme"),
    ("javascript://contoso.openai.azure.com", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("https://contoso\u{ff0e}openai.azure.com", "non_ascii"),
    ("https://contoso.openai\u{3002}azure.com", "non_ascii"),
    ("https://c\u{43e}ntoso.openai.azure.com", "non_ascii"),
    ("https://contoso.openai.azure.com\u{200b}", "non_ascii"),
    ("https://xn--cntoso-0qg.openai.azure.com", "idn"),
    ("https://contoso%2eopenai.azure.com", "encoded_host"),
    ("https://evil.example%23.openai.azure.com", "encoded_host"),
    ("https://evil.example%2f.openai.azure.com", "encoded_host"),
    ("https://con\ttoso.openai.azure.com", "character"),
    ("https://contoso.openai.azure.com/\nHost: x", "character"),
    ("https://contoso.openai.azure.com/\u{0}", "character"),
    ("https://contoso.openai.azure.com/a b", "character"),
    ("https://contoso.openai.azure.com:8443", "port"),
    ("https://contoso.openai.azure.com:", "port"),
    ("https://contoso.openai.azure.com:0443", "port"),
    ("https://contoso.openai.azure.com:443:443", "port"),
    ("https://contoso.openai.azure.com..", "host"),
    ("https://.openai.azure.com", "host"),
    ("https://contoso..openai.azure.com", "host"),
    ("https://-contoso.openai.azure.com", "host"),
    ("https://contoso-.openai.azure.com", "host"),
    ("https://con_toso.openai.azure.com", "host"),
    ("https://con*toso.openai.azure.com", "host"),
    ("https://", "host"),
    ("https://?x", "host"),
    ("https://a.b.openai.azure.com", "labels"),
    ("https://a.b.eastus.inference.ml.azure.com", "labels"),
    ("https://eastus.inference.ml.azure.com", "labels"),
    (
        "https://evil.privatelink.contoso.openai.azure.com",
        "labels",
    ),
    ("https://eviloopenai.azure.com", "unknown_host"),
    ("https://evilopenai.azure.com", "unknown_host"),
    ("https://127.0.0.1/", "ip_address"),
    ("https://[::1]/", "ip_address"),
    ("https://2130706433/", "ip_address"),
    ("https://0x7f000001/", "ip_address"),
    ("https://127.0.0x1/", "ip_address"),
    ("https://localhost/", "local_address"),
    ("https://localhost:8443/", "local_address"),
    ("http://localhost:8080/mcp", "local_address"),
    ("https://app.localhost/", "local_address"),
    ("https://localhost.evil.example/", "unknown_host"),
    // The host is in the way, not the port.
    ("https://evil.com:8443/", "unknown_host"),
    ("https://contoso.azure-api.net:8443/", "gateway"),
    ("https://contoso.openai.azure.com:8443/", "port"),
    ("https://example.com", "unknown_host"),
    (
        "https://contoso.openai.azure.com/openai/../x",
        "dot_segment",
    ),
    (
        "https://contoso.openai.azure.com/openai/%2e%2E/x",
        "dot_segment",
    ),
    ("https://contoso.openai.azure.com/./openai", "dot_segment"),
    (
        "https://contoso.openai.azure.com/a%2f..%2fb",
        "encoded_path",
    ),
    ("https://contoso.openai.azure.com/a%5cb", "encoded_path"),
    ("https://contoso.openai.azure.com/a%00", "encoded_path"),
    ("https://contoso.openai.azure.com/a%252e", "encoded_path"),
    ("https://contoso.openai.azure.com/a%2", "encoded_path"),
    ("https://contoso.openai.azure.com/a%zz", "encoded_path"),
    (
        "https://contoso.openai.azure.com/?api-version='v1'x",
        "ambiguous",
    ),
    (
        "https://contoso.openai.azure.com/?api-version=",
        "api_version",
    ),
    (
        "https://contoso.openai.azure.com/?api-version=a&api-version=a",
        "api_version",
    ),
    (
        "https://contoso.openai.azure.com/?api-version=a%0d%0aHost",
        "api_version",
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/p%20x",
        "name",
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/-p",
        "name",
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/p;x",
        "connection_string",
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/p1/agents/a@b",
        "name",
    ),
    (
        "https://contoso.openai.azure.com/openai/realtime?deployment=a%2fb",
        "name",
    ),
];

#[test]
fn each_is_refused_for_its_reason_and_nothing_is_offered() {
    for &(text, code) in HOSTILE {
        let error = Endpoint::parse(text).expect_err(text);
        assert_eq!(error.code(), code, "{text:?}: {error}");
        assert_eq!(error.suggestion(), None, "{text:?}: {error}");
    }
}

/// Whatever stands around, in or behind a good host, no other host gets the token.
#[test]
fn a_good_host_and_a_bad_one_are_never_mixed_up() {
    let good = "contoso.openai.azure.com";
    let bad = "evil.example";
    for text in [
        format!("https://{good}.{bad}/"),
        format!("https://{bad}\u{2024}{good}/"),
        format!("https://{good}:443@{bad}/"),
        format!("https://{good}:443:{bad}/"),
        format!("https://{good}%00.{bad}/"),
        format!("https://{good}%20.{bad}/"),
        format!("https://{good}\t.{bad}/"),
        format!("https://{good} .{bad}/"),
        format!("https://{good}\\@{bad}/"),
        format!("https://{good}\\.{bad}/"),
        format!("https://{bad}/https://{good}"),
        format!("https://{bad}?{good}"),
        format!("https://{bad}#{good}"),
        format!("https://{bad};{good}"),
        format!("https://{good};{bad}"),
        format!("https://{good},{bad}"),
        format!("https://{good}&{bad}"),
        format!("https://[{good}]/"),
        format!("https://{good}[::1]/"),
        format!("https:/\\{bad}/{good}"),
        format!("https:////{good}"),
        format!("https//{good}"),
        format!("hxxps://{good}"),
        format!("https+x://{good}"),
        format!("data:text/plain,https://{good}"),
        format!("blob:https://{good}/x"),
        format!("view-source:https://{good}"),
        format!("https://https://{good}"),
        format!("https://0177.0.0.1/{good}"),
        format!("https://127.1/{good}"),
        format!("https://[::ffff:127.0.0.1]/{good}"),
        format!("https://169.254.169.254/{good}"),
        format!("https://1.2.3.4.5/{good}"),
        "https://ContosoOpenai.azure.com/".to_owned(),
        "https://contoso-openai.azure.com/".to_owned(),
        "https://contoso.openai.azure.co/".to_owned(),
        "https://contoso.openai.azure.com.cn/".to_owned(),
        "https://contoso.openai.azure.comx/".to_owned(),
        "https://contoso.0penai.azure.com/".to_owned(),
        "https://contoso.openai-azure.com/".to_owned(),
        "https://openai.azure.com.contoso.com/".to_owned(),
    ] {
        let error = Endpoint::parse(&text).expect_err(&text);
        if let Some(suggestion) = error.suggestion() {
            let meant = Endpoint::parse(suggestion).unwrap();
            assert_eq!(meant.origin(), format!("https://{good}"), "{text:?}");
            assert!(!text.contains(bad), "{text:?} offers {suggestion}");
        }
    }
}
