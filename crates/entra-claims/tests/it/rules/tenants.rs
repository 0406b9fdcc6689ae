//! Whose tokens are accepted.

use entra_claims::{AcceptedAudiences, Reason, TenantPolicy, Validator};
use foundry_scopes::{ClientId, Cloud};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::{cases, refused_claims};
use crate::support::{
    API, OTHER_TENANT, TENANT, clock, tenant, user, user_v1, v1_issuer, v2_issuer, with,
};

const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const THIRD: &str = "775527ff-9a37-4307-8b3d-cc311f58d925";
const TENANTS: [&str; 4] = [TENANT, OTHER_TENANT, PERSONAL, THIRD];

#[derive(Clone, Debug)]
enum Policy {
    Single(&'static str),
    Allow(Vec<&'static str>),
    Organizations,
    Common,
}

impl Policy {
    fn build(&self) -> TenantPolicy {
        match self {
            Self::Single(one) => TenantPolicy::single(tenant(one)),
            Self::Allow(list) => {
                TenantPolicy::allow_list(list.iter().map(|one| tenant(one))).unwrap()
            }
            Self::Organizations => TenantPolicy::any_work_or_school_tenant(),
            Self::Common => TenantPolicy::any_tenant_including_personal_accounts(),
        }
    }

    fn allows(&self, tid: &str) -> bool {
        match self {
            Self::Single(one) => *one == tid,
            Self::Allow(list) => list.contains(&tid),
            Self::Organizations => tid != PERSONAL,
            Self::Common => true,
        }
    }
}

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        select(&TENANTS[..]).prop_map(Policy::Single),
        prop::collection::vec(select(&TENANTS[..]), 1..4).prop_map(Policy::Allow),
        Just(Policy::Organizations),
        Just(Policy::Common),
    ]
}

/// How a tenant is written in `tid`; only the first is Entra ID's.
fn spell(tid: &str, how: usize) -> String {
    match how {
        1 => tid.to_uppercase(),
        2 => tid.replace('-', ""),
        3 => format!("{{{tid}}}"),
        4 => format!("{tid} "),
        5 => format!("https://login.microsoftonline.com/{tid}/"),
        6 => String::new(),
        _ => tid.to_owned(),
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_tenant_is_the_issuers_and_one_of_the_policys(
        policy in policy(),
        issuer in select(&TENANTS[..]),
        claimed in prop::option::weighted(0.3, select(&TENANTS[..])),
        how in prop_oneof![4 => Just(0_usize), 1 => 1..7_usize],
        v1 in any::<bool>(),
    ) {
        let tid = spell(claimed.unwrap_or(issuer), how);
        let (base, iss) = if v1 { (user_v1(), v1_issuer(issuer)) } else { (user(), v2_issuer(issuer)) };
        let claims = with(&base, &[("iss", json!(iss)), ("tid", json!(tid))]);
        let expected = if v1 && issuer == PERSONAL {
            // Personal accounts have no v1 tokens.
            Some(Reason::WrongVersion)
        } else if tid != issuer {
            Some(Reason::TenantMismatch)
        } else if !policy.allows(&tid) {
            Some(Reason::TenantNotAllowed)
        } else {
            None
        };
        let audiences = AcceptedAudiences::for_client(ClientId::parse(API).unwrap());
        let validator = Validator::new(Cloud::public(), policy.build(), audiences).with_clock(clock());
        prop_assert_eq!(refused_claims(&validator, &claims), expected, "{:?}", policy);
    }
}
