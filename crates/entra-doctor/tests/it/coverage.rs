//! Every code is reached by a case, and the guide names each of them.

use std::collections::BTreeSet;

use entra_doctor::{Case, Code};

use crate::{further, pastes, problems, symptoms};

/// The cases of all tables.
pub(crate) fn cases() -> Vec<Case> {
    let reports = symptoms::reports()
        .into_iter()
        .chain(further::more_reports());
    let settings = problems::settings();
    let settings = settings
        .iter()
        .map(|(documents, _)| problems::case_of(documents));
    reports
        .map(|(_, case, _)| case)
        .chain(symptoms::more())
        .chain(settings)
        .chain(
            ["own", "third", "fourth", "fifth"]
                .iter()
                .flat_map(|name| pastes::set(name))
                .map(|paste| paste.case()),
        )
        .collect()
}

#[test]
fn every_code_is_found_in_some_case() {
    let reached: BTreeSet<Code> = cases()
        .iter()
        .flat_map(|case| {
            case.diagnose()
                .findings()
                .iter()
                .map(entra_doctor::Finding::code)
                .collect::<Vec<_>>()
        })
        .collect();
    let missing: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !reached.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case finds {missing:?}");
}

/// `DOCTOR_BLESS=1` writes it.
#[test]
fn the_guide_lists_every_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/troubleshooting.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let mark = "| code | what it says |\n| --- | --- |\n";
    let (start, _) = guide.split_once(mark).unwrap();
    let rows: String = Code::ALL
        .iter()
        .map(|code| format!("| `{code}` | {} |\n", code.summary()))
        .collect();
    let expected = format!("{start}{mark}{rows}");
    if std::env::var_os("DOCTOR_BLESS").is_some() {
        std::fs::write(path, &expected).unwrap();
        return;
    }
    assert!(
        guide == expected,
        "docs/troubleshooting.md is behind: run with DOCTOR_BLESS=1"
    );
}
