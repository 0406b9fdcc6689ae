//! Command-line arguments.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use entra_emulator::{EnvironmentFormat, SdkFamily};
use url::Url;

/// A local Microsoft Entra ID with a demo tenant, for tests and offline development
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// What to serve instead of the demo tenant: a directory in TOML or JSON, by the file's
    /// extension
    #[arg(long, value_name = "FILE")]
    pub(super) directory: Option<PathBuf>,
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
    /// Serve a downstream API for each app at /echo/<client id>, which validates the bearer
    /// token it gets and answers with its claims
    #[arg(long)]
    pub(super) echo: bool,
    /// Where to keep a federated token fresh, as a cluster projects it; the first tenant
    /// issues it
    #[arg(long, value_name = "FILE")]
    pub(super) federated_token_file: Option<PathBuf>,
    /// The subject of the token in --federated-token-file
    #[arg(
        long,
        value_name = "SUBJECT",
        default_value = "system:serviceaccount:default:demo"
    )]
    pub(super) federated_subject: String,
    /// Connect the machine to Azure Arc, with challenge files in this directory
    #[arg(long, value_name = "DIR")]
    pub(super) arc_tokens: Option<PathBuf>,
    /// Print one line of JSON in the place of the guide: base URL, ports, CA file, process id
    #[arg(long)]
    pub(super) json: bool,
    /// Write the same JSON to this file once requests are answered; it is removed at the end
    #[arg(long, value_name = "FILE")]
    pub(super) ready_file: Option<PathBuf>,
    /// Address to bind; follows from --host
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<IpAddr>,
    /// Allow a --host or --listen that is not loopback, with --tls and a --directory of your own;
    /// steering needs the control token and signing in a generated password
    #[arg(long)]
    pub(super) allow_remote: bool,
    /// The token that who steers must have; a file that is not there is written with a new one
    #[arg(long, value_name = "FILE")]
    pub(super) control_token_file: Option<PathBuf>,
    /// Serve the endpoints of managed identities to other machines too
    #[arg(long)]
    pub(super) remote_managed_identities: bool,
    /// Keep keys, directory and refresh tokens in this file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print the environment that points a client library at an emulator that runs
    Env(EnvArgs),
    /// Directory files: an example, their schema, a check
    Directory(DirectoryArgs),
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct DirectoryArgs {
    /// Print a full directory in TOML, with a comment on each member
    #[arg(long)]
    pub(super) example: bool,
    /// Print the JSON Schema of directories
    #[arg(long)]
    pub(super) schema: bool,
    /// Check a directory without serving it
    #[arg(long, value_name = "FILE")]
    pub(super) check: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct EnvArgs {
    /// The client library, or managed-identity
    #[arg(long = "for", value_name = "SDK", value_parser = family(), default_value = "entra-rs")]
    pub(super) family: SdkFamily,
    /// How it is written
    #[arg(long, value_name = "FORMAT", value_parser = format(), default_value = "dotenv")]
    pub(super) format: EnvironmentFormat,
    /// Where the emulator runs
    #[arg(long, default_value = "http://localhost:8080")]
    pub(super) url: Url,
    /// The tenant, by id or domain; otherwise the first
    #[arg(long)]
    pub(super) tenant: Option<String>,
    /// The app of the program, by client id; for entra-rs otherwise the first API with a secret
    #[arg(long, value_name = "CLIENT_ID")]
    pub(super) client: Option<String>,
    /// Where the emulator's control token is, if it has one
    #[arg(long, value_name = "FILE")]
    pub(super) control_token_file: Option<PathBuf>,
    /// The certificate that clients have to trust, as --ca-file wrote it
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
}

fn family() -> impl clap::builder::TypedValueParser<Value = SdkFamily> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    let names = SdkFamily::ALL.map(SdkFamily::name);
    PossibleValuesParser::new(names)
        .try_map(|name| SdkFamily::named(&name).ok_or("there is no such client library"))
}

fn format() -> impl clap::builder::TypedValueParser<Value = EnvironmentFormat> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    let names = EnvironmentFormat::ALL.map(EnvironmentFormat::name);
    PossibleValuesParser::new(names)
        .try_map(|name| EnvironmentFormat::named(&name).ok_or("there is no such format"))
}
