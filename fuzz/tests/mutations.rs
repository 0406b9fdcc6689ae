//! Every target on its seeds and on deterministic mutations of them, on a stable compiler.
//!
//! `FUZZ_ROUNDS` asks for more mutations than the few that a test run has time for, and
//! `FUZZ_SEED` for others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fuzz::mutate::{Rng, mutated};

/// One test for each target, and the list of them.
macro_rules! targets {
    ($($name:ident: $rounds:literal,)*) => {
        const TARGETS: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                run(stringify!($name), $rounds, fuzz::$name);
            }
        )*
    };
}

targets! {
    token: 6000,
    header: 3000,
    claims: 4000,
    discovery: 3000,
    verify: 1500,
    signed: 2000,
    key_set: 800,
    entra_error: 3000,
    challenge: 5000,
    stored: 500,
    www_authenticate: 5000,
    identifier: 8000,
    scope: 8000,
    cloud: 8000,
    endpoint: 4000,
    bearer: 3000,
    origin: 3000,
    client_principal: 3000,
    message: 4000,
    sealed: 4000,
    consent: 3000,
    document: 3000,
    diagnosis: 1500,
    user_context: 1500,
}

fn run(name: &str, rounds: u64, target: fn(&[u8])) {
    let seeds = seeds(name);
    for seed in &seeds {
        call(target, seed);
    }
    let rounds = number("FUZZ_ROUNDS").unwrap_or(rounds);
    let mut rng = Rng::new(number("FUZZ_SEED").unwrap_or_default());
    for _ in 0..rounds {
        call(target, &mutated(&seeds, &mut rng));
    }
}

fn call(target: fn(&[u8]), data: &[u8]) {
    let input = Input(data);
    target(input.0);
}

/// Shows the input of a failure, in the form of a Rust byte string: a regression test starts there.
struct Input<'a>(&'a [u8]);

impl Drop for Input<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("input: b\"{}\"", self.0.escape_ascii());
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a whole number"))
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// In the order of their names, so that every run is the same.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let names = names(&folder("seeds").join(target));
    let read = |name| std::fs::read(folder("seeds").join(target).join(name)).unwrap();
    let seeds: Vec<_> = names.iter().map(read).collect();
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// A target without one of its parts would be fuzzed in one of the two ways only.
#[test]
fn every_target_has_its_parts() {
    let expected: BTreeSet<String> = TARGETS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(names(&folder("seeds")), expected);
    let files = expected.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names(&folder("fuzz_targets")), files);
    let manifest = std::fs::read_to_string(folder("Cargo.toml")).unwrap();
    for name in expected {
        let path = format!("path = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&path), "no [[bin]] with {path}");
        let body = std::fs::read_to_string(folder(&format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(body.contains(&format!("fuzz::{name}(data)")), "{name}");
    }
}
