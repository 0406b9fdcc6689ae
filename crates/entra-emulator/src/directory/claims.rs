//! Claims that a registration asks for: optional ones, groups, and ones of its own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::App;

/// Whether tokens for the app carry `groups`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GroupClaims {
    #[default]
    None,
    All,
}

/// An optional claim that an API's registration asks for on top of the usual ones
/// (Entra doc "Optional claims reference", "Agent token claims").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptionalClaim {
    /// `idtyp`, which is `app` in app-only tokens and absent in users' tokens.
    Idtyp,
    /// `idtyp` in users' tokens too, as `user`.
    #[serde(rename = "idtyp:include_user_token")]
    IdtypWithUser,
    /// `acct`: 0 for members, 1 for guests.
    Acct,
    /// `auth_time`: when the user signed in.
    AuthTime,
    /// `acrs`: the authentication contexts that the sign-in satisfied.
    Acrs,
    /// `email`.
    Email,
    /// `upn`.
    Upn,
    /// `sid`: the session.
    Sid,
    /// `xms_cc`: what the client said it can do, if it said so.
    XmsCc,
    /// `wids`: the user's directory roles.
    Wids,
    /// `aud` of v1 tokens as the client id (`use_guid`).
    #[serde(rename = "aud:use_guid")]
    AudGuid,
    /// `xms_act_fct`: what the client is.
    XmsActFct,
    /// `xms_sub_fct`: what the subject is.
    XmsSubFct,
    /// `xms_tnt_fct`: what the tenant is.
    XmsTntFct,
    /// `xms_idrel`: how the subject belongs to the tenant.
    XmsIdrel,
    /// `xms_par_app_azp`: the blueprint of an agent identity.
    XmsParAppAzp,
}

impl OptionalClaim {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Idtyp,
        Self::IdtypWithUser,
        Self::Acct,
        Self::AuthTime,
        Self::Acrs,
        Self::Email,
        Self::Upn,
        Self::Sid,
        Self::XmsCc,
        Self::Wids,
        Self::AudGuid,
        Self::XmsActFct,
        Self::XmsSubFct,
        Self::XmsTntFct,
        Self::XmsIdrel,
        Self::XmsParAppAzp,
    ];

    /// The name in a declarative directory; an additional property follows a colon.
    ///
    /// ```
    /// use entra_emulator::OptionalClaim;
    ///
    /// assert_eq!(OptionalClaim::XmsActFct.name(), "xms_act_fct");
    /// for claim in OptionalClaim::ALL {
    ///     assert_eq!(OptionalClaim::named(claim.name()), Some(claim));
    /// }
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idtyp => "idtyp",
            Self::IdtypWithUser => "idtyp:include_user_token",
            Self::Acct => "acct",
            Self::AuthTime => "auth_time",
            Self::Acrs => "acrs",
            Self::Email => "email",
            Self::Upn => "upn",
            Self::Sid => "sid",
            Self::XmsCc => "xms_cc",
            Self::Wids => "wids",
            Self::AudGuid => "aud:use_guid",
            Self::XmsActFct => "xms_act_fct",
            Self::XmsSubFct => "xms_sub_fct",
            Self::XmsTntFct => "xms_tnt_fct",
            Self::XmsIdrel => "xms_idrel",
            Self::XmsParAppAzp => "xms_par_app_azp",
        }
    }

    /// The claim of a [`name`](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

impl App {
    /// Puts the user's groups into its access tokens; beyond 200 a pointer to them.
    #[must_use]
    pub fn group_claims(mut self) -> Self {
        self.group_claims = GroupClaims::All;
        self
    }

    /// Asks for an optional claim in the access tokens made for this app as an API.
    #[must_use]
    pub fn optional_claim(mut self, claim: OptionalClaim) -> Self {
        self.optional_claims.push(claim);
        self
    }

    /// Asks for an optional claim in the ID tokens made for this app as a client: `acct`,
    /// `auth_time`, `upn` and `xms_cc`; others are there without being asked for, or never.
    #[must_use]
    pub fn optional_id_claim(mut self, claim: OptionalClaim) -> Self {
        self.id_token_claims.push(claim);
        self
    }

    /// Adds a claim of its own, always the same, to the access tokens made for this app as an
    /// API. A claim of Entra ID's keeps its value.
    #[must_use]
    pub fn custom_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.custom_claims.insert(name.into(), value.into());
        self
    }

    pub(crate) fn wants(&self, claim: OptionalClaim) -> bool {
        self.optional_claims.contains(&claim)
    }
}
