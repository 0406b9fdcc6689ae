//! What is missing, in a sentence for people and in members for programs.

use ::rmcp::ErrorData;
use ::rmcp::model::{CallToolResult, ContentBlock};
use foundry_scopes::Scope;
use serde_json::{Map, Value};

use crate::OnBehalfOfError;

/// What a handler says when a token is missing. Nothing that Entra ID wrote as prose is in
/// it (it names ids of the tenant), and of the configuration only scopes and links.
#[derive(Clone, Debug)]
pub(super) struct Need {
    code: &'static str,
    message: String,
    members: Map<String, Value>,
}

impl Need {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            members: Map::new(),
        }
    }

    /// With what is known of a failed exchange.
    pub(super) fn of(
        code: &'static str,
        message: impl Into<String>,
        error: &OnBehalfOfError,
    ) -> Self {
        let scopes: Vec<_> = error.scopes().iter().map(Scope::as_str).collect();
        let need = Self::new(code, message).with("scopes", scopes);
        let Some(exchange) = error.exchange() else {
            return need;
        };
        let need = need.with("aadsts", exchange.codes());
        match exchange.correlation_id() {
            Some(id) => need.with("correlation_id", id),
            None => need,
        }
    }

    pub(super) fn declined() -> Self {
        Self::new(
            "consent_declined",
            "The user declined. Do not ask again unless the user wants it.",
        )
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    fn members(&self) -> Value {
        let mut members = self.members.clone();
        members.insert("error".to_owned(), self.code.into());
        members.insert("message".to_owned(), self.message.clone().into());
        Value::Object(members)
    }

    /// A tool's result with `is_error`.
    pub(super) fn to_result(&self) -> CallToolResult {
        let mut result = CallToolResult::error(vec![ContentBlock::text(self.message.clone())]);
        result.structured_content = Some(self.members());
        result
    }

    /// The same where there is no such result. MCP reserves all codes that would say more.
    pub(super) fn to_error(&self) -> ErrorData {
        ErrorData::internal_error(self.message.clone(), Some(self.members()))
    }
}
