//! One caller against many requirements: what the token says of groups is read once.

use std::sync::{Arc, OnceLock};

use super::Requirement;
use super::rule::Caller;
use crate::claims::Groups;
use crate::principal::VerifiedToken;
use crate::reject::Rejection;

/// A caller who is checked against several requirements.
///
/// ```
/// use entra_claims::{CallerCheck, Requirement, dangerous};
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let caller = CallerCheck::new(dangerous::assume_verified(token)?);
/// assert!(caller.check(&Requirement::parse("access_as_user")?).is_ok());
/// assert!(caller.check(&Requirement::role("Jobs.Run")).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CallerCheck {
    token: VerifiedToken,
    groups: Arc<OnceLock<Groups>>,
}

impl CallerCheck {
    /// The caller of this token.
    #[must_use]
    pub fn new(token: VerifiedToken) -> Self {
        Self {
            token,
            groups: Arc::default(),
        }
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &VerifiedToken {
        &self.token
    }

    /// As [`Requirement::check`].
    ///
    /// # Errors
    ///
    /// As [`Requirement::check`].
    pub fn check(&self, rule: &Requirement) -> Result<(), Rejection> {
        rule.decide(Caller::new(&self.token, &self.groups))
    }
}

#[cfg(test)]
mod tests {
    use foundry_scopes::ObjectId;

    use super::super::rule::GROUPS_READ;
    use super::*;
    use crate::dangerous;

    #[test]
    fn groups_are_read_once_for_all_rules_and_not_at_all_without_one() {
        let token = include_str!("../../tests/data/token.txt");
        let caller = CallerCheck::new(dangerous::assume_verified(token).unwrap());
        GROUPS_READ.set(0);
        let scope = Requirement::parse("access_as_user").unwrap();
        assert!(caller.check(&scope).is_ok());
        assert_eq!(GROUPS_READ.get(), 0);
        for n in 1..=1_000 {
            let id = format!("00000000-0000-0000-0000-{n:012}");
            let group = Requirement::group(ObjectId::parse(&id).unwrap());
            let rule = Requirement::any_of([group.clone(), Requirement::all_of([group])]);
            assert!(caller.check(&rule).is_err());
        }
        assert_eq!(GROUPS_READ.get(), 1);
    }
}
