//! Token claims: one decoded payload, known claims as spans in it.

mod known;
mod lazy;
mod membership;
mod parse;
mod shown;
mod span;

use std::fmt;

use entra_parts::json::Name;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

pub(crate) use known::MarkClaim;
use known::{IntClaim, ListClaim, TextClaim};
pub use membership::{Facets, Groups, Membership};
use parse::Table;
pub use shown::ClientAuthentication;

/// What a token's payload says. Whether it is true depends on where it came from:
/// [`VerifiedToken::claims`](crate::VerifiedToken::claims) or a token that was only decoded.
///
/// Holds the decoded payload once; every text is borrowed from it. `Debug` shows nothing
/// of it, since claims are personal data.
///
/// Every claim that Microsoft documents for access tokens of v1 and v2 has an accessor:
///
/// - what decides ([`iss`](Self::iss), [`oid`](Self::oid), [`scopes`](Self::scopes),
///   [`roles`](Self::roles), the times, the facets of agents): a token with one of another type
///   is refused when it is decoded;
/// - texts that decide nothing ([`email`](Self::email), [`ipaddr`](Self::ipaddr), ...): of
///   another type they count as absent, and those that people take for identities say that
///   they are for display only;
/// - what few callers need ([`groups`](Self::groups), [`acrs`](Self::acrs), [`amr`](Self::amr),
///   ...) is read from the payload when it is asked for.
///
/// All others are kept as well: [`get`](Self::get), [`extension`](Self::extension),
/// [`as_json`](Self::as_json).
///
/// ```
/// use entra_claims::UnverifiedToken;
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let token = UnverifiedToken::decode(token)?;
/// let claims = token.claims();
/// assert_eq!(claims.ver(), Some("2.0"));
/// assert_eq!(claims.scopes().collect::<Vec<_>>(), ["access_as_user"]);
/// assert_eq!(claims.get("favourite"), Some(serde_json::json!({"colour": "blue"})));
/// assert_eq!(claims.get("absent"), None);
/// # Ok::<(), entra_claims::DecodeError>(())
/// ```
pub struct Claims {
    /// The payload as it was signed, then the texts that had escapes in them.
    buffer: String,
    /// Where the payload ends.
    len: usize,
    table: Box<Table>,
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $claim:ident,)*) => {
        impl Claims {
            $($(#[$doc])* #[must_use] pub fn $name(&self) -> Option<&str> {
                self.text(TextClaim::$claim)
            })*
        }
    };
}

texts! {
    /// `aud`: the API that the token is for.
    aud = Aud,
    /// `iss`: who issued the token, for which tenant.
    iss = Iss,
    /// `tid`: the tenant that the caller acts in.
    tid = Tid,
    /// `oid`: the caller's object in that tenant. With `tid`, the identity.
    oid = Oid,
    /// `sub`: the caller as this API sees it; differs between APIs.
    sub = Sub,
    /// `azp`: the client application in v2 tokens.
    azp = Azp,
    /// `appid`: the client application in v1 tokens.
    appid = Appid,
    /// `scp`: delegated scopes, short names separated by blanks. See [`Claims::scopes`].
    scp = Scp,
    /// `ver`: the token's version, `1.0` or `2.0`.
    ver = Ver,
    /// `idtyp`: `app` or `user`, where the API asked for the claim.
    idtyp = Idtyp,
    /// `uti`: the token's id, for logs and audits.
    uti = Uti,
    /// `name`: for display only. It changes and is not unique.
    name = Name,
    /// `preferred_username`: for display only. It changes and can be reassigned.
    preferred_username = PreferredUsername,
    /// `upn`: for display only. It changes, can be reassigned, and guests have none.
    upn = Upn,
    /// `idp`: the identity provider of the caller, where it is not the tenant itself.
    idp = Idp,
    /// `xms_par_app_azp`: the blueprint of an agent identity. For audits, never for
    /// authorization: one blueprint has many agents.
    parent_app = ParentApp,
}

impl Claims {
    /// `azp`, else `appid`: the client application.
    #[must_use]
    pub fn azp_or_appid(&self) -> Option<&str> {
        self.azp().or_else(|| self.appid())
    }

