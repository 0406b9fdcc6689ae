//! What clients and subjects are, in the numbers of Entra's facet claims (Entra doc "Agent
//! token claims"): 11 an agent identity, 13 an agent's user account. The other numbers are
//! those that captured tokens carry besides.

use crate::directory::{AgentPart, App, PERSONAL, Tenant, User};

/// `xms_act_fct`.
pub(crate) fn of_client(client: &App) -> String {
    match (&client.agent, client.is_public()) {
        (AgentPart::Identity { .. }, _) => "3 9 11",
        (_, true) => "5 3",
        (_, false) => "3 9",
    }
    .to_owned()
}

/// `xms_sub_fct`: of a user, or of the client itself.
pub(crate) fn of_subject(client: &App, user: Option<&User>) -> String {
    match (user, &client.agent) {
        (Some(user), _) if user.agent_identity.is_some() => "3 13",
        (Some(_), _) => "4 3",
        (None, AgentPart::Identity { .. }) => "9 3 11",
        (None, _) => "9 3",
    }
    .to_owned()
}

/// `xms_idrel`: 1 a member, 3 a personal account, 5 a guest, 7 a service principal.
pub(crate) fn relation(tenant: &Tenant, user: Option<&User>) -> &'static str {
    match user {
        None => "7 10",
        Some(user) if user.is_guest() => "5 10",
        Some(_) if tenant.id == PERSONAL => "3 10",
        Some(_) => "1 10",
    }
}

/// `xms_par_app_azp`: an agent identity's blueprint.
pub(crate) fn blueprint(client: &App) -> Option<String> {
    match &client.agent {
        AgentPart::Identity { blueprint } => Some(blueprint.clone()),
        AgentPart::None | AgentPart::Blueprint => None,
    }
}
