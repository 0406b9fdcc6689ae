//! Resources of Power Platform, Fabric and connectors.

use super::{MI, RT};
use crate::catalogue::resource::{IssuedTokenVersion, Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::{Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &POWER_BI,
    &POWER_PLATFORM,
    &POWER_APPS,
    &POWER_AUTOMATE,
    &DATAVERSE,
    &API_HUB,
    &LOGIC_APPS,
];

/// Power BI and Fabric REST.
pub static POWER_BI: Resource = Resource {
    code: "power_bi",
    name: "Power BI and Fabric",
    also: &["Power BI Service", "Microsoft Fabric", "Fabric IQ MCP"],
    clouds: &[
        row(Public, High, &[RT, "microsoft/mcp CoreModels.cs"])
            .app(0x00000009_0000_0000_c000_000000000000)
            .registered(&[
                "https://analysis.windows.net/powerbi/api",
                "https://api.fabric.microsoft.com",
            ])
            .scopes(&[
                "https://analysis.windows.net/powerbi/api/.default",
                "https://api.fabric.microsoft.com/.default",
            ])
            .hosts(&[
                "api.powerbi.com",
                "*.analysis.windows.net",
                "api.fabric.microsoft.com",
                "fabriciq.svc.cloud.microsoft",
            ]),
        row(UsGovernment, High, &[RT])
            .app(0xfc4979e5_0aa5_429f_b13a_5d1365be5566)
            .registered(&[
                "https://analysis.usgovcloudapi.net/powerbi/api",
                "https://high.analysis.usgovcloudapi.net/powerbi/api",
                "https://mil.analysis.usgovcloudapi.net/powerbi/api",
            ])
            .scopes(&[
                "https://analysis.usgovcloudapi.net/powerbi/api/.default",
                "https://high.analysis.usgovcloudapi.net/powerbi/api/.default",
                "https://mil.analysis.usgovcloudapi.net/powerbi/api/.default",
            ])
            .hosts(&[
                "api.powerbigov.us",
                "api.high.powerbigov.us",
                "api.mil.powerbigov.us",
            ]),
    ],
    access: "roles of the workspace, and the tenant setting for service principals",
    quirks: &[
        "The identifier has a path: taking only the host breaks it.",
        "The US Government cloud has another application.",
    ],
    ..Resource::NEW
};

/// The Power Platform API, on one application in both clouds.
pub static POWER_PLATFORM: Resource = Resource {
    code: "power_platform",
    name: "Power Platform",
    clouds: &[
        row(Public, High, &[RT, MI])
            .app(0x8578e004_a5c6_46e7_913e_12f58912df43)
            .registered(&["https://api.powerplatform.com"])
            .scopes(&["https://api.powerplatform.com/.default"])
            .hosts(&["api.powerplatform.com"]),
        row(UsGovernment, High, &[RT, MI])
            .app(0x8578e004_a5c6_46e7_913e_12f58912df43)
            .registered(&["https://api.gov.powerplatform.microsoft.us"])
            .scopes(&["https://api.gov.powerplatform.microsoft.us/.default"])
            .hosts(&["api.gov.powerplatform.microsoft.us"]),
    ],
    permissions: &["CopilotStudio.Copilots.Invoke"],
    access: "delegated permissions",
    ..Resource::NEW
};

/// The Power Apps service.
pub static POWER_APPS: Resource = Resource {
    code: "power_apps",
    name: "Power Apps service",
    clouds: &[row(Public, High, &[RT])
        .app(0x475226c6_020e_4fb2_8a90_7a972cbfc1d4)
        .registered(&[
            "https://service.powerapps.com",
            "https://service.powerapps.com/",
        ])
        .scopes(&["https://service.powerapps.com/.default"])
        .hosts(&["api.powerapps.com"])],
    ..Resource::NEW
};

/// Dataverse and Dynamics 365; the audience is the organization's own host.
pub static DATAVERSE: Resource = Resource {
    code: "dataverse",
    name: "Dataverse",
    also: &["Dynamics CRM", "Common Data Service"],
    clouds: &[
        row(
            Public,
            High,
            &[RT, "Power Platform doc \"Datacenter regions\""],
        )
        .app(0x00000007_0000_0000_c000_000000000000)
        .registered(&[
            "https://*.crm.dynamics.com/",
            "https://*.crm2.dynamics.com/",
            "https://*.crm3.dynamics.com/",
            "https://*.crm4.dynamics.com/",
            "https://*.crm5.dynamics.com/",
            "https://*.crm6.dynamics.com/",
            "https://*.crm7.dynamics.com/",
            "https://*.crm8.dynamics.com/",
            "https://*.crm9.dynamics.com/",
            "https://*.crm11.dynamics.com/",
            "https://*.crm12.dynamics.com/",
        ])
        .seen(&[
            "https://*.crm.dynamics.com",
            "https://*.crm2.dynamics.com",
            "https://*.crm3.dynamics.com",
            "https://*.crm4.dynamics.com",
            "https://*.crm5.dynamics.com",
            "https://*.crm6.dynamics.com",
            "https://*.crm7.dynamics.com",
            "https://*.crm8.dynamics.com",
            "https://*.crm9.dynamics.com",
            "https://*.crm11.dynamics.com",
            "https://*.crm12.dynamics.com",
        ])
        .hosts(&["*.crm.dynamics.com", "*.crm<n>.dynamics.com"]),
        row(UsGovernment, High, &[RT])
            .app(0x00000007_0000_0000_c000_000000000000)
            .registered(&["https://*.crm.microsoftdynamics.us/"])
            .seen(&["https://*.crm.microsoftdynamics.us"])
            .hosts(&["*.crm.microsoftdynamics.us"]),
    ],
    permissions: &["user_impersonation"],
    access: "security roles of Dataverse",
    quirks: &[
        "Ask for https://<org>.crm<n>.dynamics.com/.default: the audience is per organization, so there is no scope for all.",
        "Wildcards are registered with a slash; region 20 without.",
    ],
    ..Resource::NEW
};

/// Connectors of Logic Apps and Power Platform, and their consent pages.
pub static API_HUB: Resource = Resource {
    code: "api_hub",
    name: "API hub (connectors)",
    clouds: &[
        row(Public, High, &[RT, "azure-skills test-endpoint.md"])
            .app(0xfe053c5f_3692_4f14_aef2_ee34fc081cae)
            .registered(&[
                "https://apihub.azure.com",
                "https://*.azure-apim.net",
                "https://*.consent.azure-apim.net",
                "https://apiconnection.azure.net",
                "https://tokenstore.azure.net",
            ])
            .scopes(&["https://apihub.azure.com/.default"])
            .hosts(&["*.azure-apihub.net", "*.consent.azure-apim.net"]),
        row(UsGovernment, Medium, &[RT])
            .registered(&["https://power-apis-usgov001-sovereign.azure-apihub.us"]),
    ],
    access: "access lists of the connection",
    ..Resource::NEW
};

/// Azure Logic Apps.
pub static LOGIC_APPS: Resource = Resource {
    code: "logic_apps",
    name: "Logic Apps",
    clouds: &[row(Public, Medium, &[RT])
        .app(0x7cd684f4_8a78_49b0_91ec_6a35d38739ba)
        .registered(&["https://logic.azure.com/"])
        .seen(&["https://logic.azure.com"])
        .scopes(&[
            "https://logic.azure.com/.default",
            "https://logic.azure.com//.default",
        ])
        .hosts(&["*.logic.azure.com"])],
    access: "authorization policies of the workflow",
    ..Resource::NEW
};

/// Power Automate.
pub static POWER_AUTOMATE: Resource = Resource {
    code: "power_automate",
    name: "Power Automate",
    also: &["Microsoft Flow Service", "Flow Service"],
    clouds: &[
        row(
            Public,
            Medium,
            &[RT, "Power Automate doc \"OAuth for HTTP request triggers\""],
        )
        .app(0x7df0a125_d3be_4c96_aa54_591f83ff541c)
        .registered(&["https://service.flow.microsoft.com/"])
        .seen(&["https://service.flow.microsoft.com"])
        .scopes(&["https://service.flow.microsoft.com//.default"])
        .hosts(&["api.flow.microsoft.com"]),
        row(UsGovernment, Medium, &[RT])
            .app(0x50351660_e7b1_4621_8bc8_8503296a5535)
            .registered(&["https://gov.service.flow.microsoft.us/"])
            .scopes(&["https://gov.service.flow.microsoft.us//.default"])
            .hosts(&["gov.api.flow.microsoft.us"]),
    ],
    tokens: IssuedTokenVersion::Unknown,
    ..Resource::NEW
};
