//! What Conditional Access asks of the person who signs in.

use super::Chosen;
use crate::directory::{App, Requirement};
use crate::session::{ClaimsRequest, Session, asked_policies};

/// One thing that the person has to answer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Demand {
    SecondFactor,
    Conditions,
    CompliantDevice,
    ExternalChallenge,
}

impl Demand {
    /// Each once, the second factor first. What no answer meets is refused before.
    pub(super) fn all(
        who: Chosen<'_>,
        resource: &App,
        claims: &ClaimsRequest,
        session: &Session,
    ) -> Vec<Self> {
        let mut all: Vec<Self> = session
            .mfa
            .then_some(Self::SecondFactor)
            .into_iter()
            .collect();
        for policy in asked_policies(who.tenant, who.user, resource.client_id(), claims) {
            let demand = match policy.requirement {
                Requirement::Conditions => Self::Conditions,
                Requirement::CompliantDevice => Self::CompliantDevice,
                Requirement::ExternalChallenge => Self::ExternalChallenge,
                // The first is asked for above, and a sign-in on pages is a new one.
                Requirement::Mfa
                | Requirement::SignInFrequency { .. }
                | Requirement::Block
                | Requirement::SecurityPolicy => continue,
            };
            if !all.contains(&demand) {
                all.push(demand);
            }
        }
        all
    }

    /// As the page says it.
    pub(in crate::http) fn text(self) -> &'static str {
        match self {
            Self::SecondFactor => "a second factor",
            Self::Conditions => "a sign-in that meets its conditions, such as a known network",
            Self::CompliantDevice => "a device that complies with its rules",
            Self::ExternalChallenge => "the check of another provider",
        }
    }
}
