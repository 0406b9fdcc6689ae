//! The table, one file per family of services.
//!
//! A row is what somebody registered or documented, so it is copied and never computed
//! from another cloud's row.

use super::Resource;
use crate::ClientId;

pub(super) mod ai;
pub(super) mod azure;
pub(super) mod entra;
pub(super) mod storage;

/// All families.
pub(super) static FAMILIES: &[&[&Resource]] = &[ai::ALL, azure::ALL, storage::ALL, entra::ALL];

/// Short, for the tables: `app(0x7d312290_28c8_473c_a0ed_8e53749b6d6d)`.
const fn app(bits: u128) -> ClientId {
    ClientId::from_u128(bits)
}
