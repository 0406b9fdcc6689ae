//! The policy, the registry and its limits go together.

use std::time::Duration;

use entra_claims::registry::TenantCacheLimits;
use entra_claims::{
    AcceptedAudiences, Authenticator, ConfigError, Policy, Reason, RejectionClass, TenantPolicy,
    Validator, dangerous,
};
use foundry_scopes::{ClientId, Cloud};
use serde_json::json;

use super::{Database, SECOND, of, shared, validator};
use crate::support::{API, TENANT, clock, keys, tenant, with};

#[test]
fn a_validator_on_its_own_asks_nobody_and_accepts_nobody() {
    let validator = validator().with_clock(clock());
    let refusal = validator.verify(&of(TENANT), &keys()).unwrap_err();
    assert_eq!(refusal.reason(), Reason::RegistryNotAsked);
    assert_eq!(refusal.class(), RejectionClass::Misconfigured);
    assert!(!validator.tenants().allows(tenant(TENANT)));
    assert!(refusal.remedy().unwrap().contains("Authenticator"));
}

/// Whoever takes a signature for granted takes no tenant for granted.
#[test]
fn a_token_whose_signature_is_assumed_is_not_let_past_the_registry() {
    let validator = validator().with_clock(clock());
    let refusal = dangerous::assume_signature(&validator, &of(TENANT)).unwrap_err();
    assert_eq!(refusal.reason(), Reason::RegistryNotAsked);
    assert!(!refusal.signature_checked());
}

#[test]
fn a_policy_and_a_registry_go_together() {
    let none = Authenticator::new(validator()).unwrap_err();
    assert_eq!(none, ConfigError::NoRegistry);
    let open = Validator::new(
        Cloud::public(),
        TenantPolicy::any_work_or_school_tenant(),
        AcceptedAudiences::for_client(ClientId::parse(API).unwrap()),
    );
    let unused = Authenticator::builder(open)
        .tenant_registry(Database::new(&[]))
        .build()
        .unwrap_err();
    assert_eq!(unused, ConfigError::UnusedRegistry);
}

#[tokio::test]
async fn a_policy_in_a_file_may_leave_tenants_to_a_registry() {
    let file = json!({
        "cloud": "public", "tenants": {"mode": "registry"}, "audiences": [API],
        "token_kinds": ["delegated"],
    });
    let policy = Policy::from_json(&file.to_string()).unwrap();
    let refusal = policy
        .clone()
        .with_validator(|validator| validator.with_clock(clock()))
        .check(&of(TENANT), &keys())
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::RegistryNotAsked);
    let authenticator = Authenticator::builder(policy.validator().clone().with_clock(clock()))
        .transport(shared())
        .tenant_registry(Database::new(&[TENANT]))
        .build()
        .unwrap();
    assert!(authenticator.authenticate(&of(TENANT)).await.is_ok());
    let listed = json!({"mode": "registry", "tenants": [TENANT]});
    let file = with(&file, &[("tenants", listed)]).to_string();
    assert!(Policy::from_json(&file).is_err(), "a list is no registry");
}

#[test]
fn limits_have_bounds() {
    let limits = TenantCacheLimits::default;
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let build = |limits| {
        Authenticator::builder(validator())
            .tenant_registry(Database::new(&[TENANT]))
            .tenant_cache(limits)
            .build()
    };
    for (wrong, says) in [
        (
            limits().with_known_for(Duration::from_millis(999)),
            "known_for is 999 ms, and may be 1 s to 86400 s",
        ),
        (
            limits().with_known_for(hours(24) + SECOND),
            "known_for is 86401 s",
        ),
        (
            limits().with_unknown_for(hours(1) + SECOND),
            "unknown_for is 3601 s",
        ),
        (
            limits().with_stale_for(hours(24) + SECOND),
            "stale_for is 86401 s",
        ),
        (
            limits().with_deadline(Duration::ZERO),
            "deadline is 0 s, and may be 1 ms to 30 s",
        ),
        (limits().with_deadline(31 * SECOND), "deadline is 31 s"),
        (
            limits().with_tenants(0),
            "tenants is 0, and may be 1 to 1048576",
        ),
        (limits().with_tenants(1024 * 1024 + 1), "tenants is 1048577"),
    ] {
        let error = build(wrong).unwrap_err();
        assert!(matches!(error, ConfigError::OutOfRange { .. }), "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    for right in [
        limits().with_known_for(SECOND),
        limits().with_known_for(hours(24)),
        limits().with_unknown_for(Duration::ZERO),
        limits().with_unknown_for(hours(1)),
        limits().with_stale_for(Duration::ZERO),
        limits().with_stale_for(hours(24)),
        limits().with_deadline(Duration::from_millis(1)),
        limits().with_deadline(30 * SECOND),
        limits().with_tenants(1),
        limits().with_tenants(1024 * 1024),
    ] {
        assert!(build(right).is_ok(), "{right:?}");
    }
}
