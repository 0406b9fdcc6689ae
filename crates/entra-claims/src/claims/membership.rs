//! Member or guest of the tenant.

use foundry_scopes::TenantId;

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
}
