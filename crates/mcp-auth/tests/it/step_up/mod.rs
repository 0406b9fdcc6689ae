//! Consent and step-up from a tool: a real rmcp server and real clients over sockets, against
//! a local Entra ID.

mod agents;
mod browser;
mod claims;
mod consent;
mod failures;
mod fleet;
mod forgery;
mod links;
mod pages;
mod rounds;
mod scene;
mod story;
