//! What looks wrong.

/// Whether something must change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Good to know.
    Remark,
    /// No service accepts this.
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

/// One thing that was noticed: a stable code, and a sentence with what to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    code: &'static str,
    severity: Severity,
    message: String,
}

impl Finding {
    pub(crate) fn problem(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Problem,
            message: message.into(),
        }
    }

    pub(crate) fn remark(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Remark,
            message: message.into(),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Whether something must change.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// One sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn to_value(&self) -> serde_json::Value {
        serde_json::json!({
            "code": self.code,
            "severity": self.severity.as_str(),
            "message": self.message,
        })
    }
}
