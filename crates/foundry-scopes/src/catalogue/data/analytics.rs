//! Resources of analytics and computation services.

use super::{CLI, RT};
use crate::catalogue::resource::{IssuedTokenVersion, Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::{Bleu, China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &KUSTO,
    &SYNAPSE,
    &DATABRICKS,
    &BATCH,
    &PURVIEW,
    &HEALTH_MODELS,
    &HEALTH_FHIR,
    &HEALTH_DICOM,
];

/// Azure Data Explorer.
pub static KUSTO: Resource = Resource {
    code: "kusto",
    name: "Azure Data Explorer (Kusto)",
    clouds: &[
        row(Public, High, &[RT, "microsoft/mcp KustoClient.cs"])
            .app(0x2746ea77_4702_4b45_80ca_3c97e680e8b7)
            .registered(&[
                "https://kusto.kusto.windows.net",
                "https://*.kusto.windows.net",
                "https://*.kusto.windows.net/",
            ])
            .scopes(&["https://kusto.kusto.windows.net/.default"])
            .hosts(&["*.kusto.windows.net", "*.kusto.fabric.microsoft.com"]),
        row(UsGovernment, High, &["microsoft/mcp KustoClient.cs"])
            .seen(&["https://kusto.kusto.usgovcloudapi.net"])
            .scopes(&["https://kusto.kusto.usgovcloudapi.net/.default"])
            .hosts(&["*.kusto.usgovcloudapi.net"]),
        row(China, High, &["microsoft/mcp KustoClient.cs"])
            .seen(&["https://kusto.kusto.chinacloudapi.cn"])
            .scopes(&["https://kusto.kusto.chinacloudapi.cn/.default"])
            .hosts(&["*.kusto.chinacloudapi.cn"]),
    ],
    access: "roles within the database",
    quirks: &["The cluster's own host is an identifier too, with and without a slash."],
    ..Resource::NEW
};

/// Azure Synapse workspaces.
pub static SYNAPSE: Resource = Resource {
    code: "synapse",
    name: "Synapse workspace",
    clouds: &[
        row(Public, High, &[RT, CLI])
            .app(0x1ac05c7e_12d2_4605_bf9d_549d7041c6b3)
            .registered(&["https://dev.azuresynapse.net"])
            .scopes(&["https://dev.azuresynapse.net/.default"])
            .hosts(&["*.dev.azuresynapse.net"]),
        row(UsGovernment, High, &[RT, CLI])
            .app(0x1ac05c7e_12d2_4605_bf9d_549d7041c6b3)
            .registered(&[
                "https://dev.azuresynapse.usgovcloudapi.net",
                "https://dev.azuresynapse.usgovcloudapi.net/",
            ])
            .scopes(&["https://dev.azuresynapse.usgovcloudapi.net/.default"])
            .hosts(&["*.dev.azuresynapse.usgovcloudapi.net"]),
        row(China, Medium, &[CLI])
            .seen(&["https://dev.azuresynapse.azure.cn"])
            .scopes(&["https://dev.azuresynapse.azure.cn/.default"])
            .hosts(&["*.dev.azuresynapse.azure.cn"]),
    ],
    access: "Synapse roles",
    ..Resource::NEW
};

/// Azure Databricks.
pub static DATABRICKS: Resource = Resource {
    code: "databricks",
    name: "Azure Databricks",
    clouds: &[row(Public, High, &[RT])
        .app(0x2ff814a6_3304_4ab8_85cb_cd0e6f879c1d)
        .scopes(&["2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"])
        .hosts(&["*.azuredatabricks.net"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "entitlements of the Databricks workspace",
    ..Resource::NEW
};

/// Azure Batch, which insists on the slash in `aud`.
pub static BATCH: Resource = Resource {
    code: "batch",
    name: "Azure Batch",
    clouds: &[
        row(
            Public,
            High,
            &[RT, CLI, "microsoft-authentication-library-for-js#1735"],
        )
        .app(0xddbf3205_c6bd_46ae_8127_60eb93363864)
        .registered(&["https://batch.core.windows.net/"])
        .scopes(&["https://batch.core.windows.net//.default"])
        .hosts(&["*.*.batch.azure.com"]),
        row(UsGovernment, Medium, &[CLI])
            .seen(&["https://batch.core.usgovcloudapi.net/"])
            .scopes(&["https://batch.core.usgovcloudapi.net//.default"]),
        row(China, Medium, &[CLI])
            .seen(&["https://batch.chinacloudapi.cn/"])
            .scopes(&["https://batch.chinacloudapi.cn//.default"]),
        row(Bleu, Medium, &[CLI])
            .seen(&["https://batch.sovcloud-api.fr/"])
            .scopes(&["https://batch.sovcloud-api.fr//.default"]),
    ],
    access: "Azure roles on the account",
    quirks: &["The slash at the end belongs to aud: a token without it is refused."],
    ..Resource::NEW
};

/// Microsoft Purview.
pub static PURVIEW: Resource = Resource {
    code: "purview",
    name: "Microsoft Purview",
    clouds: &[row(Public, High, &[RT])
        .app(0x73c2949e_da2d_457a_9607_fcc665198967)
        .registered(&["https://purview.azure.net", "https://purview.azure.net/"])
        .scopes(&["https://purview.azure.net/.default"])
        .hosts(&["*.purview.azure.com"])],
    access: "roles of the Purview collections",
    ..Resource::NEW
};

/// Azure health models.
pub static HEALTH_MODELS: Resource = Resource {
    code: "health_models",
    name: "Azure health models",
    clouds: &[row(Public, Medium, &[RT])
        .app(0xf3d5b479_4d7f_4a81_9e00_09e2b452c04e)
        .registered(&["https://data.healthmodels.azure.com"])
        .scopes(&["https://data.healthmodels.azure.com/.default"])
        .hosts(&["*.healthmodels.azure.com"])],
    ..Resource::NEW
};

/// The FHIR service of Azure Health Data Services.
pub static HEALTH_FHIR: Resource = Resource {
    code: "health_fhir",
    name: "Azure Health Data Services: FHIR",
    also: &["Azure Healthcare APIs", "FHIR"],
    clouds: &[row(
        Public,
        Medium,
        &["Health Data Services doc \"Get an access token\""],
    )
    .app(0x4f6778d8_5aef_43dc_a1ff_b073724b9495)
    .registered(&["https://*.fhir.azurehealthcareapis.com"])
    .scopes(&["4f6778d8-5aef-43dc-a1ff-b073724b9495/.default"])
    .hosts(&["*.fhir.azurehealthcareapis.com"])],
    access: "FHIR Data Reader, Writer or Contributor",
    quirks: &[
        "The address of the service is the resource: ask for https://<workspace>-<service>.fhir.azurehealthcareapis.com/.default.",
    ],
    ..Resource::NEW
};

/// The DICOM service of Azure Health Data Services.
pub static HEALTH_DICOM: Resource = Resource {
    code: "health_dicom",
    name: "Azure Health Data Services: DICOM",
    also: &["DICOM"],
    clouds: &[row(
        Public,
        Medium,
        &["Health Data Services doc \"Get an access token\""],
    )
    .app(0x75e725bf_66ce_4cea_9b9a_5c4caae57f33)
    .registered(&["https://dicom.healthcareapis.azure.com"])
    .scopes(&["https://dicom.healthcareapis.azure.com/.default"])
    .hosts(&["*.dicom.azurehealthcareapis.com"])],
    access: "DICOM Data Reader or Owner",
    ..Resource::NEW
};
