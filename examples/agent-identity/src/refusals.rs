//! What is refused, by whom, and the way out.

use std::error::Error;

use entra_emulator::{AppCertificate, demo};
use entra_obo::credential::ClientCertificate;
use entra_obo::{ClientCredential, ExchangeClient};
use mcp_auth::scopes::ScopeSet;
use reqwest::Method;
use serde_json::json;

use crate::local::Local;
use crate::set_up::{BLUEPRINTS, GRAPH, Graph, Made};
use crate::settings::Settings;
use crate::steps::Steps;
use crate::story::Running;

/// The blueprint's certificate of the local tenant: public, opens nothing.
const CERTIFICATE: &str = include_str!("../keys/blueprint.pem");

pub async fn tell(
    steps: &mut Steps,
    local: &Local,
    settings: &Settings,
    running: &Running,
    made: &Made,
    token: &str,
) -> Result<(), Box<dyn Error>> {
    consent(steps, local, running, made, token).await?;

    // Entra ID lets a blueprint ask for Microsoft Graph alone, and nothing else as itself.
    let api = settings.api.identifier_uri();
    let all = || ScopeSet::parse(&format!("{api}/.default"));
    let refused = settings.credentials.for_app(all()?)?.token().await.err();
    let codes = refused
        .map(|error| error.codes().to_vec())
        .unwrap_or_default();
    steps.tell("blueprint_not_allowed", codes == [82_001], json!(codes));

    let (status, _) = running.call("/ask", &local.other_audience()?).await?;
    steps.tell("another_audience", status == 401, json!(status));
    let foreign = local.other_tenant(&made.blueprint.to_string())?;
    let (status, _) = running.call("/ask", &foreign).await?;
    steps.tell("user_of_another_tenant", status == 401, json!(status));

    certificate(steps, local, settings, made).await?;
    disabled(steps, local, running, made).await
}

/// Consent that is missing, and the two ways that surely help.
async fn consent(
    steps: &mut Steps,
    local: &Local,
    running: &Running,
    made: &Made,
    token: &str,
) -> Result<(), Box<dyn Error>> {
    let agent = made.agent.to_string();
    let (status, answer) = running.call("/calendar", token).await?;
    let text = answer["error_description"].as_str().unwrap_or_default();
    let both = text.contains("grant it to the agent identity") && text.contains("inheritable");
    let right = status == 403 && answer["error"] == "consent_required" && answer["agent"] == agent;
    steps.tell("consent_is_missing", right && both, answer);

    let graph = Graph::new(&local.given()?.graph, &local.manager().await?)?;
    graph.grant(&json!(agent), GRAPH, "Calendars.Read").await?;
    let (status, _) = running.call("/calendar", token).await?;
    steps.tell(
        "granted_to_the_agent_identity",
        status == 200,
        json!(status),
    );

    // A grant to the blueprint's principal does not help its agents by itself.
    let principal = principal_of(&graph, &made.blueprint.to_string()).await?;
    graph.grant(&principal, GRAPH, "Mail.Read").await?;
    let (status, _) = running.call("/mail", token).await?;
    steps.tell(
        "a_grant_to_the_blueprint_alone_is_not_enough",
        status == 403,
        json!(status),
    );
    let all = |what: &str| {
        let kind = format!("#microsoft.graph.allAllowed{what}");
        json!({ "@odata.type": kind, "kind": "allAllowed" })
    };
    let inheritable = json!({
        "resourceAppId": GRAPH,
        "inheritableScopes": all("Scopes"),
        "inheritableRoles": all("Roles"),
    });
    let path = format!("{BLUEPRINTS}/{}/inheritablePermissions", made.blueprint);
    graph.post(&path, inheritable).await?;
    let (status, _) = running.call("/mail", token).await?;
    steps.tell("inherited_from_the_blueprint", status == 200, json!(status));
    Ok(())
}

async fn principal_of(graph: &Graph, client: &str) -> Result<serde_json::Value, Box<dyn Error>> {
    let path = format!("v1.0/servicePrincipals?$filter=appId eq '{client}'");
    let (_, found) = graph.send(Method::GET, &path, None).await?;
    Ok(found["value"][0]["id"].clone())
}

/// The same exchange tokens by a certificate of the blueprint in place of a managed identity.
async fn certificate(
    steps: &mut Steps,
    local: &Local,
    settings: &Settings,
    made: &Made,
) -> Result<(), Box<dyn Error>> {
    let public = CERTIFICATE.find("-----BEGIN CERTIFICATE-----");
    let public = public.and_then(|at| CERTIFICATE.get(at..));
    let public = AppCertificate::from_pem(public.ok_or("no certificate")?)?;
    let directory = local.emulator.directory();
    let directory = directory.map_app(&made.blueprint.to_string(), |app| {
        app.certificate(public.clone())
    });
    local.emulator.replace_directory(directory)?;
    let credential = ClientCredential::certificate(ClientCertificate::from_pem(CERTIFICATE)?);
    let blueprint = ExchangeClient::new(local.authority()?, made.blueprint, credential)?;
    let all = ScopeSet::parse(&format!("{}/.default", settings.api.identifier_uri()))?;
    let token = blueprint.agent(made.agent)?.for_app(all)?.token().await;
    steps.tell(
        "exchange_tokens_by_certificate",
        token.is_ok(),
        json!(token.is_ok()),
    );
    Ok(())
}

/// Disabled in mid-run: tokens that are out live on, and no new one is given.
async fn disabled(
    steps: &mut Steps,
    local: &Local,
    running: &Running,
    made: &Made,
) -> Result<(), Box<dyn Error>> {
    let scopes = ["AgentIdentity.EnableDisable.All"];
    let forge = local.emulator.forge();
    let client = local.given()?.app.to_string();
    let token = forge.user_token(demo::TENANT, demo::ALICE, &client, GRAPH, &scopes)?;
    let graph = Graph::new(&local.given()?.graph, &token.sign()?)?;
    let path = format!("v1.0/servicePrincipals/{}", made.agent);
    let off = json!({ "accountEnabled": false });
    let (status, _) = graph.send(Method::PATCH, &path, Some(off)).await?;

    let held = running.agent.bookings.token().await;
    let held = match &held {
        Ok(token) => running.agent.bookings(token).await.is_ok(),
        Err(_) => false,
    };
    let refused = running.agent.directory.token().await.err();
    let codes = refused
        .map(|error| error.codes().to_vec())
        .unwrap_or_default();
    let right = status.is_success() && held && codes == [7_000_112];
    steps.tell(
        "agent_disabled_in_mid_run",
        right,
        json!({ "token_that_was_out": held, "next_exchange": codes }),
    );
    Ok(())
}
