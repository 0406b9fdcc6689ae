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
            const ALL: &[Self] = &[$(Self::$variant),*];
            pub(crate) const COUNT: usize = Self::ALL.len();

            /// The member name.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
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

/// Where names are looked up: each claim has a place of its own, so that one comparison
/// decides. A token has dozens of names, and each is looked up.
static PLACES: [Option<Known>; PLACE_COUNT] = places();
const PLACE_COUNT: usize = 128;

/// The place of a name. The factors are such that no two known names share one.
#[expect(
    clippy::indexing_slicing,
    reason = "a name that is not empty has these"
)]
const fn place(name: &[u8]) -> usize {
    let Some(last) = name.len().checked_sub(1) else {
        return 0;
    };
    let (first, middle, last) = (name[0], name[name.len() / 2], name[last]);
    (first as usize + 3 * middle as usize + 32 * last as usize + name.len()) % PLACE_COUNT
}

/// Does not compile with a name whose place is taken: the factors are to be chosen anew.
const fn places() -> [Option<Known>; PLACE_COUNT] {
    let mut places = [None; PLACE_COUNT];
    macro_rules! fill {
        ($($kind:ident: $of:ident,)*) => {$(
            let mut rest = $of::ALL;
            while let [claim, others @ ..] = rest {
                put(&mut places, claim.name(), Known::$kind(*claim));
                rest = others;
            }
        )*};
    }
    fill! { Text: TextClaim, Int: IntClaim, List: ListClaim, Mark: MarkClaim, }
    places
}

#[expect(clippy::indexing_slicing, reason = "runs while compiling")]
const fn put(places: &mut [Option<Known>; PLACE_COUNT], name: &str, claim: Known) {
    let place = place(name.as_bytes());
    assert!(places[place].is_none(), "two claims in one place");
    places[place] = Some(claim);
}

impl Known {
    pub(crate) fn find(name: &str) -> Option<Self> {
        let known = (*PLACES.get(place(name.as_bytes()))?)?;
        (known.name() == name).then_some(known)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text(claim) => claim.name(),
            Self::Int(claim) => claim.name(),
            Self::List(claim) => claim.name(),
            Self::Mark(claim) => claim.name(),
        }
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
        for name in names {
            assert_eq!(Known::find(name).unwrap().name(), name);
        }
        for other in [
            "TID",
            "",
            "t",
            "ti",
            "tidx",
            "xms_act_fcT",
            "groups",
            "ti\u{e9}",
        ] {
            assert_eq!(Known::find(other), None, "{other}");
        }
    }
}
