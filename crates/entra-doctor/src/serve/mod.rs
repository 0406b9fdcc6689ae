//! `explain` as a page on this machine: an HTTP server on loopback without scripts, memory
//! or outgoing calls.
//!
//! 1. It listens on 127.0.0.1 only, on a port that the system chooses unless one is given.
//! 2. `Host` must be that address or `localhost`, with the port: a name that somebody else's
//!    DNS points here is refused.
//! 3. A form is taken with the token of this process in it, and from this page's `Origin`.
//!    Its referrer policy is `same-origin`: with `no-referrer` browsers send the origin `null`.
//! 4. Tokens come in bodies only, of at most 1 MiB; nothing of them is kept or logged, and
//!    answers are `no-store`.
//! 5. The content security policy allows this page's own style, its form, and nothing else.

mod page;
mod request;

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::diagnosis::{Answer, Case};
use crate::reading::{self, Reading};
use request::{Request, Unreadable};

/// How long a browser may take to send a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections at the same time; browsers open a handful.
const MOST: usize = 32;

/// What every connection needs.
struct Server {
    address: SocketAddr,
    /// Stands in the form of the page, so that no other page can send it.
    form_token: String,
    open: AtomicUsize,
}

/// Listens until the process ends. `ready` gets the address once it listens.
pub(crate) fn serve(port: u16, ready: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let server = Arc::new(Server {
        address: listener.local_addr()?,
        form_token: random()?,
        open: AtomicUsize::new(0),
    });
    ready(&format!("http://{}/", server.address))?;
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let server = Arc::clone(&server);
        if server.open.fetch_add(1, Ordering::Relaxed) >= MOST {
            server.open.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        std::thread::spawn(move || {
            // A browser that went away is no fault.
            let _ = server.answer(stream);
            server.open.fetch_sub(1, Ordering::Relaxed);
        });
    }
    Ok(())
}

fn random() -> io::Result<String> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Server {
    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (status, body) = match Request::read(&mut stream) {
            Ok(request) => self.respond(&request),
            Err(Unreadable::Nothing) => return Ok(()),
            Err(Unreadable::TooLarge) => (
                "413 Content Too Large",
                page::message("The text is longer than 1 MiB: take the part that matters."),
            ),
            Err(Unreadable::Malformed) => (
                "400 Bad Request",
                page::message("This is no request that a browser sends."),
            ),
        };
        let nonce = random()?;
        let body = body.replace(page::NONCE, &nonce);
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n\
             X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        stream.flush()
    }

    fn respond(&self, request: &Request) -> (&'static str, String) {
        if !self.is_own(request.host.as_deref()) {
            return (
                "421 Misdirected Request",
                page::message("This server answers to its own address only."),
            );
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/") => ("200 OK", page::form(&self.form_token)),
            ("POST", "/") => {
                let origin = request.origin.as_deref();
                let of_page = origin.is_none_or(|origin| {
                    origin
                        .strip_prefix("http://")
                        .is_some_and(|host| self.is_own(Some(host)))
                });
                if !of_page || request.field("form") != Some(self.form_token.as_str()) {
                    return (
                        "403 Forbidden",
                        page::message("The form is not this page's: open the page again."),
                    );
                }
                ("200 OK", self.explain(request))
            }
            (_, "/") => (
                "405 Method Not Allowed",
                page::message("The page takes GET and POST."),
            ),
            _ => ("404 Not Found", page::message("There is one page, at /.")),
        }
    }

    /// The address itself, or `localhost` with the port.
    fn is_own(&self, host: Option<&str>) -> bool {
        let port = self.address.port();
        host.is_some_and(|host| {
            host == format!("127.0.0.1:{port}") || host == format!("localhost:{port}")
        })
    }

    fn explain(&self, request: &Request) -> String {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .ok()
            .and_then(|since| i64::try_from(since.as_secs()).ok())
            .unwrap_or_default();
        // Browsers end the lines of a form with CR LF.
        let paste = request
            .field("paste")
            .unwrap_or_default()
            .replace("\r\n", "\n");
        let paste = paste.as_str();
        let mut case = Case::new().at(now);
        if !paste.trim().is_empty() {
            case = case.paste(paste);
        }
        if let Some(url) = filled(request, "endpoint") {
            case = case.endpoint(url);
        }
        if let Some(audience) = filled(request, "audience") {
            case = case.audience(audience);
        }
        let status = filled(request, "status").and_then(|text| text.get(..3)?.parse().ok());
        if let Some(status) = status {
            case = case.answer(Answer::new().status(status));
        }
        if let Some(time) = filled(request, "at").and_then(reading::time::parse) {
            case = case.failed_at(time);
        }
        let diagnosis = case.diagnose();
        page::answer(
            &self.form_token,
            paste,
            &Reading::of(paste),
            &diagnosis,
            now,
        )
    }
}

fn filled<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request
        .field(name)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}
