//! One connection: its requests, its idle time, its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::axum::body::Body;
use ::axum::extract::ConnectInfo;
use ::axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_LENGTH, HOST};
use http::{Request, StatusCode, Version};
use http_body_util::Limited;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower_service::Service as _;

use super::activity::{Activity, Running};
use super::body::{Counted, Timed};
use super::limits::ServeLimits;
use crate::protected::Protected;

/// Answers the requests of a connection until it ends, is idle for too long, or the server drains.
pub(super) async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    app: Protected,
    limits: Arc<ServeLimits>,
    mut drain: watch::Receiver<bool>,
) {
    let activity = Activity::default();
    let builder = builder(&limits);
    let service = {
        let (activity, limits) = (activity.clone(), Arc::clone(&limits));
        service_fn(move |request: Request<Incoming>| {
            let answer = answer(
                app.clone(),
                request,
                peer,
                Arc::clone(&limits),
                activity.begin(),
            );
            async move { Ok::<_, Infallible>(answer.await) }
        })
    };
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut closing = false;
    loop {
        tokio::select! {
            // How a connection ended is the client's affair: resets are everyday.
            _ = connection.as_mut() => return,
            () = activity.idle(limits.idle), if !closing => {
                closing = true;
                connection.as_mut().graceful_shutdown();
            }
            _ = drain.wait_for(|drains| *drains), if !closing => {
                closing = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn builder(limits: &ServeLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(limits.head_fields)
        .max_buf_size(limits.head_bytes);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Some(Duration::from_secs(20)))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

/// RFC 9112, section 3.2: a request of HTTP/1.1 has one `Host`, and none has two.
fn names_its_host<B>(request: &Request<B>) -> bool {
    match request.headers().get_all(HOST).iter().count() {
        0 => request.version() != Version::HTTP_11,
        count => count == 1,
    }
}

async fn answer(
    mut app: Protected,
    request: Request<Incoming>,
    peer: SocketAddr,
    limits: Arc<ServeLimits>,
    running: Running,
) -> Response {
    if !names_its_host(&request) {
        return (
            StatusCode::BAD_REQUEST,
            "the request does not name its host once",
        )
            .into_response();
    }
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > limits.body_bytes as u64) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(ConnectInfo(peer));
    let body = Body::new(Timed::new(
        Limited::new(body, limits.body_bytes),
        limits.body_time,
    ));
    let answer = match app.call(Request::from_parts(parts, body)).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    answer.map(|body| Body::new(Counted::new(body, running)))
}
