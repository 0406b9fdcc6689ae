//! The loud way in: every check that needs no key, each with a token that fails it alone.

use std::sync::Arc;

use crate::support::{CLIENT, Endpoint, NOW, OTHER_TENANT, TENANT, World, compact, tenant};
use entra_claims::{AcceptedAudiences, ManualClock, Reason, TenantPolicy, Validator};
use entra_obo::dangerous::{UnverifiedAssertionError, assertion_without_signature};
use foundry_scopes::{ClientId, Cloud};

fn validator() -> Validator {
    Validator::new(
        Cloud::public(),
        TenantPolicy::single(tenant(TENANT)),
        AcceptedAudiences::for_client(ClientId::parse(CLIENT).unwrap()),
    )
    .with_clock(Arc::new(ManualClock::at(NOW)))
}

fn claims(more: &str) -> String {
    format!(r#""nbf":{then},"iat":{then},{more}"#, then = NOW - 4000)
}

fn delegated() -> String {
    claims(&format!(r#""scp":"access_as_user","exp":{}"#, NOW + 4000))
}

fn reason_of(token: &str) -> Reason {
    match assertion_without_signature(&validator(), token).unwrap_err() {
        UnverifiedAssertionError::Refused(rejection) => rejection.reason(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_needs_no_key_is_checked() {
    let good = compact(TENANT, 1, "", &delegated());
    assertion_without_signature(&validator(), &good).unwrap();

    let expired = claims(&format!(r#""scp":"access_as_user","exp":{}"#, NOW - 301));
    let at_another_api = AcceptedAudiences::for_client(
        ClientId::parse("33334444-dddd-5555-eeee-6666ffff7777").unwrap(),
    );
    let tenants = TenantPolicy::single(tenant(TENANT));
    let other = Validator::new(Cloud::public(), tenants, at_another_api)
        .with_clock(Arc::new(ManualClock::at(NOW)));
    let error = assertion_without_signature(&other, &good).unwrap_err();
    assert!(
        matches!(&error, UnverifiedAssertionError::Refused(r) if r.reason() == Reason::WrongAudience)
    );
    assert_eq!(
        reason_of(&compact(TENANT, 1, "", &expired)),
        Reason::Expired
    );
    assert_eq!(
        reason_of(&compact(OTHER_TENANT, 1, "", &delegated())),
        Reason::TenantNotAllowed
    );
    assert_eq!(reason_of("not a token"), Reason::NotCompact);
    let unsigned = good.replace(good.split('.').next().unwrap(), "eyJhbGciOiJub25lIn0");
    assert_eq!(reason_of(&unsigned), Reason::UnsupportedAlgorithm);
    let cut = good.rsplit_once('.').unwrap().0;
    assert_eq!(reason_of(cut), Reason::NotCompact);
}

#[test]
fn an_applications_own_token_stands_for_no_user() {
    let app = claims(&format!(
        r#""idtyp":"app","roles":["Run"],"exp":{}"#,
        NOW + 4000
    ));
    let error = assertion_without_signature(&validator(), &compact(TENANT, 1, "", &app));
    assert!(matches!(
        error.unwrap_err(),
        UnverifiedAssertionError::Assertion(_)
    ));
}

/// A copy with another signature does not find what was got for the real one.
#[tokio::test]
async fn another_signature_is_another_assertion() {
    let good = compact(TENANT, 1, "", &delegated());
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "Zm9yZ2Vk");
    let world = World::new(Endpoint::granting());
    let real = assertion_without_signature(&validator(), &good).unwrap();
    let copy = assertion_without_signature(&validator(), &forged).unwrap();
    world.api.token_on_behalf_of(&real).await.unwrap();
    assert!(world.api.cached(&real).is_some());
    assert!(world.api.cached(&copy).is_none());
}
