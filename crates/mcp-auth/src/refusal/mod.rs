//! `Refusal`: why a request was refused, with code, explanation and incident id.

mod mapping;

use entra_parts::foreign;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use entra_claims::{Reason, Rejection};
use foundry_scopes::{Scope, TenantId};
use http::StatusCode;

use crate::bearer::{Absence, BearerError};
use crate::challenge::Challenge;
use crate::mcp::McpRequestError;
use crate::origin::OriginError;

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

    pub(crate) fn bearer(error: BearerError) -> Self {
        Self::new(Cause::Bearer(error))
    }

    pub(crate) fn rejected(rejection: Rejection, remedy: Remedy) -> Self {
        Self::new(Cause::Rejected { rejection, remedy })
    }

    #[cfg(feature = "obo")]
    pub(crate) fn on_behalf_of(status: StatusCode, code: &'static str, explain: String) -> Self {
        Self::new(Cause::OnBehalfOf {
            status,
            code,
            explain,
        })
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

    /// A stable code: `missing_token`, `other_scheme`, `malformed_header`, `quoted_token`,
    /// `doubled_scheme`, `bare_token`, `doubled_guard`, `repeated_header`, `two_methods`, `repeated_host`, `host_not_allowed`, `origin_not_allowed`,
    /// `tenant_of_another_resource`, `unguarded_handler`, `bad_requirement`, that of the
    /// [`Rejection`], or the `error` of a handler's own challenge or of an `OnBehalfOfError`; and of
    /// an MCP server
    /// `not_listed`, `header_mismatch`, `unsupported_version`, `unknown_session`,
    /// `repeated_session`, `sessions_unavailable`, `too_many_sessions`, `sessions_full`, `malformed_json`, `malformed_message`,
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
    /// token; foreign text in it is escaped and cut.
    #[must_use]
    pub fn explain(&self) -> String {
        foreign::line(self.0.cause.explain())
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
            // A mistake of the application, which only its developer can mend.
            #[cfg(feature = "axum")]
            Cause::Unguarded => tell!(error),
            Cause::BadRequirement(_) | Cause::DoubledGuard => tell!(error),
            #[cfg(feature = "user-context")]
            Cause::DoubledContextLayer => tell!(error),
            #[cfg(feature = "obo")]
            Cause::OnBehalfOf { .. } if status == 500 => tell!(error),
            _ if status >= 500 => tell!(warn),
            // A request without a token is how every MCP client begins.
            Cause::Bearer(BearerError::Absent(_)) => tell!(debug),
            _ => tell!(info),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({}, {})", self.status().as_u16(), self.code())
    }
}

pub(crate) enum Cause {
    /// Another host or another site's page.
    Origin(OriginError),
    /// No usable token was sent.
    Bearer(BearerError),
    /// A token was sent and refused.
    Rejected {
        rejection: Rejection,
        remedy: Remedy,
    },
    /// A token of another tenant than the resource's own.
    OtherTenant(TenantId),
    /// A handler refused, with a challenge of its own.
    Challenged(Challenge),
    /// An MCP server's policy has no rule for this; escaped, for the log.
    Unlisted(String),
    /// It is no proper request of an MCP client.
    McpRequest(McpRequestError),
    /// A handler asks for its caller, and no guard saw the request.
    #[cfg(feature = "axum")]
    Unguarded,
    /// The token that a handler needs on behalf of the caller could not be had.
    #[cfg(feature = "obo")]
    OnBehalfOf {
        status: StatusCode,
        code: &'static str,
        explain: String,
    },
    /// A guard around another one, which has taken the token out of the request.
    DoubledGuard,
    /// A user context that is refused, or missing.
    #[cfg(feature = "user-context")]
    Context(agent_user_context::ContextRefusal),
    /// A context layer around another one, which has taken the context out of the request.
    #[cfg(feature = "user-context")]
    DoubledContextLayer,
    /// A handler's own requirement cannot be one.
    BadRequirement(String),
}

/// What the client could bring to be let in.
pub(crate) enum Remedy {
    /// Nothing that it could ask Entra ID for.
    None,
    /// These scopes.
    Scopes(Vec<Scope>),
    /// A token that satisfies this claims challenge, as JSON.
    Claims(String),
}

