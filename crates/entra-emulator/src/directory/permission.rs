//! What an API offers, what a client declares, and what is settled in advance.

use serde::{Deserialize, Serialize};

use super::id;

/// Who may consent to a delegated permission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConsentKind {
    /// Any user, for themselves.
    #[default]
    User,
    /// Administrators only; anyone else gets AADSTS90094.
    Admin,
}

/// A client that needs no consent for some scopes of an API
/// (`preAuthorizedApplications`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreAuthorized {
    #[serde(deserialize_with = "id::lower")]
    pub(crate) client: String,
    pub(crate) scopes: Vec<String>,
}

/// What a registration says it needs of a resource (`requiredResourceAccess`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Required {
    #[serde(deserialize_with = "id::lower")]
    pub(crate) resource: String,
    pub(crate) scopes: Vec<String>,
}

/// What an app is in Entra Agent ID.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum AgentPart {
    /// An ordinary app.
    #[default]
    None,
    /// A blueprint: it has the credentials of its agent identities.
    Blueprint,
    /// An agent identity, with its blueprint's client id.
    Identity {
        #[serde(deserialize_with = "id::lower")]
        blueprint: String,
    },
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
