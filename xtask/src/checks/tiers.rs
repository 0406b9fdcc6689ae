//! Dependencies of each tier of a crate: what must not be among them, how many there may be.

use crate::cargo::Cargo;
use crate::report::{StepResult, none_found};
use crate::workspace::Workspace;

struct Tier {
    package: &'static str,
    features: &'static [&'static str],
    /// Crates that must not be in the tree, on any platform.
    without: &'static [&'static str],
    /// So many crates at most, itself included, on all platforms together.
    most: Option<usize>,
}

/// What a tier without signatures and network leaves out.
const CRYPTO_AND_HTTP: &[&str] = &[
    "aws-lc-rs",
    "aws-lc-sys",
    "ring",
    "jsonwebtoken",
    "http",
    "hyper",
    "reqwest",
    "tokio",
    "url",
];

const TIERS: &[Tier] = &[
    Tier {
        package: "entra-parts",
        features: &[],
        without: &[],
        most: Some(1),
    },
    Tier {
        package: "entra-parts",
        features: &["json"],
        without: CRYPTO_AND_HTTP,
        most: None,
    },
    Tier {
        package: "entra-parts",
        features: &["flight"],
        without: &["aws-lc-rs", "ring", "serde", "serde_json", "http", "url"],
        most: None,
    },
    Tier {
        package: "entra-parts",
        features: &["seal"],
        without: &["ring", "serde", "serde_json", "http", "tokio", "url"],
        most: None,
    },
    Tier {
        package: "entra-parts",
        features: &["store"],
        without: &["ring", "serde", "serde_json", "http", "url"],
        most: None,
    },
    Tier {
        package: "foundry-scopes",
        features: &[],
        without: &[
            "url",
            "idna",
            "serde",
            "serde_json",
            "http",
            "reqwest",
            "tokio",
            "aws-lc-rs",
            "ring",
        ],
        most: None,
    },
    Tier {
        package: "foundry-scopes",
        features: &["endpoints"],
        without: &["http", "reqwest", "tokio", "aws-lc-rs", "ring"],
        most: None,
    },
    Tier {
        package: "entra-claims",
        features: &[],
        without: CRYPTO_AND_HTTP,
        most: None,
    },
    Tier {
        package: "entra-claims",
        features: &["validate"],
        without: &[
            "ring", "rsa", "http", "hyper", "reqwest", "rustls", "tokio", "url",
        ],
        most: Some(40),
    },
    Tier {
        package: "entra-obo",
        features: &[],
        without: CRYPTO_AND_HTTP,
        most: None,
    },
    Tier {
        package: "entra-obo",
        features: &["client"],
        without: &["azure_core", "metrics", "ring", "openssl", "native-tls"],
        most: None,
    },
    Tier {
        package: "entra-obo",
        features: &["tower"],
        without: &["azure_core", "axum", "ring", "openssl", "native-tls"],
        most: None,
    },
    Tier {
        package: "entra-obo",
        features: &["azure_core"],
        without: &["azure_identity", "ring", "openssl", "native-tls"],
        most: None,
    },
    Tier {
        package: "agent-user-context",
        features: &[],
        without: &[
            "ring",
            "axum",
            "hyper",
            "jsonwebtoken",
            "reqwest",
            "rustls",
            "url",
        ],
        most: None,
    },
    Tier {
        package: "entra-redis",
        features: &[],
        without: &[
            "ring",
            "openssl",
            "native-tls",
            "entra-claims",
            "entra-obo",
            "reqwest",
            "hyper",
        ],
        most: None,
    },
    Tier {
        package: "mcp-auth",
        features: &[],
        without: &["axum", "rmcp", "ring", "openssl"],
        most: None,
    },
    Tier {
        package: "entra-emulator",
        features: &[],
        without: &[
            "reqwest",
            "jsonwebtoken",
            "ring",
            "entra-parts",
            "foundry-scopes",
            "entra-claims",
            "entra-obo",
            "mcp-auth",
        ],
        most: None,
    },
];

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let mut findings = Vec::new();
    for tier in TIERS {
        let tree = tree(
            workspace,
            tier.package,
            "--no-default-features",
            tier.features,
        )?;
        let label = if tier.features.is_empty() {
            format!("{} without features", tier.package)
        } else {
            format!("{} with {}", tier.package, tier.features.join(", "))
        };
        println!("{label}: {} crates", tree.len());
        if let Some(most) = tier.most.filter(|most| tree.len() > *most) {
            findings.push(format!(
                "{label} compiles {} crates, more than the {most} that are allowed",
                tree.len()
            ));
        }
        for unwanted in unwanted(&tree, tier.without) {
            findings.push(format!(
                "{label} compiles {unwanted}; `cargo tree -p {} --no-default-features --features \"{}\" -e normal,build -i {unwanted}` says why",
                tier.package,
                tier.features.join(" ")
            ));
        }
    }
    none_found(&findings)
}

