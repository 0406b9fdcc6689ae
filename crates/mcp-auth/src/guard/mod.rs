//! The guard: a tower layer that lets verified callers through.

mod body;
mod decide;
mod future;
mod layer;
mod service;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use layer::AuthLayer;
pub use service::AuthService;

#[cfg(feature = "axum")]
pub(crate) use decide::Anonymous;
pub(crate) use decide::Guard;
