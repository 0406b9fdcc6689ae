//! Accepting connections, and the drain.

use std::fmt;
use std::future::Future;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tracing::level_filters::LevelFilter;

use super::connection;
use super::error::ServeError;
use super::limits::ServeLimits;
use crate::protected::Protected;

/// A listener at an address with its port (`127.0.0.1:3000`, `[::]:443`), whose error names the address.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), mcp_auth::ServeError> {
/// let taken = mcp_auth::listen("127.0.0.1:0").await?;
/// let address = taken.local_addr().unwrap();
/// let error = mcp_auth::listen(address).await.unwrap_err().to_string();
/// assert!(error.starts_with(&format!("cannot listen on {address}: ")), "{error}");
/// assert!(error.contains("another program listens there"), "{error}");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ServeError::Listen`]: a port that another program has, an address that this machine does not have, or text
/// that is not an address with a port.
pub async fn listen(address: impl ToSocketAddrs + fmt::Display) -> Result<TcpListener, ServeError> {
    let shown = address.to_string();
    let listener = TcpListener::bind(address).await;
    listener.map_err(|cause| ServeError::Listen {
        address: shown,
        cause,
    })
}

/// Serves a protected application until the process gets SIGTERM or Ctrl-C, then drains.
///
/// Warnings and refusals are `tracing` events. In a program without a subscriber nothing is logged, and one line on
/// standard error says so.
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use mcp_auth::{EntraApp, ServeLimits};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let app = EntraApp::from_env()?
///     .guard("orders.read")?
///     .protect(Router::new().route("/orders", get(|| async { "orders" })))
///     .probes();
/// let listener = mcp_auth::listen("127.0.0.1:3000").await?;
/// mcp_auth::serve(listener, app, ServeLimits::default()).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ServeError`]: a listener beyond loopback with a local Entra ID, a limit that cannot work, or a listener that
/// cannot be used. A connection's own failure ends that connection only.
pub async fn serve(
    listener: TcpListener,
    app: Protected,
    limits: ServeLimits,
) -> Result<(), ServeError> {
    let stop = signals().map_err(ServeError::Io)?;
    serve_until(listener, app, limits, stop).await
}

/// The same until `stop` is ready, for tests and for programs with signals of their own.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_until(
    listener: TcpListener,
    app: Protected,
    limits: ServeLimits,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    limits.check()?;
    let address = listener.local_addr().map_err(ServeError::Io)?;
    if app.accepts_local_tokens() && !address.ip().is_loopback() && !local_authority_is_allowed() {
        return Err(ServeError::LocalAuthority { address });
    }
    for authenticator in app.authenticators().to_vec() {
        // The first request does not wait for the keys, and readiness says when they are there.
        tokio::spawn(async move { authenticator.warm_up().await.is_ok() });
    }
    tracing::info!(target: "mcp_auth::serve", %address, "listening");
    if let Some(note) = note_about_logging(LevelFilter::current()) {
        // There is no other place for it; a closed standard error is no reason to end.
        let _ = writeln!(io::stderr(), "{note}");
    }
    let limits = Arc::new(limits);
    let (drain, drains) = watch::channel(false);
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        // What has ended is forgotten, so that the set does not grow.
        while connections.try_join_next().is_some() {}
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = stop.as_mut() => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Answers are small: waiting to fill a segment only delays them.
                let _ = stream.set_nodelay(true);
                let (app, limits, drains) = (app.clone(), Arc::clone(&limits), drains.clone());
                connections.spawn(async move {
                    connection::run(stream, peer, app, limits, drains).await;
                    drop(place);
                });
            }
            Err(error) => wait_after(&error).await,
        }
    }
    app.lifecycle().drain();
    drop(listener);
    // No receiver is left if there is no connection.
    let _ = drain.send(true);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain, ended).await.is_err() {
        tracing::warn!(target: "mcp_auth::serve", open = connections.len(), "connections were cut off at the end of the drain");
        connections.abort_all();
    }
    Ok(())
}

/// For a program whose log lines go nowhere: its operator sees neither warnings nor why a request was refused.
fn note_about_logging(enabled: LevelFilter) -> Option<&'static str> {
    (enabled == LevelFilter::OFF).then_some(
        "mcp-auth: nothing is logged, neither warnings nor why requests are refused: install a tracing subscriber, \
         for example with `tracing_subscriber::fmt().init()` at the start of `main`",
    )
}

fn local_authority_is_allowed() -> bool {
    std::env::var("ENTRA_ALLOW_LOCAL_AUTHORITY").is_ok_and(|value| value == "1")
}

/// A client that went away again costs nothing. A process without file descriptors waits until some are free.
async fn wait_after(error: &io::Error) {
    let clients = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    );
    if !clients {
        tracing::error!(target: "mcp_auth::serve", %error, "no connection could be accepted");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signals() -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

#[cfg(test)]
mod tests {
    use super::{LevelFilter, note_about_logging};

    #[test]
    fn only_a_program_that_logs_nothing_gets_a_note() {
        assert!(note_about_logging(LevelFilter::OFF).is_some());
        assert!(note_about_logging(LevelFilter::ERROR).is_none());
        assert!(note_about_logging(LevelFilter::TRACE).is_none());
    }
}
