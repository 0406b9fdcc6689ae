//! How sure a fact is.

use std::fmt;

/// How sure a row of the catalogue is.
///
/// ```
/// use foundry_scopes::catalogue::Confidence;
///
/// assert!(Confidence::High > Confidence::Low);
/// assert_eq!(Confidence::Medium.to_string(), "medium");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Confidence {
    /// Reported or remembered; check it before relying on it.
    Low,
    /// One document or one client says so.
    Medium,
    /// Read from the directory, or several independent clients agree.
    High,
}

impl Confidence {
    /// The word for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
