//! Why an emulator did not start.

use std::io;
use std::path::PathBuf;

use crate::directory::DirectoryError;

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The directory contradicts itself.
    #[error("the directory is not valid")]
    Directory(#[source] DirectoryError),
    /// The host or address is not loopback, and nothing beyond it was allowed.
    #[error("`{host}` is not a loopback host: use localhost, 127.0.0.1 or [::1]")]
    NotLoopback {
        /// The host or address given.
        host: String,
    },
    /// What is served beyond loopback is not guarded.
    #[error("other machines would reach it: {reason}")]
    Remote {
        /// What is missing.
        reason: &'static str,
    },
    /// The file of the control token could not be read or written.
    #[error("the control token {}", file.display())]
    ControlToken {
        /// The file.
        file: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The state file could not be read or written.
    #[error("the state file {}", file.display())]
    State {
        /// The file.
        file: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The host cannot be part of the emulator's URLs.
    #[error("`{host}` cannot be the host: {reason}")]
    BadHost {
        /// The host given.
        host: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The address could not be bound.
    #[error("could not listen on {host} port {port}")]
    Bind {
        /// The host given.
        host: String,
        /// The port given; 0 means any.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The built-in test keys could not be read.
    #[error("the built-in test keys are refused by this platform's crypto library")]
    TestKeys,
    /// No certificate could be made for https.
    #[error("could not make a certificate for `{host}`")]
    Tls {
        /// The host given.
        host: String,
        /// The TLS library's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
