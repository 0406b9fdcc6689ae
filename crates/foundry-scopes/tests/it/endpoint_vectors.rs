//! Pasted addresses and the endpoints they become.

use foundry_scopes::{AgentProtocol, Endpoint};

const CLASSIC: &str = "https://cognitiveservices.azure.com/.default";
const FOUNDRY: &str = "https://ai.azure.com/.default";
const O: &str = "https://contoso.openai.azure.com";
const R: &str = "https://contoso.services.ai.azure.com";
const P: &str = "https://contoso.services.ai.azure.com/api/projects/p1";

/// (pasted, kind, base URL, scope, notes)
type Row<'a> = (&'a str, &'a str, &'a str, &'a str, &'a [&'a str]);

fn check(rows: &[Row<'_>]) {
    for &(pasted, kind, base, scope, notes) in rows {
        let pasted = expand(pasted);
        let endpoint = Endpoint::parse(&pasted).unwrap_or_else(|e| panic!("{pasted}: {e}"));
        assert_eq!(endpoint.kind().as_str(), kind, "{pasted}");
        assert_eq!(endpoint.base_url(), expand(base), "{pasted}");
        assert_eq!(endpoint.scope().as_str(), scope, "{pasted}");
        let codes: Vec<_> = endpoint.notes().iter().map(|n| n.code().as_str()).collect();
        assert_eq!(codes, notes, "{pasted}");
    }
}

/// `O`, `R` and `P` at the start stand for the three addresses above.
fn expand(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    match first {
        "O" => format!("{O}{rest}"),
        "R" => format!("{R}{rest}"),
        "P" => format!("{P}{rest}"),
        _ => text.to_owned(),
    }
}

#[test]
fn azure_openai() {
    let op = "O/openai/deployments/gpt-4.1-mini/chat/completions?api-version=2024-10-21";
    check(&[
        ("O/", "azure_openai", "O/", CLASSIC, &[]),
        ("O", "azure_openai", "O/", CLASSIC, &[]),
        ("O///", "azure_openai", "O/", CLASSIC, &["duplicate_slash"]),
        (
            "HTTPS://Contoso.OpenAI.Azure.COM",
            "azure_openai",
            "O/",
            CLASSIC,
            &["host_case"],
        ),
        (
            "HTTPS://contoso.openai.azure.com/",
            "azure_openai",
            "O/",
            CLASSIC,
            &["host_case"],
        ),
        (
            op,
            "azure_openai",
            "O/",
            CLASSIC,
            &["path_removed", "api_version_removed"],
        ),
        (
            "O/OpenAI/Deployments/gpt-4o",
            "azure_openai",
            "O/",
            CLASSIC,
            &["path_case", "path_removed"],
        ),
        ("O/openai", "azure_openai", "O/", CLASSIC, &["path_removed"]),
        (
            "O/openai/",
            "azure_openai",
            "O/",
            CLASSIC,
            &["path_removed"],
        ),
        ("O/foo", "azure_openai", "O/", CLASSIC, &["path_unknown"]),
        ("O:443/", "azure_openai", "O/", CLASSIC, &["default_port"]),
        (
            "O?api-version=2024-10-21",
            "azure_openai",
            "O/",
            CLASSIC,
            &["api_version_removed"],
        ),
        ("O/?", "azure_openai", "O/", CLASSIC, &["query_removed"]),
        (
            "O/openai/v1",
            "openai_v1",
            "O/openai/v1/",
            FOUNDRY,
            &["audience_disputed"],
        ),
        (
            "O/openai/v1/chat/completions",
            "openai_v1",
            "O/openai/v1/",
            FOUNDRY,
            &["path_removed", "audience_disputed"],
        ),
        (
            "O/openai/v1/?api-version=preview",
            "openai_v1",
            "O/openai/v1/",
            FOUNDRY,
            &[
                "api_version_removed",
                "api_version_on_v1",
                "audience_disputed",
            ],
        ),
        (
            "wss://contoso.openai.azure.com/openai/realtime?api-version=2025-04-01-preview&deployment=rt",
            "azure_openai",
            "O/",
            CLASSIC,
            &[
                "path_removed",
                "api_version_removed",
                "query_removed",
                "web_socket",
            ],
        ),
        (
            "https://contoso.privatelink.openai.azure.com",
            "azure_openai",
            "O/",
            CLASSIC,
            &["private_link"],
        ),
    ]);
    let endpoint = Endpoint::parse(&expand(op)).unwrap();
    assert_eq!(endpoint.deployment(), Some("gpt-4.1-mini"));
    assert_eq!(endpoint.api_version(), Some("2024-10-21"));
    assert_eq!(endpoint.resource(), Some("contoso"));
    let realtime = format!(
        "{}/openai/realtime?deployment=rt",
        O.replace("https", "wss")
    );
    assert_eq!(Endpoint::parse(&realtime).unwrap().deployment(), Some("rt"));
}

#[test]
fn accounts() {
    let c = "https://contoso.cognitiveservices.azure.com";
    check(&[
        (c, "cognitive_services", &format!("{c}/"), CLASSIC, &[]),
        (
            &format!("{c}/openai/deployments/d/chat/completions"),
            "cognitive_services",
            &format!("{c}/"),
            CLASSIC,
            &["path_removed"],
        ),
        (
            &format!("{c}/vision/v3.2/analyze"),
            "cognitive_services",
            &format!("{c}/"),
            CLASSIC,
            &["path_removed"],
        ),
        (
            &format!("{c}/language/mcp?api-version=2025-11-15-preview"),
            "language_mcp",
            &format!("{c}/language/mcp"),
            CLASSIC,
            &["api_version_removed"],
        ),
        (
            "R",
            "foundry_resource",
            "R/",
            CLASSIC,
            &["audience_by_path"],
        ),
        (
            "R/openai/deployments/d",
            "foundry_resource",
            "R/",
            CLASSIC,
            &["path_removed", "audience_by_path"],
        ),
        (
            "R/openai/v1/",
            "openai_v1",
            "R/openai/v1/",
            FOUNDRY,
            &["audience_disputed"],
        ),
        ("R/models", "model_inference", "R/models", CLASSIC, &[]),
        (
            "R/models/chat/completions?api-version=2024-05-01-preview",
            "model_inference",
            "R/models",
            CLASSIC,
            &["path_removed", "api_version_removed"],
        ),
        ("R/anthropic", "anthropic", "R/anthropic/", FOUNDRY, &[]),
        (
            "R/anthropic/v1/messages",
            "anthropic",
            "R/anthropic/",
            FOUNDRY,
            &["path_removed"],
        ),
        (
            "R/providers/blackforestlabs/v1/flux-2-pro?api-version=preview",
            "model_provider",
            "R/providers/blackforestlabs/v1/flux-2-pro",
            CLASSIC,
            &["api_version_removed"],
        ),
        (
            "R/foo",
            "foundry_resource",
            "R/",
            CLASSIC,
            &["path_unknown"],
        ),
        (
            "https://contoso.privatelink.services.ai.azure.com/api/projects/p1",
            "foundry_project",
            "P",
            FOUNDRY,
            &["private_link"],
        ),
    ]);
}

#[test]
fn projects() {
    check(&[
        ("P", "foundry_project", "P", FOUNDRY, &[]),
        ("P/", "foundry_project", "P", FOUNDRY, &["trailing_slash"]),
        (
            "R/api/projects/_project",
            "foundry_project",
            "R/api/projects/_project",
            FOUNDRY,
            &[],
        ),
        (
            "R/api/projects/_default",
            "foundry_project",
            "R/api/projects/_default",
            FOUNDRY,
            &[],
        ),
        (
            "P/openai/v1/responses",
            "project_openai_v1",
            "P/openai/v1",
            FOUNDRY,
            &["path_removed"],
        ),
        (
            "P/openai/v1?api-version=v1",
            "project_openai_v1",
            "P/openai/v1",
            FOUNDRY,
            &["api_version_removed", "api_version_on_v1"],
        ),
        (
            "P/agents?api-version=v1&limit=1",
            "foundry_project",
            "P",
            FOUNDRY,
            &["path_removed", "api_version_removed", "query_removed"],
        ),
        (
            "P/anthropic",
            "foundry_project",
            "P",
            FOUNDRY,
            &["path_unknown"],
        ),
        (
            "P/connections",
            "foundry_project",
            "P",
            FOUNDRY,
            &["path_removed"],
        ),
        (
            "P/agents?api-version=v1",
            "foundry_project",
            "P",
            FOUNDRY,
            &["path_removed", "api_version_removed"],
        ),
        (
            "R//api//projects//p1",
            "foundry_project",
            "P",
            FOUNDRY,
            &["duplicate_slash"],
        ),
        (
            "R/API/Projects/p1",
            "foundry_project",
            "P",
            FOUNDRY,
            &["path_case"],
        ),
    ]);
    let endpoint = Endpoint::parse(P).unwrap();
    assert_eq!(
        (endpoint.resource(), endpoint.project()),
        (Some("contoso"), Some("p1"))
    );
    assert_eq!(
        (endpoint.agent(), endpoint.toolbox(), endpoint.application()),
        (None, None, None)
    );
}

#[test]
fn agents_applications_and_toolboxes() {
    let agent = "P/agents/a1";
    let speaks = |protocol: &str| format!("{agent}/endpoint/protocols/{protocol}");
    let openai = speaks("openai");
    let ws = expand(&speaks("invocations_ws")).replace("https", "wss");
    check(&[
        (agent, "foundry_agent", agent, FOUNDRY, &[]),
        (
            "P/agents/a1/versions/3",
            "foundry_agent",
            agent,
            FOUNDRY,
            &["path_removed"],
        ),
        (
            &openai,
            "foundry_agent",
            &openai,
            FOUNDRY,
            &["blueprint_audience"],
        ),
        (
            &speaks("openai/v1/responses"),
            "foundry_agent",
            &openai,
            FOUNDRY,
            &["path_removed", "blueprint_audience"],
        ),
        (
            &speaks("openai/responses?api-version=v1"),
            "foundry_agent",
            &openai,
            FOUNDRY,
            &["path_removed", "api_version_removed", "blueprint_audience"],
        ),
        (
            &speaks("invocations"),
            "foundry_agent",
            &speaks("invocations"),
            FOUNDRY,
            &["blueprint_audience"],
        ),
        (
            &speaks("a2a/agentCard/v1.0"),
            "foundry_agent",
            &speaks("a2a"),
            FOUNDRY,
            &["path_removed", "blueprint_audience"],
        ),
        (
            &speaks("morse"),
            "foundry_agent",
            agent,
            FOUNDRY,
            &["path_unknown"],
        ),
        (
            &format!("{ws}?api-version=v1&agent_session_id=s"),
            "foundry_agent",
            &ws,
            FOUNDRY,
            &["api_version_removed", "query_removed", "blueprint_audience"],
        ),
        (
            &speaks("invocations_ws"),
            "foundry_agent",
            &ws,
            FOUNDRY,
            &["api_version_missing", "web_socket", "blueprint_audience"],
        ),
        (
            "P/applications/app/protocols/openai/responses?api-version=2025-11-15-preview",
            "foundry_application",
            "P/applications/app/protocols/openai",
            FOUNDRY,
            &["path_removed", "api_version_removed", "legacy_application"],
        ),
        (
            "P/applications/app",
            "foundry_application",
            "P/applications/app",
            FOUNDRY,
            &["legacy_application"],
        ),
        (
            "P/toolboxes/t/mcp",
            "foundry_toolbox",
            "P/toolboxes/t/mcp",
            FOUNDRY,
            &["api_version_missing"],
        ),
        (
            "P/toolboxes/t/versions/2/mcp?api-version=v1",
            "foundry_toolbox",
            "P/toolboxes/t/versions/2/mcp",
            FOUNDRY,
            &["api_version_removed"],
        ),
        (
            "P/toolboxes",
            "foundry_project",
            "P",
            FOUNDRY,
            &["path_removed"],
        ),
        (
            "P/applications",
            "foundry_project",
            "P",
            FOUNDRY,
            &["path_removed"],
        ),
    ]);
    let parse = |text: &str| Endpoint::parse(&expand(text)).unwrap();
    assert_eq!(parse(agent).agent(), Some("a1"));
    assert_eq!(parse(agent).protocol(), None);
    assert_eq!(parse(&openai).protocol(), Some(AgentProtocol::Responses));
    assert_eq!(parse("P/toolboxes/t/mcp").toolbox(), Some("t"));
    assert_eq!(parse("P/applications/app").application(), Some("app"));
    assert_eq!(parse("P/applications/app").project(), Some("p1"));
}
