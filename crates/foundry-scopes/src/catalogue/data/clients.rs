//! Table of well-known client applications, by id.

use super::{MI, app};
use crate::catalogue::client::KnownClient;
use crate::catalogue::role::Confidence::{High, Medium};

/// The rows.
pub(in crate::catalogue) static ALL: &[KnownClient] = &[
    KnownClient {
        name: "Azure CLI",
        id: app(0x04b07795_8ddb_461a_bbee_02f9e1bf7b46),
        note: "its tokens for Microsoft Graph carry Directory.AccessAsUser.All, which the Agent Identity APIs refuse with 403",
        confidence: High,
        source: MI,
    },
    KnownClient {
        name: "Azure PowerShell",
        id: app(0x1950a258_227b_4e31_a9cf_717495945fc2),
        note: "a user signed in to Azure PowerShell",
        confidence: High,
        source: MI,
    },
    KnownClient {
        name: "Azure AI Studio App",
        id: app(0xcb2ff863_7f30_4ced_ab89_a00194bcf6d9),
        note: "the Foundry portal and the broker of agent sign-ins: it asks for Azure Resource Manager when a user signs in to a published agent, which is not the customer's to change",
        confidence: High,
        source: MI,
    },
    KnownClient {
        name: "Azure AI Bot Service token store",
        id: app(0x5b404cf4_a79d_4cfe_b866_24bf8e1a4921),
        note: "its reply address is https://token.botframework.com/.auth/web/redirect",
        confidence: Medium,
        source: MI,
    },
    KnownClient {
        name: "Bot Framework Dev Portal",
        id: app(0xf3723d34_6ff5_4ceb_a148_d99dcd2511fc),
        note: "the portal of the Bot Framework",
        confidence: Medium,
        source: MI,
    },
];
