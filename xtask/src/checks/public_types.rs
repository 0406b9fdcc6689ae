//! Whose types stand in our public signatures. A foreign type there makes that crate's next major version
//! ours, so each is a decision, and this table is the list of them.

use std::collections::BTreeSet;
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::cargo::Cargo;
use crate::report::{Outcome, StepResult, none_found};
use crate::workspace::Workspace;

/// `(crate, crates whose types and traits its public items may name)`, beside the standard library.
const ALLOWED: &[(&str, &[&str])] = &[
    // No API of its own: what applications see of it stands in the lines below.
    ("entra-parts", &["serde_core", "zeroize"]),
    ("foundry-scopes", &["serde_core"]),
    (
        "entra-claims",
        // `jsonwebtoken` behind the feature of its name only: conversions of its key types.
        &[
            "entra_parts",
            "foundry_scopes",
            "http",
            "jsonwebtoken",
            "serde_core",
            "serde_json",
            "time",
        ],
    ),
    (
        "entra-obo",
        // Behind features of their names: `azure_core` (with `typespec`, whose error it
        // re-exports), `reqwest`, and tower's and http's traits for a layer.
        &[
            "azure_core",
            "entra_claims",
            "entra_parts",
            "foundry_scopes",
            "http",
            "reqwest",
            "time",
            "tower_layer",
            "tower_service",
            "typespec",
        ],
    ),
    (
        "agent-user-context",
        &[
            "entra_claims",
            "entra_parts",
            "foundry_scopes",
            "http",
            "time",
        ],
    ),
    ("entra-redis", &["entra_parts"]),
    (
        "mcp-auth",
        // A layer speaks tower's and http's traits, an extractor axum's, the bridge rmcp's.
        // `pin_project_lite` stands in what its macro writes for a body, not in a signature. Settings
        // are read by serde; `serve` (a feature) takes tokio's listener.
        &[
            "agent_user_context",
            "axum",
            "axum_core",
            "bytes",
            "entra_claims",
            "entra_obo",
            "entra_parts",
            "foundry_scopes",
            "http",
            "http_body",
            "pin_project_lite",
            "rmcp",
            "serde_core",
            "tokio",
            "tower_layer",
            "tower_service",
        ],
    ),
    (
        "entra-doctor",
        &["entra_claims", "foundry_scopes", "serde_core"],
    ),
    ("entra-emulator", &["serde_core", "serde_json"]),
];

const STANDARD: [&str; 4] = ["std", "core", "alloc", "proc_macro"];

/// Set for cargo, which then calls this program instead of rustdoc: see [`as_rustdoc`].
const MARKER: &str = "XTASK_AS_RUSTDOC";

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let published = workspace.published();
    let with_library: Vec<_> = published
        .into_iter()
        .filter(|package| package.targets.iter().any(cargo_metadata::Target::is_lib))
        .collect();
    let mut doc = Cargo::new(
        workspace.root(),
        "doc --quiet --no-deps --lib --all-features",
    );
    for package in &with_library {
        doc = doc.args(["--package", &package.name]);
    }
    // A flag of its own, so that cargo does not take the pages it made before for these.
    doc.env("RUSTDOC", workspace.program())
        .env(MARKER, "1")
        .env("RUSTDOCFLAGS", "--cfg public_types")
        .run()?;

    let mut findings = Vec::new();
    for package in with_library {
        let Some((_, allowed)) = ALLOWED
            .iter()
            .find(|(name, _)| *name == package.name.as_str())
        else {
            findings.push(format!(
                "{} has no line in the table of xtask/src/checks/public_types.rs",
                package.name
            ));
            continue;
        };
        let file = workspace
            .target()
            .join(format!("doc/{}.json", package.name.replace('-', "_")));
        let text = std::fs::read(&file)
            .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let api: Value = serde_json::from_slice(&text)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let Some(foreign) = foreign(&api) else {
            let version = api.get("format_version").cloned().unwrap_or_default();
            return Ok(Outcome::NotRun(format!(
                "rustdoc's JSON has an unknown form (version {version})"
            )));
        };
        let crates: BTreeSet<&str> = foreign
            .iter()
            .map(|used| used.crate_name.as_str())
            .collect();
        println!(
            "{}: {}",
            package.name,
            crates.into_iter().collect::<Vec<_>>().join(", ")
        );
        findings.extend(
            foreign
                .iter()
                .filter(|used| !allowed.contains(&used.crate_name.as_str()))
                .map(|used| {
                    format!(
                        "{}: `{}` names {} of {}",
                        package.name, used.item, used.path, used.crate_name
                    )
                }),
        );
    }
    none_found(&findings)
}

