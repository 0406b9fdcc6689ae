//! A gateway's issuer, an agent with its own token, and the key that signs.

use std::error::Error;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use agent_user_context::{
    AgentId, CallContext, CallRequest, Issuer, LocalSigner, SessionId, Sessions, SigningKeys,
    TurnContext,
};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use entra_claims::{Authenticator, VerifiedToken};
use foundry_scopes::{AppIdUri, Scope, ScopeName};
use serde_json::json;

use crate::claims::cached::authenticator;
use crate::claims::issuer::Issuer as Authority;

pub(super) const URL: &str = "https://gateway.contoso.example";
pub(super) const API: &str = "api://orders.contoso.example";
const AGENT: &str = "5a1f7c3e-9b2d-4e6f-8a0b-1c2d3e4f5a6b";

pub(super) struct World {
    pub(super) issuer: Issuer,
    /// The issuer's key, for the floor.
    pub(super) key: EcdsaKeyPair,
    pub(super) authenticator: Authenticator,
    pub(super) user: VerifiedToken,
    pub(super) session: SessionId,
    pub(super) agent: AgentId,
    /// The agent's own token, as it is sent.
    pub(super) agents_token: String,
    pub(super) scopes: Vec<Scope>,
}

/// The output of a future that does not wait.
pub(super) fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

impl World {
    pub(super) fn new(runtime: &tokio::runtime::Runtime) -> Result<Self, Box<dyn Error>> {
        let authority = Authority::new()?;
        let authenticator = authenticator(&authority)?;
        let agents_token = authority.changed(0, &Authority::signing_kid(), |claims| {
            if let Some(members) = claims.as_object_mut() {
                members.retain(|name, _| {
                    !["scp", "groups", "email", "name", "sid"].contains(&name.as_str())
                });
                members.insert("idtyp".to_owned(), json!("app"));
                members.insert("azp".to_owned(), json!(AGENT));
                members.insert("oid".to_owned(), json!(AGENT));
                members.insert(
                    "roles".to_owned(),
                    json!(["UserContext.Assert", "Orders.Read.All"]),
                );
            }
        })?;
        let users = authority.tokens(1)?;
        let user = users.first().ok_or("no token")?;
        let user = runtime.block_on(authenticator.authenticate(user))?;
        let agent = runtime.block_on(authenticator.authenticate(&agents_token))?;
        let agent = AgentId::from_token(&agent);

        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let der = pair.to_pkcs8v1()?;
        let scopes = vec![Scope::parse(&format!("{API}/orders.read"))?];
        let sessions = Sessions::in_memory(10);
        let signer = LocalSigner::from_pkcs8(der.as_ref())?;
        let issuer = Issuer::builder(URL, SigningKeys::new(signer)?, sessions.clone())
            .agent(agent, scopes.clone())
            .build()?;
        let session = runtime.block_on(sessions.open(&user, Duration::from_secs(3600)))?;
        Ok(Self {
            issuer,
            key: pair,
            authenticator,
            user,
            session,
            agent,
            agents_token,
            scopes,
        })
    }

    pub(super) fn turn(&self) -> Option<TurnContext> {
        now(self
            .issuer
            .start_turn(&self.user, &self.session, self.agent, &self.scopes))?
        .ok()
    }

    pub(super) fn call(&self, turn: &TurnContext) -> Option<CallContext> {
        let agent = self.authenticator.cached(&self.agents_token)?;
        let (api, scopes) = (
            AppIdUri::parse(API).ok()?,
            [ScopeName::parse("orders.read").ok()?],
        );
        let request = CallRequest::new(&api, &scopes);
        now(self.issuer.call_context(&agent, turn.expose(), request))?.ok()
    }
}
