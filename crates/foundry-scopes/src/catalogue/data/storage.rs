//! Resources of storage accounts, OneLake and Data Lake.

use super::roles::{
    CONTRIBUTOR, OWNER, STORAGE_BLOB_DATA_CONTRIBUTOR, STORAGE_BLOB_DATA_OWNER,
    STORAGE_BLOB_DATA_READER, STORAGE_FILE_DATA_PRIVILEGED_READER, STORAGE_QUEUE_DATA_CONTRIBUTOR,
    STORAGE_QUEUE_DATA_MESSAGE_PROCESSOR, STORAGE_QUEUE_DATA_MESSAGE_SENDER,
    STORAGE_QUEUE_DATA_READER, STORAGE_TABLE_DATA_CONTRIBUTOR, STORAGE_TABLE_DATA_READER,
};
use super::{CLI, HC, MI, RT};
use crate::catalogue::resource::{Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::{China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[&STORAGE, &ONELAKE, &DATA_LAKE_GEN1];

/// Azure Storage, called the same in every cloud.
pub static STORAGE: Resource = Resource {
    code: "storage",
    name: "Azure Storage",
    clouds: &[
        row(Public, High, &[RT, MI, "azure_storage_blob"])
            .app(0xe406a681_f3d4_42a8_90b6_c2b029497af1)
            .registered(&[
                "https://storage.azure.com",
                "https://*.blob.core.windows.net",
                "https://*.dfs.core.windows.net",
                "https://*.file.core.windows.net",
                "https://*.queue.core.windows.net",
                "https://*.table.core.windows.net",
                "https://storage.core.windows.net",
            ])
            .seen(&["https://storage.azure.com/"])
            .scopes(&["https://storage.azure.com/.default"])
            .hosts(&[
                "*.blob.core.windows.net",
                "*.dfs.core.windows.net",
                "*.file.core.windows.net",
                "*.queue.core.windows.net",
                "*.table.core.windows.net",
            ]),
        row(UsGovernment, Medium, &[HC])
            .app(0xe406a681_f3d4_42a8_90b6_c2b029497af1)
            .registered(&["https://storage.azure.com"])
            .seen(&[
                "https://storage.azure.com/",
                "https://*.blob.core.usgovcloudapi.net",
            ])
            .scopes(&["https://storage.azure.com/.default"])
            .hosts(&[
                "*.blob.core.usgovcloudapi.net",
                "*.dfs.core.usgovcloudapi.net",
                "*.file.core.usgovcloudapi.net",
                "*.queue.core.usgovcloudapi.net",
                "*.table.core.usgovcloudapi.net",
            ]),
        row(China, Medium, &[HC])
            .app(0xe406a681_f3d4_42a8_90b6_c2b029497af1)
            .registered(&["https://storage.azure.com"])
            .seen(&[
                "https://storage.azure.com/",
                "https://*.blob.core.chinacloudapi.cn",
            ])
            .scopes(&["https://storage.azure.com/.default"])
            .hosts(&[
                "*.blob.core.chinacloudapi.cn",
                "*.dfs.core.chinacloudapi.cn",
                "*.file.core.chinacloudapi.cn",
                "*.queue.core.chinacloudapi.cn",
                "*.table.core.chinacloudapi.cn",
            ]),
    ],
    roles: &[
        &STORAGE_BLOB_DATA_READER,
        &STORAGE_BLOB_DATA_CONTRIBUTOR,
        &STORAGE_BLOB_DATA_OWNER,
        &STORAGE_QUEUE_DATA_READER,
        &STORAGE_QUEUE_DATA_MESSAGE_SENDER,
        &STORAGE_QUEUE_DATA_MESSAGE_PROCESSOR,
        &STORAGE_QUEUE_DATA_CONTRIBUTOR,
        &STORAGE_TABLE_DATA_READER,
        &STORAGE_TABLE_DATA_CONTRIBUTOR,
        &STORAGE_FILE_DATA_PRIVILEGED_READER,
    ],
    insufficient: &[&OWNER, &CONTRIBUTOR],
    quirks: &[
        "The audience keeps .com in every cloud.",
        "The account's own host is an identifier too and gives a narrower token.",
        "A closed network or a disabled shared key is answered with 403.",
    ],
    ..Resource::NEW
};

/// OneLake of Microsoft Fabric.
pub static ONELAKE: Resource = Resource {
    code: "onelake",
    name: "OneLake",
    clouds: &[row(Public, High, &[RT, "microsoft/mcp OneLakeModels.cs"])
        .app(0x47c5c8b6_18bf_4739_b75d_54a299e2e900)
        .registered(&["https://onelake.fabric.microsoft.com"])
        .scopes(&["https://onelake.fabric.microsoft.com/.default"])
        .instead(&STORAGE)
        .hosts(&[
            "onelake.dfs.fabric.microsoft.com",
            "onelake.blob.fabric.microsoft.com",
        ])],
    access: "roles of the Fabric workspace",
    quirks: &["Calls to data use the token for Azure Storage."],
    ..Resource::NEW
};

/// Data Lake Storage Gen1, which was retired.
pub static DATA_LAKE_GEN1: Resource = Resource {
    code: "data_lake_gen1",
    name: "Data Lake Storage Gen1 (retired)",
    clouds: &[row(Public, Medium, &[CLI])
        .app(0xe9f49c6b_5ce5_44c8_925d_015017e9f7ad)
        .registered(&["https://datalake.azure.net/"])
        .scopes(&["https://datalake.azure.net//.default"])
        .hosts(&["*.azuredatalakestore.net"])],
    ..Resource::NEW
};
