//! The guess about the caller, in words.

use entra_claims::{KindGuess, PrincipalKind, UnverifiedToken};

/// The word for machines.
pub(super) fn code(guess: KindGuess) -> &'static str {
    match guess {
        KindGuess::Access(kind) => kind.as_str(),
        KindGuess::IdToken(_) => "id-token",
        KindGuess::ProofOfPossession => "proof-of-possession",
        _ => "unclear",
    }
}

pub(super) fn in_words(guess: KindGuess) -> &'static str {
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
                _ => format!("{delegated}, and an agent claim is there"),
            }
        }
        _ => "of its claims".to_owned(),
    }
}
