//! The server: what it refuses, its limits, and its drain. Over sockets.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::{get as route, post};
use entra_emulator::{Directory, Emulator};
use mcp_auth::{Protected, ServeError, ServeLimits, serve_until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::entra;

struct Served {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Result<(), ServeError>>,
    _emulator: Emulator,
}

impl Served {
    async fn start(limits: ServeLimits, change: impl FnOnce(Protected) -> Protected) -> Self {
        let emulator = Emulator::start(Directory::demo()).await.unwrap();
        let app = entra(&emulator)
            .guard("mcp.read")
            .unwrap()
            .protect(Router::new());
        let app = change(app);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve_until(listener, app, limits, async {
            drop(stopped.await);
        }));
        Self {
            address,
            stop: Some(stop),
            server,
            _emulator: emulator,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends text and reads until the server closes or the answer's head and short body are there.
    async fn ask(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        // The server may refuse while the request is still being sent.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// The names of a request's trailers.
async fn trailers(body: axum::body::Body) -> String {
    let body = http_body_util::BodyExt::collect(body).await.unwrap();
    let names = body.trailers().into_iter().flat_map(http::HeaderMap::keys);
    names
        .map(http::HeaderName::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

fn open(app: Protected) -> Protected {
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let size = |body: axum::body::Bytes| async move { body.len().to_string() };
    app.public(
        Router::new()
            .route("/peer", route(peer))
            .route("/size", post(size))
            .route("/trailers", post(trailers)),
    )
}

#[tokio::test]
async fn a_local_entra_id_is_not_served_beyond_loopback() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let app = entra(&emulator)
        .guard("mcp.read")
        .unwrap()
        .protect(Router::new());
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let stop = std::future::pending();
    let error = serve_until(listener, app, ServeLimits::default(), stop)
        .await
        .unwrap_err();
    assert!(
        matches!(error, ServeError::LocalAuthority { .. }),
        "{error}"
    );
    assert!(
        format!("{error:?}").contains("ENTRA_ALLOW_LOCAL_AUTHORITY=1"),
        "{error}"
    );
}

#[tokio::test]
async fn limits_that_cannot_work_are_refused_by_name() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let default = ServeLimits::default;
    for (limits, name) in [
        (default().with_connections(0), "with_connections"),
        (default().with_head_bytes(100), "with_head_bytes"),
        (default().with_head_fields(0), "with_head_fields"),
        (default().with_streams(0), "with_streams"),
        (default().with_idle(Duration::ZERO), "with_idle"),
    ] {
        let app = entra(&emulator)
            .guard("mcp.read")
            .unwrap()
            .protect(Router::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = serve_until(listener, app, limits, std::future::pending())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn handlers_know_the_peer() {
    let served = Served::start(ServeLimits::default(), open).await;
    let answer = served
        .ask("GET /peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_413_announced_or_not() {
    let served = Served::start(ServeLimits::default().with_body_bytes(10), open).await;
    let head = "POST /size HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let fits = served
        .ask(&format!("{head}content-length: 10\r\n\r\n0123456789"))
        .await;
    assert!(
        fits.starts_with("HTTP/1.1 200") && fits.ends_with("10"),
        "{fits}"
    );
    let announced = served
        .ask(&format!("{head}content-length: 11\r\n\r\n0123456789a"))
        .await;
    assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n");
    let chunked = served.ask(&chunked).await;
    assert!(chunked.starts_with("HTTP/1.1 413"), "{chunked}");
}

#[tokio::test]
async fn a_head_beyond_the_limits_is_refused() {
    let limits = ServeLimits::default()
        .with_head_bytes(8192)
        .with_head_fields(10);
    let served = Served::start(limits, open).await;
    let large = format!(
        "GET /peer HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n",
        "a".repeat(20_000)
    );
    let large = served.ask(&large).await;
    assert!(
        large.is_empty() || large.starts_with("HTTP/1.1 431"),
        "{large}"
    );
    let many: String = (0..20).map(|n| format!("x-{n}: 1\r\n")).collect();
    let many = served
        .ask(&format!("GET /peer HTTP/1.1\r\nhost: x\r\n{many}\r\n"))
        .await;
    assert!(many.starts_with("HTTP/1.1 431"), "{many}");
}

/// RFC 9112, section 3.2.
#[tokio::test]
async fn a_request_names_its_host_once() {
    let served = Served::start(ServeLimits::default(), open).await;
    for (version, hosts, status) in [
        ("1.1", "host: x\r\n", "200"),
        ("1.0", "", "200"),
        ("1.1", "", "400"),
        ("1.1", "host: x\r\nhost: x\r\n", "400"),
        ("1.0", "host: x\r\nhost: y\r\n", "400"),
    ] {
        let head = format!("GET /peer HTTP/{version}\r\n{hosts}connection: close\r\n\r\n");
        let answer = served.ask(&head).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head}: {answer}");
    }
}

/// A head that comes byte by byte has its time as a whole, and so has what may become HTTP/2.
#[tokio::test]
async fn a_head_that_drips_is_cut_off() {
    let short = Duration::from_millis(200);
    let limits = ServeLimits::default()
        .with_head_time(short)
        .with_idle(short);
    let served = Served::start(limits, open).await;
    for start in [
        "GET /peer HTTP/1.1\r\nhost: x\r\nx-long: ",
        "PRI * HTTP/2.0\r\n\r\nS",
    ] {
        let mut stream = served.connect().await;
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut byte = [0];
        loop {
            let one_more = tokio::time::timeout(Duration::from_millis(10), stream.read(&mut byte));
            match one_more.await {
                // Closed, or answered that it took too long.
                Ok(Ok(0) | Err(_)) => break,
                Ok(Ok(_)) => continue,
                Err(_) if start.starts_with('G') => drop(stream.write_all(b"x").await),
                Err(_) => {}
            }
        }
    }
}

#[tokio::test]
async fn trailers_reach_a_handler_without_credentials() {
    let served = Served::start(ServeLimits::default(), open).await;
    let answer = served
        .ask(
            "POST /trailers HTTP/1.1\r\nhost: x\r\nconnection: close\r\nte: trailers\r\n\
             transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\
             authorization: Bearer other\r\ncookie: a=b\r\nx-ms-client-principal-id: 1\r\n\
             x-checksum: 7\r\n\r\n",
        )
        .await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nx-checksum"), "{answer}");
}

#[tokio::test]
async fn what_stops_coming_is_cut_off() {
    let short = Duration::from_millis(50);
    let limits = ServeLimits::default()
        .with_head_time(short)
        .with_idle(short)
        .with_body_time(short);
    let served = Served::start(limits, open).await;
    // Half a head, then silence: the connection ends.
    served.ask("GET /peer HTTP/1.1\r\nhost").await;
    // Half a body, then silence: an error, and the connection ends.
    let half = served
        .ask("POST /size HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n01234")
        .await;
    assert!(half.starts_with("HTTP/1.1 400"), "{half}");
    // An answered request, then silence: the idle connection is closed.
    let idle = served.ask("GET /peer HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(idle.starts_with("HTTP/1.1 200"), "{idle}");
}

#[tokio::test]
async fn a_drain_ends_running_requests_and_turns_readiness_off() {
    let (began, has_began) = oneshot::channel();
    let (finish, finished) = oneshot::channel::<()>();
    let once = std::sync::Arc::new(std::sync::Mutex::new(Some((began, finished))));
    let slow = move || {
        let taken = once.lock().unwrap().take();
        async move {
            let (began, finished) = taken.unwrap();
            began.send(()).unwrap();
            finished.await.unwrap();
            "done"
        }
    };
    let mut served = Served::start(ServeLimits::default(), |app| {
        open(app)
            .public(Router::new().route("/slow", route(slow)))
            .probes()
    })
    .await;
    let mut running = served.connect().await;
    running
        .write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    has_began.await.unwrap();

    served.stop.take().unwrap().send(()).unwrap();
    // Once the listener is gone, nobody gets in any more.
    while TcpStream::connect(served.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!served.server.is_finished());
    finish.send(()).unwrap();
    let mut answer = String::new();
    running.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"),
        "{answer}"
    );
    served.server.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_drain_cuts_off_what_does_not_end() {
    let limits = ServeLimits::default().with_drain(Duration::from_millis(50));
    let (began, has_began) = oneshot::channel();
    let once = std::sync::Arc::new(std::sync::Mutex::new(Some(began)));
    let never = move || {
        let taken = once.lock().unwrap().take();
        async move {
            taken.unwrap().send(()).unwrap();
            std::future::pending::<&'static str>().await
        }
    };
    let mut served = Served::start(limits, |app| {
        app.public(Router::new().route("/never", route(never)))
    })
    .await;
    let mut running = served.connect().await;
    running
        .write_all(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    has_began.await.unwrap();
    served.stop.take().unwrap().send(()).unwrap();
    served.server.await.unwrap().unwrap();
    let mut answer = Vec::new();
    let _ = running.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
}