impl Cause {
    fn code(&self) -> &'static str {
        match self {
            Self::Origin(error) => error.code(),
            Self::Bearer(error) => match error {
                BearerError::Absent(Absence::NoHeader) => "missing_token",
                BearerError::Absent(Absence::OtherScheme) => "other_scheme",
                BearerError::Malformed => "malformed_header",
                BearerError::Quoted => "quoted_token",
                BearerError::Doubled => "doubled_scheme",
                BearerError::Bare => "bare_token",
                BearerError::Repeated => "repeated_header",
                BearerError::TwoMethods => "two_methods",
            },
            Self::Rejected { rejection, .. } => rejection.code(),
            Self::OtherTenant(_) => "tenant_of_another_resource",
            Self::Challenged(challenge) => mapping::challenged(challenge).error,
            Self::Unlisted(_) => "not_listed",
            Self::McpRequest(error) => error.code(),
            #[cfg(feature = "obo")]
            Self::OnBehalfOf { code, .. } => code,
            Self::DoubledGuard => "doubled_guard",
            #[cfg(feature = "user-context")]
            Self::Context(refusal) => refusal.code(),
            #[cfg(feature = "user-context")]
            Self::DoubledContextLayer => "doubled_context_layer",
            #[cfg(feature = "axum")]
            Self::Unguarded => "unguarded_handler",
            Self::BadRequirement(_) => "bad_requirement",
        }
    }

    fn explain(&self) -> String {
        let fixed = match self {
            Self::Origin(error) => return error.explain(),
            Self::Rejected { rejection, .. } => return rejection.explain(),
            Self::OtherTenant(tenant) => {
                return format!(
                    "the token is of the tenant {tenant}, and this resource is another tenant's: its users \
                     call the resource of theirs"
                );
            }
            Self::Challenged(challenge) => {
                let says = mapping::challenged(challenge).description;
                return format!("a handler refused by itself: {says}");
            }
            Self::Unlisted(what) => {
                return format!(
                    "the policy of this MCP server has no rule for {what}: list it if callers may use it"
                );
            }
            Self::McpRequest(error) => {
                return format!("no proper MCP request: {}", error.explain());
            }
            Self::BadRequirement(error) => {
                return format!("the requirement of a handler cannot be one: {error}");
            }
            #[cfg(feature = "obo")]
            Self::OnBehalfOf { explain, .. } => return explain.clone(),
            #[cfg(feature = "user-context")]
            Self::Context(refusal) => return refusal.explain(),
            #[cfg(feature = "user-context")]
            Self::DoubledContextLayer => {
                "two UserContextLayers guard this route, one inside the other, and the outer one takes the context \
                 out of the request: put one of them on"
            }
            Self::DoubledGuard => {
                "two AuthLayers guard this route, one inside the other, and the outer one takes the token out \
                 of the request: put one of them on, and what a handler needs beyond it into its Authorized"
            }
            #[cfg(feature = "axum")]
            Self::Unguarded => {
                "a handler asks for its caller, and no AuthLayer guards its route: put `.layer(guard)` \
                 after this route is added"
            }
            Self::Bearer(BearerError::Absent(Absence::NoHeader)) => {
                "the request has no Authorization header; tokens in the query or in a form are never read"
            }
            Self::Bearer(BearerError::Absent(Absence::OtherScheme)) => {
                "the Authorization header is not of the scheme Bearer"
            }
            Self::Bearer(BearerError::Malformed) => {
                "the Authorization header says Bearer, and what follows is empty or no token (RFC 6750, section 2.1)"
            }
            Self::Bearer(BearerError::Quoted) => {
                "the token in the Authorization header stands in quotes: send it without them"
            }
            Self::Bearer(BearerError::Doubled) => {
                "the Authorization header says Bearer twice: the client adds the scheme to a value that has it already"
            }
            Self::Bearer(BearerError::Bare) => {
                "the Authorization header holds a token alone: send `Bearer`, a space and the token"
            }
            Self::Bearer(BearerError::Repeated) => {
                "the request has more than one Authorization header; a proxy in front may add its own"
            }
            Self::Bearer(BearerError::TwoMethods) => {
                "the request has a token in the Authorization header and an access_token in its query"
            }
        };
        fixed.to_owned()
    }
}

/// An id that a caller can report and an operator can search for: 128 random bits.
///
/// It is a name and no secret. The standard library's randomly keyed hasher is random
/// enough for that, and takes no system call per refused request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Incident(u64, u64);

impl Incident {
    pub(crate) fn new() -> Self {
        let state = RandomState::new();
        Self(state.hash_one(0_u8), state.hash_one(1_u8))
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Incident;

    #[test]
    fn no_two_are_alike_and_all_are_32_hex_digits() {
        let ids: HashSet<_> = (0..1000).map(|_| Incident::new().to_string()).collect();
        assert_eq!(ids.len(), 1000);
        let hex = |id: &String| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(ids.iter().all(hex));
    }
}
