//! Management, secrets and hosting.

use super::super::resource::Confidence::{High, Medium};
use super::super::resource::{InCloud, Resource};
use super::app;
use crate::KnownCloud::{China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &ARM,
    &KEY_VAULT,
    &MANAGED_HSM,
    &BATCH,
    &APP_SERVICE,
    &CONTAINER_REGISTRY,
    &APP_CONFIGURATION,
    &DEVOPS,
];

/// Azure Resource Manager, under both of its names.
pub static ARM: Resource = Resource {
    name: "Azure Resource Manager",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0x797f4846_ba00_4fd7_ba43_dac1f8f63013)),
            registered: &[
                "https://management.azure.com/",
                "https://management.core.windows.net/",
            ],
            seen: &[
                "https://management.azure.com",
                "https://management.core.windows.net",
            ],
            scope: "https://management.azure.com/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: UsGovernment,
            application: Some(app(0x40a69793_8fe6_4db1_9591_dbc5c57b17d8)),
            registered: &[
                "https://management.core.usgovcloudapi.net/",
                "https://management.usgovcloudapi.net",
            ],
            seen: &[
                "https://management.core.usgovcloudapi.net",
                "https://management.usgovcloudapi.net/",
            ],
            scope: "https://management.usgovcloudapi.net/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &[
                "https://management.chinacloudapi.cn",
                "https://management.chinacloudapi.cn/",
                "https://management.core.chinacloudapi.cn",
                "https://management.core.chinacloudapi.cn/",
            ],
            scope: "https://management.chinacloudapi.cn/.default",
            confidence: Medium,
            source: "azure-cli cloud.py; hashicorp go-azure-sdk environments",
        },
    ],
};

/// Azure Key Vault.
pub static KEY_VAULT: Resource = Resource {
    name: "Key Vault",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0xcfa8b339_82a2_471a_a3c9_0fc0be7a4093)),
            registered: &["https://vault.azure.net"],
            seen: &["https://vault.azure.net/"],
            scope: "https://vault.azure.net/.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: UsGovernment,
            application: Some(app(0xcfa8b339_82a2_471a_a3c9_0fc0be7a4093)),
            registered: &[],
            seen: &["https://vault.usgovcloudapi.net"],
            scope: "https://vault.usgovcloudapi.net/.default",
            confidence: High,
            source: "azure-cli cloud.py; hashicorp go-azure-sdk environments",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["https://vault.azure.cn"],
            scope: "https://vault.azure.cn/.default",
            confidence: High,
            source: "azure-cli cloud.py; hashicorp go-azure-sdk environments",
        },
    ],
};

/// Azure Managed HSM.
pub static MANAGED_HSM: Resource = Resource {
    name: "Managed HSM",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0x589d5083_6f11_4d30_a62a_a4b316a14abf)),
        registered: &["https://managedhsm.azure.net"],
        seen: &[],
        scope: "https://managedhsm.azure.net/.default",
        confidence: High,
        source: "ROADtools firstpartyscopes.json",
    }],
};

/// Azure Batch, which insists on the slash in `aud`.
pub static BATCH: Resource = Resource {
    name: "Azure Batch",
    clouds: &[
        InCloud {
            cloud: Public,
            application: Some(app(0xddbf3205_c6bd_46ae_8127_60eb93363864)),
            registered: &["https://batch.core.windows.net/"],
            seen: &[],
            scope: "https://batch.core.windows.net//.default",
            confidence: High,
            source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
        },
        InCloud {
            cloud: UsGovernment,
            application: None,
            registered: &[],
            seen: &["https://batch.core.usgovcloudapi.net/"],
            scope: "https://batch.core.usgovcloudapi.net//.default",
            confidence: Medium,
            source: "azure-cli cloud.py",
        },
        InCloud {
            cloud: China,
            application: None,
            registered: &[],
            seen: &["https://batch.chinacloudapi.cn/"],
            scope: "https://batch.chinacloudapi.cn//.default",
            confidence: Medium,
            source: "azure-cli cloud.py",
        },
    ],
};

/// The management side of App Service. A site behind its built-in authentication has the
/// audience of its own registration instead.
pub static APP_SERVICE: Resource = Resource {
    name: "App Service (platform)",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0xabfa0a7c_a6b6_4736_8310_5855508787cd)),
        registered: &["https://appservice.azure.com"],
        seen: &[],
        scope: "https://appservice.azure.com/.default",
        confidence: High,
        source: "ROADtools firstpartyscopes.json; azure-cli cloud.py",
    }],
};

/// Azure Container Registry.
pub static CONTAINER_REGISTRY: Resource = Resource {
    name: "Container Registry",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0x76c92352_c057_4cc2_9b1e_f34c32bc58bd)),
        registered: &["https://containerregistry.azure.net"],
        seen: &[],
        scope: "https://containerregistry.azure.net/.default",
        confidence: High,
        source: "ROADtools firstpartyscopes.json",
    }],
};

/// Azure App Configuration.
pub static APP_CONFIGURATION: Resource = Resource {
    name: "App Configuration",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0x35ffadb3_7fc1_497e_b61b_381d28e744cc)),
        registered: &["https://appconfig.azure.com", "https://azconfig.io"],
        seen: &[],
        scope: "https://appconfig.azure.com/.default",
        confidence: High,
        source: "ROADtools firstpartyscopes.json",
    }],
};

/// Azure DevOps.
pub static DEVOPS: Resource = Resource {
    name: "Azure DevOps",
    clouds: &[InCloud {
        cloud: Public,
        application: Some(app(0x499b84ac_1321_427f_aa17_267ca6975798)),
        registered: &[
            "https://app.vssps.visualstudio.com/",
            "https://analytics.dev.azure.com/",
        ],
        seen: &[],
        scope: "499b84ac-1321-427f-aa17-267ca6975798/.default",
        confidence: High,
        source: "ROADtools firstpartyscopes.json",
    }],
};
