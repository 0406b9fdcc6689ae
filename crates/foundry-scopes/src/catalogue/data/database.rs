//! Resources of databases and caches.

use super::roles::{
    CONTRIBUTOR, COSMOS_DATA_CONTRIBUTOR, COSMOS_DATA_READER, COSMOS_DB_OPERATOR, OWNER,
};
use super::{CLI, HC, RT};
use crate::catalogue::resource::{Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::{Bleu, China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[&COSMOS_DB, &SQL, &DATABASES, &REDIS];

/// Azure Cosmos DB for NoSQL.
pub static COSMOS_DB: Resource = Resource {
    code: "cosmos_db",
    name: "Cosmos DB",
    clouds: &[
        row(
            Public,
            High,
            &[
                RT,
                "azure_data_cosmos authorization_policy.rs",
                "foundry-samples Bicep",
            ],
        )
        .app(0xa232010e_820c_4083_83bb_3ace5fc29d0b)
        .registered(&[
            "https://cosmos.azure.com",
            "https://*.documents.azure.com",
            "https://*.sql.cosmos.azure.com",
        ])
        .scopes(&["https://cosmos.azure.com/.default"])
        .hosts(&["*.documents.azure.com", "*.sql.cosmos.fabric.microsoft.com"]),
        row(UsGovernment, Medium, &[HC])
            .app(0xa232010e_820c_4083_83bb_3ace5fc29d0b)
            .seen(&["https://cosmos.azure.com", "https://*.documents.azure.us"])
            .scopes(&["https://cosmos.azure.com/.default"])
            .hosts(&["*.documents.azure.us"]),
        row(China, Medium, &[HC])
            .app(0xa232010e_820c_4083_83bb_3ace5fc29d0b)
            .seen(&["https://cosmos.azure.com", "https://*.documents.azure.cn"])
            .scopes(&["https://cosmos.azure.com/.default"])
            .hosts(&["*.documents.azure.cn"]),
    ],
    roles: &[&COSMOS_DATA_READER, &COSMOS_DATA_CONTRIBUTOR],
    insufficient: &[&COSMOS_DB_OPERATOR, &OWNER, &CONTRIBUTOR],
    access: "the account's own roles: az cosmosdb sql role assignment create",
    quirks: &[
        "Azure roles do not grant access to data.",
        "The standard setup of Foundry agents needs the Azure role and the account's own one.",
        "The account's own host is an identifier too.",
    ],
    ..Resource::NEW
};

/// Azure SQL and dedicated Synapse SQL.
pub static SQL: Resource = Resource {
    code: "sql",
    name: "Azure SQL",
    also: &["Azure SQL Database"],
    clouds: &[
        row(Public, High, &[RT, CLI, HC, "azure-docs#92209"])
            .app(0x022907d3_0f1b_48f7_badc_1ba6abab6d66)
            .registered(&[
                "https://database.windows.net",
                "https://database.windows.net/",
                "https://sql.azuresynapse.net",
                "https://sql.azuresynapse.net/",
            ])
            .scopes(&["https://database.windows.net/.default"])
            .hosts(&["*.database.windows.net"]),
        row(UsGovernment, High, &[CLI, HC])
            .seen(&["https://database.usgovcloudapi.net"])
            .scopes(&["https://database.usgovcloudapi.net/.default"])
            .hosts(&["*.database.usgovcloudapi.net"]),
        row(China, High, &[CLI, HC])
            .seen(&["https://database.chinacloudapi.cn"])
            .scopes(&["https://database.chinacloudapi.cn/.default"])
            .hosts(&["*.database.chinacloudapi.cn"]),
        row(Bleu, Medium, &[CLI])
            .seen(&["https://database.sovcloud-api.fr"])
            .scopes(&["https://database.sovcloud-api.fr/.default"])
            .hosts(&["*.database.sovcloud-api.fr"]),
    ],
    access: "users within the database (CREATE USER ... FROM EXTERNAL PROVIDER), not Azure roles",
    quirks: &[
        "Write https://database.windows.net//.default where the consumer wants the slash in aud.",
    ],
    ..Resource::NEW
};

/// Azure Database for PostgreSQL and MySQL.
pub static DATABASES: Resource = Resource {
    code: "databases",
    name: "Azure Database for PostgreSQL and MySQL",
    clouds: &[
        row(
            Public,
            High,
            &[RT, CLI, "microsoft/mcp EntraTokenProvider.cs"],
        )
        .app(0x123cd850_d9df_40bd_94d5_c9f07b7fa203)
        .registered(&["https://ossrdbms-aad.database.windows.net"])
        .scopes(&["https://ossrdbms-aad.database.windows.net/.default"])
        .hosts(&[
            "*.postgres.database.azure.com",
            "*.mysql.database.azure.com",
        ]),
        row(UsGovernment, High, &[CLI])
            .seen(&["https://ossrdbms-aad.database.usgovcloudapi.net"])
            .scopes(&["https://ossrdbms-aad.database.usgovcloudapi.net/.default"]),
        row(China, High, &[CLI])
            .seen(&["https://ossrdbms-aad.database.chinacloudapi.cn"])
            .scopes(&["https://ossrdbms-aad.database.chinacloudapi.cn/.default"]),
        row(Bleu, High, &[CLI])
            .seen(&["https://ossrdbms-aad.database.sovcloud-api.fr"])
            .scopes(&["https://ossrdbms-aad.database.sovcloud-api.fr/.default"]),
    ],
    access: "roles within the database",
    ..Resource::NEW
};

/// Azure Cache for Redis and Azure Managed Redis with Entra ID.
pub static REDIS: Resource = Resource {
    code: "redis",
    name: "Azure Cache for Redis",
    clouds: &[row(Public, Medium, &["agent-framework Redis providers"])
        .app(0xacca5fbb_b7e4_4009_81f1_37e38fd66d78)
        .seen(&["https://redis.azure.com"])
        .scopes(&["https://redis.azure.com/.default"])
        .hosts(&["*.redis.cache.windows.net"])],
    access: "access policies of the cache",
    ..Resource::NEW
};
