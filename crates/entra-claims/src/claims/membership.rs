//! Member or guest, groups, and the facets of agent identities.

use foundry_scopes::TenantId;
use serde_json::Value;

use super::Claims;

/// How a user stands to the tenant that the token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "yes, no, cannot tell")]
pub enum Membership {
    /// An account of the tenant.
    Member,
    /// An account of another tenant, or a personal one, that was invited.
    Guest,
    /// The token does not tell: let the API's registration ask for the optional claim
    /// `acct`.
    Unknown,
}

impl Claims {
    /// Whether the user is a guest, read now: by `acct`, else by the tenant that `idp`
    /// names, else by `xms_idrel` (Entra docs "Optional claims reference" and "Token claims
    /// reference for agent identities").
    ///
    /// The tenants are compared and not the texts: `idp` has the form of v1 issuers in v2
    /// tokens, too.
    ///
    /// ```
    /// use entra_claims::{Membership, UnverifiedToken};
    /// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
    /// let token = UnverifiedToken::decode(token)?;
    /// assert_eq!(token.claims().membership(), Membership::Unknown);
    /// # Ok::<(), entra_claims::DecodeError>(())
    /// ```
    #[must_use]
    pub fn membership(&self) -> Membership {
        match self.get("acct").and_then(|acct| acct.as_i64()) {
            Some(0) => return Membership::Member,
            Some(1) => return Membership::Guest,
            _ => {}
        }
        if let Some(idp) = self.idp() {
            let home = idp.split('/').find_map(TenantId::from_token);
            let here = self.tid().and_then(TenantId::from_token);
            return if home.is_some() && home == here {
                Membership::Member
            } else {
                Membership::Guest
            };
        }
        match self.relation() {
            Some(relation) if relation.contains(MEMBER_RELATION) => Membership::Member,
            Some(relation) if relation.contains(GUEST_RELATION) => Membership::Guest,
            _ => Membership::Unknown,
        }
    }

    /// Whether the token is of a personal Microsoft account.
    #[must_use]
    pub fn is_personal_account(&self) -> bool {
        self.tid().and_then(TenantId::from_token) == Some(TenantId::PERSONAL)
    }
}

const MEMBER_RELATION: u8 = 1;
const GUEST_RELATION: u8 = 5;

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

/// The set in `xms_act_fct`, `xms_sub_fct`, `xms_tnt_fct` or `xms_idrel`.
///
/// Meaningful values are odd; Entra ID adds even ones and changes the order, so that
/// the text is not compared (Entra doc "Token claims reference for agent identities").
///
/// ```
/// use entra_claims::Facets;
///
/// let facets = Facets::parse("9 3 11").unwrap();
/// assert!(facets.contains(Facets::AGENT_IDENTITY));
/// assert!(!facets.contains(Facets::AGENT_USER));
/// assert_eq!(Facets::parse("12 a 13"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facets(u128);

impl Facets {
    /// An agent identity.
    pub const AGENT_IDENTITY: u8 = 11;
    /// An agent's user account.
    pub const AGENT_USER: u8 = 13;

    /// Reads the text of a facet claim; values above 127 have no meaning and are dropped.
    ///
    /// `None` if any part is not a number: then nothing is known, neither that the caller
    /// is an agent nor that it is not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut set = 0_u128;
        for part in text.split_ascii_whitespace() {
            if !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let value: u64 = part.parse().ok()?;
            if value < 128 {
                set |= 1 << value;
            }
        }
        (set != 0).then_some(Self(set))
    }

    /// The values, in ascending order, those without a meaning included.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..128).filter(move |value| self.contains(*value))
    }

    /// Whether `value` is in the set.
    #[must_use]
    pub const fn contains(self, value: u8) -> bool {
        value < 128 && self.0 >> value & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";

    fn membership(more: &str) -> Membership {
        let json = format!(r#"{{"tid":"{HERE}"{more}}}"#);
        Claims::parse(json).unwrap().membership()
    }

    #[test]
    fn tenants_are_compared_and_not_texts() {
        use Membership::{Guest, Member, Unknown};
        let idp = |issuer: &str| membership(&format!(r#","idp":"{issuer}""#));
        let other = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
        assert_eq!(idp(&format!("https://sts.windows.net/{HERE}/")), Member);
        assert_eq!(
            idp(&format!("https://login.microsoftonline.com/{HERE}/v2.0")),
            Member
        );
        assert_eq!(idp(&format!("https://sts.windows.net/{other}/")), Guest);
        assert_eq!(idp("live.com"), Guest);
        assert_eq!(membership(""), Unknown);
        assert_eq!(membership(r#","acct":0"#), Member);
        assert_eq!(membership(r#","acct":1"#), Guest);
        assert_eq!(membership(r#","acct":2"#), Unknown);
        assert_eq!(membership(r#","acct":"1""#), Unknown);
        assert_eq!(membership(r#","acct":0,"idp":"live.com""#), Member);
        assert_eq!(membership(r#","xms_idrel":"1 28""#), Member);
        assert_eq!(membership(r#","xms_idrel":"5 2""#), Guest);
        assert_eq!(membership(r#","xms_idrel":"5 a""#), Unknown);
    }

    #[test]
    fn facet_texts_are_read_as_sets() {
        let agent_user = |text| Facets::parse(text).is_some_and(|set| set.contains(13));
        for (text, expected) in [
            ("1 2 13 15", true),
            ("1 2 3 4", false),
            ("   9   13   21  ", true),
            ("12 a 13", false),
            ("7 8 13 21", true),
            ("   ", false),
            ("", false),
            ("+13", false),
            ("-13", false),
            ("13 99999999999999999999", false),
            ("13 4294967296", true),
            ("130", false),
        ] {
            assert_eq!(agent_user(text), expected, "{text:?}");
        }
    }
}
