//! `entra-doctor scope` and `entra-doctor catalogue`

use serde_json::Value;

use crate::support::{doctor, text};

fn told(args: &[&str]) -> (Option<i32>, Value) {
    let args: Vec<_> = args.iter().copied().chain(["--json"]).collect();
    let output = doctor(&args, b"");
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).unwrap(),
    )
}

#[test]
fn a_scope_is_told_for_whatever_is_at_hand() {
    for (what, meant, scope) in [
        ("graph", "resource", "https://graph.microsoft.com/.default"),
        (
            "Azure OpenAI",
            "resource",
            "https://cognitiveservices.azure.com/.default",
        ),
        (
            "https://ai.azure.com/",
            "resource",
            "https://ai.azure.com/.default",
        ),
        (
            "https://graph.microsoft.com/User.Read",
            "resource",
            "https://graph.microsoft.com/.default",
        ),
        (
            "22bfbae3-f4e7-485f-be43-8cee15065084",
            "resource",
            "22bfbae3-f4e7-485f-be43-8cee15065084/.default",
        ),
        (
            "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
            "shared_id",
            "https://ai.azure.com/.default",
        ),
        ("onelake", "resource", "https://storage.azure.com/.default"),
        (
            "https://contoso.services.ai.azure.com/api/projects/p1",
            "endpoint",
            "https://ai.azure.com/.default",
        ),
        (
            "https://contoso.openai.azure.com/openai/deployments/d",
            "endpoint",
            "https://cognitiveservices.azure.com/.default",
        ),
    ] {
        let (exit, told) = told(&["scope", what]);
        assert_eq!(exit, Some(0), "{what}: {told}");
        assert_eq!(told["meant"], meant, "{what}");
        assert_eq!(told["scope"], scope, "{what}");
        assert!(told["resources"][0]["code"].is_string(), "{what}");
    }
    let (_, gov) = told(&["scope", "arm", "--cloud", "usgov"]);
    assert_eq!(
        gov["scope"],
        "https://management.usgovcloudapi.net/.default"
    );
}

#[test]
fn what_is_no_resource_is_told_apart() {
    for (what, meant) in [
        ("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "client"),
        ("Azure AI User", "role"),
        ("53ca6127-db72-4b80-b1b0-d745d6d5456d", "role"),
        ("11112222-bbbb-3333-cccc-4444dddd5555", "unknown"),
        ("https://contoso.example/", "own"),
        ("monitor", "resource"),
        ("dataverse", "resource"),
        ("", "unknown"),
    ] {
        let (exit, told) = told(&["scope", what]);
        assert_eq!(told["meant"], meant, "{what}");
        assert_eq!(exit == Some(0), what == "monitor", "{what}: {told}");
    }
    // Nothing is invented in a cloud without a row.
    let (exit, told) = told(&["scope", "azure_ai", "--cloud", "china"]);
    assert_eq!((exit, &told["scope"]), (Some(1), &Value::Null));
}

#[test]
fn people_read_names_ids_and_what_surprises() {
    let shown = text(&doctor(&["scope", "azure_ai"], b"").stdout);
    for part in [
        "Microsoft Foundry",
        "https://ai.azure.com/.default",
        "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
        "Foundry User (formerly Azure AI User)",
        "53ca6127-db72-4b80-b1b0-d745d6d5456d",
        "not enough",
        "AADSTS650052",
        "https://ai.azure.us/.default",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let unknown = text(&doctor(&["scope", "kust"], b"").stdout);
    assert!(
        unknown.contains("perhaps") && unknown.contains("kusto"),
        "{unknown}"
    );
}

#[test]
fn the_catalogue_is_listed_and_filtered() {
    let count = |args: &[&str]| {
        let args: Vec<_> = ["catalogue"].iter().chain(args).copied().collect();
        told(&args).1["count"].as_u64().unwrap()
    };
    let all = count(&[]);
    assert!(all > 75, "{all}");
    assert!(count(&["--confidence", "high"]) < all);
    assert!(count(&["--cloud", "china"]) < 40);
    assert_eq!(count(&["key_vault"]), 1);
    let (exit, none) = told(&["catalogue", "unheard-of"]);
    assert_eq!((exit, &none["count"]), (Some(1), &Value::from(0)));
    let shown = text(&doctor(&["catalogue", "vault"], b"").stdout);
    assert!(
        shown.contains("https://vault.azure.net/.default"),
        "{shown}"
    );
}
