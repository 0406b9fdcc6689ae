//! Tables of the catalogue, one file per family of services.
//!
//! A row is what was registered or documented, so it is copied and never computed
//! from another cloud's row.

use crate::catalogue::resource::Resource;
use crate::id::ClientId;

pub(super) mod agents;
pub(super) mod ai;
pub(super) mod analytics;
pub(super) mod clients;
pub(super) mod database;
pub(super) mod directory;
pub(super) mod management;
pub(super) mod messaging;
pub(super) mod monitoring;
pub(super) mod office;
pub(super) mod power;
pub mod roles;
pub(super) mod secrets;
pub(super) mod storage;
pub(super) mod web;

/// All families.
pub(super) static FAMILIES: &[&[&Resource]] = &[
    ai::ALL,
    agents::ALL,
    management::ALL,
    secrets::ALL,
    web::ALL,
    storage::ALL,
    database::ALL,
    messaging::ALL,
    analytics::ALL,
    monitoring::ALL,
    directory::ALL,
    power::ALL,
    office::ALL,
];

/// The identifier URIs of the public cloud's directory, read in January 2026.
const RT: &str = "ROADtools firstpartyscopes.json";
/// Application ids of the public cloud, August 2026.
const MI: &str = "merill/microsoft-info MicrosoftApps.csv";
/// azure-cli-core 2.91.0.
const CLI: &str = "azure-cli cloud.py";
const HC: &str = "hashicorp go-azure-sdk environments";

/// Short, for the tables: `app(0x7d312290_28c8_473c_a0ed_8e53749b6d6d)`.
const fn app(bits: u128) -> ClientId {
    ClientId::from_u128(bits)
}
