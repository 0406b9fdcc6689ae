use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{Audience, ClientId, Cloud, KnownCloud, Scope};

fn clouds() -> [Cloud; 3] {
    [Cloud::public(), Cloud::us_government(), Cloud::china()]
}

#[test]
fn every_row_is_well_formed() {
    let mut names = BTreeSet::new();
    for resource in all() {
        assert!(names.insert(resource.name()), "{resource} twice");
        let mut seen = BTreeSet::new();
        for row in resource.clouds {
            assert!(seen.insert(row.cloud), "{resource}: {} twice", row.cloud);
            let scope = Scope::parse(row.scope).unwrap();
            assert!(scope.is_default(), "{resource}");
            for uri in row.registered.iter().chain(row.seen) {
                assert_eq!(Audience::parse(uri).unwrap().as_str(), *uri, "{resource}");
            }
            assert!(!row.source.is_empty(), "{resource}");
            assert_ne!(row.application.map(|id| *id.as_bytes()), Some([0; 16]));
        }
        assert!(resource.clouds().count() > 0, "{resource}");
    }
}

#[test]
fn what_is_asked_for_is_found_again() {
    for resource in all() {
        for cloud in clouds() {
            let Some(scope) = resource.default_scope(&cloud) else {
                continue;
            };
            let found: Vec<_> = by_scope(&scope).collect();
            assert!(found.contains(&resource), "{resource}: {scope}");
        }
    }
}

#[test]
fn a_spelling_names_one_resource() {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for resource in all() {
        for row in resource.clouds {
            for uri in row.registered.iter().chain(row.seen) {
                let owner = owners.entry(uri).or_insert(resource.name());
                assert_eq!(*owner, resource.name(), "{uri}");
                assert_eq!(by_identifier(uri), Some(resource), "{uri}");
            }
        }
    }
}

#[test]
fn slashes_are_found_as_listed_and_only_so() {
    assert_eq!(by_identifier("https://management.azure.com/"), Some(&ARM));
    assert_eq!(by_identifier("https://management.azure.com"), Some(&ARM));
    // Batch compares the slash: the form without it is not its name.
    assert_eq!(
        by_identifier("https://batch.core.windows.net/"),
        Some(&BATCH)
    );
    assert_eq!(by_identifier("https://batch.core.windows.net"), None);
    assert_eq!(by_identifier("https://management.azure.com//"), None);
    assert_eq!(by_identifier("HTTPS://ai.azure.com"), None);
}

#[test]
fn clouds_differ_by_row_and_not_by_rule() {
    let scopes = |resource: &Resource| {
        clouds().map(|cloud| {
            resource
                .default_scope(&cloud)
                .map(|scope| scope.to_string())
                .unwrap_or_default()
        })
    };
    assert_eq!(
        scopes(&COGNITIVE_SERVICES),
        [
            "https://cognitiveservices.azure.com/.default",
            "https://cognitiveservices.azure.us/.default",
            "https://cognitiveservices.azure.cn/.default",
        ]
    );
    assert_eq!(
        scopes(&AZURE_AI),
        [
            "https://ai.azure.com/.default",
            "https://ai.azure.us/.default",
            ""
        ]
    );
    assert_eq!(scopes(&STORAGE), ["https://storage.azure.com/.default"; 3]);
    assert_eq!(
        scopes(&GRAPH),
        [
            "https://graph.microsoft.com/.default",
            "https://graph.microsoft.us/.default",
            "https://microsoftgraph.chinacloudapi.cn/.default",
        ]
    );
    let local = Cloud::loopback("http://localhost:1").unwrap();
    assert_eq!(
        GRAPH.default_scope(&local),
        GRAPH.default_scope(&Cloud::public())
    );
}

#[test]
fn an_application_id_may_be_shared_and_may_differ() {
    let id = |text: &str| ClientId::parse(text).unwrap();
    let found = |text: &str| by_application(id(text)).collect::<Vec<_>>();
    assert_eq!(
        found("18a66f5f-dbdf-4c17-9dd7-1634712a9cbe"),
        [&AZURE_AI, &AZURE_ML]
    );
    assert_eq!(
        found("7d312290-28c8-473c-a0ed-8e53749b6d6d"),
        [&COGNITIVE_SERVICES]
    );
    assert_eq!(found("40a69793-8fe6-4db1-9591-dbc5c57b17d8"), [&ARM]);
    assert_eq!(
        ARM.application(KnownCloud::Public),
        Some(id("797f4846-ba00-4fd7-ba43-dac1f8f63013"))
    );
    assert!(found("11112222-bbbb-3333-cccc-4444dddd5555").is_empty());
    // A custom cloud has no rows, whatever it calls itself.
    let custom = Cloud::custom(crate::CloudSpec {
        name: "AzurePublic",
        authority: "https://login.example",
        issuer_v1: "https://sts.example/{tenantid}/",
        issuer_v2: "https://login.example/{tenantid}/v2.0",
        key_cloud: None,
    })
    .unwrap();
    assert_eq!(GRAPH.default_scope(&custom), None);
}

#[test]
fn rows_say_how_sure_they_are() {
    assert_eq!(GRAPH.confidence(KnownCloud::Public), Some(Confidence::High));
    assert_eq!(
        AZURE_AD_TOKEN_EXCHANGE.confidence(KnownCloud::China),
        Some(Confidence::Low)
    );
    assert_eq!(AZURE_AI.confidence(KnownCloud::China), None);
    assert_eq!(AZURE_AI.source(KnownCloud::China), None);
    assert!(
        AZURE_AI
            .source(KnownCloud::UsGovernment)
            .unwrap()
            .contains("Government")
    );
    assert!(AZURE_AI.identifiers(KnownCloud::China).is_empty());
    assert_eq!(
        AZURE_AI.other_spellings(KnownCloud::UsGovernment),
        ["https://ai.azure.us"]
    );
    assert!(Confidence::High > Confidence::Medium && Confidence::Medium > Confidence::Low);
}
