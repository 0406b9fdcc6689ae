//! A data API: an agent gets a user's rows only with a context for that user, and what the user may do itself.

use std::error::Error;

use axum::Router;
use axum::routing::{get, post};
use mcp_auth::claims::{PrincipalKey, Requirement};
use mcp_auth::scopes::{ParseError, ScopeName};
use mcp_auth::user_context::context::{
    ContextUse, ContextVerifier, Operation, UserRight, UserRules,
};
use mcp_auth::user_context::{ActingFor, ContextOperation, UserContextLayer};
use mcp_auth::{EntraApp, Protected};

/// The role that lets an agent speak for users, assigned in Entra ID per API.
pub const ASSERT: &str = "UserContext.Assert";
pub const READ_ROLE: &str = "Data.Read.All";
pub const WRITE_ROLE: &str = "Data.Write.All";

macro_rules! operation {
    ($(#[$doc:meta])* $name:ident, $scope:literal, $role:expr) => {
        $(#[$doc])*
        enum $name {}

        impl ContextOperation for $name {
            fn operation() -> Result<Operation, ParseError> {
                Ok(Operation::new(ScopeName::parse($scope)?, Requirement::role($role)))
            }
        }
    };
}

operation!(
    /// What the context has to cover, and the role of the agent's own token.
    ReadOrders, "orders.read", READ_ROLE
);
operation!(WriteOrders, "orders.write", WRITE_ROLE);
operation!(ReadPayroll, "payroll.read", READ_ROLE);

/// What this API knows about its users, whoever asks.
#[derive(Clone, Debug)]
pub struct Users(pub Vec<(String, Vec<&'static str>)>);

#[async_trait::async_trait]
impl UserRules for Users {
    async fn right(&self, user: PrincipalKey, operation: &Operation) -> UserRight {
        let object = user.object.to_string();
        match self.0.iter().find(|(known, _)| *known == object) {
            Some((_, may)) if may.contains(&operation.name()) => UserRight::Permitted,
            Some(_) => UserRight::Denied,
            None => UserRight::Unknown,
        }
    }
}

pub fn orders(
    entra: &EntraApp,
    verifier: &ContextVerifier,
    users: &Users,
) -> Result<Protected, Box<dyn Error>> {
    let read = UserContextLayer::required(verifier.clone(), users.clone(), ContextUse::UntilItEnds);
    // A context is good for one order.
    let write = UserContextLayer::required(verifier.clone(), users.clone(), ContextUse::Once);
    let routes = Router::new().route("/orders", get(list)).layer(read);
    let routes = routes.merge(Router::new().route("/orders", post(place)).layer(write));
    // What all agents may read, on their own.
    let catalogue = Router::new().route("/catalogue", get(|| async { "tea, coffee" }));
    let routes = routes.merge(catalogue.layer(UserContextLayer::refused()));
    Ok(entra.guard(Requirement::role(ASSERT))?.protect(routes))
}

pub fn payroll(
    entra: &EntraApp,
    verifier: &ContextVerifier,
    users: &Users,
) -> Result<Protected, Box<dyn Error>> {
    let read = UserContextLayer::required(verifier.clone(), users.clone(), ContextUse::UntilItEnds);
    let routes = Router::new().route("/payroll", get(payslip)).layer(read);
    Ok(entra.guard(Requirement::role(ASSERT))?.protect(routes))
}

async fn list(acting: ActingFor<ReadOrders>) -> String {
    format!("orders of {}", acting.user().object)
}

async fn place(acting: ActingFor<WriteOrders>) -> String {
    format!("an order for {}", acting.user().object)
}

async fn payslip(acting: ActingFor<ReadPayroll>) -> String {
    format!("payslip of {}", acting.user().object)
}
