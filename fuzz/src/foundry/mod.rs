//! `foundry-scopes`: what people and configuration files say.

mod cloud;
mod endpoint;
mod identifier;
mod scope;

pub use cloud::cloud;
pub use endpoint::endpoint;
pub use identifier::identifier;
pub use scope::scope;
