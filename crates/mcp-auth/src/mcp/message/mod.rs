//! A JSON-RPC message, parsed as far as authorization needs it.

use std::fmt;

use entra_parts::foreign::quoted;
use entra_parts::json::{JsonError, Keep, Limits, Node};

use super::error::{Id, McpRequestError};
use super::revision::Era;

/// `_meta` of a request of the stateless era names its version (MCP 2026-07-28, basic).
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// Resources that one `subscriptions/listen` may name.
pub(super) const SUBSCRIPTIONS: usize = 1_000;

/// Members that decide something, in a message, its `params`, an object in them, and a list in
/// that; the rest is only checked. `rmcp` reads no deeper than `serde_json`'s 127.
const KEPT: Keep = Keep::new(
    Limits::depth(100),
    4,
    &[
        "jsonrpc",
        "id",
        "method",
        "params",
        "name",
        "uri",
        "taskId",
        "ref",
        "notifications",
        "resourceSubscriptions",
        "_meta",
        VERSION,
    ],
    &["result", "error"],
)
// One more than may be named, to tell that there are too many.
.items(SUBSCRIPTIONS + 1);

/// One message: read from the same bytes that the server gets, and so strictly that the
/// server's parser cannot read something else from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    /// Empty for a response.
    pub(super) method: String,
    params: Node,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Request(Id),
    Notification,
    /// A client's answer to a request of the server.
    Response,
}

impl Message {
    /// Reads a body (MCP, Streamable HTTP: one message per POST, no batches).
    pub(super) fn read(body: &[u8]) -> Result<Self, McpRequestError> {
        let text =
            std::str::from_utf8(body).map_err(|_| McpRequestError::Syntax("it is no UTF-8"))?;
        let node = Node::read(text, &KEPT).map_err(|error| match error {
            JsonError::Syntax => McpRequestError::Syntax("it is no JSON, or more than one value"),
            _ => McpRequestError::Shape("a member stands twice, or it is nested too deeply"),
        })?;
        let members = match node {
            Node::Object(members) => members,
            Node::List(_) => return Err(McpRequestError::Shape("batches are not accepted")),
            _ => return Err(McpRequestError::Shape("it is no object")),
        };
        Self::of(members)
    }

    fn of(members: Vec<(String, Node)>) -> Result<Self, McpRequestError> {
        let (mut version, mut id, mut method, mut params) = (None, None, None, Node::Null);
        let mut outcome = false;
        for (name, node) in members {
            match name.as_str() {
                "jsonrpc" => version = Some(node),
                "id" => id = Some(node),
                "method" => method = Some(node),
                "params" => params = node,
                "result" | "error" => outcome = true,
                _ => {}
            }
        }
        if version.as_ref().and_then(Node::text) != Some("2.0") {
            return Err(McpRequestError::Shape("`jsonrpc` is not 2.0"));
        }
        let id = match id {
            None => None,
            Some(Node::Integer(number)) => Some(Id::Number(number)),
            Some(Node::Text(text)) => Some(Id::Text(text)),
            Some(_) => {
                return Err(McpRequestError::Shape(
                    "`id` is neither a text nor a whole number",
                ));
            }
        };
        if !matches!(params, Node::Null | Node::Object(_)) {
            return Err(McpRequestError::Shape("`params` is no object"));
        }
        let (kind, method) = match (method, outcome, id) {
            (Some(Node::Text(method)), false, Some(id)) => (Kind::Request(id), method),
            (Some(Node::Text(method)), false, None) => (Kind::Notification, method),
            (None, true, _) => (Kind::Response, String::new()),
            _ => {
                return Err(McpRequestError::Shape(
                    "it is no request, notification or response",
                ));
            }
        };
        Ok(Self {
            kind,
            method,
            params,
        })
    }

    pub(super) fn id(&self) -> Option<&Id> {
        match &self.kind {
            Kind::Request(id) => Some(id),
            Kind::Notification | Kind::Response => None,
        }
    }

    /// Whether the server may open a session for it (MCP, session management).
    pub(super) fn opens_session(&self) -> bool {
        self.method == "initialize" && matches!(self.kind, Kind::Request(_))
    }

    /// A text in `params`.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.member(name).and_then(Node::text)
    }

    /// A text in an object in `params`: of what is completed, for example.
    pub(super) fn param_in(&self, object: &str, name: &str) -> Option<&str> {
        self.params.member(object)?.member(name)?.text()
    }

    /// The version that the message itself names.
    pub(super) fn version(&self) -> Option<&str> {
        self.param_in("_meta", VERSION)
    }

    /// The resources whose changes are asked for (`subscriptions/listen`).
    pub(super) fn subscriptions(&self) -> impl Iterator<Item = &str> {
        let wanted = self.params.member("notifications");
        let list = match wanted.and_then(|node| node.member("resourceSubscriptions")) {
            Some(Node::List(list)) => list.as_slice(),
            _ => &[],
        };
        list.iter().filter_map(Node::text)
    }

    /// What `Mcp-Name` mirrors, for the methods that have one (MCP 2026-07-28, transports,
    /// and the tasks extension).
    pub(super) fn mirrored_name(&self) -> Option<&str> {
        match self.method.as_str() {
            "tools/call" | "prompts/get" => self.param("name"),
            "resources/read" | "resources/subscribe" | "resources/unsubscribe" => self.param("uri"),
            "tasks/get" | "tasks/update" | "tasks/cancel" => self.param("taskId"),
            _ => None,
        }
    }

    /// Whether it says what to call or read, where it has to.
    pub(super) fn names_its_target(&self, era: Era) -> Result<(), McpRequestError> {
        let missing = match self.method.as_str() {
            "tools/call" | "prompts/get" => self.param("name").is_none(),
            "resources/read" => self.param("uri").is_none(),
            // The stateless era has no such methods, which is the server's to say.
            "resources/subscribe" | "resources/unsubscribe" => {
                era == Era::Sessions && self.param("uri").is_none()
            }
            _ => false,
        };
        match missing {
            true => Err(McpRequestError::Params(
                "`params` does not name what is asked for",
            )),
            false => Ok(()),
        }
    }
}

impl fmt::Display for Message {
    /// For the log: what a client wrote is escaped and cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.method))?;
        match self.mirrored_name() {
            Some(name) => write!(f, " of {}", quoted(name)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
