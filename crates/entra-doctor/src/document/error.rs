//! Errors of reading a document.

/// A file that cannot be read as any of the documents that are known. Nothing of the file
/// is repeated: it may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Nothing but blanks.
    #[error("the file is empty")]
    Empty,
    /// More than 1 MiB.
    #[error("the file is larger than 1 MiB: take the one entry that matters")]
    TooLarge,
    /// Not UTF-8.
    #[error(
        "the file is not UTF-8 text: Windows PowerShell writes UTF-16 with `>`, use `| Out-File -Encoding utf8`"
    )]
    NotText,
    /// Broken JSON.
    #[error("the file is not JSON: line {line}, column {column}")]
    #[non_exhaustive]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// YAML.
    #[error("the file is YAML: convert it to JSON")]
    Yaml,
    /// More than 100 entries.
    #[error("the file holds more than 100 entries: take those that matter")]
    TooMany,
    /// None of the documents that are known.
    #[error(
        "the file is none of: a site's authentication settings, its application settings, an app registration's manifest, an agent's tool or connection, a sign-in log entry, an error"
    )]
    Unrecognized,
}

impl DocumentError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::NotText => "not_text",
            Self::Json { .. } => "not_json",
            Self::Yaml => "yaml",
            Self::TooMany => "too_many",
            Self::Unrecognized => "unrecognized",
        }
    }
}
