//! AADSTS codes: meaning, actor and remedy.

use std::io::{self, Write};

use entra_obo::aadsts;
use serde_json::{Value, json};

use crate::render::{self, ALARM, BOLD, Report};

/// The AADSTS numbers in a text. It is fine if all of them are known.
///
/// ```
/// use entra_doctor::{AadstsReport, Report};
///
/// let report = AadstsReport::of("AADSTS65001: The user or administrator has not consented");
/// assert!(report.is_fine());
/// assert!(report.to_json().contains("\"category\":\"consent\""));
/// assert!(!AadstsReport::of("no number").is_fine());
/// ```
#[derive(Debug)]
pub struct AadstsReport {
    numbers: Vec<u32>,
}

impl AadstsReport {
    /// Looks for `AADSTS` followed by a number; if there is none, for numbers that are known,
    /// as sign-in logs (`"errorCode": 50076`) and token errors (`"error_codes":[65001]`)
    /// write them.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut numbers = marked(text);
        if numbers.is_empty() {
            let alone = text.trim().parse::<u32>().ok();
            let known = |number: &u32| {
                aadsts::lookup(u64::from(*number)).is_some() || Some(*number) == alone
            };
            let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            numbers = parts
                .filter_map(|part| part.parse().ok())
                .filter(known)
                .collect();
        }
        let mut seen = Vec::new();
        numbers.retain(|number| {
            let new = !seen.contains(number);
            seen.push(*number);
            new
        });
        Self { numbers }
    }
}

/// The numbers after `AADSTS`.
fn marked(text: &str) -> Vec<u32> {
    const MARK: &str = "AADSTS";
    let upper = text.to_ascii_uppercase();
    upper
        .match_indices(MARK)
        .filter_map(|(at, _)| {
            let rest = upper.get(at + MARK.len()..)?;
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            rest.get(..end)?.parse().ok()
        })
        .collect()
}

impl Report for AadstsReport {
    fn is_fine(&self) -> bool {
        let known = |number: &u32| aadsts::lookup(u64::from(*number)).is_some();
        !self.numbers.is_empty() && self.numbers.iter().all(known)
    }

    fn to_json(&self) -> String {
        let value = |number: &u32| match aadsts::lookup(u64::from(*number)) {
            Some(entry) => json!({
                "code": number,
                "known": true,
                "name": entry.name(),
                "category": entry.category().as_str(),
                "actor": entry.actor().as_str(),
                "meaning": entry.meaning(),
                "remedy": entry.remedy(),
            }),
            None => json!({ "code": number, "known": false }),
        };
        let codes: Value = self.numbers.iter().map(value).collect();
        json!({ "ok": self.is_fine(), "codes": codes }).to_string()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.numbers.is_empty() {
            return render::line(out, ALARM, "There is no AADSTS number in this");
        }
        for number in &self.numbers {
            match aadsts::lookup(u64::from(*number)) {
                Some(entry) => {
                    render::line(out, BOLD, &format!("AADSTS{number}  {}", entry.name()))?;
                    render::row(out, "means", entry.meaning(), entry.category().as_str())?;
                    render::row(out, "do", entry.remedy(), entry.actor().as_str())?;
                }
                None => {
                    render::line(out, ALARM, &format!("AADSTS{number} is not in the list"))?;
                    let page = format!("https://login.microsoftonline.com/error?code={number}");
                    render::row(out, "Microsoft's page", &page, "")?;
                }
            }
        }
        Ok(())
    }
}
