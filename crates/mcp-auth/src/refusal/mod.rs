//! Why a request was refused, for the operator.

mod cause;
mod incident;
mod mapping;

use std::fmt;
use std::sync::Arc;

use entra_claims::{Reason, Rejection};
use http::StatusCode;

use crate::Challenge;
use crate::bearer::BearerFault;
pub(crate) use incident::Incident;

pub(crate) use cause::{Cause, Remedy};
#[cfg(feature = "axum")]
pub(crate) use mapping::unguarded_answer;
pub(crate) use mapping::{Challenges, marked};

/// Why a guard refused a request: in the extensions of its response, and in a trace event.
///
/// Clients get fixed texts only. What was found and what is needed is here, for the
/// operator's log, an error page of the application, or a metric.
///
/// ```
/// use mcp_auth::Refusal;
///
/// fn for_the_log<B>(response: &http::Response<B>) -> Option<String> {
///     let refusal = response.extensions().get::<Refusal>()?;
///     Some(format!("{} {}", refusal.incident_id(), refusal.explain()))
/// }
/// # let response = http::Response::new(());
/// # assert_eq!(for_the_log(&response), None);
/// ```
#[derive(Clone)]
pub struct Refusal(Arc<Inner>);

struct Inner {
    cause: Cause,
    incident: Incident,
}

impl Refusal {
    pub(crate) fn new(cause: Cause) -> Self {
        let incident = Incident::new();
        Self(Arc::new(Inner { cause, incident }))
    }

    pub(crate) fn bearer(fault: BearerFault) -> Self {
        Self::new(Cause::Bearer(fault))
    }

    pub(crate) fn rejected(rejection: Rejection, remedy: Remedy) -> Self {
        Self::new(Cause::Rejected { rejection, remedy })
    }

    pub(crate) fn challenged(challenge: Challenge) -> Self {
        Self::new(Cause::Challenged(challenge))
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        mapping::verdict(&self.0.cause).status
    }

    /// What the answer and the trace event have in common, so that a caller's report leads
    /// to the reason: `incident_id` in the JSON body and in the event, `x-incident-id` in
    /// the header. 32 hexadecimal digits, new for each refusal.
    #[must_use]
    pub fn incident_id(&self) -> String {
        self.0.incident.to_string()
    }

    /// A stable code: `missing_token`, `other_scheme`, `malformed_header`,
    /// `repeated_header`, `two_methods`, `host_not_allowed`, `origin_not_allowed`,
    /// `tenant_of_another_resource`, `unguarded_handler`, `bad_requirement`, that of the
    /// [`Rejection`], or the `error` of a handler's own challenge; and of an MCP server
    /// `not_listed`, `header_mismatch`, `unsupported_version`, `unknown_session`,
    /// `repeated_session`, `sessions_unavailable`, `malformed_json`, `malformed_message`,
    /// `malformed_params`, `body_too_large`, `body_failed`, `encoded_body`,
    /// `wrong_content_type` or `method_not_allowed`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.cause.code()
    }

    /// The reason, when a token was looked at.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.rejection().map(Rejection::reason)
    }

    /// The rejection, when a token was looked at.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        match &self.0.cause {
            Cause::Rejected { rejection, .. } => Some(rejection),
            _ => None,
        }
    }

    /// A line for the log: what was found, what is needed, what to change. Never the
    /// token; foreign text in it is escaped.
    #[must_use]
    pub fn explain(&self) -> String {
        self.0.cause.explain()
    }

    /// Tells the log, once per refusal.
    pub(crate) fn trace(&self) {
        let status = self.status().as_u16();
        let (code, explain) = (self.code(), self.explain());
        let incident_id = self.0.incident;
        let signature_checked = self.rejection().is_some_and(Rejection::signature_checked);
        macro_rules! tell {
            ($level:ident) => {
                tracing::$level!(
                    target: "mcp_auth::rejection", status, code, %incident_id, signature_checked, "{explain}"
                )
            };
        }
        match &self.0.cause {
            // A mistake of the application, which nobody but its developer can mend.
            #[cfg(feature = "axum")]
            Cause::Unguarded | Cause::BadRequirement(_) => tell!(error),
            _ if status >= 500 => tell!(warn),
            // A request without a token is how every MCP client begins.
            Cause::Bearer(BearerFault::Absent(_)) => tell!(debug),
            _ => tell!(info),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({}, {})", self.status().as_u16(), self.code())
    }
}
