//! The emulator over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod admin_consent;
mod agent_kinds;
mod agent_rows;
mod agents;
mod arc;
mod assertion;
mod authorize;
mod authorize_scope;
#[cfg(feature = "cli")]
mod binary;
mod captures_agents;
mod captures_authorize;
mod captures_claims;
mod captures_token;
mod client_auth;
mod client_credentials;
mod code;
mod consent;
mod control;
mod declaration;
mod device;
mod directory;
mod directory_files;
mod discovery;
mod echo;
mod environment;
mod external_id;
mod faults;
mod federated_own;
mod forge;
mod graph;
mod graph_agents;
mod main_job;
mod managed_identity;
mod obo;
mod obo_assertion;
mod openapi;
mod pages;
mod policy;
mod policy_context;
mod policy_page;
mod refresh;
mod remote;
mod safety;
#[cfg(feature = "cli")]
mod scripts;
mod session_events;
mod sign_in;
mod spa;
mod state_file;
mod steering;
mod steering_guard;
mod support;
mod tls;
mod token_file;
mod token_request;
mod tokens;
