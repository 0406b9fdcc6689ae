use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::audience::Audience;
use crate::cloud::{Cloud, KnownCloud};
use crate::id::ClientId;
use crate::scope::Scope;

fn clouds() -> [Cloud; 3] {
    [Cloud::public(), Cloud::us_government(), Cloud::china()]
}

#[test]
fn every_row_is_well_formed() {
    let (mut codes, mut names, mut rows) = (BTreeSet::new(), BTreeSet::new(), 0);
    for resource in all() {
        assert!(codes.insert(resource.code()), "{resource} twice");
        for name in resource.also.iter().chain([&resource.name]) {
            assert!(names.insert(name.to_lowercase()), "{name} twice");
        }
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        assert!(resource.code().bytes().all(plain), "{resource}");
        let mut seen = BTreeSet::new();
        for row in resource.clouds {
            rows += 1;
            assert!(seen.insert(row.cloud), "{resource}: {} twice", row.cloud);
            for text in row.scopes {
                assert!(
                    Scope::parse(text).unwrap().is_default(),
                    "{resource}: {text}"
                );
            }
            for uri in row.registered.iter().chain(row.seen) {
                let one = uri.replacen('*', "contoso", 1);
                assert_eq!(Audience::parse(&one).unwrap().as_str(), one, "{resource}");
            }
            for host in row.hosts {
                let of_host =
                    |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.*<>".contains(&b);
                assert!(
                    host.bytes().all(of_host) && host.contains('.'),
                    "{resource}: {host}"
                );
            }
            assert!(!row.sources.is_empty(), "{resource}");
            assert!(
                row.sources.iter().all(|source| !source.trim().is_empty()),
                "{resource}"
            );
            assert_ne!(row.application.map(|id| *id.as_bytes()), Some([0; 16]));
        }
        assert!(!seen.is_empty(), "{resource}");
        let texts = resource
            .quirks
            .iter()
            .chain(resource.permissions)
            .chain(resource.also);
        assert!(
            texts.clone().all(|text| !text.trim().is_empty()),
            "{resource}"
        );
        assert!(
            resource.quirks.iter().all(|quirk| quirk.ends_with('.')),
            "{resource}"
        );
    }
    assert_eq!((codes.len(), rows), (94, 155));
}

#[test]
fn every_table_is_listed() {
    let files = [
        include_str!("data/agents.rs"),
        include_str!("data/ai.rs"),
        include_str!("data/analytics.rs"),
        include_str!("data/database.rs"),
        include_str!("data/directory.rs"),
        include_str!("data/management.rs"),
        include_str!("data/messaging.rs"),
        include_str!("data/monitoring.rs"),
        include_str!("data/office.rs"),
        include_str!("data/power.rs"),
        include_str!("data/secrets.rs"),
        include_str!("data/storage.rs"),
        include_str!("data/web.rs"),
    ];
    let written = files.map(|file| file.matches(": Resource = ").count());
    assert_eq!(written.iter().sum::<usize>(), all().count());
    let files = [
        include_str!("data/roles/ai.rs"),
        include_str!("data/roles/services.rs"),
    ];
    let written = files.map(|file| file.matches(": Role = ").count());
    let listed = roles::FAMILIES.iter().map(|family| family.len());
    assert_eq!(written.iter().sum::<usize>(), listed.sum::<usize>());
}

#[test]
fn what_is_asked_for_is_found_again() {
    for resource in all() {
        for row in resource.clouds {
            for text in row.scopes {
                let found: Vec<_> = by_scope(&Scope::parse(text).unwrap()).collect();
                assert!(found.contains(&resource), "{resource}: {text}");
            }
            match row.instead {
                Some(other) => {
                    let scope = other.scope_in(row.cloud);
                    assert!(scope.is_some(), "{resource}");
                    assert_eq!(resource.scope_in(row.cloud), scope);
                }
                None => {
                    let scope = resource.scope_in(row.cloud).map(|scope| scope.to_string());
                    assert_eq!(scope.as_deref(), row.scopes.first().copied());
                }
            }
        }
        assert_eq!(by_name(resource.code()), Some(resource));
        assert_eq!(by_name(resource.name()), Some(resource));
    }
    // No audience is the same for all customers of these.
    let silent: Vec<_> = all()
        .filter(|resource| resource.scope_in(KnownCloud::Public).is_none())
        .collect();
    assert_eq!(silent, [&PROTECTED_SITE, &DATAVERSE]);
}

#[test]
fn a_spelling_names_one_resource() {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for resource in all() {
        for row in resource.clouds {
            for uri in row.registered.iter().chain(row.seen) {
                let owner = owners.entry(uri).or_insert(resource.code());
                assert_eq!(*owner, resource.code(), "{uri}");
                let one = uri.replacen("https://*", "https://contoso", 1);
                // Not the first label, so it names no single host.
                if !one.contains('*') {
                    assert_eq!(by_identifier(&one), Some(resource), "{uri}");
                }
            }
        }
    }
    assert!(owners.len() > 200, "{}", owners.len());
}

