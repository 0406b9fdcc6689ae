//! Tools of agents, connections, agents.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};

const SOURCE: &str = "Foundry doc \"MCP authentication\" and azure-skills, toolbox references";

pub(super) fn tools(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    for tool in facts.tools() {
        let auth = tool.auth.to_ascii_lowercase();
        let identity = [
            "agenticidentity",
            "agenticidentitytoken",
            "projectmanagedidentity",
            "userentratoken",
            "managed_identity",
        ]
        .contains(&auth.as_str());
        let mut add = |code, certainty, text: &str, change: Change| {
            found.push(
                Finding::new(code, certainty, text)
                    .change(change)
                    .source_is(SOURCE),
            );
        };
        if identity && tool.audience.is_none() {
            add(Code::ConnectionAudienceMissing, Certainty::Certain, "a tool uses an identity of Entra ID and names no audience", "set `audience` to the identifier URI of the server's registration, through the API or azd: the portal does not keep it".into());
        }
        if tool.is_connection && auth == "agenticidentity" {
            add(
                Code::ConnectionAuthType,
                Certainty::Certain,
                "`authType` is AgenticIdentity, which the API does not know",
                Change::setting("`authType`", "AgenticIdentityToken"),
            );
        }
        if tool.is_connection && auth == "apikey" && tool.category == "RemoteTool" {
            add(
                Code::ConnectionAuthType,
                Certainty::Certain,
                "`authType` ApiKey is refused for the category RemoteTool",
                Change::setting("`authType`", "CustomKeys"),
            );
        }
        if auth == "projectmanagedidentity" {
            add(
                Code::ConnectionManagedIdentity,
                Certainty::Possible,
                "connections with the project's identity have been seen to ignore the audience and drop the query",
                "use the agent's identity or a key".into(),
            );
        }
        if auth == "oauth2" && !tool.scopes.is_empty() {
            let oidc = ["openid", "profile", "email", "offline_access"];
            if tool
                .scopes
                .iter()
                .any(|scope| !scope.contains('/') && !oidc.contains(&scope.as_str()))
            {
                add(
                    Code::ConnectionScopeUnqualified,
                    Certainty::Likely,
                    "a scope of the connection names no resource, and Foundry sends no `resource` parameter",
                    "write scopes as `api://<client id>/<scope>`".into(),
                );
            }
            if !tool.scopes.iter().any(|scope| scope == "offline_access") {
                add(
                    Code::ConnectionNoOfflineAccess,
                    Certainty::Likely,
                    "`offline_access` is not among the scopes, so consent is asked for again every hour",
                    "add `offline_access`".into(),
                );
            }
        }
        if auth == "userentratoken" {
            found.push(Finding::new(Code::ConnectionUserToken, Certainty::Possible, "connections with the user's token do not work once the agent is published to Teams").change("use the agent's identity there").why("a channel signs users in by itself, and its token is not the one that the connection needs").remark().source_is(SOURCE));
        }
        if tool.no_identity {
            found.push(
                Finding::new(
                    Code::AgentNotProvisioned,
                    Certainty::Likely,
                    "`instance_identity` is null: the agent acts as the project's shared identity",
                )
                .why("roles that were given to the agent do not count, and the project's do")
                .change("create the agent again, and assign roles to its identity")
                .source_is("Foundry doc \"Agent identity\""),
            );
        }
        if let Some(claims) = facts.claims().filter(|_| facts.app_only()) {
            let mut ids = [claims.oid(), claims.azp_or_appid()].into_iter().flatten();
            let own = ids.any(|id| tool.identity.iter().any(|it| it.eq_ignore_ascii_case(id)));
            if !own && !tool.identity.is_empty() {
                found.push(
                    Finding::new(Code::AgentIdentityUnused, Certainty::Likely, "neither `oid` nor the client id of the token is in the agent's `instance_identity`")
                        .why("the agent still acts as the project's shared identity, so roles of its own do not count")
                        .change("create the agent again, and assign roles to its identity")
                        .source_is("Foundry doc \"Agent identity\""),
                );
            }
        }
        if tool.environment.iter().any(|name| reserved(name)) {
            found.push(
                Finding::new(
                    Code::EnvironmentReserved,
                    Certainty::Certain,
                    "a variable starts with FOUNDRY_ or AGENT_, and the platform overwrites it",
                )
                .change("rename it, for example to TOOLBOX_ENDPOINT")
                .source_is(SOURCE),
            );
        }
    }
}

fn reserved(name: &str) -> bool {
    name.starts_with("FOUNDRY_") || name.starts_with("AGENT_")
}
