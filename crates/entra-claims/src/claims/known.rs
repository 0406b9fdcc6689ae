//! Known claims: their types, names and bits, found by a perfect hash.

/// How a known claim is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Text(TextClaim),
    Int(IntClaim),
    List(ListClaim),
    Mark(MarkClaim),
    Shown(ShownClaim),
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
    /// Times, in whole seconds. RFC 7519, section 2, lets a NumericDate have a fraction; Entra ID
    /// writes integers, and a token with a fraction is refused.
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

claims! {
    /// Texts that open nothing: for display, for hints, for audits. Of another type they count as
    /// absent. `azpacr` and `appidacr` take part in the kind of a caller, and only by a text that
    /// is there.
    ShownClaim {
        Acr = "acr",
        Aio = "aio",
        Appidacr = "appidacr",
        Azpacr = "azpacr",
        Ctry = "ctry",
        Email = "email",
        FamilyName = "family_name",
        Fwd = "fwd",
        GivenName = "given_name",
        Ipaddr = "ipaddr",
        LoginHint = "login_hint",
        Nickname = "nickname",
        OnpremSid = "onprem_sid",
        PwdUrl = "pwd_url",
        Rh = "rh",
        Sid = "sid",
        TenantCtry = "tenant_ctry",
        TenantRegionScope = "tenant_region_scope",
        Tfp = "tfp",
        UniqueName = "unique_name",
        Vnet = "vnet",
        XmsPdl = "xms_pdl",
        XmsPl = "xms_pl",
        XmsTpl = "xms_tpl",
        Ztdid = "ztdid",
    }
}

/// Each known claim has a bit, see [`Known::bit`].
const _: () = assert!(
    SHOWN_BITS + ShownClaim::COUNT <= 64,
    "more known claims than bits"
);
const INT_BITS: usize = TextClaim::COUNT;
const LIST_BITS: usize = INT_BITS + IntClaim::COUNT;
const MARK_BITS: usize = LIST_BITS + ListClaim::COUNT;
const SHOWN_BITS: usize = MARK_BITS + MarkClaim::COUNT;

/// Where names are looked up: each claim has a place of its own, so that one comparison
/// decides. A token has dozens of names, and each is looked up.
static PLACES: [Option<Known>; PLACE_COUNT] = places();
const PLACE_COUNT: usize = 256;

/// The place of a name. The factors are such that no two known names share one.
#[expect(
    clippy::indexing_slicing,
    reason = "a name that is not empty has these"
)]
const fn place(name: &[u8]) -> usize {
    let Some(last) = name.len().checked_sub(1) else {
        return 0;
    };
    let (first, middle) = (name[0] as usize, name[name.len() / 2] as usize);
    let (before, last) = (name[last.saturating_sub(1)] as usize, name[last] as usize);
    (3 * first + 6 * middle + before + last + 5 * name.len()) % PLACE_COUNT
}

/// Does not compile with a name whose place is taken: choose other factors then.
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
    fill! { Text: TextClaim, Int: IntClaim, List: ListClaim, Mark: MarkClaim, Shown: ShownClaim, }
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
            Self::Shown(claim) => claim.name(),
        }
    }

    /// One bit per known claim, to notice the second one of a name.
    pub(crate) fn bit(self) -> u64 {
        let place = match self {
            Self::Text(claim) => claim as usize,
            Self::Int(claim) => INT_BITS + claim as usize,
            Self::List(claim) => LIST_BITS + claim as usize,
            Self::Mark(claim) => MARK_BITS + claim as usize,
            Self::Shown(claim) => SHOWN_BITS + claim as usize,
        };
        1 << place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_claim_has_a_bit_of_its_own() {
        let all = TextClaim::ALL.iter().map(|claim| Known::Text(*claim));
        let all = all
            .chain(IntClaim::ALL.iter().map(|claim| Known::Int(*claim)))
            .chain(ListClaim::ALL.iter().map(|claim| Known::List(*claim)))
            .chain(MarkClaim::ALL.iter().map(|claim| Known::Mark(*claim)))
            .chain(ShownClaim::ALL.iter().map(|claim| Known::Shown(*claim)));
        let (mut bits, mut count) = (0_u64, 0);
        for claim in all {
            assert_eq!(Known::find(claim.name()), Some(claim));
            assert_eq!(bits & claim.bit(), 0, "{}", claim.name());
            bits |= claim.bit();
            count += 1;
        }
        assert_eq!(count, SHOWN_BITS + ShownClaim::COUNT);
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
