//! The numbers, for those who have to know them all.

use super::table;

/// The number of every error that the emulator can answer with, in no order.
///
/// Something that explains Entra's errors can prove with it that it knows these.
/// [`Fault::aadsts`](crate::Fault::aadsts) takes other numbers too.
///
/// ```
/// assert!(entra_emulator::error_codes().any(|number| number == 65001));
/// ```
#[must_use]
pub fn error_codes() -> impl ExactSizeIterator<Item = u32> {
    table::ALL.iter().map(|row| row.code)
}
