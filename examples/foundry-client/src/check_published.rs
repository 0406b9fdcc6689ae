//! Steps with published agents: both authorizations, streaming, and what naming users needs.

use std::error::Error;

use mcp_auth::scopes::ClientId;
use serde_json::json;

use crate::agent::Turn;
use crate::identity::Identity;
use crate::local::Local;
use crate::local_agents::BLUEPRINT;
use crate::published::{Authorization, Caller, Published, UserIdentity};
use crate::self_check::Steps;

const PROJECT: &str = "https://contoso.services.ai.azure.com/api/projects/demo/agents";

fn agent(
    name: &str,
    authorization: Authorization,
    local: &Local,
) -> Result<Published, Box<dyn Error>> {
    let url = format!("{PROJECT}/{name}/endpoint/protocols/openai/responses");
    Published::pasted(&url, authorization)?.served_by(&local.origin)
}

pub async fn tell(
    steps: &mut Steps,
    local: &Local,
    http: &reqwest::Client,
    user: &Identity,
    object: &str,
) -> Result<(), Box<dyn Error>> {
    let own = Authorization::Blueprint(ClientId::parse(BLUEPRINT)?);
    let by_roles = agent("roles", Authorization::Roles, local)?;
    let note = by_roles
        .notes
        .iter()
        .any(|note| note.contains("AgentBlueprint"));
    steps.tell(
        "an_agents_address_leaves_its_audience_open",
        note,
        json!(by_roles.notes),
    );
    let by_blueprint = agent("blueprint", own, local)?;
    let session = format!("user in the session of {object}");
    for (step, agent) in [
        ("agent_by_roles", &by_roles),
        ("agent_by_its_blueprint", &by_blueprint),
    ] {
        let caller = Caller {
            http,
            agent,
            identity: user,
            user: None,
        };
        let answer = answered(caller.ask("why?").await?);
        let mut pieces = Vec::new();
        let streamed = caller
            .stream("why?", None, |piece| pieces.push(piece.to_owned()))
            .await?;
        let right = answer == session
            && answered(streamed) == session
            && pieces.len() > 1
            && pieces.concat() == session;
        steps.tell(
            step,
            right,
            json!({ "audience": agent.scope.resource(), "pieces": pieces }),
        );
    }

    // Each agent with the other's audience.
    for (step, agent) in [
        (
            "the_blueprints_token_where_roles_decide",
            agent("roles", own, local)?,
        ),
        (
            "foundrys_token_where_the_blueprint_decides",
            agent("blueprint", Authorization::Roles, local)?,
        ),
    ] {
        let agent = &agent;
        let refused = Caller {
            http,
            agent,
            identity: user,
            user: None,
        }
        .ask("why?")
        .await
        .err();
        let said = refused.map(|error| error.to_string()).unwrap_or_default();
        let both = ["401", "https://ai.azure.com", "api://<blueprint>"]
            .iter()
            .all(|part| said.contains(part));
        steps.tell(step, both, json!(said));
    }

    // An application that calls for its own users names them; a machine without the data action may not.
    let agent = &by_roles;
    let app = Identity::App(local.application()?);
    let mut seen = Vec::new();
    for name in ["tenant-1:user-1", "tenant-1:user-2"] {
        let user = Some(UserIdentity::new(name)?);
        seen.push(answered(
            Caller {
                http,
                agent,
                identity: &app,
                user,
            }
            .ask("why?")
            .await?,
        ));
    }
    let right = seen[0].ends_with("tenant-1:user-1") && seen[1].ends_with("tenant-1:user-2");
    steps.tell("x_ms_user_identity_parts_the_sessions", right, json!(seen));
    let machine = Identity::Machine(local.managed_identity()?);
    let user = Some(UserIdentity::new("tenant-1:user-1")?);
    let refused = Caller {
        http,
        agent,
        identity: &machine,
        user,
    }
    .ask("why?")
    .await
    .err();
    let said = refused.map(|error| error.to_string()).unwrap_or_default();
    let right = said.contains("403") && said.contains("UserIdentityImpersonation");
    steps.tell(
        "x_ms_user_identity_needs_its_data_action",
        right,
        json!(said),
    );
    Ok(())
}

fn answered(turn: Turn) -> String {
    match turn {
        Turn::Answer(text) => text,
        Turn::Consent { link, .. } => format!("consent at {link}"),
    }
}
