//! The API at the end: it tells whom it saw.

use std::error::Error;

use axum::routing::get;
use axum::{Json, Router};
use mcp_auth::claims::Requirement;
use mcp_auth::{Caller, Protected};
use serde_json::{Value, json};

use crate::settings::Settings;

/// What users' tokens need.
pub const READ: &str = "bookings.read";
/// What an application on its own needs.
pub const READ_ALL: &str = "Bookings.Read.All";

/// `GET /bookings`, for users with the scope and for applications with the role.
pub fn application(settings: &Settings) -> Result<Protected, Box<dyn Error>> {
    let requirement = Requirement::any_of([Requirement::parse(READ)?, Requirement::role(READ_ALL)]);
    let routes = Router::new().route("/bookings", get(bookings));
    Ok(settings.api.guard(requirement)?.protect(routes))
}

async fn bookings(caller: Caller) -> Json<Value> {
    Json(json!({ "bookings": ["Zürich", "Tokyo"], "api_saw": whom(&caller) }))
}

/// Whom a service sees: user, client, agent and blueprint, as far as the token says.
pub fn whom(caller: &Caller) -> Value {
    let (principal, claims) = (caller.principal(), caller.token().claims());
    json!({
        "kind": principal.kind().as_str(),
        "object": principal.object().to_string(),
        "client": principal.client().to_string(),
        // For the log alone: one blueprint has many agents.
        "blueprint": claims.parent_app(),
    })
}
