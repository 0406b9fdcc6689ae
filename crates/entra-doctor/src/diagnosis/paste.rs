//! Commands to paste. Nothing that others wrote gets into a shell unless it is one
//! plain word.

use foundry_scopes::{Endpoint, EndpointKind as Kind, RoleId};

/// `text` where it is letters, digits and `-._` only, else the placeholder: a name in a
/// pasted address must not become a command.
pub(crate) fn word(text: &str, placeholder: &'static str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if !text.is_empty() && !text.starts_with('-') && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("<{placeholder}>")
    }
}

/// An expression of the shell that gives the ARM id of what `endpoint` belongs to, and the
/// name of that in words.
pub(crate) fn place_of(endpoint: &Endpoint) -> (String, String) {
    let name = word(endpoint.resource().unwrap_or_default(), "resource");
    let by_type = |kind: &str, words: &str| {
        let query = format!(
            "$(az resource list --resource-type {kind} --name {name} --query '[0].id' -o tsv)"
        );
        (query, format!("the {words} {name}"))
    };
    match endpoint.kind() {
        Kind::Search => by_type("Microsoft.Search/searchServices", "search service"),
        Kind::KeyVault => by_type("Microsoft.KeyVault/vaults", "key vault"),
        Kind::Storage => by_type("Microsoft.Storage/storageAccounts", "storage account"),
        Kind::CosmosDb => by_type("Microsoft.DocumentDB/databaseAccounts", "Cosmos DB account"),
        Kind::AppConfiguration => by_type(
            "Microsoft.AppConfiguration/configurationStores",
            "App Configuration store",
        ),
        Kind::LogAnalytics
        | Kind::ApplicationInsights
        | Kind::MachineLearning
        | Kind::MachineLearningRegion
        | Kind::Graph => (
            format!("<ARM id of {name}>"),
            format!("the resource {name}"),
        ),
        _ => {
            // The name in the host is the custom subdomain, which may differ from the account's.
            let account = format!(
                "$(az cognitiveservices account list --query \"[?properties.customSubDomainName=='{name}'].id | [0]\" -o tsv)"
            );
            match endpoint.project() {
                // `_project` and `_default` stand for whichever project is the default.
                Some(project) if !project.starts_with('_') => {
                    let project = word(project, "project");
                    (
                        format!("{account}/projects/{project}"),
                        format!("the project {project} of the account {name}"),
                    )
                }
                _ => (account, format!("the account {name}")),
            }
        }
    }
}

/// Assigns a role by its GUID, which survives renaming.
pub(crate) fn assign(role_id: RoleId, assignee: &str, scope: &str) -> String {
    format!("az role assignment create --role {role_id} --assignee {assignee} --scope \"{scope}\"")
}

/// `az` for the whole id in one argument: quotes inside `$(...)` nest.
pub(crate) const SIGNED_IN_USER: &str = "\"$(az ad signed-in-user show --query id -o tsv)\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_get_into_a_command() {
        assert_eq!(word("contoso-1", "resource"), "contoso-1");
        for hostile in [
            "", "a b", "$(id)", "`id`", "a;id", "a'b", "a\"b", "--query", "é", "a\nb",
        ] {
            assert_eq!(word(hostile, "resource"), "<resource>", "{hostile:?}");
        }
    }

    #[test]
    fn places_are_found_by_the_name_in_the_host() {
        let endpoint = Endpoint::parse("https://contoso.services.ai.azure.com/api/projects/p1");
        let (query, words) = place_of(&endpoint.unwrap());
        assert!(query.contains("customSubDomainName=='contoso'"), "{query}");
        assert!(query.ends_with("/projects/p1"), "{query}");
        assert_eq!(words, "the project p1 of the account contoso");

        let endpoint = Endpoint::parse("https://contoso.search.windows.net/");
        let (query, _) = place_of(&endpoint.unwrap());
        assert!(query.contains("Microsoft.Search/searchServices --name contoso"));
    }
}
