//! Guess of the token kind: access token, ID token or proof of possession.

use super::UnverifiedToken;
use crate::kind::{self, PrincipalKind, Unclear};

/// What the claims of a decoded token suggest, by the rules that validation applies.
///
/// A guess: nothing was verified, so no decision may stand on it.
///
/// ```
/// use entra_claims::{KindGuess, PrincipalKind, UnverifiedToken};
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let guess = UnverifiedToken::decode(token)?.kind_guess();
/// assert_eq!(guess, KindGuess::Access(PrincipalKind::User));
/// # Ok::<(), entra_claims::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KindGuess {
    /// An access token of this kind of caller.
    Access(PrincipalKind),
    /// An ID token, and what shows it: it tells a client who signed in and opens no API.
    IdToken(&'static str),
    /// The envelope of a proof of possession (`typ` is `pop`): it proves that its sender holds
    /// a key, the access token is its claim `at`, and the scheme `PoP` sends it.
    ProofOfPossession,
    /// The claims contradict each other or leave it open, and how.
    Unclear(&'static str),
}

impl UnverifiedToken {
    /// What kind of token it seems to be.
    #[must_use]
    pub fn kind_guess(&self) -> KindGuess {
        if self.header().is_proof_of_possession() {
            return KindGuess::ProofOfPossession;
        }
        if let Some(mark) = kind::id_token_mark(self.claims()) {
            return KindGuess::IdToken(mark);
        }
        match kind::classify(self.claims()) {
            Ok((kind, _)) => KindGuess::Access(kind),
            Err(Unclear::Contradiction(what) | Unclear::Nothing(what)) => KindGuess::Unclear(what),
        }
    }
}
