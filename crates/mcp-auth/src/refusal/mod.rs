//! Why a request was refused, for the operator.

mod mapping;

use std::fmt;
use std::sync::Arc;

use entra_claims::{Reason, Rejection};
use foundry_scopes::Scope;
use http::StatusCode;

use crate::Challenge;
use crate::bearer::{Absence, BearerFault};

pub(crate) use mapping::Challenges;

/// Why a guard refused a request: in the extensions of its response, and in a trace event.
///
/// Clients get fixed texts only. What was found and what is needed is here, for the
/// operator's log, an error page of the application, or a metric.
///
/// ```
/// use mcp_auth::Refusal;
///
/// fn for_the_log<B>(response: &http::Response<B>) -> Option<String> {
///     response.extensions().get::<Refusal>().map(Refusal::explain)
/// }
/// # let response = http::Response::new(());
/// # assert_eq!(for_the_log(&response), None);
/// ```
#[derive(Clone)]
pub struct Refusal(Arc<Cause>);

pub(crate) enum Cause {
    /// No usable token was sent.
    Bearer(BearerFault),
    /// A token was sent and refused. For a user's token that lacks scopes, these are the
    /// ones to ask for.
    Rejected {
        rejection: Rejection,
        step_up: Vec<Scope>,
    },
    /// A handler refused, with a challenge of its own.
    Challenged(Challenge),
}

impl Refusal {
    pub(crate) fn bearer(fault: BearerFault) -> Self {
        Self(Arc::new(Cause::Bearer(fault)))
    }

    pub(crate) fn rejected(rejection: Rejection, step_up: Vec<Scope>) -> Self {
        Self(Arc::new(Cause::Rejected { rejection, step_up }))
    }

    pub(crate) fn challenged(challenge: Challenge) -> Self {
        Self(Arc::new(Cause::Challenged(challenge)))
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        mapping::verdict(&self.0).status
    }

    /// A stable code: `missing_token`, `other_scheme`, `malformed_header`,
    /// `repeated_header`, `two_methods`, that of the [`Rejection`], or the `error` of a
    /// handler's own challenge.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &*self.0 {
            Cause::Bearer(fault) => match fault {
                BearerFault::Absent(Absence::NoHeader) => "missing_token",
                BearerFault::Absent(Absence::OtherScheme) => "other_scheme",
                BearerFault::Malformed => "malformed_header",
                BearerFault::Repeated => "repeated_header",
                BearerFault::TwoMethods => "two_methods",
            },
            Cause::Rejected { rejection, .. } => rejection.code(),
            Cause::Challenged(challenge) => mapping::challenged(challenge).error,
        }
    }

    /// The reason, when a token was looked at.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.rejection().map(Rejection::reason)
    }

    /// The rejection, when a token was looked at.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        match &*self.0 {
            Cause::Rejected { rejection, .. } => Some(rejection),
            Cause::Bearer(_) | Cause::Challenged(_) => None,
        }
    }

    /// A line for the log: what was found, what is needed, what to change. Never the
    /// token; foreign text in it is escaped.
    #[must_use]
    pub fn explain(&self) -> String {
        match &*self.0 {
            Cause::Bearer(fault) => mapping::explain(*fault).to_owned(),
            Cause::Rejected { rejection, .. } => rejection.explain(),
            Cause::Challenged(challenge) => {
                let says = mapping::challenged(challenge).description;
                format!("a handler refused by itself: {says}")
            }
        }
    }

    /// Tells the log, once per refusal.
    pub(crate) fn trace(&self) {
        let status = self.status().as_u16();
        let (code, explain) = (self.code(), self.explain());
        let signature_checked = self.rejection().is_some_and(Rejection::signature_checked);
        // A request without a token is how every MCP client begins; 5xx is ours to mend.
        if status >= 500 {
            tracing::warn!(target: "mcp_auth::rejection", status, code, signature_checked, "{explain}");
        } else if matches!(*self.0, Cause::Bearer(BearerFault::Absent(_))) {
            tracing::debug!(target: "mcp_auth::rejection", status, code, signature_checked, "{explain}");
        } else {
            tracing::info!(target: "mcp_auth::rejection", status, code, signature_checked, "{explain}");
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({}, {})", self.status().as_u16(), self.code())
    }
}
