//! Resources of the directory, token exchange and bots.

use super::{CLI, MI, RT};
use crate::catalogue::resource::{IssuedTokenVersion, Resource, row};
use crate::catalogue::role::Confidence::{High, Low, Medium};
use crate::cloud::KnownCloud::{Bleu, China, Delos, GovSg, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] =
    &[&GRAPH, &AAD_GRAPH, &AZURE_AD_TOKEN_EXCHANGE, &BOT_FRAMEWORK];

/// Microsoft Graph.
pub static GRAPH: Resource = Resource {
    code: "graph",
    name: "Microsoft Graph",
    clouds: &[
        row(Public, High, &[RT, CLI])
            .app(0x00000003_0000_0000_c000_000000000000)
            .registered(&[
                "https://graph.microsoft.com",
                "https://graph.microsoft.com/",
                "https://canary.graph.microsoft.com",
                "https://canary.graph.microsoft.com/",
            ])
            .scopes(&["https://graph.microsoft.com/.default"])
            .hosts(&["graph.microsoft.com"]),
        row(UsGovernment, High, &[RT, CLI])
            .app(0x00000003_0000_0000_c000_000000000000)
            .registered(&[
                "https://graph.microsoft.us",
                "https://graph.microsoft.us/",
                "https://dod-graph.microsoft.us",
                "https://dod-graph.microsoft.us/",
            ])
            .scopes(&[
                "https://graph.microsoft.us/.default",
                "https://dod-graph.microsoft.us/.default",
            ])
            .hosts(&["graph.microsoft.us", "dod-graph.microsoft.us"]),
        row(China, High, &[CLI])
            .app(0x00000003_0000_0000_c000_000000000000)
            .seen(&["https://microsoftgraph.chinacloudapi.cn"])
            .scopes(&["https://microsoftgraph.chinacloudapi.cn/.default"])
            .hosts(&["microsoftgraph.chinacloudapi.cn"]),
        row(
            Bleu,
            Medium,
            &[CLI, "Microsoft Graph PowerShell environments"],
        )
        .seen(&["https://graph.svc.sovcloud.fr"])
        .scopes(&["https://graph.svc.sovcloud.fr/.default"])
        .hosts(&["graph.svc.sovcloud.fr"]),
        row(Delos, Medium, &["Microsoft Graph PowerShell environments"])
            .seen(&["https://graph.svc.sovcloud.de"])
            .scopes(&["https://graph.svc.sovcloud.de/.default"])
            .hosts(&["graph.svc.sovcloud.de"]),
        row(GovSg, Medium, &["Microsoft Graph PowerShell environments"])
            .seen(&["https://graph.svc.sovcloud.sg"])
            .scopes(&["https://graph.svc.sovcloud.sg/.default"])
            .hosts(&["graph.svc.sovcloud.sg"]),
    ],
    permissions: &["User.Read"],
    access: "delegated permissions and app permissions, no Azure roles",
    quirks: &[
        "Its tokens are opaque to everybody else: the nonce in their header makes the signature fail.",
        "X-MS-TOKEN-AAD-ACCESS-TOKEN of App Service is a token for Microsoft Graph by default.",
        "US Government tenants of the Department of Defense use dod-graph.microsoft.us.",
    ],
    ..Resource::NEW
};

/// Azure AD Graph, which was retired.
pub static AAD_GRAPH: Resource = Resource {
    code: "aad_graph",
    name: "Azure AD Graph (retired)",
    clouds: &[
        row(Public, High, &[RT, CLI])
            .app(0x00000002_0000_0000_c000_000000000000)
            .registered(&["https://graph.windows.net/"])
            .seen(&["https://graph.windows.net"])
            .scopes(&[
                "https://graph.windows.net//.default",
                "https://graph.windows.net/.default",
            ])
            .hosts(&["graph.windows.net"]),
        row(UsGovernment, Medium, &[CLI])
            .seen(&[
                "https://graph.microsoftazure.us",
                "https://graph.microsoftazure.us/",
            ])
            .scopes(&["https://graph.microsoftazure.us/.default"])
            .hosts(&["graph.microsoftazure.us"]),
    ],
    quirks: &["Use Microsoft Graph."],
    ..Resource::NEW
};

/// The audience of federated credentials and agent identity blueprints. Case matters.
pub static AZURE_AD_TOKEN_EXCHANGE: Resource = Resource {
    code: "azure_ad_token_exchange",
    name: "Entra token exchange",
    also: &["AAD Token Exchange Endpoint"],
    clouds: &[
        row(
            Public,
            High,
            &[
                MI,
                "azure-skills runtime-token-exchange.md",
                "Agent365-Samples#116",
            ],
        )
        .app(0xfb60f99c_7a34_4190_8149_302f77469936)
        .registered(&["api://AzureADTokenExchange"])
        .scopes(&["api://AzureADTokenExchange/.default"]),
        row(
            UsGovernment,
            Low,
            &["Entra doc \"Workload identity federation\", from memory"],
        )
        .seen(&["api://AzureADTokenExchangeUSGov"])
        .scopes(&["api://AzureADTokenExchangeUSGov/.default"]),
        row(
            China,
            Low,
            &["Entra doc \"Workload identity federation\", from memory"],
        )
        .seen(&["api://AzureADTokenExchangeChina"])
        .scopes(&["api://AzureADTokenExchangeChina/.default"]),
    ],
    tokens: IssuedTokenVersion::V2,
    quirks: &[
        "The token of an agent identity blueprint is asked for with fmi_path=<application id of the agent identity>.",
        "aud is documented as the URI although the issuer is the v2 one.",
    ],
    ..Resource::NEW
};

/// The Bot Framework connector, for answers that a bot sends.
pub static BOT_FRAMEWORK: Resource = Resource {
    code: "bot_framework",
    name: "Bot Framework connector",
    clouds: &[
        row(
            Public,
            High,
            &[
                "botbuilder-dotnet#4077",
                "botbuilder-dotnet#6778",
                "bot-docs#1593",
            ],
        )
        .seen(&["https://api.botframework.com"])
        .scopes(&["https://api.botframework.com/.default"])
        .hosts(&["*.botframework.com", "smba.trafficmanager.net"]),
        row(
            UsGovernment,
            Low,
            &["botbuilder GovernmentAuthenticationConstants, from memory"],
        )
        .seen(&["https://api.botframework.us"])
        .scopes(&["https://api.botframework.us/.default"])
        .hosts(&["*.botframework.azure.us"]),
    ],
    tokens: IssuedTokenVersion::Unknown,
    quirks: &[
        "Tokens that a bot receives have its own application id as aud and https://api.botframework.com as issuer.",
        "A multi-tenant bot asks in the tenant botframework.com.",
    ],
    ..Resource::NEW
};
