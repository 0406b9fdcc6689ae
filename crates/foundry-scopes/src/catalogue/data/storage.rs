//! Data: storage, databases, queues and logs.

use super::super::resource::Confidence::{High, Medium};
use super::super::resource::{InCloud, Resource};
use super::app;
use crate::KnownCloud::{China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &STORAGE,
    &COSMOS_DB,
    &SQL,
    &DATABASES,
    &SERVICE_BUS,
    &EVENT_HUBS,
    &KUSTO,
    &LOG_ANALYTICS,
    &APPLICATION_INSIGHTS,
];

/// Azure Storage, called the same in every cloud.
pub static STORAGE: Resource = Resource {
    name: "Azure Storage",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0xe406a681_f3d4_42a8_90b6_c2b029497af1)),
            registered: &["https://storage.azure.com"],
            seen: &["https://storage.azure.com/"],
            scope: "https://storage.azure.com/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json",
        },
        InCloud {
            cloud: UsGovernment,
            application: Some(app(0xe406a681_f3d4_42a8_90b6_c2b029497af1)),
            registered: &["https://storage.azure.com"],
            seen: &["https://storage.azure.com/"],
            scope: "https://storage.azure.com/.default",
            confidence: Medium,
            source: "hashicorp go-azure-sdk environments",
        },
        InCloud {
            cloud: China,
            application: Some(app(0xe406a681_f3d4_42a8_90b6_c2b029497af1)),
            registered: &["https://storage.azure.com"],
            seen: &["https://storage.azure.com/"],
            scope: "https://storage.azure.com/.default",
            confidence: Medium,
            source: "hashicorp go-azure-sdk environments",
        },
    ],
};

/// Azure Cosmos DB for NoSQL.
pub static COSMOS_DB: Resource = Resource {
    name: "Cosmos DB",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0xa232010e_820c_4083_83bb_3ace5fc29d0b)),
        registered: &["https://cosmos.azure.com"],
        seen: &[],
        scope: "https://cosmos.azure.com/.default",
        confidence: High,
        source: "ROADtools firstpartyscopes.json",
    }],
};

/// Azure SQL and dedicated Synapse SQL.
pub static SQL: Resource = Resource {
    name: "Azure SQL",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x022907d3_0f1b_48f7_badc_1ba6abab6d66)),
            registered: &[
                "https://database.windows.net",
                "https://database.windows.net/",
            ],
            seen: &[],
            scope: "https://database.windows.net/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: UsGovernment,
            application: None,
            registered: &[],
            seen: &["https://database.usgovcloudapi.net"],
            scope: "https://database.usgovcloudapi.net/.default",
            confidence: High,
            source: "azure-cli cloud.py; hashicorp go-azure-sdk environments",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["https://database.chinacloudapi.cn"],
            scope: "https://database.chinacloudapi.cn/.default",
            confidence: High,
            source: "azure-cli cloud.py; hashicorp go-azure-sdk environments",
        },
    ],
};

/// Azure Database for PostgreSQL and MySQL.
pub static DATABASES: Resource = Resource {
    name: "Azure Database for PostgreSQL and MySQL",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x123cd850_d9df_40bd_94d5_c9f07b7fa203)),
            registered: &["https://ossrdbms-aad.database.windows.net"],
            seen: &[],
            scope: "https://ossrdbms-aad.database.windows.net/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: UsGovernment,
            application: None,
            registered: &[],
            seen: &["https://ossrdbms-aad.database.usgovcloudapi.net"],
            scope: "https://ossrdbms-aad.database.usgovcloudapi.net/.default",
            confidence: High,
            source: "azure-cli cloud.py",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["https://ossrdbms-aad.database.chinacloudapi.cn"],
            scope: "https://ossrdbms-aad.database.chinacloudapi.cn/.default",
            confidence: High,
            source: "azure-cli cloud.py",
        },
    ],
};

