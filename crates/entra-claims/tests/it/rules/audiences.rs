//! Which `aud` is this API's.

use entra_claims::{AcceptedAudiences, Reason, TenantPolicy, TokenVersion, Validator};
use foundry_scopes::{AppIdUri, Audience, ClientId, Cloud};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::{cases, refused_claims};
use crate::support::{API, CLIENT, TENANT, clock, tenant, user, user_v1, with};

/// One way to configure an audience.
#[derive(Clone, Copy, Debug)]
enum Entry {
    /// `for_client`.
    Client(&'static str),
    /// `identifier_uri`.
    Own(&'static str),
    /// `and`.
    Exact(&'static str),
}

const ENTRIES: [Entry; 9] = [
    Entry::Client(API),
    Entry::Client(CLIENT),
    Entry::Own("api://orders"),
    Entry::Own("https://contoso.com/orders"),
    Entry::Own("https://contoso.com/orders/"),
    Entry::Exact("https://contoso.com/exact"),
    Entry::Exact("https://contoso.com/slash/"),
    Entry::Exact("spn:11112222-bbbb-3333-cccc-4444dddd5555"),
    Entry::Exact("33334444-dddd-5555-eeee-6666ffff7777"),
];

impl Entry {
    fn add(self, to: Option<AcceptedAudiences>) -> AcceptedAudiences {
        let base = |first: Audience| match to.clone() {
            Some(to) => to.and(first),
            None => AcceptedAudiences::only(first),
        };
        match self {
            Self::Client(id) => {
                let id = ClientId::parse(id).unwrap();
                base(id.into()).identifier_uri(AppIdUri::api(id))
            }
            Self::Own(uri) => {
                let uri = AppIdUri::parse(uri).unwrap();
                base(uri.clone().into()).identifier_uri(uri)
            }
            Self::Exact(text) => base(Audience::parse(text).unwrap()),
        }
    }

    /// The texts, and whether a slash more or less is the client's doing.
    fn texts(self) -> Vec<(String, bool)> {
        match self {
            Self::Client(id) => vec![(id.to_owned(), false), (format!("api://{id}"), true)],
            Self::Own(uri) => vec![(uri.to_owned(), true)],
            Self::Exact(text) => vec![(text.to_owned(), false)],
        }
    }
}

/// The rule in words: the same bytes; and of a v1 token a GUID in either case, an own URI with
/// one slash more or less.
fn expected(entries: &[Entry], aud: &str, version: TokenVersion) -> bool {
    let texts = entries.iter().flat_map(|entry| entry.texts());
    texts.into_iter().any(|(own, either_slash)| {
        let v1 = version == TokenVersion::V1;
        let is_guid = own.len() == 36 && own.chars().filter(|c| *c == '-').count() == 4;
        aud == own
            || (v1 && is_guid && aud.to_lowercase() == own)
            || (v1 && either_slash && (format!("{aud}/") == own || aud == format!("{own}/")))
    })
}

/// What a client, or an attacker, makes of an audience.
fn change(aud: &str, how: usize) -> String {
    match how {
        0 => aud.to_owned(),
        1 => aud.to_uppercase(),
        2 => format!("{aud}/"),
        3 => format!("{aud}//"),
        4 => aud.trim_end_matches('/').to_owned(),
        5 => format!(" {aud}"),
        6 => format!("{aud} "),
        7 => aud[..aud.len() - 1].to_owned(),
        8 => format!("{aud}/x"),
        9 => format!("spn:{aud}"),
        10 => aud.replacen("https", "HTTPS", 1),
        11 => aud.trim_start_matches("api://").to_owned(),
        _ => String::new(),
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn an_audience_is_accepted_as_the_rule_says(
        entries in prop::collection::vec(select(&ENTRIES[..]), 1..4),
        entry in select(&ENTRIES[..]),
        which in 0..2_usize,
        how in 0..13_usize,
        v1 in any::<bool>(),
    ) {
        let texts = entry.texts();
        let aud = change(&texts[which % texts.len()].0, how);
        let version = if v1 { TokenVersion::V1 } else { TokenVersion::V2 };
        let audiences = entries.iter().fold(None, |to, entry| Some(entry.add(to))).unwrap();
        let expected = expected(&entries, &aud, version);
        prop_assert_eq!(audiences.accepts(&aud, version), expected, "{:?} {:?}", entries, aud);

        let policy = TenantPolicy::single(tenant(TENANT));
        let validator = Validator::new(Cloud::public(), policy, audiences).with_clock(clock());
        let base = if v1 { user_v1() } else { user() };
        let claims = with(&base, &[("aud", json!(aud))]);
        let refused = (!expected).then_some(Reason::WrongAudience);
        prop_assert_eq!(refused_claims(&validator, &claims), refused);
    }
}
