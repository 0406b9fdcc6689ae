//! Models, agents and search.

use super::super::resource::Confidence::{High, Medium};
use super::super::resource::{InCloud, Resource};
use super::app;
use crate::KnownCloud::{China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &COGNITIVE_SERVICES,
    &AZURE_AI,
    &AZURE_ML,
    &FOUNDRY_MCP,
    &ARM_MCP,
    &SEARCH,
    &WORK_IQ,
    &AGENT_365_TOOLS,
];

/// Azure OpenAI and the other Foundry Tools (Cognitive Services).
pub static COGNITIVE_SERVICES: Resource = Resource {
    name: "Cognitive Services (Azure OpenAI)",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x7d312290_28c8_473c_a0ed_8e53749b6d6d)),
            registered: &[
                "https://cognitiveservices.azure.com",
                "https://internal.cognitiveservices.azure.com",
            ],
            seen: &["https://cognitiveservices.azure.com/"],
            scope: "https://cognitiveservices.azure.com/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; openai-python README; azure-skills tool-mcp-agent-identity.md (slash form)",
        },
        InCloud {
            cloud: UsGovernment,
            application: Some(app(0x7d312290_28c8_473c_a0ed_8e53749b6d6d)),
            registered: &[
                "https://cognitiveservices.azure.us",
                "https://internal.cognitiveservices.azure.us",
            ],
            seen: &["https://cognitiveservices.azure.us/"],
            scope: "https://cognitiveservices.azure.us/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; .NET AzureOpenAIAudience",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &[
                "https://cognitiveservices.azure.cn",
                "https://cognitiveservices.azure.cn/",
            ],
            scope: "https://cognitiveservices.azure.cn/.default",
            confidence: Medium,
            source: "Azure SDK audience enumerations; microsoft/mcp FastTranscriptionRecognizer.cs",
        },
    ],
};

/// Microsoft Foundry: projects, agents, toolboxes and the v1 model API. Permission pickers list it as
/// "Azure Machine Learning Services", whose application it shares.
pub static AZURE_AI: Resource = Resource {
    name: "Microsoft Foundry",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x18a66f5f_dbdf_4c17_9dd7_1634712a9cbe)),
            registered: &["https://ai.azure.com"],
            seen: &["https://ai.azure.com/"],
            scope: "https://ai.azure.com/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-ai-projects _configuration.py",
        },
        InCloud {
            cloud: UsGovernment,
            application: None,
            registered: &[],
            seen: &["https://ai.azure.us"],
            scope: "https://ai.azure.us/.default",
            confidence: Medium,
            source: "Foundry doc \"Azure Government\"",
        },
    ],
};

/// Azure Machine Learning, on the same application as Foundry.
pub static AZURE_ML: Resource = Resource {
    name: "Azure Machine Learning",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0x18a66f5f_dbdf_4c17_9dd7_1634712a9cbe)),
        registered: &["https://ml.azure.com"],
        seen: &["https://ml.azure.com/"],
        scope: "https://ml.azure.com/.default",
        confidence: High,
        source: "ROADtools firstpartyscopes.json; azure-ai-inference _configuration.py",
    }],
};

/// The Foundry MCP server; a token for Foundry itself is refused there.
pub static FOUNDRY_MCP: Resource = Resource {
    name: "Foundry MCP server",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0xfcdfa2de_b65b_4b54_9a1c_81c8a18282d9)),
        registered: &[],
        seen: &["https://mcp.ai.azure.com"],
        scope: "https://mcp.ai.azure.com/.default",
        confidence: High,
        source: "microsoft/mcp registry.json; agent-framework InvokeMcpTool sample",
    }],
};

/// The Azure Resource Manager MCP server, known by its application id only.
pub static ARM_MCP: Resource = Resource {
    name: "Azure Resource Manager MCP server",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0x22bfbae3_f4e7_485f_be43_8cee15065084)),
        registered: &[],
        seen: &[],
        scope: "22bfbae3-f4e7-485f-be43-8cee15065084/.default",
        confidence: High,
        source: "microsoft/mcp registry.json",
    }],
};

/// Azure AI Search.
pub static SEARCH: Resource = Resource {
    name: "Azure AI Search",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x880da380_985e_4198_81b9_e05b1cc53158)),
            registered: &["https://search.azure.com"],
            seen: &["https://search.azure.com/"],
            scope: "https://search.azure.com/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; hashicorp go-azure-sdk environments",
        },
        InCloud {
            cloud: UsGovernment,
            application: Some(app(0x880da380_985e_4198_81b9_e05b1cc53158)),
            registered: &[],
            seen: &["https://search.azure.us"],
            scope: "https://search.azure.us/.default",
            confidence: Medium,
            source: "hashicorp go-azure-sdk environments",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["https://search.azure.cn"],
            scope: "https://search.azure.cn/.default",
            confidence: Medium,
            source: "azure-search-documents SearchAudience",
        },
    ],
};

/// The Work IQ API.
pub static WORK_IQ: Resource = Resource {
    name: "Work IQ",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0xfdcc1f02_fc51_4226_8753_f668596af7f7)),
        registered: &["api://workiq.svc.cloud.microsoft"],
        seen: &[],
        scope: "api://workiq.svc.cloud.microsoft/.default",
        confidence: High,
        source: "azure-skills tool-work-iq.md",
    }],
};

/// Agent 365 tools (Work IQ MCP servers), known by their application id only.
pub static AGENT_365_TOOLS: Resource = Resource {
    name: "Agent 365 tools",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0xea9ffc3e_8a23_4a7d_836d_234d7c7565c1)),
        registered: &[],
        seen: &[],
        scope: "ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/.default",
        confidence: High,
        source: "microsoft-info MicrosoftApps.csv; Agent365-devTools#454",
    }],
};
