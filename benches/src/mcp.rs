//! `mcp.`: what guarding a handler costs, over HTTP.

mod apps;
pub(crate) mod cost;
mod load;
mod peers;
mod server;
