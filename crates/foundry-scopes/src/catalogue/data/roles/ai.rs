//! Role definitions of Foundry, Cognitive Services and Azure itself.

use super::AZD;
use crate::catalogue::role::Confidence::{High, Medium};
use crate::catalogue::role::Role;

/// The roles of this family.
pub(super) static ALL: &[&Role] = &[
    &FOUNDRY_USER,
    &FOUNDRY_PROJECT_MANAGER,
    &FOUNDRY_ACCOUNT_OWNER,
    &FOUNDRY_OWNER,
    &FOUNDRY_AGENT_CONSUMER,
    &AZURE_AI_DEVELOPER,
    &AZURE_AI_ADMINISTRATOR,
    &AZURE_AI_INFERENCE_DEPLOYMENT_OPERATOR,
    &AZUREML_DATA_SCIENTIST,
    &COGNITIVE_SERVICES_USER,
    &COGNITIVE_SERVICES_OPENAI_USER,
    &COGNITIVE_SERVICES_OPENAI_CONTRIBUTOR,
    &COGNITIVE_SERVICES_CONTRIBUTOR,
    &COGNITIVE_SERVICES_SPEECH_USER,
    &COGNITIVE_SERVICES_SPEECH_CONTRIBUTOR,
    &OWNER,
    &CONTRIBUTOR,
    &READER,
];

/// Builds with Foundry: models, agents, toolboxes.
pub static FOUNDRY_USER: Role = Role::azure(
    "Foundry User",
    0x53ca6127_db72_4b80_b1b0_d745d6d5456d,
    "all data actions of Microsoft.CognitiveServices",
)
.formerly("Azure AI User")
.from(AZD, High);

/// Builds with Foundry, publishes agents, and may assign Foundry User.
pub static FOUNDRY_PROJECT_MANAGER: Role = Role::azure(
    "Foundry Project Manager",
    0xeadc314b_1a2d_4efa_be10_5d325db5065e,
    "all data actions, publishing agents, assigning Foundry User",
)
.formerly("Azure AI Project Manager")
.from("Foundry doc \"Role-based access control\"", High);

/// Manages accounts and projects, without their data plane.
pub static FOUNDRY_ACCOUNT_OWNER: Role = Role::azure(
    "Foundry Account Owner",
    0xe47c6f54_e4a2_4754_9501_8e0985b135e1,
    "nothing of the data plane",
)
.formerly("Azure AI Account Owner")
.from(AZD, High);

/// Everything in Foundry, assigning roles included.
pub static FOUNDRY_OWNER: Role = Role::azure(
    "Foundry Owner",
    0xc883944f_8b7b_4483_af10_35834be79c4a,
    "all data actions, and assigning roles",
)
.formerly("Azure AI Owner")
.from(AZD, High);

/// Invokes agents and nothing else.
pub static FOUNDRY_AGENT_CONSUMER: Role = Role::azure(
    "Foundry Agent Consumer",
    0xeed3b665_ab3a_47b6_8f48_c9382fb1dad6,
    "invoking agents; not listing them",
)
.from(
    "three public repositories; Foundry doc \"Agent to agent authentication\" names it",
    Medium,
);

/// OpenAI, Speech and Content Safety only, so agents fail with it.
pub static AZURE_AI_DEVELOPER: Role = Role::azure(
    "Azure AI Developer",
    0x64702f94_c441_49e6_a78b_ef80e0188fee,
    "OpenAI, Speech, Content Safety and serverless models; no agents",
)
.from(AZD, High);

/// The control plane of AI resources.
pub static AZURE_AI_ADMINISTRATOR: Role = Role::azure(
    "Azure AI Administrator",
    0xb78c5d69_af96_48a3_bf8d_a8b4d589de94,
    "the control plane of AI resources",
);

/// Deploys models.
pub static AZURE_AI_INFERENCE_DEPLOYMENT_OPERATOR: Role = Role::azure(
    "Azure AI Inference Deployment Operator",
    0x3afb7f49_54cb_416e_8c09_6dc049efa503,
    "creating deployments",
);

/// Works in an Azure Machine Learning workspace.
pub static AZUREML_DATA_SCIENTIST: Role = Role::azure(
    "AzureML Data Scientist",
    0xf6c7c914_8db3_469d_8ca1_694a8f32e121,
    "everything within a workspace but compute and settings",
);

/// All Cognitive Services.
pub static COGNITIVE_SERVICES_USER: Role = Role::azure(
    "Cognitive Services User",
    0xa97b65f3_24c7_4388_baec_2e87135dc908,
    "all data actions of Microsoft.CognitiveServices, and listing keys",
);

/// Calls OpenAI models.
pub static COGNITIVE_SERVICES_OPENAI_USER: Role = Role::azure(
    "Cognitive Services OpenAI User",
    0x5e0bd9bd_7b93_4f28_af87_19fc36ad61bd,
    "OpenAI inference",
);

/// Calls and fine-tunes OpenAI models.
pub static COGNITIVE_SERVICES_OPENAI_CONTRIBUTOR: Role = Role::azure(
    "Cognitive Services OpenAI Contributor",
    0xa001fd3d_188f_4b5d_821b_7da978bf7442,
    "OpenAI inference, fine-tuning and deployments",
);

/// Manages accounts and keys, without the data plane.
pub static COGNITIVE_SERVICES_CONTRIBUTOR: Role = Role::azure(
    "Cognitive Services Contributor",
    0x25fbc0a9_bd7c_42a3_aa1a_3b75d497ee68,
    "nothing of the data plane: keys and deployments only",
);

/// Uses Speech.
pub static COGNITIVE_SERVICES_SPEECH_USER: Role = Role::azure(
    "Cognitive Services Speech User",
    0xf2dc8367_1007_4938_bd23_fe263f013447,
    "speech recognition and synthesis",
);

/// Uses and manages Speech.
pub static COGNITIVE_SERVICES_SPEECH_CONTRIBUTOR: Role = Role::azure(
    "Cognitive Services Speech Contributor",
    0x0e75ca1e_0464_4b4d_8b93_68208a576181,
    "speech, and custom models",
);

/// Manages everything in Azure, without data planes.
pub static OWNER: Role = Role::azure(
    "Owner",
    0x8e3af657_a8ff_443c_a75c_2fe8c4bcb635,
    "the control plane, and assigning roles; no data actions",
);

/// Manages everything in Azure but access, without data planes.
pub static CONTRIBUTOR: Role = Role::azure(
    "Contributor",
    0xb24988ac_6180_42a0_ab88_20f7382dd24c,
    "the control plane; no data actions",
);

/// Reads the control plane.
pub static READER: Role = Role::azure(
    "Reader",
    0xacdd72a7_3385_48ef_bd42_f606fba81ae7,
    "reading the control plane",
);
