//! The container's contract: plain HTTP, `/readiness`, `/responses`, an orderly end.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::responses::{self, Agent};
use crate::settings::Settings;
use crate::turns::Turns;

/// The longest body that is read.
const MOST: usize = 1 << 20;

/// Serves until `end`. There is no guard: the platform stands in front of the container, answers callers
/// without a token itself, and hands no token on.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    let agent = Arc::new(Agent {
        settings,
        // A redirect would carry the token and the call id to another address.
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(100))
            .build()?,
        turns: Turns::default(),
    });
    let app = Router::new()
        // Missing consent is no reason to be unready: it is one user's.
        .route("/readiness", get(|| async { "ready" }))
        .route("/responses", post(responses::respond))
        .layer(DefaultBodyLimit::max(MOST))
        .with_state(agent);
    axum::serve(listener, app)
        .with_graceful_shutdown(end)
        .await?;
    Ok(())
}

/// SIGTERM, or Ctrl-C at a terminal.
pub async fn terminated() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = term.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
