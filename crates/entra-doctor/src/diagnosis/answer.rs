//! The service's answer: status, body and `WWW-Authenticate`.

/// An HTTP answer, as far as it is known.
///
/// ```
/// use entra_doctor::{Answer, Case, Code};
///
/// let answer = Answer::new()
///     .status(400)
///     .body("Please provide a custom subdomain for token authentication, otherwise API key is required.");
/// let diagnosis = Case::new().answer(answer).diagnose();
/// assert_eq!(diagnosis.findings()[0].code(), Code::EndpointKeyOnly);
/// ```
#[derive(Clone, Default)]
pub struct Answer {
    pub(super) status: Option<u16>,
    pub(super) body: String,
    pub(super) www_authenticate: String,
}

/// Longer bodies and fields are cut: the text that matters stands at the beginning.
const LIMIT: usize = 64 * 1024;

impl Answer {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The status code.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The body, cut after 64 KiB.
    #[must_use]
    pub fn body(mut self, body: &str) -> Self {
        self.body = cut(body).to_owned();
        self
    }

    /// The value of the `WWW-Authenticate` field, cut after 64 KiB.
    #[must_use]
    pub fn www_authenticate(mut self, value: &str) -> Self {
        self.www_authenticate = cut(value).to_owned();
        self
    }
}

/// An error text may hold a token or a name.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

pub(crate) fn cut(text: &str) -> &str {
    let mut end = text.len().min(LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
