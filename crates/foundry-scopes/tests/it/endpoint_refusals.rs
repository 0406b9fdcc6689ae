//! Refused texts: reason codes and suggestions.

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
        "MY_ENDPOINT=https://contoso.openai.azure.com",
        "assignment",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "export MY_ENDPOINT=\"https://contoso.openai.azure.com/\"",
        "assignment",
        Some("https://contoso.openai.azure.com/"),
    ),
    (
        "MY_ENDPOINT='http://contoso.openai.azure.com'",
        "assignment",
        Some("https://contoso.openai.azure.com"),
    ),
    ("X=https://evil.example/", "unknown_host", None),
    (
        "AZURE_OPENAI_ENDPOINT=https://evil.example/",
        "unknown_host",
        None,
    ),
    (
        "AZURE_OPENAI_ENDPOINT=http://contoso.openai.azure.com",
        "plain_http",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "AZURE_OPENAI_ENDPOINT=OPENAI_BASE_URL=https://contoso.openai.azure.com",
        "assignment",
        Some("https://contoso.openai.azure.com"),
    ),
    ("AZURE_OPENAI_ENDPOINT", "variable_name", None),
    ("$AZURE_OPENAI_ENDPOINT", "variable_name", None),
    ("AZURE_OPENAI_API_KEY=0123456789abcdef", "secret", None),
    ("eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.", "token", None),
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
        "/subscriptions/s/resourceGroups/r/providers/Microsoft.Web/sites/x",
        "custom_api",
        None,
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
    ("https://contoso.openai.azure.de/", "retired", None),
    (
        "https://m.eastus.models.ai.azure.com/",
        "audience_unknown",
        None,
    ),
    ("eastus.evil.example;sub;rg;p", "connection_string", None),
    (
        "eastus.api.azureml.ms.evil.example;sub;rg;p",
        "connection_string",
        None,
    ),
    (
        "evil.example/.api.azureml.ms;sub;rg;p",
        "connection_string",
        None,
    ),
    (
        "eastus.api.azureml.ms;sub;rg/../x;p",
        "connection_string",
        None,
    ),
    (
        "endpoint=https://evil.example;projectname=p",
        "unknown_host",
        None,
    ),
    (
        "endpoint=https://p.openai.azure.com;endpoint=https://q.openai.azure.com",
        "connection_string",
        None,
    ),
    ("projectname=p;subscriptionid=s", "connection_string", None),
    (
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=k;EndpointSuffix=core.windows.net",
        "plain_http",
        Some("https://a.blob.core.windows.net"),
    ),
    (
        "'/subscriptions/s/resourceGroups/r/providers/Microsoft.Search/searchServices/x'",
        "quotes",
        Some("https://x.search.windows.net"),
    ),
    (
        "http://ai.azure.com/nextgen/r/abc,rg,,contoso,p1/build",
        "plain_http",
        Some("https://contoso.services.ai.azure.com/api/projects/p1"),
    ),
    (
        "https://contoso.privatelink.openai.azure.com/api/projects/p1',#part",
        "fragment",
        Some("https://contoso.services.ai.azure.com/api/projects/p1"),
    ),
    (
        "endpoint=https://p.openai.azure.com@evil.example;projectname=p",
        "user_info",
        None,
    ),
    (
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=k;EndpointSuffix=evil.example",
        "unknown_host",
        None,
    ),
    (
        "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKey=k",
        "namespace_audience",
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
    (
        "https://eastus.stt.speech.microsoft.com/",
        "speech_region",
        None,
    ),
    (
        "https://eastus.api.cognitive.microsoft.us/",
        "key_only_region",
        None,
    ),
    (
        "https://ns.servicebus.windows.net/",
        "namespace_audience",
        None,
    ),
    ("https://learn.microsoft.com/api/mcp", "anonymous", None),
    (
        "https://contoso.azurewebsites.net/.auth/me",
        "browser_page",
        None,
    ),
    (
        "https://eastus.api.azureml.ms/agent-oauth/v1.0/redirect",
        "browser_page",
        None,
    ),
    ("https://project.eastus.api.azureml.ms/", "labels", None),
    (
        "https://portal.azure.com/#@contoso.com/resource/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/contoso/overview",
        "fragment",
        Some("https://contoso.services.ai.azure.com"),
    ),
    (
        "https://oai.azure.com/resource/overview?wsid=/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/contoso&tid=t",
        "portal",
        Some("https://contoso.services.ai.azure.com"),
    ),
    (
        "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/evil.example",
        "name",
        None,
    ),
    (
        "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/a@evil.example",
        "resource_id",
        None,
    ),
    (
        "/subscriptions/s/resourceGroups/../providers/Microsoft.CognitiveServices/accounts/a",
        "resource_id",
        None,
    ),
    (
        "[Foundry](https://contoso.openai.azure.com/)",
        "markup",
        Some("https://contoso.openai.azure.com/"),
    ),
    (
        "<https://contoso.openai.azure.com>",
        "markup",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "{\"endpoint\":\"https://contoso.openai.azure.com\"}",
        "markup",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "[https://contoso.openai.azure.com](https://evil.example/)",
        "markup",
        None,
    ),
    (
        "https://contoso.openai.azure.com/@evil.example",
        "at_sign",
        None,
    ),
    (
        "https://contoso.openai.azure.com/x:y@evil.example/",
        "at_sign",
        None,
    ),
    (
        "\u{a0}https://contoso.openai.azure.com",
        "blanks",
        Some("https://contoso.openai.azure.com"),
    ),
    (
        "\u{feff}https://contoso.openai.azure.com",
        "non_ascii",
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
    assert!(codes.len() >= 25, "{}", codes.len());
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
        " Endpoint=https://contoso.openai.azure.com/;Key=hunter2hunter2",
        "Endpoint=https://contoso.openai.azure.com/;Key=hunter2hunter2,",
    ] {
        let error = Endpoint::parse(text).unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let text = "wss://contoso.services.ai.azure.com/api/projects/p1/agents/a/endpoint/protocols/invocations_ws?api-version=v1&agent_session_id=hunter2hunter2";
    let endpoint = Endpoint::parse(text).unwrap();
    assert!(!format!("{endpoint:?}").contains("hunter2"));
}
