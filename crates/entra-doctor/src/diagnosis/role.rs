//! Which role opens which endpoint (Azure built-in roles; Foundry doc "Role-based access
//! control").

use foundry_scopes::EndpointKind as Kind;

/// A built-in role. Names change; the GUID stays.
pub(crate) struct Role {
    pub(crate) name: &'static str,
    pub(crate) former: Option<&'static str>,
    pub(crate) id: &'static str,
}

const fn role(name: &'static str, former: Option<&'static str>, id: &'static str) -> Role {
    Role { name, former, id }
}

pub(crate) static FOUNDRY_USER: Role = role(
    "Foundry User",
    Some("Azure AI User"),
    "53ca6127-db72-4b80-b1b0-d745d6d5456d",
);
pub(crate) static FOUNDRY_PROJECT_MANAGER: Role = role(
    "Foundry Project Manager",
    Some("Azure AI Project Manager"),
    "eadc314b-1a2d-4efa-be10-5d325db5065e",
);
pub(crate) static AGENT_CONSUMER: Role = role(
    "Foundry Agent Consumer",
    None,
    "eed3b665-ab3a-47b6-8f48-c9382fb1dad6",
);
pub(crate) static OPENAI_USER: Role = role(
    "Cognitive Services OpenAI User",
    None,
    "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
);
pub(crate) static COGNITIVE_USER: Role = role(
    "Cognitive Services User",
    None,
    "a97b65f3-24c7-4388-baec-2e87135dc908",
);
pub(crate) static COGNITIVE_CONTRIBUTOR: Role = role(
    "Cognitive Services Contributor",
    None,
    "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68",
);
pub(crate) static SEARCH_READER: Role = role(
    "Search Index Data Reader",
    None,
    "1407120a-92aa-4202-b7e9-c0e197c71c8f",
);
pub(crate) static ACR_PUSH: Role = role("AcrPush", None, "8311e382-0749-4cb8-b61a-304f252e45ec");
pub(crate) static ACR_WRITER: Role = role(
    "Container Registry Repository Writer",
    None,
    "2a1e307c-b015-4ebd-883e-5b7698a07328",
);

/// The role with the least rights that opens an endpoint of this kind.
pub(crate) fn for_kind(kind: Kind) -> Option<&'static Role> {
    Some(match kind {
        Kind::AzureOpenAi | Kind::OpenAiV1 => &OPENAI_USER,
        Kind::CognitiveServices
        | Kind::LanguageMcp
        | Kind::ModelInference
        | Kind::ModelProvider => &COGNITIVE_USER,
        Kind::FoundryAgent | Kind::FoundryApplication => &AGENT_CONSUMER,
        Kind::FoundryProject | Kind::FoundryToolbox | Kind::FoundryResource | Kind::Anthropic => {
            &FOUNDRY_USER
        }
        Kind::Search => &SEARCH_READER,
        _ => return None,
    })
}
