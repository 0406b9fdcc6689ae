//! Resources of models, Foundry and search.

use super::roles::{
    AZURE_AI_DEVELOPER, AZUREML_DATA_SCIENTIST, COGNITIVE_SERVICES_CONTRIBUTOR,
    COGNITIVE_SERVICES_OPENAI_CONTRIBUTOR, COGNITIVE_SERVICES_OPENAI_USER,
    COGNITIVE_SERVICES_SPEECH_CONTRIBUTOR, COGNITIVE_SERVICES_SPEECH_USER, COGNITIVE_SERVICES_USER,
    CONTRIBUTOR, FOUNDRY_ACCOUNT_OWNER, FOUNDRY_AGENT_CONSUMER, FOUNDRY_OWNER,
    FOUNDRY_PROJECT_MANAGER, FOUNDRY_USER, OWNER, SEARCH_INDEX_DATA_CONTRIBUTOR,
    SEARCH_INDEX_DATA_READER, SEARCH_SERVICE_CONTRIBUTOR,
};
use super::{HC, MI, RT};
use crate::catalogue::resource::{Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::{China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &COGNITIVE_SERVICES,
    &AZURE_AI,
    &AZURE_ML,
    &OPENAI_STUDIO,
    &SEARCH,
    &SPEECH_CUSTOM,
    &SPEECH_TRANSCRIPTION,
];

/// Azure OpenAI and the other Foundry Tools (Cognitive Services).
pub static COGNITIVE_SERVICES: Resource = Resource {
    code: "cognitive_services",
    name: "Cognitive Services (Azure OpenAI)",
    also: &[
        "Azure OpenAI",
        "Azure OpenAI Service",
        "OpenAI",
        "Translator",
        "Document Intelligence",
        "Content Safety",
        "Language",
        "Computer Vision",
        "Speech",
        "Azure AI services",
        "Foundry Tools",
        "Microsoft Cognitive Services",
    ],
    clouds: &[
        row(
            Public,
            High,
            &[
                RT,
                MI,
                "openai-python README",
                "azure-skills tool-mcp-agent-identity.md (slash form)",
            ],
        )
        .app(0x7d312290_28c8_473c_a0ed_8e53749b6d6d)
        .registered(&[
            "https://cognitiveservices.azure.com",
            "https://internal.cognitiveservices.azure.com",
        ])
        .seen(&["https://cognitiveservices.azure.com/"])
        .scopes(&["https://cognitiveservices.azure.com/.default"])
        .hosts(&[
            "*.openai.azure.com",
            "*.cognitiveservices.azure.com",
            "*.services.ai.azure.com",
        ]),
        row(
            UsGovernment,
            High,
            &[
                RT,
                "microsoft/mcp FastTranscriptionRecognizer.cs",
                ".NET AzureOpenAIAudience",
            ],
        )
        .app(0x7d312290_28c8_473c_a0ed_8e53749b6d6d)
        .registered(&[
            "https://cognitiveservices.azure.us",
            "https://internal.cognitiveservices.azure.us",
        ])
        .seen(&["https://cognitiveservices.azure.us/"])
        .scopes(&["https://cognitiveservices.azure.us/.default"])
        .hosts(&["*.openai.azure.us", "*.cognitiveservices.azure.us"]),
        row(
            China,
            Medium,
            &[
                "microsoft/mcp FastTranscriptionRecognizer.cs",
                "Azure SDK audience enumerations",
            ],
        )
        .seen(&[
            "https://cognitiveservices.azure.cn",
            "https://cognitiveservices.azure.cn/",
        ])
        .scopes(&["https://cognitiveservices.azure.cn/.default"])
        .hosts(&["*.cognitiveservices.azure.cn", "*.openai.azure.cn"]),
    ],
    permissions: &["user_impersonation"],
    roles: &[
        &COGNITIVE_SERVICES_OPENAI_USER,
        &COGNITIVE_SERVICES_OPENAI_CONTRIBUTOR,
        &COGNITIVE_SERVICES_USER,
        &FOUNDRY_USER,
    ],
    insufficient: &[&OWNER, &CONTRIBUTOR, &COGNITIVE_SERVICES_CONTRIBUTOR],
    quirks: &[
        "Entra ID tokens need the custom subdomain of the account: regional hosts (<region>.api.cognitive.microsoft.com) take keys only.",
        "One application serves the public and the US Government identifier, so an aud that is a GUID does not tell the clouds apart: the issuer does.",
        "A missing role is answered with 401 PermissionDenied, not with 403.",
        "In China only validators know openai.azure.cn: nothing shows that Azure OpenAI is offered there.",
    ],
    ..Resource::NEW
};

/// Microsoft Foundry: projects, agents, toolboxes and the v1 model API.
pub static AZURE_AI: Resource = Resource {
    code: "azure_ai",
    name: "Microsoft Foundry",
    also: &[
        "Azure AI Foundry",
        "Azure AI Studio",
        "Azure Machine Learning Services",
    ],
    clouds: &[
        row(
            Public,
            High,
            &[
                RT,
                "azure-ai-projects _configuration.py",
                "azure-skills use-toolbox-in-hosted-agent.md",
                "azure-dev developer_rbac_check.go",
            ],
        )
        .app(0x18a66f5f_dbdf_4c17_9dd7_1634712a9cbe)
        .registered(&["https://ai.azure.com"])
        .seen(&["https://ai.azure.com/"])
        .scopes(&["https://ai.azure.com/.default"])
        .hosts(&["*.services.ai.azure.com", "*.openai.azure.com"]),
        row(UsGovernment, Medium, &["Foundry doc \"Azure Government\""])
            .seen(&["https://ai.azure.us"])
            .scopes(&["https://ai.azure.us/.default"])
            .hosts(&["*.services.ai.azure.us"]),
    ],
    permissions: &["user_impersonation"],
    roles: &[
        &FOUNDRY_USER,
        &FOUNDRY_PROJECT_MANAGER,
        &FOUNDRY_OWNER,
        &COGNITIVE_SERVICES_USER,
        &FOUNDRY_AGENT_CONSUMER,
    ],
    insufficient: &[
        &OWNER,
        &CONTRIBUTOR,
        &AZURE_AI_DEVELOPER,
        &FOUNDRY_ACCOUNT_OWNER,
    ],
    quirks: &[
        "Azure Machine Learning has the same application: an aud that is a GUID means either of the two.",
        "Permission pickers list it as \"Azure Machine Learning Services\"; its delegated permission user_impersonation is 1a7925b5-f871-417a-9b8b-303f9f29fa10.",
        "A tenant without its service principal answers AADSTS650052: az ad sp create --id 18a66f5f-dbdf-4c17-9dd7-1634712a9cbe.",
        "Under /api/projects a token for Cognitive Services is refused with 401.",
        "Foundry Agent Consumer invokes agents and cannot list them.",
        "No audience is documented in China: do not invent one.",
    ],
    ..Resource::NEW
};

/// Azure Machine Learning, on the same application as Foundry.
pub static AZURE_ML: Resource = Resource {
    code: "azure_ml",
    name: "Azure Machine Learning",
    clouds: &[row(
        Public,
        High,
        &[
            RT,
            "azure-ai-inference _configuration.py",
            "azure-sdk-for-python#40260",
        ],
    )
    .app(0x18a66f5f_dbdf_4c17_9dd7_1634712a9cbe)
    .registered(&["https://ml.azure.com"])
    .seen(&["https://ml.azure.com/"])
    .scopes(&["https://ml.azure.com/.default"])
    .hosts(&[
        "*.*.inference.ml.azure.com",
        "*.*.models.ai.azure.com",
        "*.api.azureml.ms",
    ])],
    permissions: &["user_impersonation"],
    roles: &[&AZUREML_DATA_SCIENTIST, &AZURE_AI_DEVELOPER],
    quirks: &[
        "It is the default scope of azure-ai-inference, and <resource>.services.ai.azure.com/models refuses it.",
        "The asset gallery on <region>.api.azureml.ms wants a token for Azure Resource Manager instead.",
    ],
    ..Resource::NEW
};

/// The former Azure OpenAI portal.
pub static OPENAI_STUDIO: Resource = Resource {
    code: "openai_studio",
    name: "Azure OpenAI Studio",
    clouds: &[row(Public, Medium, &[RT])
        .app(0xdc807dec_d211_4b3f_bc8a_43b3443c4874)
        .registered(&["https://openai.studio.azure.com"])
        .scopes(&["https://openai.studio.azure.com/.default"])
        .hosts(&["oai.azure.com"])],
    quirks: &["Azure OpenAI resources do not accept it."],
    ..Resource::NEW
};

/// Azure AI Search.
pub static SEARCH: Resource = Resource {
    code: "search",
    name: "Azure AI Search",
    also: &["Azure Cognitive Search"],
    clouds: &[
        row(Public, High, &[RT, MI, HC, "azure-search-documents"])
            .app(0x880da380_985e_4198_81b9_e05b1cc53158)
            .registered(&["https://search.azure.com"])
            .seen(&["https://search.azure.com/"])
            .scopes(&["https://search.azure.com/.default"])
            .hosts(&["*.search.windows.net"]),
        row(UsGovernment, Medium, &[HC])
            .app(0x880da380_985e_4198_81b9_e05b1cc53158)
            .seen(&["https://search.azure.us"])
            .scopes(&["https://search.azure.us/.default"])
            .hosts(&["*.search.azure.us"]),
        row(China, Medium, &["azure-search-documents SearchAudience"])
            .seen(&["https://search.azure.cn"])
            .scopes(&["https://search.azure.cn/.default"])
            .hosts(&["*.search.azure.cn"]),
    ],
    roles: &[
        &SEARCH_INDEX_DATA_READER,
        &SEARCH_INDEX_DATA_CONTRIBUTOR,
        &SEARCH_SERVICE_CONTRIBUTOR,
    ],
    quirks: &["A service set to API keys only answers 403 although the roles are there."],
    ..Resource::NEW
};

/// Custom speech endpoints.
pub static SPEECH_CUSTOM: Resource = Resource {
    code: "speech_custom",
    name: "Speech custom endpoints",
    clouds: &[row(
        Public,
        High,
        &[RT, "Speech doc \"Microsoft Entra authentication\""],
    )
    .app(0x18301695_f99d_4cae_9618_6901d4bdc7be)
    .registered(&["https://*.onlinects.speech.microsoft.com"])
    .instead(&COGNITIVE_SERVICES)
    .hosts(&["*.stt.speech.microsoft.com", "*.tts.speech.microsoft.com"])],
    roles: &[
        &COGNITIVE_SERVICES_SPEECH_USER,
        &COGNITIVE_SERVICES_SPEECH_CONTRIBUTOR,
    ],
    quirks: &["Regional speech hosts take aad#<resource id>#<token>, not the plain token."],
    ..Resource::NEW
};

/// Batch transcription.
pub static SPEECH_TRANSCRIPTION: Resource = Resource {
    code: "speech_transcription",
    name: "Speech batch transcription",
    clouds: &[row(Public, High, &[RT])
        .app(0x2367e238_0501_4289_9da6_53a94d9a9ba4)
        .registered(&["https://transcribe.*.cts.speech.microsoft.com"])
        .instead(&COGNITIVE_SERVICES)],
    roles: &[
        &COGNITIVE_SERVICES_SPEECH_USER,
        &COGNITIVE_SERVICES_SPEECH_CONTRIBUTOR,
    ],
    ..Resource::NEW
};
