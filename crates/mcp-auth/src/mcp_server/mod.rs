//! An MCP server of an app registration: guard, policy, metadata, sign-in and consent in the right order.

mod build;
#[cfg(feature = "rmcp-server")]
mod rmcp;
mod server;

pub use build::McpApplication;
#[cfg(feature = "rmcp-server")]
pub use rmcp::McpSessions;
pub use server::McpServer;
