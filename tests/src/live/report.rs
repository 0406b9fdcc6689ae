//! The report: which reading each probe found, and nothing of the tenant.

use serde::{Deserialize, Serialize};

use super::probe::{Probe, Verdict};
use super::redact;
use super::settings::Settings;
use super::tenant::LiveError;

/// The form of reports; another number is read by another kit.
pub const SCHEMA: &str = "entra-live/1";

/// What was found, to be attached to a public issue or kept as a capture.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of the kit.
    pub kit: String,
    /// `public`, `local` or `other`: where it was asked.
    pub cloud: String,
    /// One for each question.
    pub findings: Vec<Finding>,
}

/// The answer to one question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The probe.
    pub probe: String,
    /// What it asks.
    pub question: String,
    /// The reading that the answer shows; nothing if it is another one, or not available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// Why there is no answer in this tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_available: Option<String>,
    /// Status, error and number, or names of members: what was seen.
    pub seen: String,
}

impl Finding {
    pub(super) fn new(probe: &Probe, verdict: &Verdict) -> Self {
        let (reading, not_available, seen) = match verdict {
            Verdict::Reading(reading, seen) => (Some((*reading).to_owned()), None, seen.clone()),
            Verdict::Unexpected(seen) => (None, None, seen.clone()),
            Verdict::NotAvailable(why) => (None, Some((*why).to_owned()), String::new()),
        };
        Self {
            probe: probe.id.to_owned(),
            question: probe.question.to_owned(),
            reading,
            not_available,
            seen,
        }
    }
}

impl Report {
    pub(super) fn new(
        settings: &Settings,
        findings: Vec<Finding>,
        secrets: &[String],
    ) -> Result<Self, LiveError> {
        let host = url::Url::parse(&settings.authority).ok();
        let host = host.and_then(|url| url.host_str().map(str::to_owned));
        let cloud = match host.as_deref() {
            Some("login.microsoftonline.com") => "public",
            Some("localhost" | "127.0.0.1") => "local",
            _ => "other",
        };
        let report = Self {
            schema: SCHEMA.to_owned(),
            kit: env!("CARGO_PKG_VERSION").to_owned(),
            cloud: cloud.to_owned(),
            findings,
        };
        match redact::leak(&report.to_json(), secrets) {
            Some(what) => Err(LiveError::Leak(what)),
            None => Ok(report),
        }
    }

    /// As JSON, for people.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads a report back; one of another schema is refused.
    ///
    /// # Errors
    ///
    /// It is no report, or of another schema.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let report: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        match report.schema == SCHEMA {
            true => Ok(report),
            false => Err(format!("it is {}, not {SCHEMA}", report.schema)),
        }
    }
}
