//! Texts that hold an address: settings, connection strings, resource ids, portal links.

use foundry_scopes::{
    Acceptance, Cloud, Endpoint, EndpointReader, EndpointReason, NoteCode, Scope,
};

const CLASSIC: &str = "https://cognitiveservices.azure.com";
const FOUNDRY: &str = "https://ai.azure.com";
const ARM: &str = "https://management.azure.com";
const P: &str = "https://contoso.services.ai.azure.com/api/projects/p1";

/// (pasted, kind, base URL, audience, notes)
type Row<'a> = (&'a str, &'a str, &'a str, &'a str, &'a [&'a str]);

fn check(rows: &[Row<'_>]) {
    for &(pasted, kind, base, audience, notes) in rows {
        let endpoint = Endpoint::parse(pasted).unwrap_or_else(|e| panic!("{pasted}: {e}"));
        assert_eq!(endpoint.kind().as_str(), kind, "{pasted}");
        assert_eq!(endpoint.base_url(), base, "{pasted}");
        assert_eq!(endpoint.scope().resource(), audience, "{pasted}");
        let codes: Vec<_> = endpoint.notes().iter().map(|n| n.code().as_str()).collect();
        assert_eq!(codes, notes, "{pasted}");
    }
}

#[test]
fn lines_of_settings() {
    let o = "https://contoso.openai.azure.com/";
    let var = "environment_variable";
    check(&[
        (
            "AZURE_OPENAI_ENDPOINT=https://contoso.openai.azure.com/",
            "azure_openai",
            o,
            CLASSIC,
            &[var],
        ),
        (
            "export AZURE_OPENAI_ENDPOINT=\"https://contoso.openai.azure.com/\"",
            "azure_openai",
            o,
            CLASSIC,
            &[var],
        ),
        (
            "$env:AZURE_OPENAI_ENDPOINT = 'https://contoso.openai.azure.com/'",
            "azure_openai",
            o,
            CLASSIC,
            &[var],
        ),
        (
            "\"AZURE_OPENAI_ENDPOINT\": \"https://contoso.openai.azure.com/\",",
            "azure_openai",
            o,
            CLASSIC,
            &[var],
        ),
        (
            "AZURE_OPENAI_ENDPOINT: https://contoso.openai.azure.com/",
            "azure_openai",
            o,
            CLASSIC,
            &[var],
        ),
        (
            "AZURE_OPENAI_ENDPOINT=https://contoso.openai.azure.com/openai/v1/",
            "openai_v1",
            "https://contoso.openai.azure.com/openai/v1/",
            FOUNDRY,
            &[var, "audience_disputed", "variable_form"],
        ),
        (
            "FOUNDRY_PROJECT_ENDPOINT=https://contoso.services.ai.azure.com/api/projects/p1",
            "foundry_project",
            P,
            FOUNDRY,
            &[var],
        ),
        (
            "FOUNDRY_PROJECT_ENDPOINT=https://contoso.services.ai.azure.com",
            "foundry_resource",
            "https://contoso.services.ai.azure.com/",
            CLASSIC,
            &[var, "audience_by_path", "variable_form"],
        ),
        (
            "ANTHROPIC_FOUNDRY_RESOURCE=contoso",
            "anthropic",
            "https://contoso.services.ai.azure.com/anthropic/",
            FOUNDRY,
            &[var, "host_derived"],
        ),
        (
            "AZURE_AI_PROJECT_ID=/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/contoso/projects/p1",
            "foundry_project",
            P,
            FOUNDRY,
            &[var, "resource_id", "host_derived"],
        ),
        (
            "PROJECT_CONNECTION_STRING=\"endpoint=https://contoso.services.ai.azure.com;projectname=p1\"",
            "foundry_project",
            P,
            FOUNDRY,
            &[var, "connection_string"],
        ),
    ]);
}

#[test]
fn connection_strings_of_each_generation() {
    check(&[
        (
            "eastus.api.azureml.ms;sub;my(rg);proj",
            "hub_project",
            "https://eastus.api.azureml.ms/agents/v1.0/subscriptions/sub/resourceGroups/my(rg)/providers/Microsoft.MachineLearningServices/workspaces/proj",
            ARM,
            &["connection_string", "retired_form"],
        ),
        (
            "endpoint=https://contoso.cognitiveservices.azure.com;subscriptionid=s;resourcegroupname=r;projectname=p1",
            "foundry_project",
            P,
            FOUNDRY,
            &["connection_string", "host_derived"],
        ),
        (
            "Endpoint=https://contoso.openai.azure.com/;Key=hunter2hunter2",
            "azure_openai",
            "https://contoso.openai.azure.com/",
            CLASSIC,
            &["connection_string", "secret_ignored"],
        ),
        (
            "AccountEndpoint=https://contoso.documents.azure.com:443/;AccountKey=hunter2hunter2;",
            "cosmos_db",
            "https://contoso.documents.azure.com/",
            "https://cosmos.azure.com",
            &["connection_string", "secret_ignored", "default_port"],
        ),
        (
            "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=hunter2;EndpointSuffix=core.windows.net",
            "storage",
            "https://contoso.blob.core.windows.net/",
            "https://storage.azure.com",
            &["connection_string", "secret_ignored"],
        ),
    ]);
    let secret = "Endpoint=https://contoso.openai.azure.com/;Key=hunter2hunter2";
    assert!(!format!("{:?}", Endpoint::parse(secret).unwrap()).contains("hunter2"));
}

#[test]
fn resource_ids_and_portal_links() {
    let id = "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/contoso/projects/p1";
    let from_id = &["resource_id", "host_derived"][..];
    let from_page = &["portal_link", "host_derived"][..];
    check(&[
        (id, "foundry_project", P, FOUNDRY, from_id),
        (
            &id.to_uppercase()
                .replace("CONTOSO/PROJECTS/P1", "contoso/projects/p1"),
            "foundry_project",
            P,
            FOUNDRY,
            from_id,
        ),
        (
            &format!("{id}/connections/c1"),
            "foundry_project",
            P,
            FOUNDRY,
            from_id,
        ),
        (
            "/subscriptions/s/resourceGroups/r/providers/Microsoft.Search/searchServices/contoso",
            "search",
            "https://contoso.search.windows.net/",
            "https://search.azure.com",
            from_id,
        ),
        (
            "https://ai.azure.com/nextgen/r/abc,rg,,contoso,p1/build/agents/a1/build?version=2",
            "foundry_project",
            P,
            FOUNDRY,
            from_page,
        ),
        (
            &format!("https://ai.azure.com/resource/overview?wsid={id}&tid=t"),
            "foundry_project",
            P,
            FOUNDRY,
            from_page,
        ),
        (
            &format!(
                "https://ai.azure.com/foundryProject/overview?tid=t&wsid={}",
                id.replace('/', "%2F")
            ),
            "foundry_project",
            P,
            FOUNDRY,
            from_page,
        ),
    ]);
    let gov = Endpoint::parse_in(id, &Cloud::us_government()).unwrap();
    assert_eq!(
        gov.base_url(),
        "https://contoso.services.ai.azure.us/api/projects/p1"
    );
    assert_eq!(gov.scope().resource(), "https://ai.azure.us");
    let china = Endpoint::parse_in(id, &Cloud::china()).unwrap_err();
    assert_eq!(china.reason(), EndpointReason::AudienceUnknown);
}

/// The matrix: Cognitive Services, Foundry, Azure ML, Resource Manager.
#[test]
fn what_each_kind_accepts() {
    use Acceptance::{Disputed, Documented, Observed, Refused};
    let (yes, no) = (Some(Documented), Some(Refused));
    let known: &[(&str, [Option<Acceptance>; 4])] = &[
        (
            "https://contoso.openai.azure.com/",
            [yes, Some(Disputed), no, no],
        ),
        (
            "https://contoso.openai.azure.com/openai/v1/",
            [Some(Observed), yes, no, no],
        ),
        (
            "https://contoso.services.ai.azure.com/openai/v1/",
            [Some(Disputed), yes, no, no],
        ),
        (
            "https://contoso.services.ai.azure.com/models",
            [yes, Some(Observed), no, no],
        ),
        ("https://contoso.services.ai.azure.com/", [yes, yes, no, no]),
        (
            "https://contoso.services.ai.azure.com/anthropic/",
            [no, yes, no, no],
        ),
        (
            "https://contoso.services.ai.azure.com/providers/blackforestlabs/v1/flux-2-pro",
            [yes, None, None, None],
        ),
        (P, [no, yes, no, no]),
        (
            "https://contoso.services.ai.azure.com/api/projects/p1/openai/v1",
            [Some(Disputed), yes, no, no],
        ),
        (
            "https://contoso.services.ai.azure.com/api/projects/p1/toolboxes/t/mcp",
            [no, yes, no, no],
        ),
        (
            "https://contoso.services.ai.azure.com/api/projects/p1/agents/a/endpoint/protocols/a2a",
            [no, yes, no, no],
        ),
        ("https://mcp.ai.azure.com/", [no, no, no, no]),
        ("https://contoso.search.windows.net/", [no, no, no, no]),
        (
            "https://eastus.api.azureml.ms/agents/v1.0",
            [no, None, Some(Observed), yes],
        ),
    ];
    for (text, expected) in known {
        let endpoint = Endpoint::parse(text).unwrap();
        let audiences = [CLASSIC, FOUNDRY, "https://ml.azure.com", ARM];
        let got = audiences.map(|audience| endpoint.acceptance_of(audience));
        assert_eq!(got, *expected, "{text}");
        let first = &endpoint.accepted()[0];
        assert_eq!(
            (first.audience(), first.acceptance()),
            (endpoint.scope().resource(), Documented)
        );
    }
}

#[test]
fn other_spellings_ids_and_clouds() {
    let project = Endpoint::parse(P).unwrap();
    for aud in [
        "https://ai.azure.com/",
        "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
    ] {
        assert_eq!(
            project.acceptance_of(aud),
            Some(Acceptance::Documented),
            "{aud}"
        );
    }
    assert_eq!(
        project.acceptance_of("7d312290-28c8-473c-a0ed-8e53749b6d6d"),
        Some(Acceptance::Refused)
    );
    let gov =
        Endpoint::parse_in("https://contoso.openai.azure.us", &Cloud::us_government()).unwrap();
    for (aud, acceptance) in [
        ("https://cognitiveservices.azure.us", Acceptance::Documented),
        (
            "7d312290-28c8-473c-a0ed-8e53749b6d6d",
            Acceptance::Documented,
        ),
        ("https://cognitiveservices.azure.com", Acceptance::Refused),
        ("https://cognitiveservices.azure.com/", Acceptance::Refused),
    ] {
        assert_eq!(gov.acceptance_of(aud), Some(acceptance), "{aud}");
    }
}

#[test]
fn a_host_of_ones_own_is_taken_whole_and_by_name_only() {
    let scope = || Scope::parse("api://11112222-bbbb-3333-cccc-4444dddd5555/.default").unwrap();
    let reader = |host: &str| EndpointReader::new(Cloud::public()).allow_custom_host(host, scope());
    let own = reader("Gateway.contoso.example").unwrap();
    let endpoint = own
        .parse("https://gateway.contoso.example/a/b?api-version=v1")
        .unwrap();
    assert_eq!(endpoint.base_url(), "https://gateway.contoso.example/a/b");
    assert_eq!(endpoint.accepted()[0].acceptance(), Acceptance::Configured);
    assert!(
        endpoint
            .notes()
            .iter()
            .any(|note| note.code() == NoteCode::CustomHost)
    );
    for (text, code) in [
        ("https://evil.gateway.contoso.example/", "unknown_host"),
        (
            "https://gateway.contoso.example.evil.example/",
            "unknown_host",
        ),
        ("https://gateway.contoso.example:8443/", "unknown_host"),
        ("https://gateway.contoso.example@evil.example/", "user_info"),
        ("http://gateway.contoso.example/", "plain_http"),
        ("wss://gateway.contoso.example/", "web_socket"),
        ("https://gateway.contoso.example/../x", "dot_segment"),
    ] {
        assert_eq!(own.parse(text).unwrap_err().code(), code, "{text}");
    }
    for (host, code) in [
        ("contoso.openai.azure.com", "known_host"),
        ("login.microsoftonline.com", "known_host"),
        ("ai.azure.com", "known_host"),
        ("127.0.0.1", "ip_address"),
        ("localhost", "host"),
        ("*.contoso.example", "host"),
        ("contoso.example:8443", "host"),
        ("xn--cntoso-0qg.example", "idn"),
        ("contoso.example.", "host"),
        ("eastus.api.cognitive.microsoft.com", "known_host"),
    ] {
        assert_eq!(reader(host).unwrap_err().code(), code, "{host}");
    }
    assert!(reader("contoso.azurewebsites.net").is_ok());
}

#[test]
fn every_code_is_on_the_crates_page() {
    let page = include_str!("../../src/endpoint/codes.md");
    let lib = include_str!("../../src/lib.rs");
    assert!(lib.contains("endpoint/codes.md"));
    let listed: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let notes = NoteCode::ALL.iter().map(|code| code.as_str());
    let all: Vec<_> = EndpointReason::CODES.iter().copied().chain(notes).collect();
    assert_eq!(listed, all);
}
