//! The same as a layer.

mod copies;
mod layer;
mod service;

pub use copies::{Replayed, SentOnce};
pub use layer::AttachTokenOnce;
pub use service::AttachTokenService;
