//! What goes wrong, and for which requests.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A failure for the next requests that match: another answer, or the real one late, cut
/// off or dressed up.
///
/// As JSON it is one flat object, with the members that the methods below are named after:
/// `{"path": "/token", "status": 429, "headers": {"retry-after": "1"}, "times": 2}`.
///
/// ```
/// use entra_emulator::Fault;
/// use std::time::Duration;
///
/// // The next token request is throttled.
/// let throttled = Fault::status("/oauth2/v2.0/token", 429).header("retry-after", "1");
/// // The next two key set requests answer with something that is not JSON.
/// let garbage = Fault::status("/keys", 200).body("text/html", "<p>maintenance</p>").times(2);
/// // The next token request fails with an error of Entra's, envelope included.
/// let refused = Fault::aadsts("/token", 50076)
///     .claims(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#);
/// // The third on-behalf-of exchange is right, but ends after ten bytes.
/// let cut = Fault::on("/token")
///     .grant_type("urn:ietf:params:oauth:grant-type:jwt-bearer")
///     .nth(3)
///     .truncate(10);
/// // All answers are late until the faults are cleared.
/// let slow = Fault::on("/").delay(Duration::from_millis(300)).always();
/// # let _ = (throttled, garbage, refused, cut, slow);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// The tenant segment of the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grant_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nth: Option<u32>,
    /// Absent means once, or without end if `always`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    #[serde(default, skip_serializing_if = "is_false")]
    always: bool,

    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    /// Overrides the status of the error, or of the real answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(default, rename = "aadsts", skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) claims: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    real: bool,

    #[serde(default, skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) close: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) truncate: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drip_ms: Option<u64>,
}

