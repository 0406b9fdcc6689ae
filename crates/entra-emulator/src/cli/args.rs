//! What can be typed.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Parser;

/// A local Microsoft Entra ID with a demo tenant, for tests and offline development
#[derive(Parser)]
#[command(version)]
pub(crate) struct Args {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    pub(super) port: u16,
    /// Host as URLs and issuers spell it: localhost, 127.0.0.1 or [::1]
    #[arg(long, default_value = "localhost")]
    pub(super) host: String,
    /// Serve https, as Microsoft's own clients demand, with a new authority whose certificate
    /// is written to --ca-file
    #[arg(long)]
    pub(super) tls: bool,
    /// Where to write the certificate that clients have to trust
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls",
        default_value = "entra-emulator-ca.pem"
    )]
    pub(super) ca_file: PathBuf,
    /// Address to bind; follows from --host
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<IpAddr>,
    /// Allow a --host or --listen that is not loopback: whoever reaches the port signs in as
    /// anyone
    #[arg(long)]
    pub(super) allow_remote: bool,
}
