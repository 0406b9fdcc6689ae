//! A gateway with its issuer, two agents, two APIs and a clock that stands still.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use agent_user_context::{
    AgentId, CallContext, CallRequest, ContextKeySource, ContextKeys, ContextReason,
    ContextRefusal, ContextSigner, ContextUse, ContextVerifier, ContextVerifierBuilder, Issuer,
    LocalSigner, SessionId, Sessions, SigningKeys, SigningRequest, TrustedIssuer, TurnContext,
    UserContext,
};
use base64_simd::URL_SAFE_NO_PAD;
use entra_claims::dangerous::TestToken;
use entra_claims::{ManualClock, VerifiedToken};
use foundry_scopes::{AppIdUri, Audience, ClientId, ObjectId, Scope, ScopeName, TenantId};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://gateway.contoso.example";
pub(crate) const ORDERS: &str = "api://orders.contoso.example";
pub(crate) const INVOICES: &str = "api://invoices.contoso.example";

pub(crate) const TENANT: TenantId = TestToken::TENANT;
pub(crate) const OTHER_TENANT: TenantId =
    TenantId::from_u128(0xbbbb_bbbb_0000_4000_8000_0000_0000_0001);
pub(crate) const ALICE: ObjectId = ObjectId::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_000a_11ce);
pub(crate) const BOB: ObjectId = ObjectId::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0b0b);
pub(crate) const AGENT_A: u128 = 0xaaaa_aaaa_0000_4000_8000_0000_0000_a6e0;
pub(crate) const AGENT_B: u128 = 0xaaaa_aaaa_0000_4000_8000_0000_0000_a6eb;

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) signer: Arc<LocalSigner>,
    pub(crate) keys: SigningKeys,
    pub(crate) sessions: Sessions,
    pub(crate) issuer: Issuer,
}

pub(crate) fn agent_id(agent: u128) -> AgentId {
    AgentId::new(ClientId::from_u128(agent), TENANT)
}

pub(crate) fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

pub(crate) fn name(text: &str) -> ScopeName {
    ScopeName::parse(text).unwrap()
}

pub(crate) fn api(text: &str) -> AppIdUri {
    AppIdUri::parse(text).unwrap()
}

/// All that agents of the tests may be given.
pub(crate) fn all_scopes() -> [Scope; 4] {
    [
        scope("api://orders.contoso.example/orders.read"),
        scope("api://orders.contoso.example/orders.write"),
        scope("api://invoices.contoso.example/invoices.read"),
        scope("api://orders.contoso.example/orders.cancel"),
    ]
}

/// What a turn of the tests has.
pub(crate) fn turn_scopes() -> [Scope; 3] {
    let [read, write, invoices, _] = all_scopes();
    [read, write, invoices]
}

