//! Tools of agents and connections of Foundry projects.

use serde_json::Value;

use super::json::{at, list, member, text};

#[derive(Clone, Default)]
pub(crate) struct Tool {
    /// `managed_identity`, `AgenticIdentityToken`, `OAuth2`, ... as written.
    pub(crate) auth: String,
    pub(crate) category: String,
    pub(crate) audience: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) is_connection: bool,
    /// An agent whose `instance_identity` is null.
    pub(crate) no_identity: bool,
    /// Object id and client id of an agent's own identity.
    pub(crate) identity: Vec<String>,
    pub(crate) environment: Vec<String>,
    /// The address that the tool calls.
    pub(crate) server: Option<String>,
}

impl Tool {
    pub(super) fn read(value: &Value) -> Option<Self> {
        Self::connection(value)
            .or_else(|| Self::open_api(value))
            .or_else(|| Self::mcp(value))
            .or_else(|| Self::agent(value))
    }

    fn connection(value: &Value) -> Option<Self> {
        let value = member(value, "properties").unwrap_or(value);
        let auth = text(value, &["authType"])?;
        let scopes = list(value, &["scopes"])
            .filter_map(Value::as_str)
            .map(str::to_owned);
        let one = text(value, &["scopes"])
            .or_else(|| text(value, &["scope"]))
            .unwrap_or_default();
        Some(Self {
            auth,
            category: text(value, &["category"]).unwrap_or_default(),
            audience: text(value, &["audience"])
                .or_else(|| text(value, &["metadata", "audience"]))
                .filter(|text| !text.is_empty()),
            scopes: scopes
                .chain(one.split_whitespace().map(str::to_owned))
                .collect(),
            is_connection: true,
            server: text(value, &["target"]),
            ..Self::default()
        })
    }

    fn open_api(value: &Value) -> Option<Self> {
        let tool = member(value, "openapi")
            .filter(|tool| tool.is_object())
            .unwrap_or(value);
        let auth = at(tool, &["auth"])?;
        Some(Self {
            auth: text(auth, &["type"])?,
            audience: text(auth, &["security_scheme", "audience"])
                .or_else(|| text(auth, &["audience"]))
                .or_else(|| text(auth, &["securityScheme", "audience"])),
            server: list(tool, &["spec", "servers"]).find_map(|server| text(server, &["url"])),
            ..Self::default()
        })
    }

    /// A tool of the type `mcp`, whose authentication is its connection's.
    fn mcp(value: &Value) -> Option<Self> {
        let server = text(value, &["server_url"])?;
        Some(Self {
            auth: text(value, &["auth", "type"]).unwrap_or_else(|| "connection".to_owned()),
            audience: text(value, &["audience"]).or_else(|| text(value, &["auth", "audience"])),
            server: Some(server),
            ..Self::default()
        })
    }

    fn agent(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let variables = member(value, "environment_variables").and_then(Value::as_object);
        let no_identity = object.get("instance_identity").is_some_and(Value::is_null);
        let identity: Vec<_> = ["principal_id", "client_id"]
            .iter()
            .filter_map(|name| text(value, &["instance_identity", name]))
            .collect();
        if variables.is_none() && !no_identity && identity.is_empty() {
            return None;
        }
        Some(Self {
            no_identity,
            identity,
            environment: variables
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .take(256)
                .collect(),
            ..Self::default()
        })
    }
}
