//! Authorization of agent endpoints: Azure roles, or the agent's blueprint.

use std::error::Error;
use std::fmt;

use super::note::NoteCode;
use super::{Endpoint, EndpointKind};
use crate::id::ClientId;
use crate::scope::Scope;

/// How an agent's endpoint authorizes its callers (`authorization_schemes` of the agent object;
/// Foundry doc "Configure agent endpoint authorization").
///
/// The address does not say it: read the agent object, or ask who published the agent.
///
/// ```
/// use foundry_scopes::AgentAuthorization;
///
/// assert_eq!(AgentAuthorization::from_scheme("Entra"), AgentAuthorization::AzureRbac);
/// assert_eq!(AgentAuthorization::from_scheme("agentBlueprint"), AgentAuthorization::AgentBlueprint);
/// assert_eq!(AgentAuthorization::from_scheme("SomethingNew"), AgentAuthorization::Other);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AgentAuthorization {
    /// A token for Foundry, and a role on the agent or its project (`AzureRbac`, also spelt
    /// `Entra`).
    AzureRbac,
    /// A token for the agent's blueprint, which meets the agent's token rules: see
    /// [`Endpoint::with_blueprint`].
    AgentBlueprint,
    /// The Bot Service's own (`BotService`, `BotServiceRbac`, `BotServiceTenant`): for channels such
    /// as Teams, not for callers with a token of Entra ID.
    BotService,
    /// A scheme that this version does not know.
    Other,
}

impl AgentAuthorization {
    /// The scheme of this name, in any case.
    #[must_use]
    pub fn from_scheme(name: &str) -> Self {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("AzureRbac") || is("Entra") {
            Self::AzureRbac
        } else if is("AgentBlueprint") {
            Self::AgentBlueprint
        } else if is("BotService") || is("BotServiceRbac") || is("BotServiceTenant") {
            Self::BotService
        } else {
            Self::Other
        }
    }
}

impl Endpoint {
    /// The same agent, asked with tokens for its blueprint ([`AgentAuthorization::AgentBlueprint`])
    /// in place of tokens for Foundry.
    ///
    /// Scope and accepted audiences are the blueprint's then. The client needs consent for a scope
    /// of the blueprint; a role in Azure is not needed. Where an agent takes both, either does.
    ///
    /// ```
    /// use foundry_scopes::{Acceptance, ClientId, Endpoint};
    ///
    /// let agent = "https://contoso.services.ai.azure.com/api/projects/p1/agents/a1/endpoint/protocols/openai";
    /// let agent = Endpoint::parse(agent)?;
    /// assert_eq!(agent.scope().as_str(), "https://ai.azure.com/.default");
    ///
    /// let blueprint = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
    /// let agent = agent.with_blueprint(blueprint)?;
    /// assert_eq!(agent.scope().as_str(), "api://11112222-bbbb-3333-cccc-4444dddd5555/.default");
    /// // A v2 token carries the client id.
    /// let aud = "11112222-bbbb-3333-cccc-4444dddd5555";
    /// assert_eq!(agent.acceptance_of(aud), Some(Acceptance::Documented));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The endpoint is no agent's. An Agent Application (legacy) has no blueprint of its own.
    pub fn with_blueprint(mut self, blueprint: ClientId) -> Result<Self, NotAnAgent> {
        let scope = Scope::parse(&format!("api://{blueprint}/.default"));
        let (EndpointKind::FoundryAgent, Ok(scope)) = (self.kind, scope) else {
            return Err(NotAnAgent);
        };
        self.scope = scope;
        self.catalogued = None;
        self.blueprint = Some(blueprint);
        self.notes
            .retain(|note| note.code() != NoteCode::BlueprintAudience);
        Ok(self)
    }

    /// The blueprint whose tokens are sent: see [`with_blueprint`](Self::with_blueprint).
    #[must_use]
    pub fn blueprint(&self) -> Option<ClientId> {
        self.blueprint
    }
}

/// A blueprint was given for an endpoint that is no agent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it says all there is")]
pub struct NotAnAgent;

impl fmt::Display for NotAnAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "only an agent's endpoint (.../agents/<agent>/...) takes tokens for a blueprint",
        )
    }
}

impl Error for NotAnAgent {}