/// Seconds, now by the clock of the machine: test tokens are made with it.
pub(crate) fn start() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::at(start()));
        let signer = Arc::new(LocalSigner::generate().unwrap());
        let keys = SigningKeys::new(Arc::clone(&signer)).unwrap();
        let sessions = Sessions::in_memory_with_clock(100, Arc::clone(&clock) as _);
        let issuer = Issuer::builder(ISSUER, keys.clone(), sessions.clone())
            .agent(agent_id(AGENT_A), all_scopes())
            .agent(agent_id(AGENT_B), all_scopes())
            .clock(Arc::clone(&clock) as _)
            .build()
            .unwrap();
        Self {
            clock,
            signer,
            keys,
            sessions,
            issuer,
        }
    }

    pub(crate) fn now(&self) -> i64 {
        entra_claims::Clock::wall(&*self.clock)
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A user's own token for the gateway.
    pub(crate) fn user(&self, user: ObjectId) -> VerifiedToken {
        let token = TestToken::user().object(user);
        token.expires_at_unix(self.now() + 3600).build().unwrap()
    }

    pub(crate) async fn session(&self, user: &VerifiedToken) -> SessionId {
        let lasts = Duration::from_secs(8 * 3600);
        self.sessions.open(user, lasts).await.unwrap()
    }

    /// Alice's turn with this agent.
    pub(crate) async fn turn(&self, agent: u128) -> TurnContext {
        self.turn_with_session(agent).await.0
    }

    pub(crate) async fn turn_with_session(&self, agent: u128) -> (TurnContext, SessionId) {
        let alice = self.user(ALICE);
        let session = self.session(&alice).await;
        let scopes = turn_scopes();
        let issued = self
            .issuer
            .start_turn(&alice, &session, agent_id(agent), &scopes);
        (issued.await.unwrap(), session)
    }

    pub(crate) async fn call(
        &self,
        agent: u128,
        turn: &TurnContext,
        audience: &str,
        scopes: &[&str],
    ) -> Result<CallContext, ContextRefusal> {
        let scopes: Vec<_> = scopes.iter().map(|scope| name(scope)).collect();
        let audience = api(audience);
        let request = CallRequest::new(&audience, &scopes);
        self.issuer
            .call_context(&agents_token(agent), turn.expose(), request)
            .await
    }

    /// Alice's context for the orders API, by agent A.
    pub(crate) async fn orders_context(&self) -> CallContext {
        let turn = self.turn(AGENT_A).await;
        self.call(AGENT_A, &turn, ORDERS, &["orders.read"])
            .await
            .unwrap()
    }

    pub(crate) fn published(&self) -> ContextKeys {
        ContextKeys::from_json(self.issuer.key_set().as_bytes()).unwrap()
    }

    pub(crate) fn trusted(&self, keys: impl ContextKeySource + 'static) -> TrustedIssuer {
        let agents = [agent_id(AGENT_A), agent_id(AGENT_B)];
        TrustedIssuer::new(ISSUER, keys, agents, [TENANT])
    }

    pub(crate) fn verifier_builder(&self, audience: &str) -> ContextVerifierBuilder {
        ContextVerifier::builder(Audience::parse(audience).unwrap())
            .issuer(self.trusted(self.published()))
            .clock(Arc::clone(&self.clock) as _)
    }

    /// The verifier of the orders API.
    pub(crate) fn orders(&self) -> ContextVerifier {
        self.verifier_builder(ORDERS).build().unwrap()
    }

    /// Claims that the orders API takes from agent A.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": ISSUER, "aud": ORDERS, "iat": self.now(), "exp": self.now() + 60,
            "jti": random_text(), "txn": random_text(),
            "sub": ALICE.to_string(), "tid": TENANT.to_string(),
            "act": { "sub": agent_id(AGENT_A).client().to_string(), "tid": TENANT.to_string() },
            "scope": "orders.read",
        })
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "alg": "ES256", "kid": self.signer.public_key().thumbprint(), "typ": "user-context+jwt" })
    }

    /// Signed with the issuer's key, whatever it says.
    pub(crate) async fn forge(&self, header: &Value, claims: &Value) -> String {
        sign(&*self.signer, &header.to_string(), &claims.to_string()).await
    }

    pub(crate) async fn forge_claims(&self, claims: &Value) -> String {
        self.forge(&self.header(), claims).await
    }

    /// What the orders API says to agent A with this context.
    pub(crate) async fn outcome(&self, context: &str) -> Result<UserContext, ContextReason> {
        verify(&self.orders(), AGENT_A, context, ContextUse::UntilItEnds).await
    }
}

pub(crate) async fn verify(
    verifier: &ContextVerifier,
    agent: u128,
    context: &str,
    how: ContextUse,
) -> Result<UserContext, ContextReason> {
    let verified = verifier.verify(&agents_token(agent), context, how).await;
    verified.map_err(|refusal| refusal.reason())
}

pub(crate) fn random_text() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    encode(&bytes)
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

pub(crate) async fn sign(signer: &dyn ContextSigner, header: &str, payload: &str) -> String {
    let message = format!(
        "{}.{}",
        encode(header.as_bytes()),
        encode(payload.as_bytes())
    );
    let request = SigningRequest::new(signer.public_key().algorithm(), message.as_bytes());
    let signature = signer.sign(request).await.unwrap();
    format!("{message}.{}", encode(&signature))
}

/// The agent's own app-only token.
pub(crate) fn agents_token(agent: u128) -> VerifiedToken {
    agents_token_with(agent, &["UserContext.Assert", "Orders.Read.All"])
}

pub(crate) fn agents_token_with(agent: u128, roles: &[&str]) -> VerifiedToken {
    TestToken::agent()
        .client(ClientId::from_u128(agent))
        .object(ObjectId::from_u128(agent))
        .roles(roles.iter().copied())
        .claim("uti", "fixed")
        .claim("iat", 1_700_000_000)
        .claim("nbf", 1_700_000_000)
        .expires_at_unix(9_000_000_000)
        .build()
        .unwrap()
}
