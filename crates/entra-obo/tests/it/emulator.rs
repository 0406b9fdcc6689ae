//! Against a local Entra ID over real HTTP, with tokens that were really verified.

use std::net::TcpListener;
use std::time::Duration;

use entra_claims::{AcceptedAudiences, Authenticator, TenantPolicy, Validator, VerifiedToken};
use entra_emulator::{ConsentGrant, Directory, Emulator, Fault, demo};
use entra_obo::{
    ClientCredential, ClientSecret, Downstream, ErrorKind, ExchangeClient, NextStep, UserAssertion,
};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
use tokio::task::JoinSet;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

struct World {
    emulator: Emulator,
    cloud: Cloud,
    client: ExchangeClient,
}

impl World {
    async fn start() -> Self {
        Self::with_secret(demo::MCP_SERVER_SECRET).await
    }

    async fn with_secret(secret: &str) -> Self {
        let emulator = Emulator::start(Directory::demo()).await.unwrap();
        let cloud = Cloud::loopback(emulator.base_url()).unwrap();
        let client = ExchangeClient::new(
            TenantAuthority::new(cloud.clone(), tenant(demo::TENANT)),
            ClientId::parse(demo::MCP_SERVER).unwrap(),
            ClientCredential::secret(ClientSecret::new(secret)),
        )
        .unwrap();
        Self {
            emulator,
            cloud,
            client,
        }
    }

    fn orders(&self) -> Downstream {
        self.downstream(demo::ORDERS_READ_SCOPE)
    }

    fn downstream(&self, scope: &str) -> Downstream {
        self.client
            .downstream(ScopeSet::parse(scope).unwrap())
            .unwrap()
    }

    /// A token of `user` for the MCP server, verified with the emulator's keys.
    async fn assertion(&self, tenant: &str, user: &str) -> UserAssertion {
        let token = self
            .emulator
            .forge()
            .user_token(
                tenant,
                user,
                demo::MCP_CLIENT,
                demo::MCP_SERVER,
                &[demo::MCP_READ],
            )
            .unwrap()
            .sign()
            .unwrap();
        let verified = self.verify(&token, tenant, demo::MCP_SERVER).await;
        UserAssertion::try_from(&verified).unwrap()
    }

    async fn verify(&self, token: &str, of: &str, api: &str) -> VerifiedToken {
        let audiences = AcceptedAudiences::for_client(ClientId::parse(api).unwrap());
        let policy = TenantPolicy::single(tenant(of));
        let validator = Validator::new(self.cloud.clone(), policy, audiences);
        let authenticator = Authenticator::new(validator).unwrap();
        authenticator.authenticate(token).await.unwrap()
    }

    fn exchanges(&self) -> usize {
        self.emulator.journal().count_grant(JWT_BEARER)
    }
}

fn tenant(text: &str) -> TenantId {
    TenantId::parse(text).unwrap()
}

#[tokio::test]
async fn the_downstream_api_sees_the_same_user_and_the_middle_tier_as_client() {
    let world = World::start().await;
    let alice = world.assertion(demo::TENANT, demo::ALICE).await;
    let orders = world.orders();
    let token = orders.token_on_behalf_of(&alice).await.unwrap();
    let seen = world
        .verify(token.expose(), demo::TENANT, demo::ORDERS_API)
        .await;
    assert_eq!(seen.principal().key(), alice.principal());
    assert_eq!(seen.principal().client().to_string(), demo::MCP_SERVER);
    assert_eq!(seen.claims().scp(), Some(demo::ORDERS_READ));
    let distance = (token.expires_at_unix() - seen.expires_at_unix()).abs();
    assert!(distance <= 60, "the cached expiry is {distance} s off");

    orders.token_on_behalf_of(&alice).await.unwrap();
    assert_eq!(world.exchanges(), 1, "the second comes from the cache");
}

#[tokio::test]
async fn many_callers_are_one_request_per_user() {
    let world = World::start().await;
    let orders = world.orders();
    let mut callers = JoinSet::new();
    for oid in [demo::ALICE, demo::BOB] {
        let assertion = world.assertion(demo::TENANT, oid).await;
        for _ in 0..50 {
            let (orders, assertion) = (orders.clone(), assertion.clone());
            callers.spawn(async move {
                let token = orders.token_on_behalf_of(&assertion).await.unwrap();
                (assertion.principal(), token)
            });
        }
    }
    let answers = callers.join_all().await;
    assert_eq!(world.exchanges(), 2);
    for user in [demo::ALICE, demo::BOB] {
        let mine = |(key, _): &&(entra_claims::PrincipalKey, _)| key.object.to_string() == user;
        let (key, token) = answers.iter().find(mine).unwrap();
        let seen = world
            .verify(token.expose(), demo::TENANT, demo::ORDERS_API)
            .await;
        assert_eq!(seen.principal().key(), *key);
    }
}

#[tokio::test]
async fn missing_consent_says_so_and_works_once_it_is_given() {
    let world = World::start().await;
    let alice = world.assertion(demo::TENANT, demo::ALICE).await;
    let payroll = world.downstream(demo::PAYROLL_READ_SCOPE);
    let error = payroll.token_on_behalf_of(&alice).await.unwrap_err();
    assert_eq!(error.next(), NextStep::AskConsent);
    assert_eq!(error.entra().unwrap().error(), Some("invalid_grant"));
    assert_eq!(error.entra().unwrap().suberror(), Some("consent_required"));
    assert_eq!(error.codes(), [65001]);
    assert!(error.entra().unwrap().trace_id().is_some());

    let grant = ConsentGrant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    world.emulator.grant_consent(demo::TENANT, grant).unwrap();
    payroll.token_on_behalf_of(&alice).await.unwrap();
}

