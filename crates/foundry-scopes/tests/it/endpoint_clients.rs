//! Addresses and scopes for each family of clients, in each cloud.

use foundry_scopes::{Client, Cloud, Endpoint};

const CLASSIC: &str = "https://cognitiveservices.azure.com/.default";
const FOUNDRY: &str = "https://ai.azure.com/.default";

/// `O`, `R` and `P` at the start stand for an Azure OpenAI account, a Foundry account and
/// a project in it.
fn expand(text: &str) -> String {
    let (first, rest) = text.split_at(text.len().min(1));
    match first {
        "O" => format!("https://contoso.openai.azure.com{rest}"),
        "R" => format!("https://contoso.services.ai.azure.com{rest}"),
        "P" => format!("https://contoso.services.ai.azure.com/api/projects/p1{rest}"),
        _ => text.to_owned(),
    }
}

#[test]
fn other_clouds() {
    let gov = Cloud::us_government();
    let project = "https://contoso.services.ai.azure.us/api/projects/p1";
    for (text, scope) in [
        (project, "https://ai.azure.us/.default"),
        (
            "https://contoso.openai.azure.us",
            "https://cognitiveservices.azure.us/.default",
        ),
        (
            "https://contoso.openai.azure.us/openai/v1",
            "https://ai.azure.us/.default",
        ),
        (
            "https://management.usgovcloudapi.net",
            "https://management.usgovcloudapi.net/.default",
        ),
    ] {
        let endpoint = Endpoint::parse_in(text, &gov).unwrap();
        assert_eq!(endpoint.scope().as_str(), scope, "{text}");
        assert_eq!(
            Endpoint::parse(text).unwrap_err().code(),
            "other_cloud",
            "{text}"
        );
    }
    // Foundry has no documented audience in China, so the v1 path falls back to the one
    // that shipped clients use on it.
    let china = Endpoint::parse_in(
        "https://contoso.openai.azure.cn/openai/v1/",
        &Cloud::china(),
    );
    assert_eq!(
        china.unwrap().scope().as_str(),
        "https://cognitiveservices.azure.cn/.default"
    );
}

#[test]
fn each_client_gets_its_own_form() {
    /// (pasted, [azure_endpoint, openai base_url, azure-ai-projects, azure-ai-inference, anthropic])
    type Row<'a> = (&'a str, [(&'a str, &'a str); 5]);
    const NONE: (&str, &str) = ("", "");
    let rows: &[Row<'_>] = &[
        (
            "O/",
            [("O", CLASSIC), ("O/openai/v1/", FOUNDRY), NONE, NONE, NONE],
        ),
        (
            "O/openai/v1",
            [("O", CLASSIC), ("O/openai/v1/", FOUNDRY), NONE, NONE, NONE],
        ),
        (
            "R",
            [
                ("R", CLASSIC),
                ("R/openai/v1/", FOUNDRY),
                NONE,
                ("R/models", CLASSIC),
                ("R/anthropic/", FOUNDRY),
            ],
        ),
        (
            "P/connections",
            [
                ("R", CLASSIC),
                ("P/openai/v1", FOUNDRY),
                ("P", FOUNDRY),
                NONE,
                NONE,
            ],
        ),
        (
            "P/agents/a1/endpoint/protocols/openai/responses",
            [
                NONE,
                ("P/agents/a1/endpoint/protocols/openai", FOUNDRY),
                ("P", FOUNDRY),
                NONE,
                NONE,
            ],
        ),
        ("P/agents/a1", [NONE, NONE, ("P", FOUNDRY), NONE, NONE]),
        (
            "P/toolboxes/t/mcp",
            [NONE, NONE, ("P", FOUNDRY), NONE, NONE],
        ),
        ("https://graph.microsoft.com", [NONE; 5]),
        (
            "https://management.azure.com/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/a/projects/p",
            [NONE; 5],
        ),
    ];
    for (pasted, expected) in rows {
        let endpoint = Endpoint::parse(&expand(pasted)).unwrap();
        for (client, (url, scope)) in Client::ALL.iter().zip(expected) {
            let got = endpoint.for_client(*client);
            match got {
                None => assert_eq!(*url, "", "{pasted} {client:?}"),
                Some(address) => {
                    assert_eq!(address.url(), expand(url), "{pasted} {client:?}");
                    assert_eq!(address.scope().as_str(), *scope, "{pasted} {client:?}");
                    let again = Endpoint::parse(address.url()).unwrap();
                    assert_eq!(again.origin(), endpoint.origin());
                }
            }
        }
    }
}

#[test]
fn what_was_cut_off_is_added_by_a_client_or_by_the_request() {
    for (text, says) in [
        (
            "https://contoso.openai.azure.com/openai/deployments/d/chat/completions",
            "clients add it themselves",
        ),
        (
            "https://contoso.vault.azure.net/secrets/x",
            "was left out of the base address: add it per request",
        ),
        (
            "https://graph.microsoft.com/v1.0/me",
            "was left out of the base address: add it per request",
        ),
    ] {
        let endpoint = Endpoint::parse(text).unwrap();
        let note = &endpoint.notes()[0];
        assert_eq!(note.code().as_str(), "path_removed");
        assert!(note.message().contains(says), "{text}: {}", note.message());
    }
}

#[test]
fn the_refusal_of_another_cloud_names_the_way_in() {
    let error = Endpoint::parse("https://contoso.openai.azure.us/").unwrap_err();
    assert!(
        error.to_string().contains("`Endpoint::parse_in`"),
        "{error}"
    );
    let error = Endpoint::parse("https://localhost:1/").unwrap_err();
    assert!(
        error.to_string().contains("this is a local address"),
        "{error}"
    );
}
