//! Rejection reasons: one stable code and one fixed sentence each, in order of precedence.

use super::RejectionClass;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $class:ident, $text:literal;)*) => {
        /// Why a token is refused, in the order in which the checks are made: of two
        /// faults the one that stands first here is reported.
        ///
        /// The order is part of the API:
        ///
        /// 1. what the text is, before anything is decoded;
        /// 2. the header;
        /// 3. the key that the header names;
        /// 4. the payload's form;
        /// 5. what the claims say (cheap, so before the signature: to refuse early takes
        ///    no trust);
        /// 6. the signature;
        /// 7. who is calling, and of a registered tenant;
        /// 8. what the caller may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* #[doc = concat!(" Code `", $code, "`.")] $name,)*
        }

        impl Reason {
            /// Every reason, in order of precedence.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// A stable code for machines.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// One sentence for a person, the same for every token.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The error code of RFC 6750, section 3.1, for an answer to this refusal:
            /// `invalid_token` with 401, `insufficient_scope` with 403, and none where it is
            /// not the token's fault. A missing authentication context is answered with
            /// `insufficient_claims`, Entra ID's own (Entra doc "Claims challenges").
            ///
            /// ```
            /// use entra_claims::Reason;
            ///
            /// assert_eq!(Reason::Expired.bearer_error(), Some("invalid_token"));
            /// assert_eq!(Reason::MissingScope.bearer_error(), Some("insufficient_scope"));
            /// assert_eq!(Reason::KeysUnavailable.bearer_error(), None);
            /// ```
            #[must_use]
            pub const fn bearer_error(self) -> Option<&'static str> {
                match (self, self.group()) {
                    (Self::MissingAuthContext, _) => Some("insufficient_claims"),
                    (_, Group::Malformed | Group::InvalidToken) => Some("invalid_token"),
                    (_, Group::Forbidden) => Some("insufficient_scope"),
                    (_, Group::Unavailable | Group::Misconfigured) => None,
                }
            }

            pub(super) const fn group(self) -> Group {
                match self { $(Self::$name => Group::$class,)* }
            }
        }
    };
}

impl Reason {
    /// What to change, where nothing more is known than the reason: refusing is to be cheap.
    pub(super) const fn remedy(self) -> Option<&'static str> {
        match self {
            Self::UnknownKey => Some(
                "get a new token; if its key is not known either, it is of another authority, or \
                 signed with a key of the application's own (AuthenticatorBuilder::app_keys)",
            ),
            Self::BadSignature => Some("send the token exactly as the authority gave it out"),
            _ => None,
        }
    }
}

/// [`RejectionClass`] without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Malformed,
    InvalidToken,
    Forbidden,
    Unavailable,
    Misconfigured,
}

impl Group {
    pub(super) fn class(self, retry_after: std::time::Duration) -> RejectionClass {
        match self {
            Self::Malformed => RejectionClass::Malformed,
            Self::InvalidToken => RejectionClass::InvalidToken,
            Self::Forbidden => RejectionClass::Forbidden,
            Self::Unavailable => RejectionClass::Unavailable { retry_after },
            Self::Misconfigured => RejectionClass::Misconfigured,
        }
    }
}

