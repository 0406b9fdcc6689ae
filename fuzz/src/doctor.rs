//! `entra-doctor`: files, answers and error texts of strangers.

use entra_doctor::{Answer, Case, Diagnosis, Document, Finding, Report};

use crate::check::{one_line, prints_safely};

/// `Document::read`, and a diagnosis of what was read.
///
/// An error is one line; a diagnosis is JSON, never shows a token, and a command to paste holds
/// nothing that a shell would run of its own.
pub fn document(data: &[u8]) {
    match Document::read(data) {
        Ok(documents) => {
            assert!(!documents.is_empty());
            told(&Case::new().documents(documents).diagnose());
        }
        Err(error) => prints_safely(&error),
    }
}

/// `Case` with the text as endpoint, token, audience, body and `WWW-Authenticate`.
pub fn diagnosis(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let answer = Answer::new().status(401).body(text).www_authenticate(text);
    told(&Case::new().answer(answer.clone()).diagnose());
    told(
        &Case::new()
            .endpoint(text)
            .requested(text)
            .answer(answer.clone())
            .diagnose(),
    );
    told(
        &Case::new()
            .token(text)
            .endpoint("https://contoso.openai.azure.com")
            .answer(answer)
            .diagnose(),
    );
}

fn told(diagnosis: &Diagnosis) {
    let json: serde_json::Value = serde_json::from_str(&diagnosis.to_json()).expect("JSON");
    assert_eq!(
        json["findings"].as_array().map(Vec::len),
        Some(diagnosis.findings().len())
    );
    let ranks: Vec<_> = diagnosis
        .findings()
        .iter()
        .map(|it| (it.severity(), it.certainty()))
        .collect();
    assert!(ranks.is_sorted_by(|a, b| a >= b), "{ranks:?}");
    let mut text = Vec::new();
    diagnosis.write(&mut text).expect("memory");
    for line in String::from_utf8(text)
        .expect("UTF-8")
        .replace('\u{1b}', "")
        .lines()
    {
        one_line(line);
    }
    for command in diagnosis
        .findings()
        .iter()
        .flat_map(Finding::changes)
        .filter_map(|change| change.paste())
    {
        let begins = ["az ", "{"].iter().any(|start| command.starts_with(start));
        let foreign = |text: &str| text.contains(['`', ';', '\n']);
        assert!(
            !begins || command.starts_with('{') || !foreign(command),
            "{command}"
        );
    }
}
