//! Limits of a server.

use std::time::Duration;

use super::error::ServeError;

/// How much a connection may take. Each has a default that suits an API and an MCP server.
///
/// | limit | default | beyond it |
/// | --- | --- | --- |
/// | connections | 10,000 | new ones wait to be accepted |
/// | head of a request | 64 KiB, 100 fields, within 15 s | 431, or the connection is closed |
/// | body of a request | 4 MiB, at most 30 s between two frames | 413, or the handler gets an error |
/// | HTTP/2 streams | 200 | the client waits |
/// | idle | 75 s without a request | the connection is closed |
/// | drain | 25 s after the signal | what still runs is cut off |
///
/// ```
/// use std::time::Duration;
/// use mcp_auth::ServeLimits;
///
/// let limits = ServeLimits::default()
///     .with_body_bytes(64 * 1024)
///     .with_drain(Duration::from_secs(10));
/// # let _ = limits;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ServeLimits {
    pub(super) connections: usize,
    pub(super) head_bytes: usize,
    pub(super) head_fields: usize,
    pub(super) head_time: Duration,
    pub(super) body_bytes: usize,
    pub(super) body_time: Duration,
    pub(super) streams: u32,
    pub(super) idle: Duration,
    pub(super) drain: Duration,
}

/// What hyper needs to read a head at all.
const SMALLEST_HEAD: usize = 8192;

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            head_bytes: 64 * 1024,
            head_fields: 100,
            head_time: Duration::from_secs(15),
            body_bytes: 4 << 20,
            body_time: Duration::from_secs(30),
            streams: 200,
            idle: Duration::from_secs(75),
            drain: Duration::from_secs(25),
        }
    }
}

impl ServeLimits {
    /// How many connections are open at a time.
    pub fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// The size of a request's head, in bytes; 8192 at least.
    pub fn with_head_bytes(mut self, bytes: usize) -> Self {
        self.head_bytes = bytes;
        self
    }

    /// How many header fields a request of HTTP/1 may have.
    pub fn with_head_fields(mut self, fields: usize) -> Self {
        self.head_fields = fields;
        self
    }

    /// How long the head of a request of HTTP/1 may take to come.
    pub fn with_head_time(mut self, time: Duration) -> Self {
        self.head_time = time;
        self
    }

    /// The size of a request's body, in bytes.
    pub fn with_body_bytes(mut self, bytes: usize) -> Self {
        self.body_bytes = bytes;
        self
    }

    /// How long two frames of a request's body may be apart.
    pub fn with_body_time(mut self, time: Duration) -> Self {
        self.body_time = time;
        self
    }

    /// How many requests run at a time on one connection of HTTP/2.
    pub fn with_streams(mut self, streams: u32) -> Self {
        self.streams = streams;
        self
    }

    /// How long a connection may be without a request.
    pub fn with_idle(mut self, time: Duration) -> Self {
        self.idle = time;
        self
    }

    /// How long running requests may take to end once the server was asked to stop.
    pub fn with_drain(mut self, time: Duration) -> Self {
        self.drain = time;
        self
    }

    pub(super) fn check(&self) -> Result<(), ServeError> {
        let refuse = |limit, value: String, allowed| {
            Err(ServeError::Limit {
                limit,
                value,
                allowed,
            })
        };
        if self.connections == 0 {
            return refuse("with_connections", "0".to_owned(), "at least 1");
        }
        if self.head_bytes < SMALLEST_HEAD {
            return refuse(
                "with_head_bytes",
                self.head_bytes.to_string(),
                "at least 8192",
            );
        }
        if self.head_fields == 0 {
            return refuse("with_head_fields", "0".to_owned(), "at least 1");
        }
        if self.streams == 0 {
            return refuse("with_streams", "0".to_owned(), "at least 1");
        }
        for (limit, time) in [
            ("with_head_time", self.head_time),
            ("with_body_time", self.body_time),
            ("with_idle", self.idle),
        ] {
            if time.is_zero() {
                return refuse(limit, "0 s".to_owned(), "longer than that");
            }
        }
        Ok(())
    }
}
