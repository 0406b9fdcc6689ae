//! Liveness and readiness of a protected application.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::axum::Router;
use ::axum::routing::get;
use entra_claims::Authenticator;
use http::StatusCode;

/// Whether the server is going down, shared between the application and `serve`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifecycle(Arc<AtomicBool>);

impl Lifecycle {
    #[cfg(feature = "serve")]
    pub(crate) fn drain(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn draining(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// `live` answers 200 while the process runs; `ready` answers 503 until the keys are there, and again while the
/// server drains. Neither says more, since both are open.
pub(super) fn router(
    live: &str,
    ready: &str,
    lifecycle: Lifecycle,
    authenticators: Vec<Authenticator>,
) -> Router {
    let readiness = move || {
        let ready = !lifecycle.draining() && authenticators.iter().all(Authenticator::ready);
        std::future::ready(match ready {
            true => (StatusCode::OK, "ready\n"),
            false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
        })
    };
    Router::new()
        .route(live, get(|| async { "live\n" }))
        .route(ready, get(readiness))
}
