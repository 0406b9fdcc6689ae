//! Answers and refusals of control operations, and reading their bodies.

use axum::{http::StatusCode, response::Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::directory::spelling;
use crate::http::response::uncached_json;

/// An answer to a control request.
pub(super) fn answer(body: &Value) -> Response {
    uncached_json(StatusCode::OK, body)
}

/// A refusal in words, for the person who writes the test.
pub(super) fn refuse(status: StatusCode, reason: impl Into<String>) -> Response {
    uncached_json(status, &json!({ "error": reason.into() }))
}

pub(super) fn bad(reason: impl std::fmt::Display) -> Response {
    refuse(StatusCode::BAD_REQUEST, reason.to_string())
}

/// Reads a body; the refusal names the member that is wrong.
#[expect(clippy::result_large_err, reason = "a response is what goes out")]
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Response> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        let spelling = spelling(&path, &error.to_string());
        let spelling = spelling.map_or(String::new(), |s| format!("; it is {s}"));
        match path.as_str() {
            "." | "?" => bad(format_args!("{error}{spelling}")),
            path => bad(format_args!("{path}: {error}{spelling}")),
        }
    })?;
    match json.end() {
        Ok(()) => Ok(value),
        Err(error) => Err(bad(error)),
    }
}
