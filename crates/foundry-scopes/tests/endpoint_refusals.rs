//! Where no token goes, and what is offered instead.
#![cfg(feature = "endpoints")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::collections::BTreeSet;

use foundry_scopes::Endpoint;

/// (given, code, suggestion)
const REFUSED: &[(&str, &str, Option<&str>)] = &[
    // The intention is clear.
    (
        "contoso.openai.azure.com",
        "scheme_missing",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "contoso.openai.azure.com/openai/v1",
        "scheme_missing",
        Some("https://contoso.openai.azure.com/openai/v1"),
    ),
    (
        "http://contoso.openai.azure.com",
        "plain_http",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "HTTP://contoso.openai.azure.com",
        "plain_http",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "  https://contoso.openai.azure.com/  ",
        "blanks",
        Some("https://contoso.openai.azure.com/"),
    ),
    (
        "https://contoso.openai.azure.com\n",
        "blanks",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "\"https://contoso.openai.azure.com\",",
        "quotes",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "AZURE_OPENAI_ENDPOINT=https://contoso.openai.azure.com",
        "assignment",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "export AZURE_OPENAI_ENDPOINT=\"https://contoso.openai.azure.com/\"",
        "assignment",
        Some("https://contoso.openai.azure.com/"),
    ),
    (
        "AZURE_OPENAI_ENDPOINT='http://contoso.openai.azure.com'",
        "assignment",
        Some("https://contoso.openai.azure.com"),
    ),
    ("X=https://evil.example/", "unknown_host", None),
    (
        "https://contoso.openai.azure.com.",
        "trailing_dot",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "https://contoso.openai.azure.com./openai/v1",
        "trailing_dot",
        Some("https://contoso.openai.azure.com/openai/v1"),
    ),
    (
        " http://contoso.openai.azure.com.#x ",
        "blanks",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "https://contoso.openai.azure.com#part",
        "fragment",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "https://contoso.openai.azure.com/?api-key=secret",
        "query",
        Some("https://contoso.openai.azure.com/"),
    ),
    (
        "wss://contoso.openai.azure.com/",
        "web_socket",
        Some("https://contoso.openai.azure.com/"),
    ),
    (
        "https://contoso.ai.azure.com/api/projects/p1",
        "misspelt_host",
        Some("https://contoso.services.ai.azure.com/api/projects/p1"),
    ),
    (
        "https://contoso.azure.openai.com/",
        "misspelt_host",
        Some("https://contoso.openai.azure.com/"),
    ),
    (
        "https://contoso.cognitiveservices.azure.com/api/projects/p1",
        "project_host",
        Some("https://contoso.services.ai.azure.com/api/projects/p1"),
    ),
    (
        "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/contoso/projects/p1",
        "resource_id",
        Some("https://contoso.services.ai.azure.com/api/projects/p1"),
    ),
    (
        "/subscriptions/s/resourceGroups/r/providers/Microsoft.Web/sites/x",
        "resource_id",
        None,
    ),
    (
        "https://ai.azure.com/nextgen/r/abc,rg,,contoso,p1/build/agents/a1/build?version=2",
        "portal",
        Some("https://contoso.services.ai.azure.com/api/projects/p1"),
    ),
    (
        "https://ai.azure.com/resource/overview?wsid=/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/contoso/projects/p1&tid=t",
        "portal",
        Some("https://contoso.services.ai.azure.com/api/projects/p1"),
    ),
    (
        "https://ai.azure.com/nextgen/r/abc,rg,,evil.example%2f,p1/x",
        "encoded_path",
        None,
    ),
    (
        "https://ai.azure.com/nextgen/r/abc,rg,,evil.example,p1/x",
        "portal",
        None,
    ),
    (
        "https://ai.azure.com/nextgen/r/abc,rg,,a@b,p1/x",
        "portal",
        None,
    ),
    (
        "https://ai.azure.com/nextgen/r/abc,rg,,evil.example#,p1/x",
        "portal",
        None,
    ),
    ("https://ai.azure.com/", "portal", None),
    ("https://portal.azure.com/#home", "portal", None),
    ("oai.azure.com/portal", "portal", None),
    (
        " http://eastus.api.cognitive.microsoft.com/ ",
        "key_only_region",
        None,
    ),
    ("https://oai.azure.com/portal", "portal", None),
    // Understood, and no place for a token.
    (
        "https://eastus.api.cognitive.microsoft.com/",
        "key_only_region",
        None,
    ),
    ("https://contoso.azure-api.net/openai", "gateway", None),
    (
        "https://contoso.azurewebsites.net/api/f?code=secret",
        "custom_api",
        None,
    ),
    (
        "https://contoso-x.eastus-01.azurewebsites.net/",
        "custom_api",
        None,
    ),
    (
        "https://logic-apis-eastus.consent.azure-apim.net/login?data=x",
        "browser_page",
        None,
    ),
    (
        "https://api.agent-oauth.azureml.ms/agent-oauth/v1.0/redirect",
        "browser_page",
        None,
    ),
    (
        "https://login.microsoftonline.com/common",
        "authority",
        None,
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/p1/agents/a/endpoint/protocols/activityprotocol",
        "bot_channel",
        None,
    ),
    ("https://eastus.api.azureml.ms/agents/v1.0", "retired", None),
    (
        "https://m.eastus.models.ai.azure.com/",
        "audience_unknown",
        None,
    ),
    ("eastus.api.azureml.ms;sub;rg;p", "connection_string", None),
    (
        "endpoint=https://p.cognitiveservices.azure.com;projectname=p",
        "connection_string",
        None,
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/",
        "project_missing",
        None,
    ),
    ("https://openai.azure.com/", "resource_missing", None),
    ("https://services.ai.azure.com/", "resource_missing", None),
    (
        "https://privatelink.openai.azure.com/",
        "resource_missing",
        None,
    ),
    ("https://<resource>.openai.azure.com/", "placeholder", None),
    ("https://{resource}.openai.azure.com/", "placeholder", None),
    (
        "https://YOUR-RESOURCE.openai.azure.com/",
        "placeholder",
        None,
    ),
    // Hostile.
    ("", "empty", None),
    (" \t\n", "empty", None),
    (
        "https://contoso.openai.azure.com.evil.example",
        "unknown_host",
        None,
    ),
    (
        "https://contoso.openai.azure.com@evil.example",
        "user_info",
        None,
    ),
    (
        "https://contoso@contoso.openai.azure.com",
        "user_info",
        None,
    ),
    (
        "https://user:password@contoso.openai.azure.com",
        "user_info",
        None,
    ),
    (
        "https://evil.example#.openai.azure.com",
        "unknown_host",
        None,
    ),
    (
        "https://evil.example?.openai.azure.com",
        "unknown_host",
        None,
    ),
    (
        "https://evil.example/.openai.azure.com",
        "unknown_host",
        None,
    ),
    ("https://evil.example\\.openai.azure.com", "character", None),
    ("https:\\\\contoso.openai.azure.com", "character", None),
    ("https:/contoso.openai.azure.com", "scheme", None),
    ("https:contoso.openai.azure.com", "scheme", None),
    ("https:///contoso.openai.azure.com", "scheme", None),
    ("//contoso.openai.azure.com", "scheme", None),
    ("ftp://contoso.openai.azure.com", "scheme", None),
    ("javascript://contoso.openai.azure.com", "scheme", None),
    ("file:///etc/passwd", "scheme", None),
    ("https://contoso\u{ff0e}openai.azure.com", "non_ascii", None),
    ("https://contoso.openai\u{3002}azure.com", "non_ascii", None),
    ("https://c\u{43e}ntoso.openai.azure.com", "non_ascii", None),
    (
        "https://contoso.openai.azure.com\u{200b}",
        "non_ascii",
        None,
    ),
    ("https://xn--cntoso-0qg.openai.azure.com", "idn", None),
    ("https://contoso%2eopenai.azure.com", "encoded_host", None),
    (
        "https://evil.example%23.openai.azure.com",
        "encoded_host",
        None,
    ),
    (
        "https://evil.example%2f.openai.azure.com",
        "encoded_host",
        None,
    ),
    ("https://con\ttoso.openai.azure.com", "character", None),
    (
        "https://contoso.openai.azure.com/\nHost: x",
        "character",
        None,
    ),
    ("https://contoso.openai.azure.com/\u{0}", "character", None),
    ("https://contoso.openai.azure.com/a b", "character", None),
    ("https://contoso.openai.azure.com:8443", "port", None),
    ("https://contoso.openai.azure.com:", "port", None),
    ("https://contoso.openai.azure.com:0443", "port", None),
    ("https://contoso.openai.azure.com:443:443", "port", None),
    ("https://contoso.openai.azure.com..", "host", None),
    ("https://.openai.azure.com", "host", None),
    ("https://contoso..openai.azure.com", "host", None),
    ("https://-contoso.openai.azure.com", "host", None),
    ("https://contoso-.openai.azure.com", "host", None),
    ("https://con_toso.openai.azure.com", "host", None),
    ("https://con*toso.openai.azure.com", "host", None),
    ("https://", "host", None),
    ("https://?x", "host", None),
    ("https://a.b.openai.azure.com", "labels", None),
    ("https://a.b.eastus.inference.ml.azure.com", "labels", None),
    ("https://eastus.inference.ml.azure.com", "labels", None),
    (
        "https://evil.privatelink.contoso.openai.azure.com",
        "labels",
        None,
    ),
    ("https://eviloopenai.azure.com", "unknown_host", None),
    ("https://evilopenai.azure.com", "unknown_host", None),
    ("https://127.0.0.1/", "ip_address", None),
    ("https://[::1]/", "ip_address", None),
    ("https://2130706433/", "ip_address", None),
    ("https://0x7f000001/", "ip_address", None),
    ("https://127.0.0x1/", "ip_address", None),
    ("https://localhost/", "local_address", None),
    ("https://localhost:8443/", "local_address", None),
    ("http://localhost:8080/mcp", "local_address", None),
    ("https://app.localhost/", "local_address", None),
    ("https://localhost.evil.example/", "unknown_host", None),
    // The host is in the way, not the port.
    ("https://evil.com:8443/", "unknown_host", None),
    ("https://contoso.azure-api.net:8443/", "gateway", None),
    ("https://contoso.openai.azure.com:8443/", "port", None),
    ("https://example.com", "unknown_host", None),
    (
        "https://contoso.openai.azure.com/openai/../x",
        "dot_segment",
        None,
    ),
    (
        "https://contoso.openai.azure.com/openai/%2e%2E/x",
        "dot_segment",
        None,
    ),
    (
        "https://contoso.openai.azure.com/./openai",
        "dot_segment",
        None,
    ),
    (
        "https://contoso.openai.azure.com/a%2f..%2fb",
        "encoded_path",
        None,
    ),
    (
        "https://contoso.openai.azure.com/a%5cb",
        "encoded_path",
        None,
    ),
    (
        "https://contoso.openai.azure.com/a%00",
        "encoded_path",
        None,
    ),
    (
        "https://contoso.openai.azure.com/a%252e",
        "encoded_path",
        None,
    ),
    ("https://contoso.openai.azure.com/a%2", "encoded_path", None),
    (
        "https://contoso.openai.azure.com/a%zz",
        "encoded_path",
        None,
    ),
    (
        "https://contoso.openai.azure.com/?api-version='v1'x",
        "ambiguous",
        None,
    ),
    (
        "https://contoso.openai.azure.com/?api-version=",
        "api_version",
        None,
    ),
    (
        "https://contoso.openai.azure.com/?api-version=a&api-version=a",
        "api_version",
        None,
    ),
    (
        "https://contoso.openai.azure.com/?api-version=a%0d%0aHost",
        "api_version",
        None,
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/p%20x",
        "name",
        None,
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/-p",
        "name",
        None,
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/p;x",
        "name",
        None,
    ),
    (
        "https://contoso.services.ai.azure.com/api/projects/p1/agents/a@b",
        "name",
        None,
    ),
    (
        "https://contoso.openai.azure.com/openai/realtime?deployment=a%2fb",
        "name",
        None,
    ),
];

