//! Sockets: accepting, TLS, and stopping.

mod connection;
mod tls;

use std::sync::Arc;

use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use tokio_rustls::TlsAcceptor;

pub(crate) use connection::{Abort, Arrival, Channel};
pub(crate) use tls::LocalTls;

/// Serves until the sender of `stop` is dropped, and then until the connections are done.
pub(crate) async fn run(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<LocalTls>>,
    mut stop: watch::Receiver<()>,
) {
    let acceptor = tls.map(|tls| TlsAcceptor::from(tls.config()));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // `changed` errs when the sender is gone.
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let (router, acceptor) = (router.clone(), acceptor.clone());
                    connections.spawn(connection::serve(stream, peer, router, acceptor, stop.clone()));
                }
                // Out of file descriptors, say: others will be closed.
                Err(_) => tokio::time::sleep(RETRY_ACCEPT).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// How long to wait after the system refused to accept a connection.
const RETRY_ACCEPT: std::time::Duration = std::time::Duration::from_millis(50);
