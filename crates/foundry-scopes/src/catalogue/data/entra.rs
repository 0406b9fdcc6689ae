//! Directory, token exchange, bots and the Power family.

use super::super::resource::Confidence::{High, Low};
use super::super::resource::{InCloud, Resource};
use super::app;
use crate::KnownCloud::{China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &GRAPH,
    &AZURE_AD_TOKEN_EXCHANGE,
    &BOT_FRAMEWORK,
    &POWER_BI,
    &POWER_PLATFORM,
];

/// Microsoft Graph.
pub static GRAPH: Resource = Resource {
    name: "Microsoft Graph",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x00000003_0000_0000_c000_000000000000)),
            registered: &[
                "https://graph.microsoft.com",
                "https://graph.microsoft.com/",
                "https://canary.graph.microsoft.com",
                "https://canary.graph.microsoft.com/",
            ],
            seen: &[],
            scope: "https://graph.microsoft.com/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: UsGovernment,
            application: Some(app(0x00000003_0000_0000_c000_000000000000)),
            registered: &[
                "https://graph.microsoft.us",
                "https://graph.microsoft.us/",
                "https://dod-graph.microsoft.us",
                "https://dod-graph.microsoft.us/",
            ],
            seen: &[],
            scope: "https://graph.microsoft.us/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: China,
            application: Some(app(0x00000003_0000_0000_c000_000000000000)),
            registered: &[],
            seen: &["https://microsoftgraph.chinacloudapi.cn"],
            scope: "https://microsoftgraph.chinacloudapi.cn/.default",
            confidence: High,
            source: "azure-cli cloud.py",
        },
    ],
};

/// The audience of federated credentials and agent identity blueprints. Case matters.
pub static AZURE_AD_TOKEN_EXCHANGE: Resource = Resource {
    name: "Entra token exchange",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0xfb60f99c_7a34_4190_8149_302f77469936)),
            registered: &["api://AzureADTokenExchange"],
            seen: &[],
            scope: "api://AzureADTokenExchange/.default",
            confidence: High,
            source: "microsoft-info MicrosoftApps.csv; azure-skills runtime-token-exchange.md",
        },
        InCloud {
            cloud: UsGovernment,
            application: None,
            registered: &[],
            seen: &["api://AzureADTokenExchangeUSGov"],
            scope: "api://AzureADTokenExchangeUSGov/.default",
            confidence: Low,
            source: "Entra doc \"Workload identity federation\", from memory",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["api://AzureADTokenExchangeChina"],
            scope: "api://AzureADTokenExchangeChina/.default",
            confidence: Low,
            source: "Entra doc \"Workload identity federation\", from memory",
        },
    ],
};

/// The Bot Framework connector, for answers that a bot sends.
pub static BOT_FRAMEWORK: Resource = Resource {
    name: "Bot Framework connector",
    clouds: &[
        InCloud {
            cloud: Public,
            application: None,
            registered: &[],
            seen: &["https://api.botframework.com"],
            scope: "https://api.botframework.com/.default",
            confidence: High,
            source: "botbuilder-dotnet#4077; bot-docs#1593",
        },
        InCloud {
            cloud: UsGovernment,
            application: None,
            registered: &[],
            seen: &["https://api.botframework.us"],
            scope: "https://api.botframework.us/.default",
            confidence: Low,
            source: "botbuilder GovernmentAuthenticationConstants, from memory",
        },
    ],
};

/// Power BI and Fabric REST.
pub static POWER_BI: Resource = Resource {
    name: "Power BI and Fabric",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x00000009_0000_0000_c000_000000000000)),
            registered: &[
                "https://analysis.windows.net/powerbi/api",
                "https://api.fabric.microsoft.com",
            ],
            seen: &[],
            scope: "https://analysis.windows.net/powerbi/api/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json",
        },
        InCloud {
            cloud: UsGovernment,
            application: Some(app(0xfc4979e5_0aa5_429f_b13a_5d1365be5566)),
            registered: &[
                "https://analysis.usgovcloudapi.net/powerbi/api",
                "https://high.analysis.usgovcloudapi.net/powerbi/api",
                "https://mil.analysis.usgovcloudapi.net/powerbi/api",
            ],
            seen: &[],
            scope: "https://analysis.usgovcloudapi.net/powerbi/api/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json",
        },
    ],
};

/// The Power Platform API, on one application in both clouds.
pub static POWER_PLATFORM: Resource = Resource {
    name: "Power Platform",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x8578e004_a5c6_46e7_913e_12f58912df43)),
            registered: &["https://api.powerplatform.com"],
            seen: &[],
            scope: "https://api.powerplatform.com/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json",
        },
        InCloud {
            cloud: UsGovernment,
            application: Some(app(0x8578e004_a5c6_46e7_913e_12f58912df43)),
            registered: &["https://api.gov.powerplatform.microsoft.us"],
            seen: &[],
            scope: "https://api.gov.powerplatform.microsoft.us/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json",
        },
    ],
};
