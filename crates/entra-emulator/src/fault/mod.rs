//! Failures on order.

mod queue;
mod rule;

pub(crate) use queue::Faults;
pub use queue::{FaultId, PendingFault};
pub(crate) use rule::Facts;
pub use rule::{Fault, FaultError};
