//! The guide that the command prints when it starts.

use std::io::Write as _;
use std::path::Path;

use anstyle::Style;
use entra_emulator::{Emulator, demo};

/// What it serves and how to point a client at it.
pub(super) fn print(emulator: &Emulator, ca_file: Option<&Path>) -> std::io::Result<()> {
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
        "entra-emulator: a local Entra ID. Test keys, demo secrets.",
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
    if let Some(file) = ca_file {
        let file = file.display().to_string();
        rows("Certificate that clients must trust", &[("CA file", &file)])?;
    }
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
            (
                "Orders API",
                &format!("{} secret {}", demo::ORDERS_API, demo::ORDERS_API_SECRET),
            ),
            (
                "Payroll API",
                &format!("{} no client has consent", demo::PAYROLL_API),
            ),
            ("Reports API", &format!("{} v1 tokens", demo::REPORTS_API)),
            (
                "Agent blueprint",
                &format!("{} secret {}", demo::BLUEPRINT, demo::BLUEPRINT_SECRET),
            ),
            ("Agent identity", demo::AGENT),
        ],
    )?;
    rows(
        "Scopes",
        &[
            (
                "MCP server",
                &format!("{} {}", demo::MCP_READ_SCOPE, demo::MCP_WRITE_SCOPE),
            ),
            (
                "Orders API",
                &format!(
                    "{} {}/{}",
                    demo::ORDERS_READ_SCOPE,
                    demo::ORDERS_API_URI,
                    demo::ORDERS_WRITE
                ),
            ),
            ("Payroll API", demo::PAYROLL_READ_SCOPE),
            ("Reports API", demo::REPORTS_READ_SCOPE),
            ("Microsoft Graph", demo::GRAPH_SCOPE),
            ("Azure OpenAI", demo::COGNITIVE_SERVICES_SCOPE),
            ("Foundry", demo::FOUNDRY_SCOPE),
        ],
    )?;
    writeln!(out, "{}", title("Get a token"))?;
    writeln!(
        out,
        "  curl {}{} \\\n    -d grant_type=client_credentials \\\n    -d client_id={} \\\n    \
         -d client_secret={} \\\n    -d scope={}\n",
        ca_file.map_or(String::new(), |f| format!("--cacert {} ", f.display())),
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

/// What it serves of a directory that is the user's own, who knows its apps and secrets.
pub(super) fn print_directory(emulator: &Emulator, ca_file: Option<&Path>) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    let bold = Style::new().bold();
    let title = "entra-emulator: a local Entra ID. For tests only.";
    writeln!(out, "{bold}{title}{bold:#}")?;
    writeln!(out, "  {:<18} {}", "base url", emulator.base_url())?;
    if let Some(file) = ca_file {
        writeln!(out, "  {:<18} {}", "CA file", file.display())?;
    }
    if let Some(password) = emulator.sign_in_password() {
        writeln!(out, "  {:<18} {password}", "pages ask for")?;
    }
    if let Some(token) = emulator.control_token() {
        writeln!(out, "  {:<18} {token}", "control token")?;
    }
    for tenant in emulator.directory().tenants() {
        writeln!(out, "\n{bold}Tenant {}{bold:#}", tenant.id())?;
        let authority = emulator.authority(tenant.id());
        writeln!(out, "  {:<18} {authority}", "authority")?;
        for user in tenant.users() {
            writeln!(out, "  {:<18} {}", "user", user.user_principal_name())?;
        }
        for app in tenant.apps() {
            writeln!(out, "  {:<18} {} {}", "app", app.client_id(), app.name())?;
        }
    }
    writeln!(out, "\nCtrl-C stops.")?;
    out.flush()
}
