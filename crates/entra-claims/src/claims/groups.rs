//! Group membership, as far as a token tells it.

use serde_json::Value;

use super::Claims;

/// The groups of a user, if the token holds them.
///
/// A token lists up to 200 groups. A user in more has a token with none, and a mark that it
/// is so (Entra doc "Access token claims reference", groups overage): a missing list is not
/// an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there, too many, not there")]
pub enum Groups {
    /// Object ids, or names where the API's registration asks for those.
    Listed(Vec<String>),
    /// More than a token holds: only Microsoft Graph can tell.
    Overage,
    /// No claim. The API's registration does not ask for groups, or there are none.
    NotEmitted,
}

impl Claims {
    /// The caller's groups, read now.
    ///
    /// A claim `groups` that is no array of texts counts as [`Groups::Overage`]: it cannot
    /// be told.
    #[must_use]
    pub fn groups(&self) -> Groups {
        let marked = self
            .get("_claim_names")
            .is_some_and(|names| names.get("groups").is_some())
            || self.get("hasgroups") == Some(Value::Bool(true));
        match self.get("groups") {
            _ if marked => Groups::Overage,
            None => Groups::NotEmitted,
            Some(value) => match super::lazy::texts(value) {
                Some(groups) => Groups::Listed(groups),
                None => Groups::Overage,
            },
        }
    }
}
