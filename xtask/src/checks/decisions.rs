//! Form of the records in `docs/decisions.md`: number, date, status, context, alternatives, decision.

use crate::report::{StepResult, none_found};
use crate::workspace::Workspace;

const PARTS: [&str; 3] = ["Context", "Alternatives", "Decision"];

struct Record<'a> {
    number: usize,
    title: &'a str,
    status: &'a str,
}

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let document = workspace.root().join("docs/decisions.md");
    let text = std::fs::read_to_string(&document)
        .map_err(|error| format!("cannot read {}: {error}", document.display()))?;
    let (records, findings) = read(&text);
    println!("{} records", records.len());
    let findings: Vec<String> = findings
        .into_iter()
        .map(|finding| format!("docs/decisions.md: {finding}"))
        .collect();
    none_found(&findings)
}

fn read(text: &str) -> (Vec<Record<'_>>, Vec<String>) {
    let (mut records, mut findings) = (Vec::new(), Vec::new());
    // Anything between a topic and its first record would be a decision without a record.
    for topic in text.split("\n## ").skip(1) {
        let before = topic.split("\n### ").next().unwrap_or_default();
        if before.lines().skip(1).any(|line| !line.trim().is_empty()) {
            let topic = before.lines().next().unwrap_or_default();
            findings.push(format!("text outside of a record under {topic:?}"));
        }
    }
    for block in text.split("\n### ").skip(1) {
        let block = block.split("\n## ").next().unwrap_or_default();
        match record(block) {
            Ok(record) => records.push(record),
            Err(finding) => findings.push(finding),
        }
    }
    let numbers: Vec<usize> = records.iter().map(|record| record.number).collect();
    for (at, record) in records.iter().enumerate() {
        let (number, title) = (record.number, record.title);
        if numbers.iter().take(at).any(|earlier| *earlier == number) {
            findings.push(format!("{number}. {title}: the number is taken"));
        }
        if let Some(successor) = record.status.strip_prefix("replaced by ")
            && !successor
                .parse()
                .is_ok_and(|it: usize| it != number && numbers.contains(&it))
        {
            findings.push(format!("{number}. {title}: there is no record {successor}"));
        }
    }
    (records, findings)
}

fn record(block: &str) -> Result<Record<'_>, String> {
    let mut lines = block.lines().filter(|line| !line.trim().is_empty());
    let heading = lines.next().unwrap_or_default();
    let finding = |what: &str| format!("{heading}: {what}");
    let (number, title) = heading
        .split_once(". ")
        .and_then(|(number, title)| Some((number.parse().ok()?, title)))
        .ok_or_else(|| finding("a heading is `### <number>. <title>`"))?;
    let (date, status) = lines
        .next()
        .and_then(|line| line.split_once(" · "))
        .ok_or_else(|| finding("the line below is `<date> · <status>`"))?;
    if !is_date(date) {
        return Err(finding("the date is not YYYY-MM-DD"));
    }
    if status != "accepted" && !status.starts_with("replaced by ") {
        return Err(finding(
            "the status is `accepted` or `replaced by <number>`",
        ));
    }
    let parts: Vec<&str> = lines
        .filter_map(|line| line.strip_prefix("- **")?.split_once(":** "))
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(part, _)| part)
        .collect();
    if parts != PARTS {
        return Err(finding(
            "the parts are Context, Alternatives, Decision, in this order",
        ));
    }
    Ok(Record {
        number,
        title,
        status,
    })
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::read;

    fn text(number: usize, status: &str) -> String {
        format!(
            "\n### {number}. Title\n\n2026-12-01 · {status}\n\n- **Context:** a\n  b\n\
             - **Alternatives:** c\n- **Decision:** d\n"
        )
    }

    fn findings(records: &[String]) -> Vec<String> {
        read(&format!("# Decisions\n\n## Topic\n{}", records.concat())).1
    }

    #[test]
    fn whole_records_pass() {
        let records = [text(1, "replaced by 2"), text(2, "accepted")];
        assert!(findings(&records).is_empty());
    }

    #[test]
    fn a_record_that_lacks_something_is_named() {
        let good = text(1, "accepted");
        for (from, to) in [
            ("- **Alternatives:** c\n", ""),
            ("2026-12-01", "today"),
            ("accepted", "draft"),
            ("### 1. ", "### "),
            ("**Decision:** d", "**Decision:** "),
        ] {
            let found = findings(&[good.replace(from, to)]);
            assert_eq!(found.len(), 1, "{from:?} -> {to:?}: {found:?}");
        }
    }

    #[test]
    fn numbers_are_unique_and_successors_exist() {
        assert_eq!(
            findings(&[text(1, "accepted"), text(1, "accepted")]).len(),
            1
        );
        assert_eq!(findings(&[text(1, "replaced by 7")]).len(), 1);
        assert_eq!(findings(&[text(1, "replaced by 1")]).len(), 1);
    }

    #[test]
    fn a_decision_without_a_record_is_found() {
        assert_eq!(findings(&["\n- **Loose.** text\n".to_owned()]).len(), 1);
    }
}