    /// `exp`, in Unix seconds.
    #[must_use]
    pub fn exp(&self) -> Option<i64> {
        self.int(IntClaim::Exp)
    }

    /// `nbf`, in Unix seconds.
    #[must_use]
    pub fn nbf(&self) -> Option<i64> {
        self.int(IntClaim::Nbf)
    }

    /// `iat`, in Unix seconds.
    #[must_use]
    pub fn iat(&self) -> Option<i64> {
        self.int(IntClaim::Iat)
    }

    /// The delegated scopes in `scp`.
    ///
    /// A `scp` of nothing or `/`, as some app-only tokens have it, holds none (Entra doc
    /// "Token claims reference for agent identities").
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let text = self.scp().filter(|scp| *scp != "/").unwrap_or_default();
        text.split(' ').filter(|scope| !scope.is_empty())
    }

    /// `roles`: app permissions of an application, or the app roles of a user.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.list(ListClaim::Roles)
    }

    /// `xms_cc`: what the client can handle.
    pub fn xms_cc(&self) -> impl Iterator<Item = &str> {
        self.list(ListClaim::Capabilities)
    }

    /// Whether the client said that it understands claims challenges (`cp1` in `xms_cc`;
    /// Entra doc "Claims challenges, claims requests and client capabilities").
    #[must_use]
    pub fn understands_claims_challenges(&self) -> bool {
        self.xms_cc().any(|value| value.eq_ignore_ascii_case("cp1"))
    }

    /// `xms_act_fct`: what the client application is. `None` if absent or unreadable.
    #[must_use]
    pub fn actor_facets(&self) -> Option<Facets> {
        Facets::parse(self.text(TextClaim::ActorFacets)?)
    }

    /// `xms_sub_fct`: what the subject is. `None` if absent or unreadable.
    #[must_use]
    pub fn subject_facets(&self) -> Option<Facets> {
        Facets::parse(self.text(TextClaim::SubjectFacets)?)
    }

    /// Whether `xms_sub_fct` is there, readable or not.
    pub(crate) fn says_subject_facets(&self) -> bool {
        self.text(TextClaim::SubjectFacets).is_some()
    }

    /// `xms_tnt_fct`: what the tenant is. `None` if absent or unreadable.
    #[must_use]
    pub fn tenant_facets(&self) -> Option<Facets> {
        Facets::parse(self.text(TextClaim::TenantFacets)?)
    }

    /// `xms_idrel`: how the subject stands to the tenant. `None` if absent or unreadable.
    #[must_use]
    pub fn relation(&self) -> Option<Facets> {
        Facets::parse(self.text(TextClaim::Relation)?)
    }

    /// Any claim by its name, read now; also the ones without an accessor.
    ///
    /// For claims of your own and for display. `None` if the token has no such claim.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<serde_json::Value> {
        let mut json = serde_json::Deserializer::from_str(self.as_json());
        Find(name).deserialize(&mut json).ok().flatten()
    }

    /// The payload, exactly as it stands in the token.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// Whether the token is bound to a key (`cnf`, RFC 7800), and so is no bearer token: only
    /// who proves that key may use it.
    #[must_use]
    pub fn is_bound_to_a_key(&self) -> bool {
        self.has(MarkClaim::Confirmation)
    }

    /// Whether a claim that matters by its presence is there.
    pub(crate) fn has(&self, mark: MarkClaim) -> bool {
        self.table.marks >> (mark as u8) & 1 == 1
    }

    fn text(&self, claim: TextClaim) -> Option<&str> {
        self.table.texts.get(claim as usize)?.of(&self.buffer)
    }

    fn int(&self, claim: IntClaim) -> Option<i64> {
        *self.table.ints.get(claim as usize)?
    }

    fn list(&self, claim: ListClaim) -> impl Iterator<Item = &str> {
        let spans = self
            .table
            .lists
            .get(claim as usize)
            .and_then(Option::as_deref);
        spans
            .unwrap_or_default()
            .iter()
            .filter_map(|span| span.of(&self.buffer))
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(<redacted>)")
    }
}

/// Looks for one member. Names are unique: the payload was read strictly before.
struct Find<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Find<'_> {
    type Value = Option<serde_json::Value>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Find<'_> {
    type Value = Option<serde_json::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key_seed(Name)? {
            if name == self.0 {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}
