//! The `entra-emulator` command: the demo tenant on a fixed port, until Ctrl-C.

use std::io::Write as _;
use std::pin::pin;
use std::process::ExitCode;

use anstyle::Style;
use clap::Parser;
use entra_emulator::{Directory, Emulator, StartError, demo};

/// A local Microsoft Entra ID with a demo tenant, for tests and offline development
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Loopback host as URLs and issuers spell it: localhost, 127.0.0.1 or [::1]
    #[arg(long, default_value = "localhost")]
    host: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                text.push_str(": ");
                text.push_str(&cause.to_string());
                source = cause.source();
            }
            if let Some(StartError::Bind { .. }) = error.downcast_ref() {
                text.push_str("; choose another port with --port, 0 takes a free one");
            }
            let _ = writeln!(anstream::stderr(), "entra-emulator: {text}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::builder(Directory::demo())
        .host(args.host)
        .port(args.port)
        .start()
        .await?;
    // The first poll installs the handler, so that who reads the guide can stop it at once.
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    tokio::select! {
        biased;
        early = &mut interrupt => return Ok(early?),
        () = std::future::ready(()) => {}
    }
    print_guide(&emulator)?;
    interrupt.await?;
    emulator.shutdown().await;
    Ok(())
}

/// What it serves and how to point a client at it.
fn print_guide(emulator: &Emulator) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    let (bold, plain) = (Style::new().bold(), Style::new());
    let authority = emulator.authority(demo::TENANT);
    let title = |text: &str| format!("{bold}{text}{bold:#}");
    let mut rows = |heading: &str, rows: &[(&str, &str)]| -> std::io::Result<()> {
        writeln!(out, "{}", title(heading))?;
        for (name, value) in rows {
            writeln!(out, "  {name:<18} {plain}{value}{plain:#}")?;
        }
        writeln!(out)
    };
    rows(
        "entra-emulator: a local Entra ID. Test keys, demo secrets, loopback only.",
        &[
            (
                "base url",
                &format!("{}   (for Cloud::loopback)", emulator.base_url()),
            ),
            ("authority", &authority),
            (
                "discovery",
                &format!("{authority}/v2.0/.well-known/openid-configuration"),
            ),
            (
                "tenant",
                &format!("{} ({})", demo::TENANT, demo::TENANT_DOMAIN),
            ),
            ("users", &format!("{}, {}", demo::ALICE_UPN, demo::BOB_UPN)),
        ],
    )?;
    rows(
        "Apps",
        &[
            (
                "MCP client",
                &format!("{} public, redirect http://localhost:*", demo::MCP_CLIENT),
            ),
            (
                "MCP server",
                &format!("{} secret {}", demo::MCP_SERVER, demo::MCP_SERVER_SECRET),
            ),
            (
                "Nightly job",
                &format!("{} secret {}", demo::DAEMON, demo::DAEMON_SECRET),
            ),
            ("Orders API", demo::ORDERS_API),
            (
                "Payroll API",
                &format!("{} nobody has consent", demo::PAYROLL_API),
            ),
            ("Reports API", &format!("{} v1 tokens", demo::REPORTS_API)),
        ],
    )?;
    rows(
        "Scopes",
        &[
            (
                "MCP server",
                &format!("{} {}", demo::MCP_READ_SCOPE, demo::MCP_WRITE_SCOPE),
            ),
            ("Orders API", demo::ORDERS_READ_SCOPE),
            ("Payroll API", demo::PAYROLL_READ_SCOPE),
            ("Reports API", demo::REPORTS_READ_SCOPE),
        ],
    )?;
    writeln!(out, "{}", title("Get a token"))?;
    writeln!(
        out,
        "  curl {} \\\n    -d grant_type=client_credentials \\\n    -d client_id={} \\\n    \
         -d client_secret={} \\\n    -d scope={}\n",
        emulator.token_endpoint(demo::TENANT),
        demo::DAEMON,
        demo::DAEMON_SECRET,
        demo::MCP_DEFAULT_SCOPE,
    )?;
    writeln!(
        out,
        "{}",
        title("Sign a user in (authorization code, PKCE S256)")
    )?;
    writeln!(
        out,
        "  {}?client_id={}&response_type=code&redirect_uri=http://localhost:PORT/callback&scope={}&\
         code_challenge_method=S256&code_challenge=...\n  add login_hint={} to skip the account \
         picker\n",
        emulator.authorization_endpoint(demo::TENANT),
        demo::MCP_CLIENT,
        demo::MCP_READ_SCOPE,
        demo::ALICE_UPN,
    )?;
    writeln!(out, "Ctrl-C stops.")?;
    out.flush()
}
