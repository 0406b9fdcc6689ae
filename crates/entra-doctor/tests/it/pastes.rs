//! Sets of pastes in JSON Lines: reading them, encoding their tokens, judging an answer.
//!
//! A line holds the paste, what kind of answer is right, texts that the first finding must hold
//! (` || ` between alternatives), and texts that no finding may hold.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_doctor::{Answer, Case, Code, Diagnosis, Finding, Outcome, Report};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::SIGNATURE;
use crate::symptoms::NOW;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paste {
    pub(crate) id: String,
    pub(crate) principle: String,
    paste: String,
    #[serde(default)]
    options: Vec<String>,
    now: Option<Value>,
    answer: String,
    #[serde(default)]
    first_holds: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
    #[serde(default, rename = "why")]
    _why: String,
}

/// The lines of every file of a set, in the order of the files' names.
pub(crate) fn set(name: &str) -> Vec<Paste> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pastes")
        .join(name);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "jsonl"))
        .collect();
    files.sort();
    let mut pastes = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let paste = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{}:{}: {error}", file.display(), number + 1));
            pastes.push(paste);
        }
    }
    pastes
}

/// The ids that stand in `still-wrong.txt` of a set, without their reasons.
pub(crate) fn still_wrong(name: &str) -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pastes")
        .join(name)
        .join("still-wrong.txt");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

impl Paste {
    fn now(&self) -> i64 {
        match &self.now {
            Some(Value::String(text)) => crate::support::unix(text),
            Some(number) => number.as_i64().unwrap(),
            None => NOW,
        }
    }

    pub(crate) fn text(&self) -> String {
        encoded(&self.paste, self.now())
    }

    pub(crate) fn case(&self) -> Case {
        let mut case = Case::new().at(self.now()).paste(&self.text());
        let mut answer = Answer::new();
        for pair in self.options.chunks(2) {
            let name = pair[0].trim_start_matches("--");
            let text = pair.get(1).map(|it| encoded(it, self.now()));
            let text = text.unwrap_or_default();
            match name {
                "endpoint" => case = case.endpoint(&text),
                "requested" => case = case.requested(&text),
                "token" => case = case.token(&text),
                "at" => case = case.failed_at(crate::support::unix(&text)),
                "status" => answer = answer.status(text.get(..3).unwrap().parse().unwrap()),
                "audience" => case = case.audience(&text),
                _ => panic!("{}: no option {name}", self.id),
            }
        }
        case.answer(answer)
    }

    /// What is wrong with the answer; nothing where it is right.
    pub(crate) fn fault(&self, diagnosis: &Diagnosis) -> Option<String> {
        let first = diagnosis.findings().first();
        let kinds: Vec<_> = self.answer.split(" || ").collect();
        if !kinds.iter().any(|kind| is_of_kind(kind, diagnosis)) {
            return Some(format!(
                "{:?} with {:?} instead of {}",
                diagnosis.outcome(),
                first.map(Finding::code),
                self.answer
            ));
        }
        let held = held(diagnosis);
        for wanted in &self.first_holds {
            if !wanted.split(" || ").any(|text| contains(&held, text)) {
                return Some(format!("the first answer lacks {wanted:?}"));
            }
        }
        None
    }

    /// A text that must not be there, and is.
    pub(crate) fn harm(&self, diagnosis: &Diagnosis) -> Option<&str> {
        let mut all = String::new();
        for finding in diagnosis.findings() {
            all.push_str(&words(finding));
        }
        let _ = writeln!(all, "{}", diagnosis.next().unwrap_or_default());
        for agrees in diagnosis.agrees() {
            let _ = writeln!(all, "{agrees}");
        }
        if diagnosis.outcome() == Outcome::Fine {
            all.push_str("Nothing looks wrong");
        }
        let found = self.never.iter().find(|text| contains(&all, text))?;
        Some(found)
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

fn is_of_kind(kind: &str, diagnosis: &Diagnosis) -> bool {
    let code = diagnosis.findings().first().map(Finding::code);
    match kind {
        "cause" => {
            !diagnosis.is_fine()
                && !matches!(
                    code,
                    Some(Code::NothingRecognized | Code::RefusalUnexplained)
                )
        }
        "fine" => diagnosis.is_fine() && diagnosis.outcome() == Outcome::Fine,
        "undecided" => diagnosis.outcome() == Outcome::Undecided,
        "not_recognized" => code == Some(Code::NothingRecognized),
        _ => panic!("no kind of answer: {kind}"),
    }
}

/// The first finding, and, where there is no cause, what agrees and what would decide it.
fn held(diagnosis: &Diagnosis) -> String {
    let mut held = diagnosis.findings().first().map(words).unwrap_or_default();
    if diagnosis.outcome() != Outcome::Problem {
        let _ = writeln!(held, "{}", diagnosis.next().unwrap_or_default());
        for agrees in diagnosis.agrees() {
            let _ = writeln!(held, "{agrees}");
        }
        for ruled in diagnosis.ruled_out() {
            let _ = writeln!(held, "{}: {}", ruled.what, ruled.because);
        }
    }
    held
}

pub(crate) fn words(finding: &Finding) -> String {
    let mut words = format!(
        "{} {}\n{}\n{}\n",
        finding.code().as_str(),
        finding.code().summary(),
        finding.found(),
        finding.reason()
    );
    for change in finding.changes() {
        let _ = writeln!(words, "{change}\n{}", change.paste().unwrap_or_default());
    }
    words
}

/// The paste with its tokens encoded: `{{jwt {...}}}`, `{{jwt-nosig {...}}}`, `{{jwt-id {...}}}`.
fn encoded(text: &str, now: i64) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{jwt") {
        let (before, from) = rest.split_at(start);
        let brace = from.find(" {").unwrap() + 1;
        let mut stream = serde_json::Deserializer::from_str(&from[brace..]).into_iter::<Value>();
        let mut claims = stream.next().unwrap().unwrap();
        let end = brace + stream.byte_offset();
        for value in claims.as_object_mut().unwrap().values_mut() {
            let offset = value.as_str().filter(|it| it.starts_with(['+', '-']));
            if let Some(offset) = offset.and_then(|it| it.parse::<i64>().ok()) {
                *value = json!(now + offset);
            }
        }
        let header = json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        out.push_str(before);
        let _ = write!(out, "{}.{}", encode(&header), encode(&claims));
        match &from[2..brace - 1] {
            "jwt" | "jwt-id" => {
                let _ = write!(out, ".{SIGNATURE}");
            }
            "jwt-nosig" => {}
            other => panic!("no token of the form {other}"),
        }
        rest = from[end..].strip_prefix("}}").unwrap();
    }
    out.push_str(rest);
    out
}