/// Why a fault was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// Two members contradict each other.
    #[error("`{one}` and `{other}` contradict each other")]
    Contradiction {
        /// One of the two.
        one: &'static str,
        /// The other one.
        other: &'static str,
    },
    /// A member has a value that cannot be served.
    #[error("`{member}` is not valid: {reason}")]
    Invalid {
        /// The member.
        member: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// What asks for multifactor authentication: the number that most often has claims.
const CHALLENGE: u32 = 50076;

impl Fault {
    /// The real answer to a request whose path contains `path_part`, once: late, cut off or
    /// dressed up, as the methods below say.
    pub fn on(path_part: impl Into<String>) -> Self {
        Self {
            real: true,
            ..Self::new(path_part)
        }
    }

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

    /// Closes the connection without a byte of an answer, once.
    pub fn close(path_part: impl Into<String>) -> Self {
        Self {
            close: true,
            ..Self::new(path_part)
        }
    }

    /// Redirects (307, which keeps method and body) to another place, once.
    pub fn redirect(path_part: impl Into<String>, location: impl Into<String>) -> Self {
        Self::status(path_part, 307).header("location", location)
    }

    /// Only requests with this method.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only requests whose path begins with this tenant, spelled as the client spells it.
    #[must_use]
    pub fn tenant(mut self, segment: impl Into<String>) -> Self {
        self.tenant = Some(segment.into());
        self
    }

    /// Only requests of this client.
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Only token requests with this `grant_type`.
    #[must_use]
    pub fn grant_type(mut self, grant_type: impl Into<String>) -> Self {
        self.grant_type = Some(grant_type.into());
        self
    }

    /// Begins with the n-th request that matches, counted from 1.
    #[must_use]
    pub fn nth(mut self, n: u32) -> Self {
        self.nth = Some(n);
        self
    }

    /// Fails this many requests instead of one.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self.always = false;
        self
    }

    /// Fails every request that matches, until it is removed.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self.always = true;
        self
    }

    /// Adds a response header, for example `retry-after`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Sets the content type and leaves the body as it is.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets the content type and the body. On an error of Entra's they replace the JSON
    /// around it, claims included; its status and its number in the journal stay.
    #[must_use]
    pub fn body(mut self, content_type: impl Into<String>, text: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self.body = Some(text.into());
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
        (self.content_type, self.body) = (None, None);
        self
    }

    /// Answers this much later, in real time: the emulator's clock does not move sockets.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay_ms = Some(millis(delay));
        self
    }

    /// Promises the whole body, sends this many bytes of it, and closes the connection.
    #[must_use]
    pub fn truncate(mut self, bytes: usize) -> Self {
        self.truncate = Some(bytes);
        self
    }

    /// Sends the body byte by byte, with this pause before each.
    #[must_use]
    pub fn drip(mut self, pause: Duration) -> Self {
        self.drip_ms = Some(millis(pause));
        self
    }

    /// Whether the members fit together; what the methods make always does, but for values
    /// that HTTP cannot carry.
    ///
    /// # Errors
    ///
    /// The first thing found wrong.
    ///
    /// ```
    /// use entra_emulator::Fault;
    ///
    /// assert!(Fault::status("/token", 503).check().is_ok());
    /// assert!(Fault::status("/token", 42).check().is_err());
    /// ```
    pub fn check(&self) -> Result<(), FaultError> {
        let invalid = |member, reason| Err(FaultError::Invalid { member, reason });
        let answers = [
            ("status", self.status.is_some()),
            ("aadsts", self.code.is_some()),
            ("body", self.body.is_some()),
            ("truncate", self.truncate.is_some()),
            ("drip_ms", self.drip_ms.is_some()),
        ];
        if let Some((other, _)) = answers.into_iter().find(|(_, set)| self.close && *set) {
            return Err(FaultError::Contradiction {
                one: "close",
                other,
            });
        }
        for (one, other, both) in [
            ("times", "always", self.times.is_some() && self.always),
            ("real", "aadsts", self.real && self.code.is_some()),
            (
                "claims",
                "body",
                self.claims.is_some() && self.body.is_some(),
            ),
        ] {
            if both {
                return Err(FaultError::Contradiction { one, other });
            }
        }
        if self.status.is_some_and(|s| !(200..=999).contains(&s)) {
            return invalid("status", "a final HTTP status from 200 to 999 is needed");
        }
        if self.claims.is_some() && self.code.is_none() {
            return invalid(
                "claims",
                "only an error of Entra's has claims: set `aadsts`",
            );
        }
        if self.nth == Some(0) {
            return invalid("nth", "it counts from 1");
        }
        if self.times == Some(0) {
            return invalid("times", "a fault that never happens");
        }
        if self.path.contains("/__emulator") {
            return invalid("path", "no fault strikes the control operations");
        }
        let changes = self.status.is_some()
            || self.code.is_some()
            || self.body.is_some()
            || self.content_type.is_some()
            || self.close
            || self.truncate.is_some()
            || self.drip_ms.is_some_and(|ms| ms > 0)
            || self.delay_ms.is_some_and(|ms| ms > 0)
            || !self.headers.is_empty();
        if !changes {
            return invalid("path", "the fault changes nothing about the answer");
        }
        for (name, value) in &self.headers {
            if axum::http::HeaderName::try_from(name).is_err() {
                return invalid("headers", "a name is not an HTTP header name");
            }
            if axum::http::HeaderValue::try_from(value).is_err() {
                return invalid("headers", "a value has characters that no header may have");
            }
        }
        Ok(())
    }

    fn new(path_part: impl Into<String>) -> Self {
        Self {
            path: path_part.into(),
            ..Self::default()
        }
    }

    /// Whether the real answer is to be made: nothing else is to be answered.
    pub(crate) fn needs_the_real_answer(&self) -> bool {
        let other = self.status.is_some() || self.code.is_some() || self.body.is_some();
        !self.close && (self.real || !other)
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    pub(crate) fn latency(&self) -> Option<Duration> {
        self.delay_ms.map(Duration::from_millis)
    }

    pub(crate) fn pause(&self) -> Option<Duration> {
        self.drip_ms.map(Duration::from_millis)
    }

    /// How many requests it fails; nothing means without end.
    pub(super) fn budget(&self) -> Option<u32> {
        (!self.always).then(|| self.times.unwrap_or(1))
    }

    /// How many requests pass before it begins.
    pub(super) fn passes(&self) -> u32 {
        self.nth.map_or(0, |n| n.saturating_sub(1))
    }

    pub(super) fn matches(&self, request: &Facts<'_>) -> bool {
        let same = |wanted: &Option<String>, is: Option<&str>| {
            let Some(wanted) = wanted else { return true };
            is.is_some_and(|is| is.eq_ignore_ascii_case(wanted))
        };
        request.path.contains(&self.path)
            && same(&self.method, Some(request.method))
            && same(&self.tenant, request.path.split('/').nth(1))
            && same(&self.client_id, request.client_id)
            && same(&self.grant_type, request.grant_type)
    }
}

/// What a fault looks at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) grant_type: Option<&'a str>,
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}
