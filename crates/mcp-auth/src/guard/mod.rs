//! The guard: a tower layer that lets verified callers through.

mod authorization;
mod body;
mod decide;
mod error;
mod future;
mod layer;
mod service;
#[cfg(feature = "test-tokens")]
mod testing;

pub use body::ResponseBody;
pub use error::GuardError;
pub use future::ResponseFuture;
pub use layer::AuthLayer;
pub use service::AuthService;

pub(crate) use authorization::Authorization;
#[cfg(feature = "obo")]
pub(crate) use authorization::ConsentLinks;
#[cfg(feature = "axum")]
pub(crate) use decide::Anonymous;
pub(crate) use decide::Guard;
