//! Tenants in a registry, as a client of the guarded service sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use cross_crate_tests::{GuardedApi, World};
use entra_claims::registry::{TenantRegistry, TenantRegistryError};
use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_emulator::demo;
use foundry_scopes::{ClientId, ScopeName, TenantId};
use reqwest::StatusCode;

const KNOWN: u8 = 0;
const UNKNOWN: u8 = 1;
const DOWN: u8 = 2;

/// What the database says of every tenant.
#[derive(Debug)]
struct Customers(AtomicU8);

#[async_trait]
impl TenantRegistry for Customers {
    async fn contains(&self, _: TenantId) -> Result<bool, TenantRegistryError> {
        match self.0.load(Ordering::SeqCst) {
            KNOWN => Ok(true),
            UNKNOWN => Ok(false),
            _ => Err(TenantRegistryError::new("the customer table is locked")),
        }
    }
}

#[tokio::test]
async fn a_customer_is_served_a_stranger_refused_and_an_outage_is_not_now() {
    let world = World::start().await.unwrap();
    let customers = Arc::new(Customers(AtomicU8::new(KNOWN)));
    let validator = Validator::new(
        world.authority().cloud().clone(),
        TenantPolicy::registered(),
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    );
    let authenticator = Authenticator::builder(validator)
        .tenant_registry(customers.clone())
        .build()
        .unwrap();
    let requirement = Requirement::scope(ScopeName::parse(demo::MCP_READ).unwrap());
    let uri = format!("api://{}", demo::MCP_SERVER);
    let api = GuardedApi::start(authenticator.clone(), &uri, requirement)
        .await
        .unwrap();
    let token = world.token_of(demo::ALICE).unwrap().sign().unwrap();
    let tenant = TenantId::parse(demo::TENANT).unwrap();
    for (says, status, challenged) in [
        (KNOWN, StatusCode::OK, false),
        (UNKNOWN, StatusCode::UNAUTHORIZED, true),
        (DOWN, StatusCode::SERVICE_UNAVAILABLE, false),
        (KNOWN, StatusCode::OK, false),
    ] {
        customers.0.store(says, Ordering::SeqCst);
        authenticator.forget_tenant(tenant);
        let (got, challenge, body) = api.call(&token).await.unwrap();
        assert_eq!(got, status, "{body}");
        assert_eq!(
            challenge.contains("invalid_token"),
            challenged,
            "{challenge}"
        );
        // What the registry says is for the log.
        assert!(!body.to_string().contains("locked"), "{body}");
    }
}
