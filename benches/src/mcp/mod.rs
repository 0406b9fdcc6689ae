//! `mcp.`: what guarding a handler costs, over HTTP.

mod apps;
pub(crate) mod cost;
pub(crate) mod flood;
mod least;
mod load;
mod peers;
mod server;