/// Azure Service Bus.
pub static SERVICE_BUS: Resource = Resource {
    name: "Service Bus",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x80a10ef9_8168_493d_abf9_3297c4ef6e3c)),
            registered: &["https://servicebus.azure.net"],
            seen: &[],
            scope: "https://servicebus.azure.net/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json",
        },
        InCloud {
            cloud: UsGovernment,
            application: Some(app(0x80a10ef9_8168_493d_abf9_3297c4ef6e3c)),
            registered: &[],
            seen: &["https://servicebus.usgovcloudapi.net"],
            scope: "https://servicebus.usgovcloudapi.net/.default",
            confidence: Medium,
            source: "hashicorp go-azure-sdk environments",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["https://servicebus.chinacloudapi.cn"],
            scope: "https://servicebus.chinacloudapi.cn/.default",
            confidence: Medium,
            source: "hashicorp go-azure-sdk environments",
        },
    ],
};

/// Azure Event Hubs.
pub static EVENT_HUBS: Resource = Resource {
    name: "Event Hubs",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0x80369ed6_5f11_4dd9_bef3_692475845e77)),
        registered: &["https://eventhubs.azure.net"],
        seen: &[],
        scope: "https://eventhubs.azure.net/.default",
        confidence: High,
        source: "ROADtools firstpartyscopes.json",
    }],
};

/// Azure Data Explorer.
pub static KUSTO: Resource = Resource {
    name: "Azure Data Explorer (Kusto)",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x2746ea77_4702_4b45_80ca_3c97e680e8b7)),
            registered: &["https://kusto.kusto.windows.net"],
            seen: &[],
            scope: "https://kusto.kusto.windows.net/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; microsoft/mcp KustoClient.cs",
        },
        InCloud {
            cloud: UsGovernment,
            application: None,
            registered: &[],
            seen: &["https://kusto.kusto.usgovcloudapi.net"],
            scope: "https://kusto.kusto.usgovcloudapi.net/.default",
            confidence: High,
            source: "microsoft/mcp KustoClient.cs",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["https://kusto.kusto.chinacloudapi.cn"],
            scope: "https://kusto.kusto.chinacloudapi.cn/.default",
            confidence: High,
            source: "microsoft/mcp KustoClient.cs",
        },
    ],
};

/// Log Analytics queries.
pub static LOG_ANALYTICS: Resource = Resource {
    name: "Log Analytics",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0xca7f3f0b_7d91_482c_8e09_c5d840d0eac5)),
            registered: &[
                "https://api.loganalytics.io",
                "https://api.loganalytics.io/",
            ],
            seen: &[],
            scope: "https://api.loganalytics.io/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: UsGovernment,
            application: None,
            registered: &[],
            seen: &["https://api.loganalytics.us"],
            scope: "https://api.loganalytics.us/.default",
            confidence: High,
            source: "azure-cli cloud.py",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["https://api.loganalytics.azure.cn"],
            scope: "https://api.loganalytics.azure.cn/.default",
            confidence: High,
            source: "azure-cli cloud.py",
        },
    ],
};

/// Application Insights queries.
pub static APPLICATION_INSIGHTS: Resource = Resource {
    name: "Application Insights",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0xf5c26e74_f226_4ae8_85f0_b4af0080ac9e)),
            registered: &[
                "https://api.applicationinsights.io",
                "https://api.applicationinsights.io/",
            ],
            seen: &[],
            scope: "https://api.applicationinsights.io/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: UsGovernment,
            application: None,
            registered: &[],
            seen: &["https://api.applicationinsights.us"],
            scope: "https://api.applicationinsights.us/.default",
            confidence: High,
            source: "azure-cli cloud.py",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["https://api.applicationinsights.azure.cn"],
            scope: "https://api.applicationinsights.azure.cn/.default",
            confidence: High,
            source: "azure-cli cloud.py",
        },
    ],
};
