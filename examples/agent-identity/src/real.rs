//! A real tenant: the steps, and the set-up.

use std::error::Error;
use std::time::Duration;

use entra_obo::ExchangeClient;
use mcp_auth::EntraApp;
use mcp_auth::claims::UnverifiedToken;
use mcp_auth::scopes::{ClientId, TenantAuthority};

use crate::args::Flow;
use crate::runtime;
use crate::set_up::{self, Given, PERMISSIONS};
use crate::settings::{Settings, needed};
use crate::sign_in::SignIn;
use crate::steps::Steps;
use crate::story::{self, Running};

pub async fn run(flow: Flow) -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_environment()?;
    let running = Running::start(&settings).await?;
    let scope = format!("{}/{}", settings.blueprint.identifier_uri(), runtime::CALL);
    let authority = settings.blueprint.authority().clone();
    let token = sign_in(authority, settings.app, &scope, flow).await?;
    let user = UnverifiedToken::decode(&token)?;
    let user = user.claims().oid().ok_or("the token names no user")?;
    let mut steps = Steps::default();
    story::tell(&mut steps, &settings, &running, &token, user).await?;
    steps.end()
}

/// Makes everything with the token of the management app, and says what to put into the environment.
pub async fn set_up() -> Result<(), Box<dyn Error>> {
    let manager = ClientId::parse(&needed("AGENT_MANAGER_CLIENT_ID")?)?;
    let variables = |id: &ClientId| {
        let all = std::env::vars().filter(|(name, _)| name != "AZURE_CLIENT_ID");
        let all: Vec<_> = all
            .chain([("AZURE_CLIENT_ID".to_owned(), id.to_string())])
            .collect();
        EntraApp::from_variables(all)
    };
    let authority = variables(&manager)?.authority().clone();
    let given = Given {
        graph: "https://graph.microsoft.com".to_owned(),
        issuer: authority.issuer_v2(),
        machine: needed("AGENT_MACHINE_OBJECT_ID")?,
        app: ClientId::parse(&needed("AGENT_APP_CLIENT_ID")?)?,
        mcp: ClientId::parse(&needed("MCP_AZURE_CLIENT_ID")?)?,
        api: ClientId::parse(&needed("API_AZURE_CLIENT_ID")?)?,
        account: needed("AGENT_USER")?,
        patience: (12, Duration::from_secs(10)),
    };
    let all = PERMISSIONS.map(|name| format!("https://graph.microsoft.com/{name}"));
    let token = sign_in(authority, manager, &all.join(" "), Flow::Browser).await?;
    let blueprint = |id| Ok::<ExchangeClient, Box<dyn Error>>(variables(&id)?.exchange()?.clone());
    let made = set_up::make(&given, &token, blueprint).await?;
    println!("AZURE_CLIENT_ID={}", made.blueprint);
    println!("AGENT_CLIENT_ID={}", made.agent);
    println!("AGENT_USER={}", made.account);
    Ok(())
}

async fn sign_in(
    authority: TenantAuthority,
    client: ClientId,
    scope: &str,
    flow: Flow,
) -> Result<String, Box<dyn Error>> {
    let sign_in = SignIn::new(authority, client)?;
    match flow {
        Flow::Browser => {
            let open = async |url: String| {
                eprintln!("open this page to sign in:\n{url}");
                Ok(())
            };
            sign_in.in_browser(scope, open).await
        }
        Flow::DeviceCode => {
            let prompt = sign_in.device_code(scope).await?;
            eprintln!(
                "open {} and enter {}",
                prompt.verification_uri, prompt.user_code
            );
            sign_in.wait_for(&prompt).await
        }
    }
}
