//! Directory ids: tenants, clients, objects and roles as GUIDs.

use std::fmt;

use uuid::Uuid;

use crate::error::ParseError;

/// What stands around a GUID that was copied from somewhere.
fn notation(text: &str) -> Option<&'static str> {
    let inner = text.trim();
    if inner != text {
        Some("remove the blanks or line breaks around it")
    } else if text.starts_with('{') && text.ends_with('}') {
        Some("remove the braces")
    } else {
        None
    }
}

macro_rules! guid_newtype {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $hint:expr) => {
        $(#[$doc])*
        ///
        /// Sixteen bytes, `Copy`, compared as a value: spelling cannot make two of
        /// them differ.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Reads a hyphenated GUID as people and portals write it, in either case.
            ///
            /// # Errors
            ///
            /// Anything but 36 characters of the form `8-4-4-4-12`, and the zero GUID.
            pub fn parse(text: &str) -> Result<Self, ParseError> {
                let refuse = |reason| ParseError::new($expected, text, reason);
                if text.len() != 36 {
                    let error = refuse("a GUID of the form 8-4-4-4-12 is needed");
                    return Err(match notation(text).or_else(|| $hint(text)) {
                        Some(hint) => error.hint(hint),
                        None => error,
                    });
                }
                let guid = Uuid::try_parse(text)
                    .map_err(|_| refuse("a GUID of the form 8-4-4-4-12 is needed"))?;
                if guid.is_nil() {
                    return Err(refuse("the zero GUID identifies nothing"));
                }
                Ok(Self(guid))
            }

            /// Reads a GUID exactly as Entra ID writes it into tokens: hyphenated and in
            /// lower case, nothing else. `None` otherwise.
            ///
            /// A token with another spelling was not made by Entra ID, and comparing
            /// spellings loosely is how one tenant passes for another.
            #[must_use]
            pub fn from_token(text: &str) -> Option<Self> {
                let canonical = text.len() == 36 && !text.bytes().any(|b| b.is_ascii_uppercase());
                if !canonical {
                    return None;
                }
                let guid = Uuid::try_parse(text).ok()?;
                (!guid.is_nil()).then_some(Self(guid))
            }

            /// A well-known value, from its 128 bits.
            ///
            /// ```
            #[doc = concat!("use foundry_scopes::", stringify!($name), ";")]
            ///
            #[doc = concat!("const KNOWN: ", stringify!($name), " = ", stringify!($name), "::from_u128(0x11112222_bbbb_3333_cccc_4444dddd5555);")]
            /// assert_eq!(KNOWN.to_string(), "11112222-bbbb-3333-cccc-4444dddd5555");
            /// ```
            #[must_use]
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }

            /// The sixteen bytes, big-endian, as they go into cache keys.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        crate::text::parsed_value!($name);
    };
}

guid_newtype!(
    /// A tenant (directory) id.
    ///
    /// ```
    /// use foundry_scopes::TenantId;
    ///
    /// let tenant = TenantId::parse("8EAEF023-2B34-4DA1-9BAA-8BC8C9D6A490")?;
    /// assert_eq!(tenant.to_string(), "8eaef023-2b34-4da1-9baa-8bc8c9d6a490");
    /// assert!(TenantId::parse("common").is_err());
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    TenantId,
    "tenant id",
    |text: &str| match text {
        "common" | "organizations" | "consumers" => Some(
            "it names no tenant: use the directory (tenant) id of one tenant"
        ),
        _ if text.contains('.') => Some(
            "this looks like a domain: use the directory (tenant) id from the overview page of the tenant"
        ),
        _ => None,
    }
);

guid_newtype!(
    /// An application (client) id, as `appid` and `azp` carry it.
    ///
    /// ```
    /// use foundry_scopes::ClientId;
    ///
    /// let client = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
    /// assert_eq!(client.as_bytes()[0], 0x11);
    /// assert!(ClientId::parse("api://11112222-bbbb-3333-cccc-4444dddd5555").is_err());
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    ClientId,
    "client id",
    |text: &str| text
        .starts_with("api://")
        .then_some("this is an App ID URI: the client id is the GUID in it")
);

guid_newtype!(
    /// An object id: a user or service principal within one tenant (`oid`).
    ///
    /// ```
    /// use foundry_scopes::ObjectId;
    ///
    /// assert!(ObjectId::from_token("aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb").is_some());
    /// assert!(ObjectId::from_token("AAAAAAAA-0000-1111-2222-BBBBBBBBBBBB").is_none());
    /// ```
    ObjectId,
    "object id",
    |_: &str| None
);

guid_newtype!(
    /// The id of a role definition, the same in every tenant.
    ///
    /// ```
    /// use foundry_scopes::{RoleId, catalogue::roles};
    ///
    /// let id = RoleId::parse("53ca6127-db72-4b80-b1b0-d745d6d5456d")?;
    /// assert_eq!(roles::FOUNDRY_USER.id(), id);
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    RoleId,
    "role definition id",
    |text: &str| text
        .contains("/roleDefinitions/")
        .then_some("the id is the last part of this path")
);

impl TenantId {
    /// The tenant of personal Microsoft accounts (Entra doc "Access token claims reference").
    pub const PERSONAL: Self = Self::from_u128(0x9188040d_6c67_4c5b_b112_36a304b66dad);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter_for_configuration_and_matters_for_tokens() {
        let lower = "9188040d-6c67-4c5b-b112-36a304b66dad";
        assert_eq!(TenantId::parse(lower).unwrap(), TenantId::PERSONAL);
        assert_eq!(
            TenantId::parse(&lower.to_uppercase()).unwrap(),
            TenantId::PERSONAL
        );
        assert_eq!(TenantId::from_token(lower), Some(TenantId::PERSONAL));
        assert_eq!(TenantId::from_token(&lower.to_uppercase()), None);
    }

    #[test]
    fn other_guid_notations_are_refused() {
        for text in [
            "",
            "9188040d6c674c5bb11236a304b66dad",
            "{9188040d-6c67-4c5b-b112-36a304b66dad}",
            "urn:uuid:9188040d-6c67-4c5b-b112-36a304b66dad",
            " 9188040d-6c67-4c5b-b112-36a304b66dad",
            "9188040d-6c67-4c5b-b112-36a304b66da",
            "9188040d-6c67-4c5b-b112-36a304b66dag",
            "00000000-0000-0000-0000-000000000000",
            "9188040d_6c67_4c5b_b112_36a304b66dad",
        ] {
            assert!(TenantId::parse(text).is_err(), "{text}");
            assert!(TenantId::from_token(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_domain_or_common_is_refused_with_what_to_write() {
        for alias in ["common", "organizations", "consumers"] {
            let error = TenantId::parse(alias).unwrap_err().to_string();
            assert!(error.contains("names no tenant"), "{error}");
        }
        let plain = TenantId::parse("contoso").unwrap_err();
        assert_eq!(plain.remedy(), None);
        for (text, says) in [
            (
                "{9188040d-6c67-4c5b-b112-36a304b66dad}",
                "remove the braces",
            ),
            (" 9188040d-6c67-4c5b-b112-36a304b66dad", "remove the blanks"),
            (
                "9188040d-6c67-4c5b-b112-36a304b66dad\n",
                "line breaks around",
            ),
        ] {
            let error = ClientId::parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let uri = ClientId::parse("api://11112222-bbbb-3333-cccc-4444dddd5555").unwrap_err();
        assert!(uri.to_string().contains("the GUID in it"), "{uri}");
        let domain = TenantId::parse("contoso.com").unwrap_err().to_string();
        assert!(domain.contains("looks like a domain"), "{domain}");
    }
}