/// `jsonwebtoken` 11 panics unless exactly one provider is on in the whole application: a library that
/// turned one on would choose for everyone.
pub(super) fn check_providers(workspace: &Workspace) -> StepResult {
    const PROVIDERS: [&str; 2] = ["aws_lc_rs", "rust_crypto"];
    let mut findings = Vec::new();
    let mut seen = false;
    for package in workspace.published() {
        for line in tree(workspace, &package.name, "--all-features", &[])? {
            if line.name == "jsonwebtoken" {
                seen = true;
                println!(
                    "{}: jsonwebtoken with features [{}]",
                    package.name,
                    line.features.join(", ")
                );
                findings.extend(
                    line.features
                        .iter()
                        .filter(|feature| PROVIDERS.contains(&feature.as_str()))
                        .map(|feature| format!("{} turns on jsonwebtoken/{feature}", package.name)),
                );
            }
        }
    }
    if !seen {
        println!("no published crate uses jsonwebtoken");
    }
    none_found(&findings)
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    name: String,
    features: Vec<String>,
}

/// Everything that is compiled for users of the package (dev-dependencies are not), on any platform.
fn tree(
    workspace: &Workspace,
    package: &str,
    mode: &str,
    features: &[&str],
) -> Result<Vec<Line>, String> {
    let text = Cargo::new(workspace.root(), "tree --package")
        .args([package])
        .args([mode])
        .args(features.iter().flat_map(|feature| ["--features", feature]))
        .args([
            "--edges",
            "normal,build",
            "--target",
            "all",
            "--prefix",
            "none",
            "--format",
            "{p}|{f}",
        ])
        .stdout()?;
    let tree = parse(&text);
    // An empty tree would pass every test below.
    if tree.iter().any(|line| line.name == package) {
        Ok(tree)
    } else {
        Err(format!("`cargo tree` of {package} does not name {package}"))
    }
}

fn parse(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = text
        .lines()
        .filter_map(|line| {
            let (package, features) = line.split_once('|')?;
            // A repeated crate is marked after its features.
            let features = features.trim_end_matches("(*)").trim();
            Some(Line {
                name: package.split_whitespace().next()?.to_owned(),
                features: features
                    .split(',')
                    .filter(|f| !f.is_empty())
                    .map(str::to_owned)
                    .collect(),
            })
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

fn unwanted<'a>(tree: &[Line], without: &[&'a str]) -> Vec<&'a str> {
    without
        .iter()
        .copied()
        .filter(|name| tree.iter().any(|line| line.name == *name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "entra-claims v0.1.0 (/w/crates/entra-claims)|validate\n\
        jsonwebtoken v11.1.0|aws_lc_rs,use_pem\n\
        base64 v0.22.1|alloc\n\
        base64 v0.22.1|alloc (*)\n\
        syn v2.0.1 (proc-macro)|\n";

    #[test]
    fn reads_names_and_features() {
        let tree = parse(TREE);
        assert_eq!(tree.len(), 4);
        let jsonwebtoken = tree
            .iter()
            .find(|line| line.name == "jsonwebtoken")
            .unwrap();
        assert_eq!(jsonwebtoken.features, ["aws_lc_rs", "use_pem"]);
        assert!(
            tree.iter()
                .find(|line| line.name == "syn")
                .unwrap()
                .features
                .is_empty()
        );
    }

    #[test]
    fn finds_whole_names_only() {
        let tree = parse(TREE);
        assert_eq!(
            unwanted(&tree, &["base64", "base", "jsonwebtoken"]),
            ["base64", "jsonwebtoken"]
        );
        assert!(unwanted(&tree, &["reqwest"]).is_empty());
    }
}
