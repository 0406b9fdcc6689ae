//! Keys that tenants share, and keys of each, over real HTTP from the local Entra ID.

use std::sync::Arc;

use entra_claims::registry::InMemoryTenants;
use entra_claims::{AcceptedAudiences, Authenticator, Reason, TenantPolicy, Validator};
use entra_emulator::{Directory, Emulator, demo};
use foundry_scopes::{ClientId, Cloud, TenantId};

use crate::support::tenant;

async fn start() -> Emulator {
    Emulator::start(Directory::demo()).await.unwrap()
}

fn validator(emulator: &Emulator, tenants: TenantPolicy) -> Validator {
    Validator::new(
        Cloud::loopback(emulator.base_url()).unwrap(),
        tenants,
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    )
}

/// A token of any tenant: all tenants of a cloud have the same keys.
fn token(emulator: &Emulator, tid: &str) -> String {
    let scopes = [demo::MCP_READ];
    let forged = emulator
        .forge()
        .version(entra_emulator::RequestedTokenVersion::V2)
        .user_token(
            demo::TENANT,
            demo::ALICE,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &scopes,
        )
        .unwrap();
    forged
        .claim("tid", tid)
        .claim("iss", format!("{}/{tid}/v2.0", emulator.base_url()))
        .sign()
        .unwrap()
}

fn numbered(number: u32) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

/// What was asked for: discovery documents and key sets, by the authority in the path.
fn asked(emulator: &Emulator, authority: &str) -> (usize, usize) {
    let of = |end: &str| {
        let (start, end) = (format!("/{authority}/"), end.to_owned());
        emulator
            .journal()
            .count(move |entry| entry.path().starts_with(&start) && entry.path().ends_with(&end))
    };
    (of("/openid-configuration"), of("/keys"))
}

#[tokio::test]
async fn one_fetch_serves_every_tenant_of_a_cloud() {
    for (policy, alias, personal) in [
        (
            TenantPolicy::any_work_or_school_tenant(),
            "organizations",
            Err(Reason::TenantNotAllowed),
        ),
        (
            TenantPolicy::any_tenant_including_personal_accounts(),
            "common",
            Ok(()),
        ),
    ] {
        let emulator = start().await;
        let authenticator = Authenticator::new(validator(&emulator, policy)).unwrap();
        authenticator.warm_up().await.unwrap();
        let strangers = (0..40).map(numbered);
        for tid in strangers.chain([demo::TENANT.to_owned(), demo::OTHER_TENANT.to_owned()]) {
            let verified = authenticator.authenticate(&token(&emulator, &tid)).await;
            assert_eq!(verified.unwrap().principal().tenant(), tenant(&tid));
        }
        let person = token(&emulator, &TenantId::PERSONAL.to_string());
        let outcome = authenticator.authenticate(&person).await;
        assert_eq!(
            outcome.map(drop).map_err(|refusal| refusal.reason()),
            personal
        );
        assert_eq!(asked(&emulator, alias), (1, 1));
        assert_eq!(emulator.journal().count(|_| true), 2, "and nothing else");
    }
}

/// The keys' own issuer is the template of this authority, and it is compared: the same keys
/// under a cloud of another address sign nothing.
#[tokio::test]
async fn a_shared_keys_issuer_is_checked() {
    let emulator = start().await;
    let authenticator = Authenticator::new(validator(
        &emulator,
        TenantPolicy::any_work_or_school_tenant(),
    ))
    .unwrap();
    authenticator.warm_up().await.unwrap();
    let elsewhere = emulator.base_url().replace("localhost", "127.0.0.1");
    assert_ne!(elsewhere, emulator.base_url());
    let other = Validator::new(
        Cloud::loopback(&elsewhere).unwrap(),
        TenantPolicy::any_work_or_school_tenant(),
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    );
    let forged = emulator
        .forge()
        .user_token(
            demo::TENANT,
            demo::ALICE,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &[demo::MCP_READ],
        )
        .unwrap()
        .claim("ver", "2.0")
        .claim("azp", demo::MCP_CLIENT)
        .claim("aud", demo::MCP_SERVER)
        .claim("iss", format!("{elsewhere}/{}/v2.0", demo::TENANT))
        .sign()
        .unwrap();
    let refusal = authenticator
        .with_keys(tenant(demo::TENANT), |keys| other.verify(&forged, keys))
        .unwrap()
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::KeyIssuerMismatch);
}

