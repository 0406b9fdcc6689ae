//! Resources of key vaults, HSMs, attestation and ledgers.

use super::roles::{
    ATTESTATION_READER, KEY_VAULT_ADMINISTRATOR, KEY_VAULT_CERTIFICATE_USER, KEY_VAULT_CRYPTO_USER,
    KEY_VAULT_SECRETS_USER,
};
use super::{CLI, HC, MI, RT};
use crate::catalogue::resource::{Resource, row};
use crate::catalogue::role::Confidence::{High, Low};
use crate::cloud::KnownCloud::{Bleu, China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] =
    &[&KEY_VAULT, &MANAGED_HSM, &ATTESTATION, &CONFIDENTIAL_LEDGER];

/// Azure Key Vault.
pub static KEY_VAULT: Resource = Resource {
    code: "key_vault",
    name: "Key Vault",
    clouds: &[
        row(
            Public,
            High,
            &[RT, MI, CLI, "azure_security_keyvault_keys authorizer.rs"],
        )
        .app(0xcfa8b339_82a2_471a_a3c9_0fc0be7a4093)
        .registered(&["https://vault.azure.net", "https://*.vault.azure.net"])
        .seen(&["https://vault.azure.net/"])
        .scopes(&["https://vault.azure.net/.default"])
        .hosts(&["*.vault.azure.net"]),
        row(UsGovernment, High, &[CLI, HC])
            .app(0xcfa8b339_82a2_471a_a3c9_0fc0be7a4093)
            .seen(&["https://vault.usgovcloudapi.net"])
            .scopes(&["https://vault.usgovcloudapi.net/.default"])
            .hosts(&["*.vault.usgovcloudapi.net"]),
        row(China, High, &[CLI, HC])
            .seen(&["https://vault.azure.cn"])
            .scopes(&["https://vault.azure.cn/.default"])
            .hosts(&["*.vault.azure.cn"]),
        row(
            Bleu,
            Low,
            &[CLI, "derived there from the suffix of vault hosts"],
        )
        .seen(&["https://vault.sovcloud-api.fr"])
        .scopes(&["https://vault.sovcloud-api.fr/.default"])
        .hosts(&["*.vault.sovcloud-api.fr"]),
    ],
    roles: &[
        &KEY_VAULT_SECRETS_USER,
        &KEY_VAULT_CRYPTO_USER,
        &KEY_VAULT_CERTIFICATE_USER,
        &KEY_VAULT_ADMINISTRATOR,
    ],
    access: "Azure roles, or access policies of the vault",
    quirks: &[
        "A vault names its authority and resource in WWW-Authenticate: the resource must be a parent of the vault's own host.",
    ],
    ..Resource::NEW
};

/// Azure Managed HSM.
pub static MANAGED_HSM: Resource = Resource {
    code: "managed_hsm",
    name: "Managed HSM",
    clouds: &[row(Public, High, &[RT, CLI])
        .app(0x589d5083_6f11_4d30_a62a_a4b316a14abf)
        .registered(&["https://managedhsm.azure.net"])
        .scopes(&["https://managedhsm.azure.net/.default"])
        .hosts(&["*.managedhsm.azure.net"])],
    access: "roles within the HSM",
    quirks: &[
        "Other clouds are documented as host suffixes only: managedhsm.usgovcloudapi.net, managedhsm.azure.cn, managedhsm.sovcloud-api.fr.",
    ],
    ..Resource::NEW
};

/// Azure Attestation.
pub static ATTESTATION: Resource = Resource {
    code: "attestation",
    name: "Azure Attestation",
    clouds: &[
        row(Public, High, &[RT, CLI])
            .app(0xc61423b7_1d1f_430d_b444_0eee53298103)
            .registered(&["https://attest.azure.net"])
            .scopes(&["https://attest.azure.net/.default"])
            .hosts(&["*.attest.azure.net"]),
        row(UsGovernment, High, &[RT, CLI])
            .app(0xc61423b7_1d1f_430d_b444_0eee53298103)
            .registered(&["https://attest.azure.us"])
            .scopes(&["https://attest.azure.us/.default"])
            .hosts(&["*.attest.azure.us"]),
    ],
    roles: &[&ATTESTATION_READER],
    ..Resource::NEW
};

/// Azure Confidential Ledger.
pub static CONFIDENTIAL_LEDGER: Resource = Resource {
    code: "confidential_ledger",
    name: "Confidential Ledger",
    clouds: &[row(Public, High, &[RT])
        .app(0xc9e0b461_3515_4a03_b576_ede91ed4336d)
        .registered(&["https://confidential-ledger.azure.com"])
        .scopes(&["https://confidential-ledger.azure.com/.default"])
        .hosts(&["*.confidential-ledger.azure.com"])],
    access: "roles of the ledger",
    ..Resource::NEW
};
