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
/// let refused = Fault::aadsts("/token", 50076);
/// # let _ = (throttled, garbage, refused);
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    path: String,
    times: u32,
    headers: Vec<(String, String)>,
    pub(crate) answer: Answer,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Plain {
        status: u16,
        body: Option<(String, String)>,
    },
    Aadsts(u32),
}

impl Fault {
    /// Answers a request whose path contains `path_part` with this HTTP status, once.
    pub fn status(path_part: impl Into<String>, status: u16) -> Self {
        Self::new(path_part, Answer::Plain { status, body: None })
    }

    /// Answers with Entra's error of this number, once: status, `error` and text from the
    /// emulator's table; a number that is not in the table is `invalid_grant` with 400.
    pub fn aadsts(path_part: impl Into<String>, code: u32) -> Self {
        Self::new(path_part, Answer::Aadsts(code))
    }

    /// Adds a response header, for example `retry-after`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the content type and the body; an error of Entra's keeps its own.
    #[must_use]
    pub fn body(mut self, content_type: impl Into<String>, text: impl Into<String>) -> Self {
        if let Answer::Plain { body, .. } = &mut self.answer {
            *body = Some((content_type.into(), text.into()));
        }
        self
    }

    /// Answers this many requests instead of one.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn new(path_part: impl Into<String>, answer: Answer) -> Self {
        Self {
            path: path_part.into(),
            times: 1,
            headers: Vec::new(),
            answer,
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
