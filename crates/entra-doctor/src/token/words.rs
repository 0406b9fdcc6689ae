//! Audiences, clients, callers and agent claims in words.

use entra_claims::{ClientAuthentication, Facets, KindGuess, PrincipalKind, UnverifiedToken};
use foundry_scopes::catalogue::{self, Resource};
use foundry_scopes::{AppIdUri, ClientId};

/// What an `aud` names, in words.
pub(super) fn audience(aud: &str) -> String {
    let known: Vec<_> = catalogue::by_audience(aud).map(Resource::name).collect();
    if let [first, ..] = known.as_slice() {
        return match known.as_slice() {
            [_] => format!("for {first}"),
            _ => format!("for one of: {} (they share this id)", known.join(", ")),
        };
    }
    if ClientId::parse(aud).is_ok() {
        return "for the API with this client id, as v2 tokens name it".to_owned();
    }
    match AppIdUri::parse(aud) {
        Ok(_) => "for the API registered under this App ID URI, as v1 tokens name it".to_owned(),
        Err(_) => "neither a client id nor an App ID URI".to_owned(),
    }
}

/// The client application, which may be a well-known one that is there by accident.
pub(super) fn client(id: &str) -> String {
    let known = ClientId::parse(id).ok().and_then(catalogue::client);
    match known {
        Some(client) => format!("{client} asked for it: {}", client.note()),
        None => "the application that asked for it".to_owned(),
    }
}

/// How the client proved who it is.
pub(super) fn proof(proof: Option<ClientAuthentication>) -> &'static str {
    match proof {
        Some(ClientAuthentication::None) => "the client proved nothing: a public client",
        Some(ClientAuthentication::Secret) => "the client proved itself with a secret",
        Some(ClientAuthentication::Certificate) => {
            "the client proved itself with a certificate, or is a managed identity"
        }
        _ => "how the client proved itself: not known",
    }
}

/// The word for machines.
pub(super) fn caller_code(guess: KindGuess) -> &'static str {
    match guess {
        KindGuess::Access(kind) => kind.as_str(),
        KindGuess::IdToken(_) => "id-token",
        KindGuess::ProofOfPossession => "proof-of-possession",
        _ => "unclear",
    }
}

pub(super) fn caller(guess: KindGuess) -> &'static str {
    match guess {
        KindGuess::Access(PrincipalKind::User) => "It looks like a user's access token",
        KindGuess::Access(PrincipalKind::App) => {
            "It looks like an application's own access token, without a user"
        }
        KindGuess::Access(PrincipalKind::Agent) => {
            "It looks like an agent identity's own access token, without a user"
        }
        KindGuess::Access(PrincipalKind::AgentForUser) => {
            "It looks like an access token of a user who acts through an agent"
        }
        KindGuess::Access(PrincipalKind::AgentUserAccount) => {
            "It looks like an access token of an agent's own user account"
        }
        KindGuess::Access(PrincipalKind::UserThroughAgentClient) => {
            "It looks like an access token of a user through a public client that is registered as \
             an agent"
        }
        KindGuess::IdToken(_) => "It looks like an ID token, which opens no API",
        KindGuess::ProofOfPossession => {
            "It looks like the envelope of a proof of possession, with the access token inside"
        }
        _ => "The claims do not tell what kind of token it is",
    }
}

/// Which claims decided.
pub(super) fn because(guess: KindGuess, token: &UnverifiedToken) -> String {
    match guess {
        KindGuess::IdToken(mark) => format!("there is {mark}, as in ID tokens only"),
        KindGuess::Unclear(what) => what.to_owned(),
        KindGuess::ProofOfPossession => "`typ` in the header says pop".to_owned(),
        KindGuess::Access(kind) => {
            let delegated = if kind.is_delegated() {
                "`scp` holds scopes"
            } else if token.claims().idtyp().is_some() {
                "`idtyp` says app"
            } else {
                "there is no scope, and `sub` is `oid`"
            };
            match kind {
                PrincipalKind::User | PrincipalKind::App => delegated.to_owned(),
                PrincipalKind::AgentUserAccount => {
                    format!("{delegated}, and `xms_sub_fct` names an agent's user account")
                }
                PrincipalKind::UserThroughAgentClient => {
                    format!("{delegated}, an agent claim is there, and the client proved nothing")
                }
                _ => format!("{delegated}, and an agent claim is there"),
            }
        }
        _ => "of its claims".to_owned(),
    }
}

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
