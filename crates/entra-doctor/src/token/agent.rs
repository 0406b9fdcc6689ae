//! The sets of numbers in the claims about agents, in words (Entra doc "Token claims
//! reference for agent identities").

use entra_claims::Facets;

const RELATIONS: [(u8, &str); 17] = [
    (1, "a member"),
    (3, "a member with a personal account"),
    (5, "a guest"),
    (7, "a service principal"),
    (9, "a device"),
    (
        11,
        "a partner's user with granular delegated administration",
    ),
    (13, "an application without a service principal"),
    (15, "a passthrough"),
    (17, "a native-identity user with a profile"),
    (19, "a native-identity user"),
    (21, "a native-identity participant of a Teams meeting"),
    (23, "a passthrough participant of a Teams meeting"),
    (25, "a native-identity user of shared content"),
    (27, "a synchronized member of a multitenant organization"),
    (29, "a weak user of a multitenant organization"),
    (31, "a partner's user with delegated administration"),
    (33, "a federated managed identity"),
];

/// How the subject stands to the tenant.
pub(super) fn relation(set: Option<Facets>) -> String {
    let Some(set) = set else {
        return UNREADABLE.to_owned();
    };
    let known: Vec<_> = RELATIONS
        .iter()
        .filter(|(value, _)| set.contains(*value))
        .map(|(_, words)| *words)
        .collect();
    match known.as_slice() {
        [] => "how the subject stands to the tenant: no number with a known meaning".to_owned(),
        known => format!("the subject is, in this tenant, {}", known.join(", ")),
    }
}

/// What `whose` is.
pub(super) fn facets(whose: &str, set: Option<Facets>) -> String {
    let Some(set) = set else {
        return UNREADABLE.to_owned();
    };
    match (
        set.contains(Facets::AGENT_USER),
        set.contains(Facets::AGENT_IDENTITY),
    ) {
        (true, _) => format!("{whose} is an agent's user account"),
        (false, true) => format!("{whose} is an agent identity"),
        (false, false) => format!("{whose} is no agent"),
    }
}

const UNREADABLE: &str = "no list of numbers, so nothing is known of agents";
