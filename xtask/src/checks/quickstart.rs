//! The quickstart is the main job of the project, so its story is a test.

use serde_json::Value;

use crate::cargo::Cargo;
use crate::report::{Outcome, StepResult};
use crate::workspace::Workspace;

/// The steps that the story must have, in this order; others may stand between them.
const STEPS: &[&str] = &[
    "start",
    "challenge",
    "resource_rule",
    "sign_in",
    "tool_call",
    "on_behalf_of",
    "refused_no_token",
    "refused_audience",
    "refused_scope",
    "refused_consent",
    "endpoint",
    "no_secrets",
];

/// One JSON object per line, each with its step and `"ok": true`.
pub(super) fn check_json(workspace: &Workspace) -> StepResult {
    let text = run(workspace, &["--json"])?;
    print!("{text}");
    story(&text)
}

/// The text for people: it ends well, and there are no colour codes where no terminal is.
pub(super) fn check_text(workspace: &Workspace) -> StepResult {
    let text = run(workspace, &[])?;
    print!("{text}");
    if text.trim().is_empty() {
        return Err("the quickstart printed nothing".to_owned());
    }
    if text.contains('\u{1b}') {
        return Err(
            "the quickstart writes colour codes although its output is not a terminal".to_owned(),
        );
    }
    Ok(Outcome::Passed)
}

fn run(workspace: &Workspace, arguments: &[&str]) -> Result<String, String> {
    Cargo::new(workspace.root(), "run --quiet --package quickstart --")
        .args(arguments)
        .stdout()
}

fn story(text: &str) -> StepResult {
    let mut expected = STEPS.iter().peekable();
    for line in text.lines() {
        let step: Value =
            serde_json::from_str(line).map_err(|error| format!("not JSON ({error}): {line}"))?;
        let Some(name) = step.get("step").and_then(Value::as_str) else {
            return Err(format!("a line without a step: {line}"));
        };
        if step.get("ok") != Some(&Value::Bool(true)) {
            return Err(format!(
                "a step that did not do what the story says: {line}"
            ));
        }
        if expected.peek() == Some(&&name) {
            expected.next();
        }
    }
    match expected.next() {
        None => Ok(Outcome::Passed),
        Some(missing) => Err(format!(
            "the story lacks its step {missing:?}, or has it out of order"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{STEPS, story};

    fn whole() -> Vec<String> {
        STEPS
            .iter()
            .map(|step| format!("{{\"step\":\"{step}\",\"ok\":true}}"))
            .collect()
    }

    #[test]
    fn a_whole_story_passes() {
        assert!(story(&whole().join("\n")).is_ok());
    }

    #[test]
    fn a_story_without_its_last_step_fails() {
        let mut lines = whole();
        lines.pop();
        assert!(story(&lines.join("\n")).is_err());
    }

    #[test]
    fn a_step_that_went_wrong_fails() {
        for bad in [
            "{\"step\":\"more\",\"ok\":false}",
            "{\"step\":\"more\"}",
            "{\"ok\":true}",
            "hello",
        ] {
            let mut lines = whole();
            lines.push(bad.to_owned());
            assert!(story(&lines.join("\n")).is_err(), "{bad}");
        }
    }
}
