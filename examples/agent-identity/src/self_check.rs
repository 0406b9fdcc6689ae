//! Everything against the local Entra ID: the set-up, the steps, the refusals.

use std::error::Error;

use entra_emulator::{Reading, demo};
use mcp_auth::claims::UnverifiedToken;
use serde_json::json;

use crate::local::Local;
use crate::refusals;
use crate::runtime;
use crate::set_up::{self, Graph};
use crate::sign_in::SignIn;
use crate::steps::Steps;
use crate::story::{self, Running};

pub async fn run() -> Result<(), Box<dyn Error>> {
    let mut steps = Steps::default();
    let local = Local::start(&[]).await?;
    let made = make(&mut steps, &local).await?;
    let settings = local.settings(&made)?;
    let running = Running::start(&settings).await?;

    let scope = format!("api://{}/{}", made.blueprint, runtime::CALL);
    let app = settings.app.to_string();
    let token = local.sign_in(&app, &scope, demo::ALICE_UPN).await?;
    let seen = UnverifiedToken::decode(&token)?;
    let right = seen.claims().oid() == Some(demo::ALICE)
        && seen
            .claims()
            .aud()
            .is_some_and(|aud| aud.contains(&made.blueprint.to_string()));
    steps.tell(
        "sign_in_at_the_app",
        right,
        json!([seen.claims().oid(), seen.claims().aud()]),
    );
    let by_code = SignIn::new(local.authority()?, settings.app)?;
    let prompt = by_code.device_code(&scope).await?;
    local
        .emulator
        .approve_device_code(&prompt.user_code, demo::TENANT, demo::BOB)?;
    let bob = by_code.wait_for(&prompt).await?;
    let oid = UnverifiedToken::decode(&bob)?
        .claims()
        .oid()
        .map(str::to_owned);
    steps.tell(
        "sign_in_by_device_code",
        oid.as_deref() == Some(demo::BOB),
        json!(oid),
    );

    story::tell(&mut steps, &settings, &running, &token, demo::ALICE).await?;
    refusals::tell(&mut steps, &local, &settings, &running, &made, &token).await?;
    steps.end()
}

/// The set-up, and what stops it before its first request.
async fn make(steps: &mut Steps, local: &Local) -> Result<set_up::Made, Box<dyn Error>> {
    let asked = local.emulator.journal().count(|_| true);
    let given = local.given()?;
    let blueprint = |id| local.blueprint(id);
    let cli = set_up::make(&given, &local.cli_token()?, blueprint).await;
    let said = cli.err().map(|error| error.to_string()).unwrap_or_default();
    let early = local.emulator.journal().count(|_| true) == asked;
    let right = said.contains("Directory.AccessAsUser.All") && early;
    steps.tell(
        "set_up_names_the_token_that_cannot_work",
        right,
        json!(said),
    );
    // Sent nevertheless, Graph refuses it and does not say why.
    let graph = Graph::new(&given.graph, &local.cli_token()?)?;
    let sponsored = json!({ "displayName": "x", "sponsors@odata.bind": ["x"] });
    let refused = graph.post(set_up::BLUEPRINTS, sponsored).await.err();
    let refused = refused.map(|error| error.to_string()).unwrap_or_default();
    steps.tell("graph_refuses_it", refused.contains("403"), json!(refused));

    let without = Local::start(&[Reading::AgentIdUnavailable]).await?;
    let token = without.manager().await?;
    let stopped = set_up::make(&without.given()?, &token, |id| without.blueprint(id)).await;
    let said = stopped
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    let right = said.contains("not available in this tenant");
    steps.tell("set_up_in_a_tenant_without_agents", right, json!(said));

    let made = set_up::make(&given, &local.manager().await?, blueprint).await?;
    let ids = json!({ "blueprint": made.blueprint.to_string(), "agent": made.agent.to_string() });
    steps.tell("set_up", made.blueprint != made.agent, ids);
    Ok(made)
}
