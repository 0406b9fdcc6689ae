//! Chains and guests against a local Entra ID: each API exchanges the token that was made for it, in the
//! tenant that made it.

use entra_claims::{AcceptedAudiences, Authenticator, TenantPolicy, Validator, VerifiedToken};
use entra_emulator::{ConsentGrant, Directory, Emulator, demo};
use entra_obo::{
    ClientCredential, ClientSecret, ErrorKind, ExchangeClient, NextStep, UserAssertion,
};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};

const ORDERS_SECRET: &str = "demo-secret-of-the-orders-api";

struct World {
    emulator: Emulator,
    cloud: Cloud,
}

impl World {
    /// The Orders API calls the Payroll API for its callers; Bob is a guest of Fabrikam's.
    async fn start() -> Self {
        let directory = Directory::demo()
            .map_app(demo::ORDERS_API, |app| app.secret(ORDERS_SECRET))
            .map_user(demo::BOB, |bob| {
                bob.guest_from(demo::OTHER_TENANT, demo::CAROL)
            });
        let emulator = Emulator::start(directory).await.unwrap();
        let grant =
            ConsentGrant::delegated(demo::ORDERS_API, demo::PAYROLL_API, [demo::PAYROLL_READ]);
        emulator.grant_consent(demo::TENANT, grant).unwrap();
        let cloud = Cloud::loopback(emulator.base_url()).unwrap();
        Self { emulator, cloud }
    }

    fn client(&self, app: &str, secret: &str) -> ExchangeClient {
        ExchangeClient::new(
            TenantAuthority::new(self.cloud.clone(), TenantId::parse(demo::TENANT).unwrap()),
            ClientId::parse(app).unwrap(),
            ClientCredential::secret(ClientSecret::new(secret)),
        )
        .unwrap()
    }

    async fn verify(&self, token: &str, api: &str) -> VerifiedToken {
        let validator = Validator::new(
            self.cloud.clone(),
            TenantPolicy::single(TenantId::parse(demo::TENANT).unwrap()),
            AcceptedAudiences::for_client(ClientId::parse(api).unwrap()),
        );
        let authenticator = Authenticator::new(validator).unwrap();
        authenticator.authenticate(token).await.unwrap()
    }

    async fn signed_in(&self, user: &str) -> VerifiedToken {
        let scopes = [demo::MCP_READ];
        let forge = self.emulator.forge();
        let token = forge.user_token(
            demo::TENANT,
            user,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &scopes,
        );
        self.verify(&token.unwrap().sign().unwrap(), demo::MCP_SERVER)
            .await
    }
}

fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

#[tokio::test]
async fn each_api_of_a_chain_exchanges_the_token_that_was_made_for_it() {
    let world = World::start().await;
    let first = world.client(demo::MCP_SERVER, demo::MCP_SERVER_SECRET);
    let second = world.client(demo::ORDERS_API, ORDERS_SECRET);
    let caller = world.signed_in(demo::ALICE).await;

    let orders = first.downstream(scopes(demo::ORDERS_READ_SCOPE)).unwrap();
    let assertion = UserAssertion::try_from(&caller).unwrap();
    let at_orders = orders.token_on_behalf_of(&assertion).await.unwrap();
    let at_orders = world.verify(at_orders.expose(), demo::ORDERS_API).await;

    let payroll = second.downstream(scopes(demo::PAYROLL_READ_SCOPE)).unwrap();
    let assertion = UserAssertion::try_from(&at_orders).unwrap();
    let at_payroll = payroll.token_on_behalf_of(&assertion).await.unwrap();
    let at_payroll = world.verify(at_payroll.expose(), demo::PAYROLL_API).await;
    assert_eq!(at_payroll.principal().key(), caller.principal().key());
    assert_eq!(
        at_payroll.principal().client().to_string(),
        demo::ORDERS_API
    );

    // The first caller's token is not for the second API, and skips no link of the chain.
    let skipped = UserAssertion::try_from(&caller).unwrap();
    let error = payroll.token_on_behalf_of(&skipped).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Assertion);
    assert_eq!(error.next(), NextStep::FixConfiguration);
    assert_eq!(error.codes(), [500_131]);
}

/// `tid` of a guest's token is the tenant that he visits, and so is the one that is asked:
/// `/common`, which would pick his home, cannot be written.
#[tokio::test]
async fn a_guest_is_acted_for_in_the_tenant_that_he_visits() {
    let world = World::start().await;
    let client = world.client(demo::MCP_SERVER, demo::MCP_SERVER_SECRET);
    let bob = world.signed_in(demo::BOB).await;
    assert!(bob.principal().tenant().to_string() == demo::TENANT);
    let orders = client.downstream(scopes(demo::ORDERS_READ_SCOPE)).unwrap();
    let token = orders
        .token_on_behalf_of(&UserAssertion::try_from(&bob).unwrap())
        .await
        .unwrap();
    let seen = world.verify(token.expose(), demo::ORDERS_API).await;
    assert_eq!(seen.principal().key(), bob.principal().key());
    let exchange = world.emulator.journal().last().unwrap();
    assert!(
        exchange.path().contains(demo::TENANT),
        "{}",
        exchange.path()
    );
}