/// If cargo called us in place of rustdoc: rustdoc with JSON output. That output is unstable, and asking
/// for it by an environment variable for all of cargo would compile half of the tree again.
pub(crate) fn as_rustdoc() -> Option<ExitCode> {
    std::env::var_os(MARKER)?;
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    // Cargo also asks rustdoc for its version.
    if arguments.iter().any(|argument| argument == "--crate-name") {
        arguments.extend(["-Zunstable-options", "--output-format", "json"].map(Into::into));
    }
    let status = Command::new("rustdoc")
        .args(arguments)
        .env("RUSTC_BOOTSTRAP", "1")
        .status();
    Some(if status.is_ok_and(|status| status.success()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Foreign {
    crate_name: String,
    path: String,
    item: String,
}

/// What the crate's own public items name of other crates; `None` if the form is unknown.
fn foreign(api: &Value) -> Option<BTreeSet<Foreign>> {
    let index = api.get("index")?.as_object()?;
    let names = Names {
        paths: api.get("paths")?.as_object()?,
        crates: api.get("external_crates")?.as_object()?,
    };
    let mut found = BTreeSet::new();
    for item in index.values() {
        if item.get("crate_id")?.as_u64()? != 0 {
            continue;
        }
        let inner = item.get("inner")?;
        // What the compiler implements by itself says nothing of us.
        if let Some(implementation) = inner.get("impl") {
            let by_compiler = implementation.get("is_synthetic") == Some(&Value::Bool(true));
            if by_compiler
                || implementation
                    .get("blanket_impl")
                    .is_some_and(|blanket| !blanket.is_null())
            {
                continue;
            }
        }
        let shown = item.get("name").and_then(Value::as_str).unwrap_or("impl");
        names.collect(inner, shown, &mut found);
    }
    Some(found)
}

struct Names<'a> {
    paths: &'a serde_json::Map<String, Value>,
    crates: &'a serde_json::Map<String, Value>,
}

impl Names<'_> {
    /// Every path to an item of another crate below `value`.
    fn collect(&self, value: &Value, item: &str, found: &mut BTreeSet<Foreign>) {
        match value {
            Value::Array(values) => values
                .iter()
                .for_each(|value| self.collect(value, item, found)),
            Value::Object(fields) => {
                if let Some((crate_name, path)) =
                    fields.get("id").and_then(|id| self.of_another_crate(id))
                    && (fields.contains_key("path") || fields.contains_key("source"))
                    && !STANDARD.contains(&crate_name.as_str())
                {
                    found.insert(Foreign {
                        crate_name,
                        path,
                        item: item.to_owned(),
                    });
                }
                fields
                    .values()
                    .for_each(|value| self.collect(value, item, found));
            }
            _ => {}
        }
    }

    fn of_another_crate(&self, id: &Value) -> Option<(String, String)> {
        let entry = self.paths.get(&id.to_string())?;
        let number = entry.get("crate_id")?.as_u64()?;
        let name = self
            .crates
            .get(&number.to_string())?
            .get("name")?
            .as_str()?;
        let path: Vec<&str> = entry
            .get("path")?
            .as_array()?
            .iter()
            .filter_map(Value::as_str)
            .collect();
        Some((name.to_owned(), path.join("::")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::foreign;

    #[test]
    fn types_and_traits_of_others_are_found_wherever_they_stand() {
        let api = json!({
            "index": {
                "1": { "crate_id": 0, "name": "fetch", "inner": { "function": { "sig": {
                    "output": { "resolved_path": { "path": "Response", "id": 7, "args": { "types": [
                        { "resolved_path": { "path": "String", "id": 8 } }
                    ] } } }
                } } } },
                "2": { "crate_id": 0, "name": null, "inner": { "impl": {
                    "is_synthetic": false, "blanket_impl": null, "trait": { "path": "Layer", "id": 9 }
                } } },
                "3": { "crate_id": 0, "name": null, "inner": { "impl": {
                    "is_synthetic": false, "blanket_impl": { "generic": "T" }, "trait": { "path": "Any", "id": 10 }
                } } },
            },
            "paths": {
                "7": { "crate_id": 4, "path": ["reqwest", "Response"] },
                "8": { "crate_id": 5, "path": ["alloc", "string", "String"] },
                "9": { "crate_id": 6, "path": ["tower_layer", "Layer"] },
                "10": { "crate_id": 4, "path": ["reqwest", "Any"] },
            },
            "external_crates": { "4": { "name": "reqwest" }, "5": { "name": "alloc" }, "6": { "name": "tower_layer" } },
        });
        let found: Vec<_> = foreign(&api)
            .unwrap()
            .into_iter()
            .map(|used| (used.item, used.path))
            .collect();
        assert_eq!(
            found,
            [
                ("fetch".to_owned(), "reqwest::Response".to_owned()),
                ("impl".to_owned(), "tower_layer::Layer".to_owned())
            ]
        );
    }

    #[test]
    fn another_form_is_not_taken_for_an_empty_one() {
        assert!(foreign(&json!({ "items": [] })).is_none());
    }
}
