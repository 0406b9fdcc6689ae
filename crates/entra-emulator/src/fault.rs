//! Failures on order.

use std::sync::{Mutex, PoisonError};

/// An answer to give instead of the real one, to the next requests of a path.
///
/// ```
/// use entra_emulator::Fault;
///
/// // The next token request is throttled.
/// let throttled = Fault::status("/oauth2/v2.0/token", 429).header("retry-after", "1");
/// // The next two key set requests answer with something that is not JSON.
/// let garbage = Fault::status("/keys", 200).body("text/html", "<p>maintenance</p>").times(2);
/// // The next token request fails with an error of Entra's, envelope included.
/// let refused = Fault::aadsts("/token", 50076)
///     .claims(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#);
/// # let _ = (throttled, garbage, refused);
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    path: String,
    times: u32,
    headers: Vec<(String, String)>,
    /// Overrides the status of the error.
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<u32>,
    pub(crate) claims: Option<String>,
    /// Content type and text; overrides the error's envelope.
    pub(crate) body: Option<(String, String)>,
}

/// What asks for multifactor authentication: the number that most often has claims.
const CHALLENGE: u32 = 50076;

impl Fault {
    /// Answers a request whose path contains `path_part` with this HTTP status, once.
    pub fn status(path_part: impl Into<String>, status: u16) -> Self {
        Self {
            status: Some(status),
            ..Self::new(path_part)
        }
    }

    /// Answers with Entra's error of this number, once: status, `error` and text from the
    /// emulator's table; a number that is not in the table is `invalid_grant` with 400.
    pub fn aadsts(path_part: impl Into<String>, code: u32) -> Self {
        Self {
            code: Some(code),
            ..Self::new(path_part)
        }
    }

    /// Adds a response header, for example `retry-after`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the content type and the body. On an error of Entra's they replace the JSON
    /// around it, claims included; its status and its number in the journal stay.
    #[must_use]
    pub fn body(mut self, content_type: impl Into<String>, text: impl Into<String>) -> Self {
        self.body = Some((content_type.into(), text.into()));
        self.claims = None;
        self
    }

    /// Adds a claims challenge to an error of Entra's: `claims`, a string that holds JSON.
    /// The text goes out as it is given, right or wrong.
    ///
    /// A fault that was only a status becomes AADSTS50076 with that status, and a body
    /// that was set before is dropped: of [`body`](Self::body) and this the last one wins.
    #[must_use]
    pub fn claims(mut self, json: impl Into<String>) -> Self {
        self.code.get_or_insert(CHALLENGE);
        self.claims = Some(json.into());
        self.body = None;
        self
    }

    /// Answers this many requests instead of one.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn new(path_part: impl Into<String>) -> Self {
        Self {
            path: path_part.into(),
            times: 1,
            headers: Vec::new(),
            status: None,
            code: None,
            claims: None,
            body: None,
        }
    }

    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

/// The faults that wait for their request, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fault);
    }

    pub(crate) fn take(&self, path: &str) -> Option<Fault> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|f| f.times > 0);
        let fault = waiting.iter_mut().find(|f| path.contains(&f.path))?;
        fault.times -= 1;
        Some(fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_spent_after_its_number_of_requests() {
        let faults = Faults::default();
        faults.add(Fault::status("/token", 500).times(2));
        faults.add(Fault::status("/keys", 404));
        assert!(faults.take("/t/oauth2/v2.0/token").is_some());
        assert!(faults.take("/t/oauth2/v2.0/token").is_some());
        assert!(faults.take("/t/oauth2/v2.0/token").is_none());
        assert!(faults.take("/t/discovery/keys").is_some());
        assert!(faults.take("/t/discovery/keys").is_none());
    }
}
