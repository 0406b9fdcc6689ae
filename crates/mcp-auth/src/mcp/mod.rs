//! What an MCP server needs beyond a verified caller.

mod body;
mod layer;
mod service;
mod slot;

pub use body::McpBody;
pub use layer::McpLayer;
pub use service::McpService;
pub use slot::{ChallengeSlot, Delivery, Denied};