#[test]
fn an_open_label_is_one_label() {
    assert_eq!(
        by_identifier("https://a.documents.azure.com"),
        Some(&COSMOS_DB)
    );
    assert_eq!(
        by_identifier("https://org.crm4.dynamics.com/"),
        Some(&DATAVERSE)
    );
    for other in [
        "https://.documents.azure.com",
        "https://a.b.documents.azure.com",
        "https://a/.documents.azure.com",
        "https://A.documents.azure.com",
        "https://a.documents.azure.com/",
        "https://a.documents.azure.com.example",
        "http://a.documents.azure.com",
        "https://*.documents.azure.com",
    ] {
        assert_eq!(by_identifier(other), None, "{other}");
    }
}

/// The only ids that two resources have.
#[test]
fn shared_application_ids_are_the_known_ones() {
    let mut owners: BTreeMap<ClientId, BTreeSet<&str>> = BTreeMap::new();
    for resource in all() {
        for id in resource.clouds.iter().filter_map(|row| row.application) {
            owners.entry(id).or_default().insert(resource.code());
            assert!(by_application(id).any(|found| found == resource));
            assert_eq!(client(id), None, "{id} is a resource and a client");
        }
    }
    let shared: Vec<_> = owners.values().filter(|owners| owners.len() > 1).collect();
    assert_eq!(
        shared,
        [
            &BTreeSet::from(["azure_ai", "azure_ml"]),
            &BTreeSet::from(["signalr", "web_pubsub"]),
        ]
    );
}

#[test]
fn roles_are_found_by_id_and_both_names() {
    let mut ids = BTreeSet::new();
    for resource in all() {
        let lists = resource.roles().iter().chain(resource.insufficient_roles());
        for role in lists {
            ids.insert(role.id());
            assert_eq!(super::role(role.id()), Some(*role));
            assert_eq!(role_by_name(role.name()), Some(*role));
            let former = role.former_name().map(role_by_name);
            assert!(former.is_none_or(|found| found == Some(*role)));
            assert!(!role.grants().is_empty() && !role.source().is_empty());
        }
        let both = |role: &&&Role| resource.insufficient_roles().contains(*role);
        assert_eq!(resource.roles().iter().find(both), None, "{resource}");
    }
    assert!(ids.len() > 45, "{}", ids.len());
    let all_ids: BTreeSet<_> = roles::FAMILIES
        .iter()
        .copied()
        .flatten()
        .map(|r| r.id())
        .collect();
    let listed: usize = roles::FAMILIES.iter().map(|family| family.len()).sum();
    assert_eq!(all_ids.len(), listed, "an id twice");
    assert_eq!(
        role_by_name("Azure AI Project Manager"),
        Some(&roles::FOUNDRY_PROJECT_MANAGER)
    );
    assert_eq!(roles::COSMOS_DATA_READER.kind(), RoleKind::CosmosSql);
}

#[test]
fn whatever_is_at_hand_finds_the_resource() {
    for text in [
        "azure_ai",
        "Azure-AI",
        " microsoft foundry ",
        "https://ai.azure.com",
        "https://ai.azure.com/",
        "https://ai.azure.com/.default",
        "https://ai.azure.com/user_impersonation",
    ] {
        assert_eq!(find(text), [&AZURE_AI], "{text}");
    }
    assert_eq!(
        find("18A66F5F-DBDF-4C17-9DD7-1634712A9CBE"),
        [&AZURE_AI, &AZURE_ML]
    );
    assert_eq!(
        find("18a66f5f-dbdf-4c17-9dd7-1634712a9cbe/.default"),
        [&AZURE_AI, &AZURE_ML]
    );
    assert_eq!(
        find("api://AzureADTokenExchange"),
        [&AZURE_AD_TOKEN_EXCHANGE]
    );
    assert!(
        find("api://azureadtokenexchange").is_empty(),
        "case matters"
    );
    assert!(find("contoso").is_empty() && find("").is_empty());
    assert_eq!(search("kusto").next(), Some(&KUSTO));
    assert_eq!(search("22BFBAE3").next(), Some(&ARM_MCP));
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
    let custom = Cloud::custom(crate::cloud::CloudSpec {
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
    assert!(AZURE_AI.sources(KnownCloud::China).is_empty());
    assert!(AZURE_AI.sources(KnownCloud::UsGovernment)[0].contains("Government"));
    assert!(AZURE_AI.identifiers(KnownCloud::China).is_empty());
    assert_eq!(
        AZURE_AI.other_spellings(KnownCloud::UsGovernment),
        ["https://ai.azure.us"]
    );
    assert!(Confidence::High > Confidence::Medium && Confidence::Medium > Confidence::Low);
}
