//! One connection.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

/// How a request came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) peer: SocketAddr,
    pub(crate) channel: Channel,
}

/// What a connection is protected by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Plain,
    Tls,
}

/// In a response's extensions: close the connection instead of answering.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Abort;

/// The first byte of a TLS connection: a handshake record (RFC 8446, section 5.1). No HTTP
/// method begins with it.
const HANDSHAKE: u8 = 0x16;

/// How long answers that are under way may take once the emulator stops.
const GRACE: Duration = Duration::from_secs(1);

/// Serves one connection: with an acceptor, TLS or plain http, whichever the client
/// speaks. Cloud metadata services are plain http by nature, also beside an https authority.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    acceptor: Option<TlsAcceptor>,
    mut stop: watch::Receiver<()>,
) {
    // Answers are small and complete: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = acceptor else {
        return http(stream, peer, Channel::Plain, router, stop).await;
    };
    let mut first = [0];
    let peeked = tokio::select! {
        _ = stop.changed() => return,
        peeked = stream.peek(&mut first) => peeked,
    };
    if !matches!(peeked, Ok(1)) {
        return;
    }
    if first != [HANDSHAKE] {
        return http(stream, peer, Channel::Plain, router, stop).await;
    }
    let accepted = tokio::select! {
        _ = stop.changed() => return,
        accepted = acceptor.accept(stream) => accepted,
    };
    // A client that does not trust the certificate leaves; it knows why.
    if let Ok(stream) = accepted {
        http(stream, peer, Channel::Tls, router, stop).await;
    }
}

async fn http(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    channel: Channel,
    router: Router,
    mut stop: watch::Receiver<()>,
) {
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(Arrival { peer, channel });
        let answer = router.clone().call(request);
        async move {
            let response: Result<Response, Infallible> = answer.await;
            match response {
                Ok(response) if response.extensions().get::<Abort>().is_some() => Err(Aborted),
                Ok(response) => Ok(response),
                Err(never) => match never {},
            }
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = tokio::time::timeout(GRACE, connection).await;
}

/// Makes hyper close the connection without an answer.
#[derive(Debug)]
struct Aborted;

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed on order")
    }
}

impl std::error::Error for Aborted {}