#[tokio::test]
async fn an_assertion_that_expired_there_means_sign_in_again() {
    let world = World::start().await;
    let alice = world.assertion(demo::TENANT, demo::ALICE).await;
    world.emulator.clock().advance(Duration::from_secs(86_400));
    let error = world.orders().token_on_behalf_of(&alice).await.unwrap_err();
    assert_eq!(error.codes(), [500_133]);
    assert_eq!(error.kind(), ErrorKind::Assertion);
    assert_eq!(error.next(), NextStep::SignInAgain);
}

#[tokio::test]
async fn a_wrong_secret_is_the_operators_to_fix() {
    let world = World::with_secret("not-the-secret").await;
    let alice = world.assertion(demo::TENANT, demo::ALICE).await;
    let error = world.orders().token_on_behalf_of(&alice).await.unwrap_err();
    assert_eq!(error.entra().unwrap().status(), 401);
    assert_eq!(error.entra().unwrap().error(), Some("invalid_client"));
    assert_eq!(error.codes(), [7_000_215]);
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert_eq!(error.next(), NextStep::FixConfiguration);
    assert_eq!(world.exchanges(), 1, "not repeated");
}

#[tokio::test]
async fn an_unknown_resource_is_the_operators_to_fix() {
    let world = World::start().await;
    let alice = world.assertion(demo::TENANT, demo::ALICE).await;
    let nowhere = world.downstream("api://no-such-api/.default");
    let error = nowhere.token_on_behalf_of(&alice).await.unwrap_err();
    assert_eq!(error.next(), NextStep::FixConfiguration, "{error:?}");
}

#[tokio::test]
async fn the_correlation_id_is_the_one_the_server_saw() {
    let world = World::start().await;
    let alice = world.assertion(demo::TENANT, demo::ALICE).await;
    let payroll = world.downstream(demo::PAYROLL_READ_SCOPE);
    let error = payroll.token_on_behalf_of(&alice).await.unwrap_err();
    let entry = world.emulator.journal().last().unwrap();
    assert_eq!(error.correlation_id(), Some(entry.correlation_id()));
    assert!(error.to_string().contains(entry.correlation_id()));
}

#[tokio::test]
async fn each_tenant_is_asked_for_its_own_users() {
    let world = World::start().await;
    let carol = world.assertion(demo::OTHER_TENANT, demo::CAROL).await;
    let error = world.orders().token_on_behalf_of(&carol).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Assertion);
    assert_eq!(world.exchanges(), 0);

    let there = world.client.for_tenant(tenant(demo::OTHER_TENANT));
    let orders = ScopeSet::parse(demo::ORDERS_READ_SCOPE).unwrap();
    // The Orders API is not known over there, which is that tenant's answer.
    let error = there
        .downstream(orders)
        .unwrap()
        .token_on_behalf_of(&carol)
        .await
        .unwrap_err();
    assert_eq!(error.next(), NextStep::FixConfiguration, "{error:?}");
    let asked = world.emulator.journal().last().unwrap();
    assert!(asked.path().contains(demo::OTHER_TENANT));
}

#[tokio::test]
async fn one_users_429_delays_nobody_else() {
    let world = World::start().await;
    let alice = world.assertion(demo::TENANT, demo::ALICE).await;
    let bob = world.assertion(demo::TENANT, demo::BOB).await;
    let orders = world.orders();
    world
        .emulator
        .fail_next(Fault::status("/token", 429).header("retry-after", "3000"));
    for _ in 0..3 {
        let error = orders.token_on_behalf_of(&alice).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled);
    }
    assert_eq!(world.exchanges(), 1);
    orders.token_on_behalf_of(&bob).await.unwrap();
}

#[tokio::test]
async fn a_redirect_takes_no_secret_elsewhere() {
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    sink.set_nonblocking(true).unwrap();
    let world = World::start().await;
    let alice = world.assertion(demo::TENANT, demo::ALICE).await;
    for status in [301, 302, 307, 308] {
        let to = format!("http://{}/token", sink.local_addr().unwrap());
        world
            .emulator
            .fail_next(Fault::status("/token", status).header("location", to));
        let error = world.orders().token_on_behalf_of(&alice).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unintelligible, "{error:?}");
        assert_eq!(error.entra().unwrap().status(), status);
    }
    let nobody = sink.accept().unwrap_err();
    assert_eq!(
        nobody.kind(),
        std::io::ErrorKind::WouldBlock,
        "it was followed"
    );
}

#[tokio::test]
async fn an_emulator_that_is_gone_is_unreachable_and_the_cache_goes_on() {
    let world = World::start().await;
    let alice = world.assertion(demo::TENANT, demo::ALICE).await;
    let bob = world.assertion(demo::TENANT, demo::BOB).await;
    let orders = world.orders();
    orders.token_on_behalf_of(&alice).await.unwrap();
    world.emulator.shutdown().await;
    orders.token_on_behalf_of(&alice).await.unwrap();
    let error = orders.token_on_behalf_of(&bob).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
    assert!(matches!(error.next(), NextStep::RetryAt(_)));
    assert!(error.correlation_id().is_some());
}
