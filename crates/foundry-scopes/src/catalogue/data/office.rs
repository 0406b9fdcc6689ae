//! Microsoft 365, its security services and device management.

use super::MI;
use crate::catalogue::resource::{IssuedTokenVersion, Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::{Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &SHAREPOINT,
    &EXCHANGE,
    &OFFICE_MANAGEMENT,
    &DEFENDER_ENDPOINT,
    &DEFENDER_XDR,
    &INTUNE,
    &SECURITY_COPILOT,
];

/// SharePoint Online.
pub static SHAREPOINT: Resource = Resource {
    code: "sharepoint",
    name: "SharePoint Online",
    also: &["Office 365 SharePoint Online", "SharePoint"],
    clouds: &[row(
        Public,
        High,
        &[MI, "SharePoint doc \"Access via Entra app-only\""],
    )
    .app(0x00000003_0000_0ff1_ce00_000000000000)
    .registered(&["https://*.sharepoint.com/"])
    .seen(&["https://*.sharepoint.com"])
    .scopes(&["00000003-0000-0ff1-ce00-000000000000/.default"])
    .hosts(&["*.sharepoint.com"])],
    tokens: IssuedTokenVersion::V1,
    access: "permissions of SharePoint, delegated or application; Microsoft Graph covers most of it",
    quirks: &[
        "Ask for https://<tenant>.sharepoint.com/.default: the tenant's own host is the resource.",
        "An application's own token needs a certificate: one from a client secret is refused with 401.",
    ],
    ..Resource::NEW
};

/// Exchange Online.
pub static EXCHANGE: Resource = Resource {
    code: "exchange",
    name: "Exchange Online",
    also: &["Office 365 Exchange Online"],
    clouds: &[row(
        Public,
        High,
        &[
            MI,
            "Exchange doc \"Authenticate an EWS application by OAuth\"",
        ],
    )
    .app(0x00000002_0000_0ff1_ce00_000000000000)
    .registered(&[
        "https://outlook.office.com",
        "https://outlook.office365.com",
    ])
    .seen(&[
        "https://outlook.office.com/",
        "https://outlook.office365.com/",
    ])
    .scopes(&[
        "https://outlook.office365.com/.default",
        "https://outlook.office.com/.default",
    ])
    .hosts(&[
        "outlook.office365.com",
        "outlook.office.com",
        "smtp.office365.com",
    ])],
    tokens: IssuedTokenVersion::V1,
    access: "permissions of Exchange; for IMAP, POP and SMTP a service principal in Exchange as well",
    ..Resource::NEW
};

/// The Office 365 Management APIs.
pub static OFFICE_MANAGEMENT: Resource = Resource {
    code: "office_management",
    name: "Office 365 Management APIs",
    clouds: &[
        row(
            Public,
            High,
            &[MI, "Office 365 Management API doc \"Get started\""],
        )
        .app(0xc5393580_f805_4401_95e8_94b7a6ef2fc2)
        .registered(&["https://manage.office.com"])
        .seen(&["https://manage.office.com/"])
        .scopes(&["https://manage.office.com/.default"])
        .hosts(&["manage.office.com", "manage-gcc.office.com"]),
        row(
            UsGovernment,
            Medium,
            &["Office 365 Management API doc \"Activity API reference\""],
        )
        .registered(&["https://manage.office365.us"])
        .scopes(&["https://manage.office365.us/.default"])
        .hosts(&["manage.office365.us"]),
    ],
    tokens: IssuedTokenVersion::V1,
    permissions: &[
        "ActivityFeed.Read",
        "ActivityFeed.ReadDlp",
        "ServiceHealth.Read",
    ],
    ..Resource::NEW
};

/// Microsoft Defender for Endpoint.
pub static DEFENDER_ENDPOINT: Resource = Resource {
    code: "defender_endpoint",
    name: "Microsoft Defender for Endpoint",
    also: &["WindowsDefenderATP"],
    clouds: &[row(
        Public,
        High,
        &[MI, "Defender for Endpoint doc \"Access the API\""],
    )
    .app(0xfc780465_2017_40d4_a0c5_307022471b92)
    .registered(&["https://api.securitycenter.microsoft.com"])
    .seen(&["https://api.securitycenter.microsoft.com/"])
    .scopes(&["https://api.securitycenter.microsoft.com/.default"])
    .hosts(&[
        "api.securitycenter.microsoft.com",
        "*.securitycenter.microsoft.com",
    ])],
    tokens: IssuedTokenVersion::V1,
    permissions: &["Machine.Read.All", "Alert.Read.All", "Machine.Isolate"],
    quirks: &[
        "Regional hosts such as api-eu.securitycenter.microsoft.com take tokens for the one identifier.",
    ],
    ..Resource::NEW
};

/// Microsoft Defender XDR.
pub static DEFENDER_XDR: Resource = Resource {
    code: "defender_xdr",
    name: "Microsoft Defender XDR",
    also: &["Microsoft Threat Protection"],
    clouds: &[row(
        Public,
        Medium,
        &[MI, "Defender XDR doc \"Access the APIs\""],
    )
    .app(0x8ee8fdad_f234_4243_8f3b_15c294843740)
    .registered(&["https://api.security.microsoft.com"])
    .seen(&["https://api.security.microsoft.com/"])
    .scopes(&["https://api.security.microsoft.com/.default"])
    .hosts(&["api.security.microsoft.com", "*.security.microsoft.com"])],
    tokens: IssuedTokenVersion::V1,
    permissions: &["AdvancedHunting.Read.All", "Incident.Read.All"],
    ..Resource::NEW
};

/// Microsoft Intune's own API.
pub static INTUNE: Resource = Resource {
    code: "intune",
    name: "Microsoft Intune API",
    clouds: &[row(
        Public,
        Medium,
        &[MI, "Intune doc \"Third-party certificate authorities\""],
    )
    .app(0xc161e42e_d4df_4a3d_9b42_e7a3c31f59d4)
    .registered(&["https://api.manage.microsoft.com/"])
    .seen(&["https://api.manage.microsoft.com"])
    .scopes(&["https://api.manage.microsoft.com//.default"])
    .hosts(&["api.manage.microsoft.com", "*.manage.microsoft.com"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "permissions of Intune; device management itself is in Microsoft Graph",
    ..Resource::NEW
};

/// Microsoft Security Copilot.
pub static SECURITY_COPILOT: Resource = Resource {
    code: "security_copilot",
    name: "Microsoft Security Copilot",
    also: &["Medeina Service"],
    clouds: &[row(
        Public,
        Medium,
        &[MI, "Security Copilot doc, Conditional Access"],
    )
    .app(0xbb3d68c2_d09e_4455_94a0_e323996dbaa3)
    .registered(&["https://api.securitycopilot.microsoft.com"])
    .scopes(&["https://api.securitycopilot.microsoft.com/.default"])
    .hosts(&["api.securitycopilot.microsoft.com"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "Security Copilot roles",
    ..Resource::NEW
};