#[tokio::test]
async fn listed_tenants_have_keys_of_their_own_and_others_cost_nothing() {
    let emulator = start().await;
    let listed = [demo::TENANT, demo::OTHER_TENANT].map(tenant);
    let policy = TenantPolicy::allow_list(listed).unwrap();
    let authenticator = Authenticator::new(validator(&emulator, policy)).unwrap();
    for number in 0..20 {
        let stranger = token(&emulator, &numbered(number));
        let refusal = authenticator.authenticate(&stranger).await.unwrap_err();
        assert_eq!(refusal.reason(), Reason::TenantNotAllowed);
    }
    assert_eq!(emulator.journal().count(|_| true), 0);
    for tid in [demo::TENANT, demo::OTHER_TENANT] {
        for _ in 0..3 {
            let verified = authenticator.authenticate(&token(&emulator, tid)).await;
            assert!(verified.is_ok());
        }
        assert_eq!(asked(&emulator, tid), (1, 1));
    }
    assert_eq!(emulator.journal().count(|_| true), 4);
}

/// 256 tenants have keys of their own; one more, and all share one set.
#[tokio::test]
async fn a_list_beyond_the_cap_shares_one_key_set() {
    let emulator = start().await;
    for (count, authorities) in [(256, 256), (257, 1)] {
        let list = (1..count).map(|number| tenant(&numbered(number)));
        let list = list.chain([tenant(demo::TENANT)]);
        let policy = TenantPolicy::allow_list(list).unwrap();
        let authenticator = Authenticator::new(validator(&emulator, policy)).unwrap();
        assert_eq!(authenticator.key_health().len(), authorities);
        let verified = authenticator
            .authenticate(&token(&emulator, demo::TENANT))
            .await;
        assert!(verified.is_ok());
        let stranger = token(&emulator, demo::OTHER_TENANT);
        let refusal = authenticator.authenticate(&stranger).await.unwrap_err();
        assert_eq!(refusal.reason(), Reason::TenantNotAllowed);
    }
    assert_eq!(asked(&emulator, demo::TENANT), (1, 1));
    assert_eq!(asked(&emulator, "common"), (1, 1));
    assert_eq!(emulator.journal().count(|_| true), 4);
}

#[tokio::test]
async fn tenants_of_a_registry_share_one_key_set() {
    let emulator = start().await;
    let known = InMemoryTenants::new([tenant(demo::TENANT), tenant(&numbered(1))]);
    let authenticator = Authenticator::builder(validator(&emulator, TenantPolicy::registered()))
        .tenant_registry(Arc::new(known))
        .build()
        .unwrap();
    for tid in [demo::TENANT, &numbered(1)] {
        let verified = authenticator.authenticate(&token(&emulator, tid)).await;
        assert_eq!(verified.unwrap().principal().tenant(), tenant(tid));
    }
    for tid in [demo::OTHER_TENANT, &numbered(2)] {
        let refusal = authenticator.authenticate(&token(&emulator, tid)).await;
        assert_eq!(refusal.unwrap_err().reason(), Reason::TenantNotRegistered);
    }
    assert_eq!(asked(&emulator, "common"), (1, 1));
    assert_eq!(emulator.journal().count(|_| true), 2);
}

#[tokio::test]
async fn a_rotation_reaches_every_tenant_with_one_fetch() {
    let emulator = start().await;
    let policy = TenantPolicy::any_work_or_school_tenant();
    let authenticator = Authenticator::new(validator(&emulator, policy)).unwrap();
    assert!(
        authenticator
            .authenticate(&token(&emulator, demo::TENANT))
            .await
            .is_ok()
    );
    emulator.rotate_keys();
    for number in 1..20 {
        let tid = numbered(number);
        assert!(
            authenticator
                .authenticate(&token(&emulator, &tid))
                .await
                .is_ok()
        );
    }
    assert_eq!(asked(&emulator, "organizations"), (1, 2));
}
