//! The page on the emulator has a row, with its evidence, for everything that it does.

use std::collections::BTreeSet;

use entra_emulator::{
    App, Directory, Emulator, OptionalClaim, Reading, RequestedTokenVersion, User, demo,
};
use serde_json::Value;

const PAGE: &str = include_str!("../../docs/emulator.md");

/// What a row may give as its evidence.
const EVIDENCE: [&str; 6] = [
    "captured",
    "documented",
    "inferred",
    "unknown",
    "own",
    "as above",
];

/// The row that begins with this cell; it says how its subject is known.
#[track_caller]
fn row(cell: &str) -> &'static str {
    let start = format!("| {cell} | ");
    let row = PAGE.lines().find(|line| line.starts_with(&start));
    let row = row.unwrap_or_else(|| panic!("docs/emulator.md has no row for {cell}"));
    assert!(EVIDENCE.iter().any(|e| row.contains(e)), "{row}");
    row
}

async fn index(emulator: &Emulator) -> Value {
    let url = format!("{}/__emulator", emulator.base_url());
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

fn names<'a>(index: &'a Value, list: &str) -> Vec<&'a str> {
    let all = index[list].as_array().unwrap().iter();
    let all: Vec<_> = all.map(|v| v.as_str().unwrap()).collect();
    assert!(all.len() > 5, "{list}");
    all
}

#[test]
fn each_error_has_its_row() {
    for code in entra_emulator::error_codes() {
        row(&code.to_string());
    }
}

#[test]
fn each_reading_has_its_row() {
    for reading in Reading::ALL {
        row(&format!("`{}`", reading.name()));
    }
}

#[tokio::test]
async fn each_endpoint_and_grant_has_its_row() {
    let builder = Emulator::builder(Directory::demo()).echo_api();
    let index = index(&builder.start().await.unwrap()).await;
    for name in [names(&index, "endpoints"), names(&index, "grants")].concat() {
        row(&format!("`{name}`"));
    }
}

#[tokio::test]
async fn each_control_operation_has_its_row() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let index = index(&emulator).await;
    let operations = index["operations"].as_array().unwrap();
    assert!(!operations.is_empty());
    for operation in operations {
        let name = operation["operation"].as_str().unwrap();
        assert!(PAGE.contains(&format!("| `{name}` | ")), "{name}");
    }
}

#[tokio::test]
async fn each_member_of_a_control_operations_body_is_in_its_row() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let url = format!("{}/__emulator/openapi.json", emulator.base_url());
    let document: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let mut looked_at = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let start = format!("| `{} {path}` | ", method.to_ascii_uppercase());
            let row = PAGE.lines().find(|line| line.starts_with(&start)).unwrap();
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let members = schema["properties"].as_object().into_iter().flatten();
            for (member, _) in members {
                assert!(row.contains(&format!("`{member}`")), "{row}: {member}");
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 40);
}

/// Every optional claim, a guest with everything, groups within and beyond a token.
fn directory() -> Directory {
    let everything = |app: App| {
        let app = OptionalClaim::ALL
            .into_iter()
            .filter(|claim| *claim != OptionalClaim::AudGuid)
            .fold(app, App::optional_claim);
        OptionalClaim::ALL
            .into_iter()
            .fold(app, App::optional_id_claim)
            .group_claims()
    };
    let many = |user: User| {
        (0..201).fold(user, |user, n| {
            user.group(format!("c0de0000-0000-4000-8000-{n:012}"))
        })
    };
    let guest = User::new(GUEST, "carol#EXT#@contoso.onmicrosoft.com", "Carol Guest")
        .guest_from(demo::OTHER_TENANT, demo::CAROL)
        .group(GUEST)
        .administrator();
    let directory = Directory::demo()
        .map_app(demo::MCP_SERVER, everything)
        .map_user(demo::ALICE, many);
    let tenants = directory
        .tenants()
        .cloned()
        .map(|tenant| match tenant.id() {
            demo::TENANT => tenant.user(guest.clone()),
            _ => tenant,
        });
    tenants.fold(Directory::new(), Directory::tenant)
}

const GUEST: &str = "c0de0000-0b1e-4000-8000-0000000000ee";

#[tokio::test]
async fn each_claim_has_its_row() {
    let emulator = Emulator::start(directory()).await.unwrap();
    let graph = "00000003-0000-0000-c000-000000000000";
    let mut claims = BTreeSet::new();
    for version in [RequestedTokenVersion::V1, RequestedTokenVersion::V2] {
        let forge = emulator.forge().version(version);
        for user in [demo::ALICE, demo::BOB, GUEST] {
            for api in [demo::MCP_SERVER, demo::ORDERS_API, graph] {
                let client = demo::MCP_CLIENT;
                let token = forge.user_token(demo::TENANT, user, client, api, &["x"]);
                claims.extend(token.unwrap().claims().keys().cloned());
            }
            let id = forge.id_token(demo::TENANT, user, demo::MCP_SERVER);
            claims.extend(id.unwrap().claims().keys().cloned());
        }
        for client in [demo::DAEMON, demo::BLUEPRINT, demo::AGENT] {
            let exchange = "fb60f99c-7a34-4190-8149-302f77469936";
            for api in [demo::MCP_SERVER, graph, exchange] {
                let token = forge.app_token(demo::TENANT, client, api, &["role"]);
                claims.extend(token.unwrap().claims().keys().cloned());
            }
        }
    }
    // What only a request brings.
    claims.extend(["acrs", "c_hash", "nonce", "xms_cc", "xms_mirid"].map(str::to_owned));
    assert!(claims.len() > 50, "{claims:?}");
    for claim in claims {
        row(&format!("`{claim}`"));
    }
}
