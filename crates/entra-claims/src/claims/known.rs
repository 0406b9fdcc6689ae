//! The claims this crate gives a meaning to.

/// How a known claim is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Text(TextClaim),
    Int(IntClaim),
    List(ListClaim),
    Mark(MarkClaim),
}

macro_rules! claims {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($variant,)* }

        impl $name {
            pub(crate) const COUNT: usize = [$($text),*].len();

            /// The member name.
            #[cfg_attr(not(feature = "validate"), allow(dead_code, reason = "of marks, only validation asks"))]
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn find(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

claims! {
    /// Text claims (Entra docs "Access token claims reference", "Optional claims reference",
    /// and for the `xms_` ones "Token claims reference for agent identities").
    TextClaim {
        Aud = "aud",
        Iss = "iss",
        Tid = "tid",
        Oid = "oid",
        Sub = "sub",
        Azp = "azp",
        Appid = "appid",
        Scp = "scp",
        Ver = "ver",
        Idtyp = "idtyp",
        Uti = "uti",
        Name = "name",
        PreferredUsername = "preferred_username",
        Upn = "upn",
        Idp = "idp",
        ActorFacets = "xms_act_fct",
        SubjectFacets = "xms_sub_fct",
        TenantFacets = "xms_tnt_fct",
        Relation = "xms_idrel",
        ParentApp = "xms_par_app_azp",
    }
}

claims! {
    /// Times, in whole seconds (RFC 7519, section 2, NumericDate; Entra ID writes integers).
    IntClaim {
        Exp = "exp",
        Nbf = "nbf",
        Iat = "iat",
    }
}

claims! {
    /// Arrays of texts.
    ListClaim {
        Roles = "roles",
        Capabilities = "xms_cc",
    }
}

claims! {
    /// Claims whose presence alone says something.
    MarkClaim {
        Confirmation = "cnf",
        CodeHash = "c_hash",
        AccessTokenHash = "at_hash",
        Nonce = "nonce",
    }
}

/// Each known claim has a bit, see [`Known::bit`].
const _: () = assert!(
    TextClaim::COUNT + IntClaim::COUNT + ListClaim::COUNT + MarkClaim::COUNT <= 64,
    "more known claims than bits"
);

impl Known {
    pub(crate) fn find(name: &str) -> Option<Self> {
        TextClaim::find(name)
            .map(Self::Text)
            .or_else(|| IntClaim::find(name).map(Self::Int))
            .or_else(|| ListClaim::find(name).map(Self::List))
            .or_else(|| MarkClaim::find(name).map(Self::Mark))
    }

    /// One bit per known claim, to notice the second one of a name.
    pub(crate) fn bit(self) -> u64 {
        let place = match self {
            Self::Text(claim) => claim as usize,
            Self::Int(claim) => TextClaim::COUNT + claim as usize,
            Self::List(claim) => TextClaim::COUNT + IntClaim::COUNT + claim as usize,
            Self::Mark(claim) => {
                TextClaim::COUNT + IntClaim::COUNT + ListClaim::COUNT + claim as usize
            }
        };
        1 << place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_claim_has_a_bit_of_its_own() {
        let names = [
            "aud",
            "iss",
            "tid",
            "oid",
            "sub",
            "azp",
            "appid",
            "scp",
            "ver",
            "idtyp",
            "uti",
            "name",
            "preferred_username",
            "upn",
            "idp",
            "xms_act_fct",
            "xms_sub_fct",
            "xms_tnt_fct",
            "xms_idrel",
            "xms_par_app_azp",
            "exp",
            "nbf",
            "iat",
            "roles",
            "xms_cc",
            "cnf",
            "c_hash",
            "at_hash",
            "nonce",
        ];
        let bits = names
            .iter()
            .fold(0_u64, |bits, name| bits | Known::find(name).unwrap().bit());
        assert_eq!(bits.count_ones() as usize, names.len());
        assert_eq!(
            names.len(),
            TextClaim::COUNT + IntClaim::COUNT + ListClaim::COUNT + MarkClaim::COUNT
        );
        assert_eq!(Known::find("TID"), None);
    }
}
