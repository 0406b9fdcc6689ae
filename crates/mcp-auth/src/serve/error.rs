//! Errors of `serve` and `listen`: address, limits, listener.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::net::SocketAddr;

/// Why [`serve`](crate::serve) did not start, or stopped.
///
/// `Debug` prints the same text as `Display` and the cause, since a program whose `main` returns an error shows that.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Tokens of a local Entra ID are accepted, and the listener is beyond loopback.
    #[error(
        "refuses to listen on {address} with a local Entra ID: its keys are public, so anybody could sign in as anyone; \
         listen on 127.0.0.1 or [::1], or set ENTRA_ALLOW_LOCAL_AUTHORITY=1 inside an isolated network"
    )]
    LocalAuthority {
        /// Where the listener is.
        address: SocketAddr,
    },
    /// A limit with which nothing can be served.
    #[error("the limit {limit} is {value}, and it has to be {allowed}")]
    Limit {
        /// Its setter.
        limit: &'static str,
        /// What it was set to.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// An address that this process cannot listen on.
    #[error("cannot listen on {address}: {cause}{}", advice(cause))]
    Listen {
        /// As it was given to [`listen`](crate::listen).
        address: String,
        /// What the system says.
        cause: io::Error,
    },
    /// The listener, or the handler of signals, cannot be used.
    #[error("the listener or the handler of signals cannot be used")]
    Io(#[source] io::Error),
}

impl fmt::Debug for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match self.source() {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

/// What to change, where the system's word for it is not enough.
fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::AddrInUse => {
            "; another program listens there: stop it, or take another port"
        }
        io::ErrorKind::AddrNotAvailable => "; no interface of this machine has this address",
        io::ErrorKind::PermissionDenied => "; ports below 1024 need a privilege: take another one",
        io::ErrorKind::InvalidInput => "; an address and a port are needed, as in 127.0.0.1:3000",
        _ => "",
    }
}
