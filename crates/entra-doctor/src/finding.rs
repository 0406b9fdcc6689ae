//! Findings: code, severity, certainty, reason, changes and source.

use std::borrow::Cow;

use serde::Serialize;

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;

/// Whether something must change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// Good to know.
    Remark,
    /// This is, or may be, why it is refused.
    Problem,
}

impl Severity {
    /// The word for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Remark => "remark",
            Self::Problem => "problem",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Certainty {
    /// It fits, and so do other causes.
    Possible,
    /// The usual cause of what is seen.
    Likely,
    /// What was given says so by itself.
    Certain,
}

impl Certainty {
    /// The word for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// One cause: a stable code, what was found, why it fails, what to change, how sure that
/// is and where it is documented.
///
/// ```
/// use entra_doctor::{Case, Certainty, Change, Code};
///
/// let diagnosis = Case::new()
///     .endpoint("https://contoso.services.ai.azure.com/api/projects/p1")
///     .requested("https://cognitiveservices.azure.com/.default")
///     .diagnose();
/// let first = &diagnosis.findings()[0];
/// assert_eq!(first.code(), Code::AudienceWrong);
/// assert_eq!(first.certainty(), Certainty::Certain);
/// assert!(matches!(
///     &first.changes()[0],
///     Change::RequestScope { scope, .. } if scope == "https://ai.azure.com/.default"
/// ));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    code: Code,
    severity: Severity,
    certainty: Certainty,
    found: String,
    why: Cow<'static, str>,
    changes: Vec<Change>,
    source: &'static str,
    #[serde(skip)]
    said: bool,
    #[serde(skip)]
    place: usize,
}

impl Finding {
    pub(crate) fn new(code: Code, certainty: Certainty, found: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Problem,
            certainty,
            found: found.into(),
            why: Cow::Borrowed(code.summary()),
            changes: Vec::new(),
            source: "",
            said: false,
            place: usize::MAX,
        }
    }

    pub(crate) fn problem(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Certainty::Certain, message)
    }

    pub(crate) fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Certainty::Certain, message).remark()
    }

    pub(crate) fn to_value(&self) -> serde_json::Value {
        serde_json::json!({
            "code": self.code.as_str(),
            "severity": self.severity.as_str(),
            "message": self.message(),
        })
    }

    /// The answer itself says so: nothing that was inferred goes before it.
    pub(crate) fn said(mut self) -> Self {
        self.said = true;
        self
    }

    /// The place of the error among the errors of the text: the first one comes first.
    pub(crate) fn at_place(mut self, place: usize) -> Self {
        self.place = place;
        self
    }

    pub(crate) fn place(&self) -> usize {
        self.place
    }

    pub(crate) fn is_said(&self) -> bool {
        self.said
    }

    pub(crate) fn certainty_is(&mut self, certainty: Certainty) {
        self.certainty = certainty;
    }

    /// Nothing must change for it.
    pub(crate) fn remark(mut self) -> Self {
        self.severity = Severity::Remark;
        self
    }

    pub(crate) fn why(mut self, why: impl Into<Cow<'static, str>>) -> Self {
        self.why = why.into();
        self
    }

    pub(crate) fn change(mut self, change: impl Into<Change>) -> Self {
        self.changes.push(change.into());
        self
    }

    pub(crate) fn changes_from(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.changes.extend(changes);
        self
    }

    pub(crate) fn changes_mut(&mut self) -> impl Iterator<Item = &mut Change> {
        self.changes.iter_mut()
    }

    pub(crate) fn source_is(mut self, source: &'static str) -> Self {
        self.source = source;
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Whether something must change.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// How sure it is.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// What was found.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// Why that fails: in the words of the rule, or the code's sentence where that is all
    /// there is to say. Never empty.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.why
    }

    /// The reason, unless it is the code's sentence.
    pub(crate) fn own_reason(&self) -> Option<&str> {
        Some(self.reason()).filter(|why| *why != self.code.summary())
    }

    /// What to change, the best way first.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The document, specification or report that says so. Never empty.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// What was found and what to do, in one line.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = self.found.clone();
        for part in self
            .own_reason()
            .map(Cow::Borrowed)
            .into_iter()
            .chain(self.changes.first().map(|change| Cow::Owned(change.text())))
        {
            message.push_str(": ");
            message.push_str(&part);
        }
        message
    }
}
