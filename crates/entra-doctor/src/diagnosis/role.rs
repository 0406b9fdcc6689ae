//! Which role opens which endpoint (Foundry doc "Role-based access control").

use foundry_scopes::EndpointKind as Kind;
use foundry_scopes::catalogue::{Role, roles};

/// The role with the least rights that opens an endpoint of this kind.
pub(crate) fn for_kind(kind: Kind) -> Option<&'static Role> {
    Some(match kind {
        Kind::AzureOpenAi | Kind::OpenAiV1 => &roles::COGNITIVE_SERVICES_OPENAI_USER,
        Kind::CognitiveServices
        | Kind::LanguageMcp
        | Kind::ModelInference
        | Kind::ModelProvider => &roles::COGNITIVE_SERVICES_USER,
        Kind::FoundryAgent | Kind::FoundryApplication => &roles::FOUNDRY_AGENT_CONSUMER,
        Kind::FoundryProject | Kind::FoundryToolbox | Kind::FoundryResource | Kind::Anthropic => {
            &roles::FOUNDRY_USER
        }
        Kind::Search => &roles::SEARCH_INDEX_DATA_READER,
        _ => return None,
    })
}
