//! Endpoints of neighbouring services: search, vaults, storage, Graph.

use foundry_scopes::Endpoint;

const CLASSIC: &str = "https://cognitiveservices.azure.com/.default";

/// (pasted, kind, base URL, scope, notes)
type Row<'a> = (&'a str, &'a str, &'a str, &'a str, &'a [&'a str]);

fn check(rows: &[Row<'_>]) {
    for &(pasted, kind, base, scope, notes) in rows {
        let endpoint = Endpoint::parse(pasted).unwrap_or_else(|e| panic!("{pasted}: {e}"));
        assert_eq!(endpoint.kind().as_str(), kind, "{pasted}");
        assert_eq!(endpoint.base_url(), base, "{pasted}");
        assert_eq!(endpoint.scope().as_str(), scope, "{pasted}");
        let codes: Vec<_> = endpoint.notes().iter().map(|n| n.code().as_str()).collect();
        assert_eq!(codes, notes, "{pasted}");
    }
}

#[test]
fn neighbours() {
    let ml = "https://score1.eastus.inference.ml.azure.com";
    check(&[
        (
            &format!("{ml}/score"),
            "machine_learning",
            &format!("{ml}/score"),
            "https://ml.azure.com/.default",
            &[],
        ),
        (
            "https://mcp.ai.azure.com/",
            "foundry_mcp",
            "https://mcp.ai.azure.com/",
            "https://mcp.ai.azure.com/.default",
            &[],
        ),
        (
            "https://mcp.management.azure.com",
            "resource_manager_mcp",
            "https://mcp.management.azure.com/",
            "22bfbae3-f4e7-485f-be43-8cee15065084/.default",
            &[],
        ),
        (
            "https://graph.microsoft.com/v1.0/me",
            "graph",
            "https://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com/.default",
            &["path_removed"],
        ),
        (
            "https://management.azure.com/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/contoso/projects/p1?api-version=2025-06-01",
            "resource_manager",
            "https://management.azure.com/",
            "https://management.azure.com/.default",
            &["path_removed", "api_version_removed", "control_plane"],
        ),
        (
            "https://contoso.search.windows.net/indexes/i/docs/search?api-version=2024-07-01",
            "search",
            "https://contoso.search.windows.net/",
            "https://search.azure.com/.default",
            &["path_removed", "api_version_removed"],
        ),
        (
            "https://eastus.api.azureml.ms/asset-gallery/v1.0/tools",
            "machine_learning_region",
            "https://eastus.api.azureml.ms/",
            "https://management.azure.com/.default",
            &["path_removed"],
        ),
        (
            "https://api.cognitive.microsofttranslator.com/translate?api-version=3.0",
            "translator",
            "https://api.cognitive.microsofttranslator.com/",
            CLASSIC,
            &["path_removed", "api_version_removed", "extra_headers"],
        ),
        (
            "https://agent365.svc.cloud.microsoft/agents/servers/mcp_MailTools",
            "agent_365",
            "https://agent365.svc.cloud.microsoft/agents/servers/mcp_MailTools",
            "ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/.default",
            &[],
        ),
        (
            "https://graph.microsoft.com/v1.0/users/alice@contoso.com",
            "graph",
            "https://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com/.default",
            &["path_removed"],
        ),
        (
            "https://contoso.vault.azure.net/",
            "key_vault",
            "https://contoso.vault.azure.net/",
            "https://vault.azure.net/.default",
            &[],
        ),
    ]);
    let endpoint = Endpoint::parse(ml).unwrap();
    assert_eq!(
        (endpoint.resource(), endpoint.region()),
        (Some("score1"), Some("eastus"))
    );
    let arm = Endpoint::parse("https://management.azure.com/subscriptions/s/resourceGroups/my(group)/providers/Microsoft.CognitiveServices/accounts/contoso/projects/p1").unwrap();
    assert_eq!(
        (arm.resource(), arm.project()),
        (Some("contoso"), Some("p1"))
    );
}
