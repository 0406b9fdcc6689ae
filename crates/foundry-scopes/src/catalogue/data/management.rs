//! Resources of the control plane.

use super::roles::{CONTRIBUTOR, OWNER, READER};
use super::{CLI, HC, RT};
use crate::catalogue::resource::{IssuedTokenVersion, Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::{Bleu, China, Germany, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[&ARM, &RESOURCE_GRAPH, &DEVOPS];

/// Azure Resource Manager, under both of its names.
pub static ARM: Resource = Resource {
    code: "arm",
    name: "Azure Resource Manager",
    also: &[
        "Windows Azure Service Management API",
        "Azure Service Management",
    ],
    clouds: &[
        row(Public, High, &[RT, CLI, "azure-sdk-for-net#29891"])
            .app(0x797f4846_ba00_4fd7_ba43_dac1f8f63013)
            .registered(&[
                "https://management.azure.com/",
                "https://management.core.windows.net/",
            ])
            .seen(&[
                "https://management.azure.com",
                "https://management.core.windows.net",
            ])
            .scopes(&[
                "https://management.azure.com/.default",
                "https://management.core.windows.net//.default",
            ])
            .hosts(&["management.azure.com"]),
        row(UsGovernment, High, &[RT, CLI])
            .app(0x40a69793_8fe6_4db1_9591_dbc5c57b17d8)
            .registered(&[
                "https://management.core.usgovcloudapi.net/",
                "https://management.usgovcloudapi.net",
            ])
            .seen(&[
                "https://management.core.usgovcloudapi.net",
                "https://management.usgovcloudapi.net/",
            ])
            .scopes(&[
                "https://management.usgovcloudapi.net/.default",
                "https://management.core.usgovcloudapi.net//.default",
            ])
            .hosts(&["management.usgovcloudapi.net"]),
        row(China, Medium, &[CLI, HC])
            .seen(&[
                "https://management.chinacloudapi.cn",
                "https://management.chinacloudapi.cn/",
                "https://management.core.chinacloudapi.cn",
                "https://management.core.chinacloudapi.cn/",
            ])
            .scopes(&[
                "https://management.chinacloudapi.cn/.default",
                "https://management.core.chinacloudapi.cn//.default",
            ])
            .hosts(&["management.chinacloudapi.cn"]),
        row(Bleu, High, &[CLI])
            .seen(&[
                "https://management.sovcloud-api.fr/",
                "https://management.sovcloud-api.fr",
            ])
            .scopes(&["https://management.sovcloud-api.fr/.default"])
            .hosts(&["management.sovcloud-api.fr"]),
        row(Germany, High, &[CLI])
            .seen(&[
                "https://management.core.cloudapi.de/",
                "https://management.microsoftazure.de",
            ])
            .scopes(&["https://management.microsoftazure.de/.default"])
            .hosts(&["management.microsoftazure.de"]),
    ],
    permissions: &["user_impersonation"],
    roles: &[&READER, &CONTRIBUTOR, &OWNER],
    quirks: &[
        "az account get-access-token without --resource gives a token for https://management.core.windows.net/, the commonest wrong token at AI endpoints.",
        "The US Government cloud has another application.",
        "The German cloud was closed in 2021: the row is there to recognize old texts.",
    ],
    ..Resource::NEW
};

/// Azure Resource Graph.
pub static RESOURCE_GRAPH: Resource = Resource {
    code: "resource_graph",
    name: "Azure Resource Graph",
    clouds: &[row(Public, Medium, &[RT])
        .app(0x509e4652_da8d_478d_a730_e9d4a1996ca4)
        .registered(&["https://arg.management.core.windows.net"])
        .scopes(&["https://arg.management.core.windows.net/.default"])
        .hosts(&["management.azure.com"])],
    roles: &[&READER],
    quirks: &["Clients call it with a token for Azure Resource Manager in practice."],
    ..Resource::NEW
};

/// Azure DevOps.
pub static DEVOPS: Resource = Resource {
    code: "devops",
    name: "Azure DevOps",
    clouds: &[row(Public, High, &[RT, "azure-devops-mcp#1273"])
        .app(0x499b84ac_1321_427f_aa17_267ca6975798)
        .registered(&[
            "https://app.vssps.visualstudio.com/",
            "https://*.visualstudio.com/",
            "https://analytics.dev.azure.com/",
        ])
        .scopes(&["499b84ac-1321-427f-aa17-267ca6975798/.default"])
        .hosts(&[
            "dev.azure.com",
            "vssps.dev.azure.com",
            "vsaex.dev.azure.com",
            "vsrm.dev.azure.com",
            "feeds.dev.azure.com",
            "pkgs.dev.azure.com",
            "almsearch.dev.azure.com",
            "analytics.dev.azure.com",
            "auditservice.dev.azure.com",
            "extmgmt.dev.azure.com",
            "*.visualstudio.com",
        ])],
    tokens: IssuedTokenVersion::Unknown,
    access: "permissions of Azure DevOps, not Azure roles",
    quirks: &["https://dev.azure.com is no registered identifier: ask by the application id."],
    ..Resource::NEW
};
