//! What can be wrong with a request.

use entra_claims::Rejection;
use foundry_scopes::{Scope, TenantId};

use super::mapping;
use crate::Challenge;
use crate::bearer::{Absence, BearerFault};
use crate::mcp::Fault;
use crate::origin::OriginFault;

pub(crate) enum Cause {
    /// Another host or another site's page.
    Origin(OriginFault),
    /// No usable token was sent.
    Bearer(BearerFault),
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
    Fault(Fault),
    /// A handler asks for its caller, and no guard saw the request.
    #[cfg(feature = "axum")]
    Unguarded,
    /// A handler's own requirement cannot be one.
    #[cfg(feature = "axum")]
    BadRequirement(foundry_scopes::ParseError),
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
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Origin(fault) => fault.code(),
            Self::Bearer(fault) => match fault {
                BearerFault::Absent(Absence::NoHeader) => "missing_token",
                BearerFault::Absent(Absence::OtherScheme) => "other_scheme",
                BearerFault::Malformed => "malformed_header",
                BearerFault::Repeated => "repeated_header",
                BearerFault::TwoMethods => "two_methods",
            },
            Self::Rejected { rejection, .. } => rejection.code(),
            Self::OtherTenant(_) => "tenant_of_another_resource",
            Self::Challenged(challenge) => mapping::challenged(challenge).error,
            Self::Unlisted(_) => "not_listed",
            Self::Fault(fault) => fault.code(),
            #[cfg(feature = "axum")]
            Self::Unguarded => "unguarded_handler",
            #[cfg(feature = "axum")]
            Self::BadRequirement(_) => "bad_requirement",
        }
    }

    pub(super) fn explain(&self) -> String {
        let fixed = match self {
            Self::Origin(fault) => return fault.explain(),
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
            Self::Fault(fault) => {
                return format!("no proper MCP request: {}", fault.explain());
            }
            #[cfg(feature = "axum")]
            Self::BadRequirement(error) => {
                return format!("the requirement of a handler cannot be one: {error}");
            }
            #[cfg(feature = "axum")]
            Self::Unguarded => {
                "a handler asks for its caller, and no AuthLayer guards its route: put `.layer(guard)` \
                 after this route is added"
            }
            Self::Bearer(BearerFault::Absent(Absence::NoHeader)) => {
                "the request has no Authorization header; tokens in the query or in a form are never read"
            }
            Self::Bearer(BearerFault::Absent(Absence::OtherScheme)) => {
                "the Authorization header is not of the scheme Bearer"
            }
            Self::Bearer(BearerFault::Malformed) => {
                "the Authorization header says Bearer, and what follows is empty or no token (RFC 6750, section 2.1)"
            }
            Self::Bearer(BearerFault::Repeated) => {
                "the request has more than one Authorization header; a proxy in front may add its own"
            }
            Self::Bearer(BearerFault::TwoMethods) => {
                "the request has a token in the Authorization header and an access_token in its query"
            }
        };
        fixed.to_owned()
    }
}
