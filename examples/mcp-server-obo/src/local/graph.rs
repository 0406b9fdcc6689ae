//! A Graph-like API: three of Microsoft Graph's paths, each with its own permission.

use std::error::Error;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use mcp_auth::{Caller, EntraApp};
use serde_json::{Value, json};

use super::api::{Api, Witness};
use crate::events::Events;

pub async fn start(entra: EntraApp, events: Events) -> Result<String, Box<dyn Error>> {
    Api::new("graph", entra, events)
        .route("/v1.0/me", "User.Read", get(me))?
        .route("/v1.0/me/events", "Calendars.Read", get(calendar))?
        .route("/v1.0/me/sendMail", "Mail.Send", post(send_mail))?
        .start()
        .await
}

async fn me(State(witness): State<Witness>, caller: Caller) -> Json<Value> {
    let saw = witness.saw("me", caller.token());
    Json(json!({
        "id": saw["object"],
        "displayName": caller.token().claims().name(),
    }))
}

async fn calendar(State(witness): State<Witness>, caller: Caller) -> Json<Value> {
    witness.saw("events", caller.token());
    Json(json!({ "value": [{ "subject": "Stand-up", "isAllDay": false }] }))
}

async fn send_mail(
    State(witness): State<Witness>,
    caller: Caller,
    Json(mail): Json<Value>,
) -> StatusCode {
    if !mail["message"]["subject"].is_string() {
        return StatusCode::BAD_REQUEST;
    }
    witness.saw("sendMail", caller.token());
    StatusCode::ACCEPTED
}
