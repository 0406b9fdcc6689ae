//! Rules on agents: which of two audiences an agent's endpoint takes, and who may write agents.

use foundry_scopes::EndpointKind;

use super::shared::shown;
use crate::diagnosis::accept;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};

const SOURCE: &str = "Foundry doc \"Configure agent endpoint authorization\"";

/// Whether the token is for an application of the caller's tenant, as a blueprint is one.
pub(super) fn own_audience(facts: &Facts<'_>) -> Option<String> {
    let (aud, _) = facts.audience().filter(|_| facts.token().is_some())?;
    accept::resources(&aud).is_empty().then_some(aud)
}

/// An agent is authorized by Azure roles, or by its blueprint, and the address says which of the
/// two as little as a 401 does.
pub(super) fn authorization(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if !facts.is_kind(EndpointKind::FoundryAgent) {
        return;
    }
    let own = own_audience(facts);
    if own.is_none() && facts.status() != Some(401) {
        return;
    }
    let foundry = facts.wanted().map(|(_, scope)| scope);
    let foundry = foundry.unwrap_or_else(|| "https://ai.azure.com/.default".to_owned());
    let (certainty, seen) = match &own {
        Some(aud) => (
            Certainty::Likely,
            format!(
                "the token's `aud` is `{}`: for an agent that is right only if it is the agent's blueprint",
                shown(aud)
            ),
        ),
        None => (
            Certainty::Possible,
            "an agent's endpoint takes tokens for Foundry, for the agent's blueprint, or both"
                .to_owned(),
        ),
    };
    found.push(
        Finding::new(Code::AgentAuthorization, certainty, seen)
            .why("`authorization_schemes` of the agent decides: `AzureRbac` (also written `Entra`) wants a token for Foundry and a role, `AgentBlueprint` a token for the agent's blueprint that meets the agent's token rules; neither is in the address")
            .change("read the agent (`GET .../agents/<agent>?api-version=v1`): `agent_endpoint.authorization_schemes` and `blueprint.client_id`")
            .change(Change::scope(foundry))
            .change("for `AgentBlueprint`: ask for `api://<blueprint>/.default` (`Endpoint::with_blueprint`); the client needs consent for the blueprint's scope, and no role in Azure")
            .source_is(SOURCE),
    );
}

/// Writers of Agent ID objects whose token carries a directory permission beside which those for
/// agents count for nothing.
pub(super) fn writers(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some(claims) = facts.claims() else { return };
    let broad = "Directory.ReadWrite.All";
    let held = claims.scopes().chain(claims.roles()).any(|p| p == broad);
    if held
        && facts.is_kind(EndpointKind::Graph)
        && facts.says_any(&["agentidentity", "agent identity", "agent id"])
    {
        found.push(
            Finding::new(Code::GraphRefusesClient, Certainty::Likely, format!("the token holds {broad}"))
                .why("the APIs for agent identities ignore their own permissions in a token with this one, and answer 403")
                .change("use an application of your own (public, single tenant) with the AgentIdentity permissions alone")
                .source_is("Entra Agent ID known limitations"),
        );
    }
}