#[test]
fn each_is_refused_for_its_reason_and_mended_where_the_intention_is_clear() {
    for &(text, code, suggestion) in REFUSED {
        let error = Endpoint::parse(text).expect_err(text);
        assert_eq!(error.code(), code, "{text:?}: {error}");
        assert_eq!(error.suggestion(), suggestion, "{text:?}: {error}");
        if let Some(suggestion) = suggestion {
            assert!(error.to_string().contains(suggestion));
            Endpoint::parse(suggestion).unwrap();
        }
    }
    // A list that forgets a reason would prove nothing about it.
    let codes: BTreeSet<_> = REFUSED.iter().map(|(_, code, _)| *code).collect();
    assert!(codes.len() >= 35, "{}", codes.len());
}

#[test]
fn the_length_is_bounded() {
    let url = |length: usize| {
        let start = "https://contoso.openai.azure.com/";
        format!("{start}{}", "a".repeat(length - start.len()))
    };
    assert!(Endpoint::parse(&url(2048)).is_ok());
    assert_eq!(Endpoint::parse(&url(2049)).unwrap_err().code(), "too_long");
    let label = |length: usize| format!("https://{}.openai.azure.com", "a".repeat(length));
    assert!(Endpoint::parse(&label(63)).is_ok());
    assert_eq!(Endpoint::parse(&label(64)).unwrap_err().code(), "host");
    let project = |length: usize| {
        format!(
            "https://contoso.services.ai.azure.com/api/projects/{}",
            "p".repeat(length)
        )
    };
    assert!(Endpoint::parse(&project(64)).is_ok());
    assert_eq!(Endpoint::parse(&project(65)).unwrap_err().code(), "name");
}

#[test]
fn no_secret_of_a_pasted_url_is_repeated() {
    for text in [
        "https://contoso.openai.azure.com/?api-key=hunter2hunter2",
        "https://user:hunter2hunter2@contoso.openai.azure.com/",
        "https://contoso.azurewebsites.net/api/f?code=hunter2hunter2",
        "http://contoso.openai.azure.com/?sig=hunter2hunter2",
        "https://evil.example/?sig=hunter2hunter2",
    ] {
        let error = Endpoint::parse(text).unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let text = "wss://contoso.services.ai.azure.com/api/projects/p1/agents/a/endpoint/protocols/invocations_ws?api-version=v1&agent_session_id=hunter2hunter2";
    let endpoint = Endpoint::parse(text).unwrap();
    assert!(!format!("{endpoint:?}").contains("hunter2"));
}
