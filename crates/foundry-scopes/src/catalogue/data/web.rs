//! Resources of hosting and configuration services.

use super::management::ARM;
use super::roles::{
    ACR_PULL, ACR_PUSH, ACR_REPOSITORY_WRITER, APP_CONFIGURATION_DATA_OWNER,
    APP_CONFIGURATION_DATA_READER, AZURE_MAPS_DATA_READER, CONTAINER_APPS_SESSION_EXECUTOR,
    WEBSITE_CONTRIBUTOR,
};
use super::{CLI, MI, RT};
use crate::catalogue::resource::{IssuedTokenVersion, Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::{Bleu, China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &PROTECTED_SITE,
    &APP_SERVICE,
    &DYNAMIC_SESSIONS,
    &CONTAINER_REGISTRY,
    &AKS,
    &APP_CONFIGURATION,
    &MAPS,
];

/// A site of App Service or Functions behind its built-in authentication. The audience is the customer's own registration.
pub static PROTECTED_SITE: Resource = Resource {
    code: "protected_site",
    name: "App Service or Functions site with authentication",
    also: &["EasyAuth"],
    clouds: &[
        row(
            Public,
            High,
            &["App Service doc \"Configure Microsoft Entra authentication\""],
        )
        .hosts(&["*.azurewebsites.net"]),
        row(
            UsGovernment,
            High,
            &["App Service doc \"Configure Microsoft Entra authentication\""],
        )
        .hosts(&["*.azurewebsites.us"]),
        row(
            China,
            High,
            &["App Service doc \"Configure Microsoft Entra authentication\""],
        )
        .hosts(&["*.chinacloudsites.cn"]),
    ],
    tokens: IssuedTokenVersion::Registration,
    permissions: &["user_impersonation"],
    access: "app roles, and the allowed applications, identities and tenants of the site; Azure roles do not matter for inbound calls",
    quirks: &[
        "Ask for api://<client id>/.default, or whatever identifier URI the registration has: the resource requested must be registered, and the aud of the issued token must be allowed by the site.",
        "The client id itself is always an allowed audience; an App ID URI must be listed.",
        "A wrong audience is answered with 401, a policy with 403.",
        "If the identifier is not registered, Entra ID answers AADSTS500011 and the site sees no call at all.",
    ],
    ..Resource::NEW
};

/// The management side of App Service (Kudu).
pub static APP_SERVICE: Resource = Resource {
    code: "app_service",
    name: "App Service (platform)",
    also: &["Microsoft Azure App Service"],
    clouds: &[
        row(Public, High, &[RT, CLI])
            .app(0xabfa0a7c_a6b6_4736_8310_5855508787cd)
            .registered(&[
                "https://appservice.azure.com",
                "https://*.appservice.azure.com",
            ])
            .scopes(&["https://appservice.azure.com/.default"])
            .hosts(&["*.scm.azurewebsites.net"]),
        row(UsGovernment, High, &[CLI])
            .instead(&ARM)
            .hosts(&["*.scm.azurewebsites.us"]),
        row(China, High, &[CLI])
            .instead(&ARM)
            .hosts(&["*.scm.chinacloudsites.cn"]),
    ],
    roles: &[&WEBSITE_CONTRIBUTOR],
    quirks: &[
        "In the US Government cloud and in China the token for Azure Resource Manager is used instead.",
    ],
    ..Resource::NEW
};

/// Dynamic sessions of Container Apps.
pub static DYNAMIC_SESSIONS: Resource = Resource {
    code: "dynamic_sessions",
    name: "Container Apps dynamic sessions",
    clouds: &[row(Public, High, &[RT])
        .app(0x2c7dd73f_7a21_485b_b97d_a2508fa152c3)
        .registered(&["https://dynamicsessions.io", "https://acasessions.io"])
        .scopes(&[
            "https://dynamicsessions.io/.default",
            "https://acasessions.io/.default",
        ])
        .hosts(&["*.dynamicsessions.io"])],
    roles: &[&CONTAINER_APPS_SESSION_EXECUTOR],
    ..Resource::NEW
};

/// Azure Container Registry.
pub static CONTAINER_REGISTRY: Resource = Resource {
    code: "container_registry",
    name: "Container Registry",
    clouds: &[
        row(Public, High, &[RT, MI, "azure-dev developer_rbac_check.go"])
            .app(0x76c92352_c057_4cc2_9b1e_f34c32bc58bd)
            .registered(&["https://containerregistry.azure.net"])
            .scopes(&["https://containerregistry.azure.net/.default"])
            .hosts(&["*.azurecr.io"]),
    ],
    roles: &[&ACR_PULL, &ACR_PUSH, &ACR_REPOSITORY_WRITER],
    quirks: &[
        "Some tools ask for Azure Resource Manager and exchange that token at the registry.",
        "Registries with attribute-based access ignore AcrPull and AcrPush.",
    ],
    ..Resource::NEW
};

/// The server application of AKS clusters with Entra ID.
pub static AKS: Resource = Resource {
    code: "aks",
    name: "AKS AAD server",
    clouds: &[row(Public, High, &[RT])
        .app(0x6dae42f8_4368_4678_94ff_3960e28e3630)
        .registered(&["https://aks-aad-server.azure.com"])
        .scopes(&["6dae42f8-4368-4678-94ff-3960e28e3630/.default"])
        .hosts(&["*.azmk8s.io"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "AKS roles or Kubernetes roles",
    ..Resource::NEW
};

/// Azure App Configuration.
pub static APP_CONFIGURATION: Resource = Resource {
    code: "app_configuration",
    name: "App Configuration",
    clouds: &[
        row(
            Public,
            High,
            &[
                RT,
                MI,
                "microsoft/mcp EndpointValidator.cs",
                "azure-sdk-for-go azappconfig",
            ],
        )
        .app(0x35ffadb3_7fc1_497e_b61b_381d28e744cc)
        .registered(&[
            "https://appconfig.azure.com",
            "https://azconfig.io",
            "https://*.azconfig.io",
        ])
        .scopes(&[
            "https://appconfig.azure.com/.default",
            "https://azconfig.io/.default",
        ])
        .hosts(&["*.azconfig.io"]),
        row(UsGovernment, Medium, &[RT, "azure-sdk-for-go azappconfig"])
            .app(0x35ffadb3_7fc1_497e_b61b_381d28e744cc)
            .registered(&["https://*.azconfig.azure.us"])
            .seen(&["https://appconfig.azure.us"])
            .scopes(&["https://appconfig.azure.us/.default"])
            .hosts(&["*.azconfig.azure.us"]),
        row(
            China,
            Medium,
            &[
                "azure-sdk-for-go azappconfig",
                "microsoft/mcp EndpointValidator.cs",
            ],
        )
        .seen(&["https://appconfig.azure.cn"])
        .scopes(&["https://appconfig.azure.cn/.default"])
        .hosts(&["*.azconfig.azure.cn"]),
        row(Bleu, Medium, &["azure-sdk-for-go azappconfig"])
            .seen(&["https://appconfig.sovcloud-api.fr"])
            .scopes(&["https://appconfig.sovcloud-api.fr/.default"])
            .hosts(&["*.azconfig.sovcloud-api.fr"]),
    ],
    roles: &[
        &APP_CONFIGURATION_DATA_READER,
        &APP_CONFIGURATION_DATA_OWNER,
    ],
    quirks: &[
        "https://azconfig.io is the older identifier; https://<store>.azconfig.io asks for one store only.",
    ],
    ..Resource::NEW
};

/// Azure Maps.
pub static MAPS: Resource = Resource {
    code: "maps",
    name: "Azure Maps",
    clouds: &[row(Public, High, &[RT])
        .app(0xba1ea022_5807_41d5_bbeb_292c7e1cf5f6)
        .registered(&["https://atlas.microsoft.com/"])
        .seen(&["https://atlas.microsoft.com"])
        .scopes(&["https://atlas.microsoft.com/.default"])
        .hosts(&["atlas.microsoft.com"])],
    roles: &[&AZURE_MAPS_DATA_READER],
    quirks: &["Calls need the x-ms-client-id header besides the token."],
    ..Resource::NEW
};
