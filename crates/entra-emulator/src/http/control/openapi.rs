//! The control operations as an OpenAPI 3.1 document, and the schema of directories.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde_json::{Map, Value, json};

use super::reply::answer;
use super::table::{OPERATIONS, Operation};
use crate::directory::Directory;
use crate::state::Shared;

/// `GET /__emulator/openapi.json`.
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    let mut paths = Map::new();
    for operation in &OPERATIONS {
        let (method, path) = operation.name.split_once(' ').unwrap_or_default();
        let item = paths
            .entry(path)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(item) = item {
            item.insert(method.to_ascii_lowercase(), described(operation, path));
        }
    }
    let mut directory = schema();
    if let Value::Object(schema) = &mut directory {
        schema.insert("$id".to_owned(), "urn:entra-emulator:directory".into());
    }
    answer(&json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Steering of entra-emulator",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Nothing of this exists at Entra ID.",
        },
        "servers": [{ "url": shared.base_url }],
        "paths": paths,
        "components": { "schemas": {
            "directory": directory,
            "refusal": {
                "type": "object",
                "required": ["error"],
                "properties": { "error": { "type": "string" } },
            },
        } },
    }))
}

/// `GET /__emulator/schema.json`.
pub(super) async fn directory_schema() -> Response {
    answer(&schema())
}

fn schema() -> Value {
    serde_json::from_str(Directory::json_schema()).unwrap_or_default()
}

fn described(operation: &Operation, path: &str) -> Value {
    let query = operation.query.iter().map(|(name, what)| {
        json!({ "name": name, "in": "query", "description": what, "schema": { "type": "string" } })
    });
    let mut parameters: Vec<Value> = query.collect();
    if path.ends_with("/{id}") {
        let id = json!({ "type": "integer" });
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": id }));
    }
    let refusal = json!({ "$ref": "#/components/schemas/refusal" });
    let mut described = json!({
        "summary": operation.what,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "done",
                "content": { "application/json": { "schema": { "type": "object" } } },
            },
            "400": {
                "description": "refused, with the reason",
                "content": { "application/json": { "schema": refusal } },
            },
        },
    });
    if let (Some(body), Value::Object(members)) = (operation.body, &mut described) {
        let schema: Value = serde_json::from_str(body).unwrap_or_default();
        let body = json!({
            "required": true,
            "content": { "application/json": { "schema": schema } },
        });
        members.insert("requestBody".to_owned(), body);
    }
    described
}