reasons! {
    /// Longer than the configured limit, 32 KiB by default.
    TooLarge, "token_too_large", Malformed, "the token is too large";
    /// Five segments (RFC 7516).
    Encrypted, "encrypted_token", InvalidToken, "the token is encrypted";
    /// Not three segments (RFC 7515, section 7.1).
    NotCompact, "not_a_token", Malformed, "the credential is not an access token";
    /// A segment that is not strict base64url (RFC 7515, section 2).
    BadBase64, "bad_base64", Malformed, "a part of the token is not base64url";
    /// A part that is not a JSON object in UTF-8, or nested too deeply.
    BadJson, "bad_json", Malformed, "a part of the token is not a JSON object";
    /// Two members of one name, or a case variant of `tid` (RFC 7519, section 4).
    DuplicateMember, "duplicate_member", Malformed, "the token holds a member twice";
    /// A known member of the wrong type.
    WrongType, "wrong_type", Malformed, "a member of the token has the wrong type";
    /// An algorithm other than the configured one (RFC 8725, section 3.1).
    UnsupportedAlgorithm, "unsupported_algorithm", InvalidToken,
        "the token's signature algorithm is not accepted";
    /// `crit`, `zip`, `b64` or `enc` in the header (RFC 7515, section 4.1.11).
    UnsupportedHeader, "unsupported_header", InvalidToken,
        "the token's header demands an extension that is not supported";
    /// A `nonce` in the header: made for Microsoft Graph.
    GraphStyleToken, "graph_style_token", InvalidToken, "the token is for Microsoft Graph";
    /// `typ` is `pop`: the envelope of a proof of possession.
    ProofOfPossession, "proof_of_possession", InvalidToken,
        "the credential is a proof of possession and not a bearer token";
    /// `typ` is neither `JWT` nor `at+jwt` (RFC 8725, section 3.11).
    UnsupportedType, "unsupported_type", InvalidToken,
        "the token's header says that it is no access token";
    /// No `kid` in the header.
    MissingKeyId, "missing_key_id", InvalidToken, "the token names no signing key";
    /// A `kid` that the authority does not publish.
    UnknownKey, "unknown_key", InvalidToken, "the token's signing key is not known";
    /// `c_hash` or `at_hash`, or no client at all: an ID token (OpenID Connect Core 1.0).
    IdToken, "id_token", InvalidToken, "the token is an ID token and not an access token";
    /// `cnf`: bound to a key that the bearer did not prove (RFC 7800).
    SenderConstrained, "sender_constrained", InvalidToken,
        "the token is bound to a key and not accepted as a bearer token";
    /// Made by Azure AD B2C, which is another service.
    AzureAdB2c, "azure_ad_b2c", InvalidToken, "the token is of Azure AD B2C and not of Entra ID";
    /// A claim that every access token has is missing.
    MissingClaim, "missing_claim", InvalidToken, "the token lacks a required claim";
    /// An issuer that is not this cloud's.
    WrongIssuer, "wrong_issuer", InvalidToken, "the token's issuer is not accepted";
    /// `ver` is neither `1.0` nor `2.0`, or does not go with the issuer.
    WrongVersion, "wrong_version", InvalidToken,
        "the token's version and its issuer do not go together";
    /// A version that the configuration leaves out.
    VersionNotAccepted, "version_not_accepted", InvalidToken, "the token's version is not accepted";
    /// `tid` is not the issuer's tenant, or no GUID as Entra ID writes it.
    TenantMismatch, "tenant_mismatch", InvalidToken,
        "the token's tenant is not the tenant of its issuer";
    /// A tenant that is not configured.
    TenantNotAllowed, "tenant_not_allowed", InvalidToken, "the token's tenant is not accepted";
    /// Another API's audience.
    WrongAudience, "wrong_audience", InvalidToken, "the token is for another audience";
    /// `nbf` behind `exp` or before 1970, or an `exp` beyond the year 9999.
    BadLifetime, "bad_lifetime", InvalidToken, "the token's lifetime is not plausible";
    /// `exp` is past.
    Expired, "expired", InvalidToken, "the token has expired";
    /// `nbf` is ahead.
    NotYetValid, "not_yet_valid", InvalidToken, "the token is not valid yet";
    /// The signing key belongs to another issuer.
    KeyIssuerMismatch, "key_issuer_mismatch", InvalidToken,
        "the token's signing key belongs to another issuer";
    /// The signing key belongs to another cloud.
    KeyCloudMismatch, "key_cloud_mismatch", InvalidToken,
        "the token's signing key belongs to another cloud";
    /// The signature does not hold.
    BadSignature, "bad_signature", InvalidToken, "the token's signature is not valid";
    /// No usable `oid` or client id.
    MissingIdentity, "missing_identity", InvalidToken, "the token does not say who is calling";
    /// Claims that cannot be true together.
    ContradictoryClaims, "contradictory_claims", InvalidToken,
        "the token's claims contradict each other";
    /// Neither a user's nor an application's token.
    UnknownCaller, "unknown_caller", InvalidToken,
        "the token does not say whether a user or an application is calling";
    /// A tenant that the registry does not know.
    TenantNotRegistered, "tenant_not_registered", InvalidToken, "the token's tenant is not registered";
    /// The caller is no user, and only a user's scope would do.
    UserRequired, "user_required", Forbidden, "only a user may do this";
    /// A delegated scope is missing.
    MissingScope, "missing_scope", Forbidden, "the token lacks a required scope";
    /// A role is missing.
    MissingRole, "missing_role", Forbidden, "the token lacks a required role";
    /// A kind of caller that the rule leaves out.
    WrongKind, "wrong_kind", Forbidden, "this kind of caller may not do this";
    /// A client application that the rule leaves out.
    ClientNotAllowed, "client_not_allowed", Forbidden, "the client application may not do this";
    /// An application on its own, and neither a role nor a list of clients admits it.
    AppNotAdmitted, "app_not_admitted", Forbidden, "nothing admits this application";
    /// The user is not in a group.
    MissingGroup, "missing_group", Forbidden, "the user is not in a required group";
    /// An authentication context was not satisfied.
    MissingAuthContext, "missing_auth_context", Forbidden,
        "the sign-in does not satisfy a required authentication context";
    /// The groups decide, and the user is in more than a token holds.
    GroupsUnknown, "groups_unknown", Misconfigured,
        "the token does not hold the user's groups, which decide";
    /// The groups decide, and they cannot be asked for at the moment.
    GroupsUnavailable, "groups_unavailable", Unavailable,
        "the user's groups cannot be fetched at the moment";
    /// The signing keys cannot be had at the moment.
    KeysUnavailable, "keys_unavailable", Unavailable,
        "the signing keys cannot be fetched at the moment";
    /// Too many requests wait for the signing keys.
    Overloaded, "overloaded", Unavailable, "too many requests wait for the signing keys";
    /// The tenant registry cannot be asked at the moment.
    RegistryUnavailable, "registry_unavailable", Unavailable,
        "the tenant registry cannot be asked at the moment";
    /// The policy leaves tenants to a registry, and a validator on its own asks none.
    RegistryNotAsked, "registry_not_asked", Misconfigured,
        "the tenant is decided by a registry, which was not asked";
    /// The authority's metadata is not what the configuration says.
    WrongMetadata, "wrong_metadata", Misconfigured,
        "the authority's metadata does not fit the configuration";
}
