//! The layer for MCP servers, around a real rmcp server, over sockets.

mod body;
mod client;
mod handlers;
mod headers;
mod permission;
mod places;
mod policy;
mod server;
mod sessions;
mod shared;
mod slot;
mod stream;
