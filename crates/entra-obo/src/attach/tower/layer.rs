//! The layers.

use tower_layer::Layer;

use super::{AttachTokenService, Replayed, SentOnce};
use crate::AttachToken;

impl<S> Layer<S> for AttachToken {
    type Service = AttachTokenService<S, Replayed>;

    fn layer(&self, inner: S) -> Self::Service {
        AttachTokenService::new(inner, self.clone())
    }
}

/// [`AttachToken`] as a layer for requests whose bodies cannot be sent twice.
#[derive(Clone, Debug)]
pub struct AttachTokenOnce(AttachToken);

impl AttachToken {
    /// A layer for requests whose bodies cannot be sent twice: streams, say. A challenge still
    /// leads to a new token, for the next request; the answer to this one is passed on.
    #[must_use]
    #[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
    pub fn without_replay(self) -> AttachTokenOnce {
        AttachTokenOnce(self)
    }
}

impl<S> Layer<S> for AttachTokenOnce {
    type Service = AttachTokenService<S, SentOnce>;

    fn layer(&self, inner: S) -> Self::Service {
        AttachTokenService::new(inner, self.0.clone())
    }
}
