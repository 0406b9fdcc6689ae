//! What was changed, or looks wrong.

use std::fmt;

use super::NoteCode;

/// One remark on an endpoint: a stable code and a sentence.
///
/// ```
/// use foundry_scopes::{Endpoint, NoteCode};
///
/// let endpoint = Endpoint::parse("https://contoso.openai.azure.com:443/")?;
/// let [note] = endpoint.notes() else { panic!() };
/// assert_eq!(note.code(), NoteCode::DefaultPort);
/// assert_eq!(note.to_string(), "`:443` was removed: it is the default port");
/// # Ok::<(), foundry_scopes::EndpointError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    code: NoteCode,
    message: String,
}

impl Note {
    pub(super) fn new(code: NoteCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> NoteCode {
        self.code
    }

    /// One sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
