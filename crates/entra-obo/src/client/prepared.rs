//! Prepared downstream: what all requests for one resource have in common, worked out once.

use std::fmt;
use std::sync::Arc;

use entra_claims::transport::{BoxFuture, HttpTransport};
use foundry_scopes::{ClientId, Scope, ScopeSet, TenantAuthority};
use http::Uri;

use crate::cache::key::{Flow, Prefix, Shape};
use crate::credential::{Credentials, Proof};
use crate::engine::Engine;
use crate::error::ExchangeError;
use crate::token::AccessToken;

/// What is the same for every user.
pub(super) struct Prepared {
    /// The client that it belongs to.
    pub(super) core: Arc<Core>,
    pub(super) authority: TenantAuthority,
    /// The token endpoint, as text for assertions and as address for requests.
    pub(super) endpoint: String,
    pub(super) uri: Uri,
    /// Who asks: `client_id`.
    pub(super) client: ClientId,
    pub(super) prover: Prover,
    pub(super) flow: Flow,
    pub(super) scopes: ScopeSet,
    pub(super) scope: String,
    pub(super) prefix: Prefix,
    /// What is between the legs of an agent identity stays in this process.
    pub(super) shareable: bool,
}

/// Who proves that it is the client.
#[derive(Clone)]
pub(super) enum Prover {
    /// The client itself, with its credentials.
    Client,
    /// A blueprint, for one of its agent identities.
    Blueprint(Arc<dyn Blueprint>),
}

/// Authentication of an agent identity: the requests before its last one. Each of them is a
/// downstream of its own, so this trait is what keeps a prepared downstream from knowing itself.
pub(super) trait Blueprint: Send + Sync {
    /// The agent identity.
    fn agent(&self) -> ClientId;

    /// The blueprint's token with which the agent identity authenticates.
    fn proof(&self, renew: bool) -> BoxFuture<'_, Result<Proof, ExchangeError>>;

    /// The agent identity's own exchange token, which stands for it towards its user account.
    fn user_exchange(&self, renew: bool) -> BoxFuture<'_, Result<AccessToken, ExchangeError>>;
}

impl Prepared {
    pub(super) fn new(
        core: &Arc<Core>,
        authority: TenantAuthority,
        prover: Prover,
        flow: Flow,
        scopes: ScopeSet,
    ) -> Result<Self, ExchangeError> {
        Self::made_for(core, authority, prover, flow, scopes, None)
    }

    /// `agent`: the agent identity that an exchange token is made for.
    pub(super) fn made_for(
        core: &Arc<Core>,
        authority: TenantAuthority,
        prover: Prover,
        flow: Flow,
        scopes: ScopeSet,
        agent: Option<ClientId>,
    ) -> Result<Self, ExchangeError> {
        let refuse = |reason| Err(ExchangeError::configuration(reason));
        if !scopes.oidc().is_empty() {
            return refuse(
                "an exchange asks for the scopes of one resource, without openid, \
                 profile, email and offline_access",
            );
        }
        let as_user = matches!(flow, Flow::OnBehalfOf | Flow::AgentUser);
        if !as_user && !scopes.scopes().iter().all(Scope::is_default) {
            return refuse(
                "an application asks for <resource>/.default: it has roles, and no named \
                 scopes (AADSTS1002012)",
            );
        }
        let endpoint = authority.token_endpoint();
        let Ok(uri) = endpoint.parse() else {
            return refuse("the token endpoint is not a URI");
        };
        let client = match &prover {
            Prover::Client => core.client,
            Prover::Blueprint(legs) => legs.agent(),
        };
        let shape = Shape {
            flow,
            authority: &authority,
            client,
            credential_owner: core.client,
            agent,
            credential_kind: &core.credentials.kinds(),
            scopes: &scopes,
            capabilities: &core.capabilities,
        };
        Ok(Self {
            core: Arc::clone(core),
            prefix: shape.prefix(),
            shareable: !matches!(flow, Flow::AgentExchange | Flow::AgentUserExchange),
            endpoint,
            uri,
            client,
            prover,
            flow,
            scope: scopes.to_string(),
            scopes,
            authority,
        })
    }
}

pub(super) struct Core {
    pub(super) client: ClientId,
    pub(super) credentials: Credentials,
    pub(super) capabilities: Vec<String>,
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) engine: Arc<Engine>,
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("client", &self.client)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
