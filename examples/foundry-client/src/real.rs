//! The real services, by the environment.

use std::error::Error;

use mcp_auth::EntraApp;
use mcp_auth::obo::managed_identity::ManagedIdentity;
use mcp_auth::scopes::{ClientId, Scope};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::agent::{Agent, Turn};
use crate::identity::Identity;
use crate::openai;
use crate::published::{Authorization, Caller, Published, UserIdentity};
use crate::sign_in::SignIn;
use crate::target::Target;
use crate::wire::{self, printable};

pub const OPENAI: &str = "AZURE_OPENAI_ENDPOINT";
pub const PROJECT: &str = "FOUNDRY_PROJECT_ENDPOINT";

pub const AGENT: &str = "FOUNDRY_AGENT_ENDPOINT";

pub fn is_configured() -> bool {
    [OPENAI, PROJECT, AGENT]
        .iter()
        .any(|name| optional(name).is_some())
}

/// As whom the services are called.
#[derive(Clone, Copy)]
pub enum As {
    User,
    App,
    ManagedIdentity,
}

pub async fn run(who: As, question: &str) -> Result<(), Box<dyn Error>> {
    let openai_target = optional(OPENAI)
        .map(|text| Target::openai(&text))
        .transpose()?;
    let project = optional(PROJECT)
        .map(|text| Target::project(&text))
        .transpose()?;
    let agent = optional(AGENT).map(|text| published(&text)).transpose()?;
    let first = openai_target
        .iter()
        .chain(&project)
        .map(|target| &target.scope);
    let first = first.chain(agent.iter().map(|agent| &agent.scope)).next();
    let first = first.ok_or("no endpoint is set")?;
    let identity = match who {
        As::User => Identity::User(sign_in(first).await?),
        As::App => Identity::App(EntraApp::from_env()?),
        As::ManagedIdentity => Identity::Machine(ManagedIdentity::from_environment().build()?),
    };
    let http = wire::client()?;
    if let Some(target) = &openai_target {
        tell(target);
        let deployment = needed("AZURE_OPENAI_DEPLOYMENT")?;
        let answer = openai::ask(&http, target, &deployment, &identity, question).await?;
        println!("Azure OpenAI: {}", printable(&answer));
    }
    if let Some(target) = &project {
        tell(target);
        let model = needed("FOUNDRY_MODEL")?;
        let agent = Agent {
            http: &http,
            target,
            model: &model,
            identity: &identity,
        };
        let mut turn = agent.ask(question).await?;
        // Once for each connection that has to be consented to.
        for _ in 0..5 {
            let Turn::Consent { link, response } = &turn else {
                break;
            };
            consented(link).await?;
            turn = agent.resume(question, response).await?;
        }
        match turn {
            Turn::Answer(answer) => println!("Foundry: {}", printable(&answer)),
            Turn::Consent { .. } => return Err("the consent was not found".into()),
        }
    }
    match agent {
        Some(agent) => ask_agent(&http, &agent, &identity, question).await,
        None => Ok(()),
    }
}

/// A published agent, by roles or, where `AGENT_BLUEPRINT_CLIENT_ID` is set, by its blueprint.
fn published(pasted: &str) -> Result<Published, Box<dyn Error>> {
    let authorization = match optional("AGENT_BLUEPRINT_CLIENT_ID") {
        Some(id) => Authorization::Blueprint(ClientId::parse(&id)?),
        None => Authorization::Roles,
    };
    Published::pasted(pasted, authorization)
}

async fn ask_agent(
    http: &reqwest::Client,
    agent: &Published,
    identity: &Identity,
    question: &str,
) -> Result<(), Box<dyn Error>> {
    println!("the agent, with a token for {}", agent.scope.resource());
    for note in &agent.notes {
        println!("  {note}");
    }
    let user = optional("AGENT_USER_IDENTITY");
    let user = user.map(|user| UserIdentity::new(&user)).transpose()?;
    let caller = Caller {
        http,
        agent,
        identity,
        user,
    };
    let mut previous = None;
    for _ in 0..5 {
        let turn = caller.stream(question, previous.as_deref(), |piece| print!("{piece}"));
        match turn.await? {
            Turn::Answer(_) => {
                println!();
                return Ok(());
            }
            Turn::Consent { link, response } => {
                consented(&link).await?;
                previous = Some(response);
            }
        }
    }
    Err("the consent was not found".into())
}

/// Waits until the person says that they consented.
async fn consented(link: &str) -> Result<(), Box<dyn Error>> {
    println!("A tool needs your consent. Open this page, then press Enter:\n  {link}");
    BufReader::new(tokio::io::stdin())
        .read_line(&mut String::new())
        .await?;
    Ok(())
}

async fn sign_in(first: &Scope) -> Result<crate::sign_in::Session, Box<dyn Error>> {
    // Tenant, client and cloud; a public client has no credential.
    let entra = EntraApp::from_env()?;
    let sign_in = SignIn::new(entra.authority().clone(), entra.client_id())?;
    let prompt = sign_in.begin(first).await?;
    println!(
        "Open {} and enter {}",
        printable(&prompt.verification_uri),
        printable(&prompt.user_code)
    );
    sign_in.finish(&prompt).await
}

fn tell(target: &Target) {
    println!(
        "{} with a token for {}",
        target.url,
        target.scope.resource()
    );
    for note in &target.notes {
        println!("  {note}");
    }
}

fn optional(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}

fn needed(name: &str) -> Result<String, String> {
    optional(name).ok_or_else(|| format!("{name} is needed too; see README.md"))
}
