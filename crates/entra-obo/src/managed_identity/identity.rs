//! Managed identity: tokens from the metadata service, App Service or a workload identity.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use foundry_scopes::{Scope, ScopeSet, catalogue};
use http::{Response, StatusCode, header};
use zeroize::Zeroizing;

use super::answer;
use super::arc;
use super::source::{IdentitySelector, Met, NOT_AN_ENDPOINT, Source, pause};
use crate::cache::Lifetime;
use crate::cache::key::{NO_ASSERTION, Prefix};
use crate::client::ExchangeClient;
use crate::credential::{AssertionRequest, CredentialError, FederatedAssertion};
use crate::engine::{Call, Engine, TokenResponse, Work, after, unix};
use crate::error::{EndpointAnswer, EntraError, ErrorKind, ExchangeError};
use crate::meter::Stats;
use crate::secret::Secret;
use crate::token::{AccessToken, IssuedToken};

/// A managed identity: the platform gives tokens to what runs on it, and no secret is
/// configured anywhere.
///
/// Use it for tokens of its own ([`token`](Self::token)), or as the credential of an
/// application that trusts it (`ClientCredential::federated`), which then acts on behalf
/// of users without a secret (Entra doc "Configure an application to trust a managed
/// identity": a user-assigned identity of the same tenant).
///
/// | source | when |
/// | --- | --- |
/// | workload identity (AKS) | `AZURE_FEDERATED_TOKEN_FILE`, `AZURE_CLIENT_ID`, `AZURE_TENANT_ID` |
/// | App Service, Functions, Container Apps | `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` |
/// | Azure Arc | `IDENTITY_ENDPOINT`, `IMDS_ENDPOINT`, or the agent's program |
/// | the metadata service of a virtual machine | otherwise |
///
/// Plain http is spoken to loopback and link-local addresses only, without proxy and
/// redirects: a token request that left the machine would give its identity away.
///
/// ```no_run
/// use std::sync::Arc;
/// use entra_obo::managed_identity::ManagedIdentity;
/// use entra_obo::ClientCredential;
/// use foundry_scopes::Scope;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let identity = ManagedIdentity::from_environment().build()?;
/// let token = identity.token(&Scope::parse("https://ai.azure.com/.default")?).await?;
/// # let _ = token;
/// let credential = ClientCredential::federated(Arc::new(identity));
/// # let _ = credential;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManagedIdentity(Inner);

#[derive(Clone)]
pub(super) enum Inner {
    Local(Arc<Local>),
    Workload(ExchangeClient),
}

pub(super) struct Local {
    pub(super) source: Source,
    pub(super) selector: IdentitySelector,
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) engine: Arc<Engine>,
}

impl ManagedIdentity {
    pub(super) fn new(inner: Inner) -> Self {
        Self(inner)
    }

    /// A token for the resource of `scope`, which is `<resource>/.default`: from the cache,
    /// from a request under way, or from the endpoint, which is asked again as it documents.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a named scope; otherwise what the endpoint
    /// answered. Failures are never cached.
    ///
    /// # Panics
    ///
    /// On a tokio runtime without its time driver.
    pub async fn token(&self, scope: &Scope) -> Result<AccessToken, ExchangeError> {
        self.get(scope, None).await
    }

    /// What it did so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        match &self.0 {
            Inner::Local(local) => local.engine.stats(),
            Inner::Workload(client) => client.stats(),
        }
    }

    async fn get(
        &self,
        scope: &Scope,
        past_cache: Option<&str>,
    ) -> Result<AccessToken, ExchangeError> {
        if !scope.is_default() {
            return Err(ExchangeError::configuration(
                "a managed identity asks for <resource>/.default",
            ));
        }
        match &self.0 {
            Inner::Workload(client) => {
                let own = client.for_app(ScopeSet::from(scope.clone()))?;
                match past_cache {
                    Some(_) => own.renewed().await,
                    None => own.token().await,
                }
            }
            Inner::Local(local) => {
                let endpoint = local.source.endpoint();
                let selector = local.selector.key();
                let line = Prefix::of_managed_identity(endpoint, &selector, scope.resource());
                let fetch = Fetch {
                    local: Arc::clone(local),
                    resource: scope.resource().to_owned(),
                    scope: scope.as_str().to_owned(),
                };
                let call = Call {
                    engine: &local.engine,
                    key: line.key(&NO_ASSERTION),
                    downstream: line,
                    owner: None,
                    past_cache,
                    work: &fetch,
                };
                call.token().await
            }
        }
    }
}

#[async_trait]
impl FederatedAssertion for ManagedIdentity {
    async fn assertion(&self, request: &AssertionRequest<'_>) -> Result<String, CredentialError> {
        let refuse = |reason: String| CredentialError::new("managed identity", reason);
        let cloud = request.authority.cloud();
        let scope = catalogue::AZURE_AD_TOKEN_EXCHANGE.default_scope(cloud);
        let scope = scope.ok_or_else(|| {
            refuse("the audience of token exchanges is not known for this cloud".to_owned())
        })?;
        let token = self.get(&scope, request.renew.then_some("")).await;
        let token = token.map_err(|error| refuse(error.to_string()))?;
        Ok(token.expose().to_owned())
    }
}

impl fmt::Debug for ManagedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Local(local) => f
                .debug_struct("ManagedIdentity")
                .field("source", &local.source)
                .field("identity", &local.selector)
                .finish_non_exhaustive(),
            Inner::Workload(client) => f.debug_tuple("ManagedIdentity").field(client).finish(),
        }
    }
}

/// The name of the flow.
const MANAGED_IDENTITY: &str = "managed_identity";

/// One token from an endpoint on the machine.
#[derive(Clone)]
struct Fetch {
    local: Arc<Local>,
    resource: String,
    scope: String,
}

type Answer = Result<Response<Zeroizing<Vec<u8>>>, TransportError>;

impl Work for Fetch {
    fn flow(&self) -> &'static str {
        MANAGED_IDENTITY
    }

    fn job(&self) -> BoxFuture<'static, Result<TokenResponse, ExchangeError>> {
        let fetch = self.clone();
        Box::pin(async move { fetch.run().await })
    }
}

impl Fetch {
    async fn run(&self) -> Result<TokenResponse, ExchangeError> {
        let mut first = None;
        for attempt in 0.. {
            let asked = self.local.engine.now();
            let answer = self.attempt().await?;
            let met = match &answer {
                Ok(response) if response.status() == StatusCode::OK => {
                    return self.read(response.body(), asked);
                }
                Ok(response) => Met::Status(response.status().as_u16()),
                Err(TransportError::Timeout) => Met::Timeout,
                Err(TransportError::Connect) => Met::NoConnection,
                Err(_) => return Err(self.refused(answer)),
            };
            let told = answer.as_ref().ok().and_then(told_to_wait);
            let first = *first.get_or_insert(met);
            match pause(&self.local.source, first, met, attempt, told) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(self.refused(answer)),
            }
        }
        Err(ExchangeError::interrupted(after(
            self.local.engine.now(),
            Duration::from_secs(1),
        )))
    }

    /// One answer; the agent of Azure Arc gives it to the second of two requests.
    async fn attempt(&self) -> Result<Answer, ExchangeError> {
        let first = self.send(None).await;
        let Source::Arc { keys, .. } = &self.local.source else {
            return Ok(first);
        };
        match &first {
            Ok(response) if response.status() == StatusCode::UNAUTHORIZED => {
                let key = arc::answer(keys, response.headers());
                let key = key.map_err(ExchangeError::configuration)?;
                Ok(self.send(Some(&key)).await)
            }
            _ => Ok(first),
        }
    }

    /// The body may hold a token: it is wiped when it has been read.
    async fn send(&self, key: Option<&Secret>) -> Answer {
        let request = self
            .local
            .source
            .request(&self.resource, &self.local.selector);
        let mut request = request.map_err(|_| TransportError::Setup)?;
        if let Some(key) = key {
            let value = format!("Basic {}", key.expose());
            let value = http::HeaderValue::from_str(&value);
            let mut value = value.map_err(|_| TransportError::Setup)?;
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        let local = &self.local;
        let answer = local
            .engine
            .send(&*local.transport, request, MANAGED_IDENTITY, None)
            .await;
        Ok(answer?.map(Zeroizing::new))
    }

    fn read(&self, body: &[u8], asked: crate::cache::Now) -> Result<TokenResponse, ExchangeError> {
        let now = self.local.engine.now().wall;
        let given = answer::parse(body, now).map_err(|meaning| {
            ExchangeError::managed_identity(EndpointAnswer {
                status: 200,
                said: None,
                meaning,
                remedy: NOT_AN_ENDPOINT,
                kind: ErrorKind::Unintelligible,
                entra: None,
                retry_at: None,
            })
        })?;
        let seconds = i64::try_from(given.lasts.as_secs()).unwrap_or(i64::MAX);
        let expires_at = asked.wall.saturating_add(seconds);
        Ok(TokenResponse {
            token: IssuedToken::new(given.token, &self.scope, expires_at),
            life: Lifetime {
                asked,
                lasts: given.lasts,
                refresh_in: given.refresh_in,
            },
        })
    }

    /// The last answer, understood.
    fn refused(&self, answer: Answer) -> ExchangeError {
        let now = self.local.engine.now();
        let response = match answer {
            Ok(response) => response,
            Err(source) => {
                let retry_at = after(now, Duration::from_secs(5));
                return ExchangeError::managed_identity_unreachable(source, retry_at);
            }
        };
        let wait = response.headers().get(header::RETRY_AFTER);
        let wait = wait.and_then(|value| value.to_str().ok());
        let status = response.status().as_u16();
        let error = EntraError::from_response(status, wait, response.body(), unix(now.wall));
        let passes = matches!(error.kind(), ErrorKind::Throttled | ErrorKind::Transient)
            || matches!(status, 404 | 410);
        let wait = error.retry_after().unwrap_or(Duration::from_secs(10));
        let (meaning, remedy) = self.local.source.meaning(status);
        let kind = match error.kind() {
            kind @ (ErrorKind::Throttled | ErrorKind::Transient) => kind,
            _ if passes => ErrorKind::Transient,
            ErrorKind::Unintelligible => ErrorKind::Configuration,
            kind => kind,
        };
        ExchangeError::managed_identity(EndpointAnswer {
            status,
            said: self.local.source.words(response.body()),
            meaning,
            remedy,
            kind,
            entra: (error.error().is_some() && !passes).then_some(error),
            retry_at: passes.then(|| after(now, wait)),
        })
    }
}

/// Seconds alone: dates are for clocks that agree, and this is the same machine.
fn told_to_wait<B>(response: &Response<B>) -> Option<Duration> {
    let value = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managed_identity::builder::ManagedIdentityBuilder;
    use entra_emulator::{App, Directory, Emulator, demo};

    const IDENTITY: &str = "c0de0000-3a9a-4000-8000-0000000000a5";

    fn directory() -> Directory {
        let identity = App::new(IDENTITY, "arc").system_assigned_identity();
        let tenants = Directory::demo().tenants().cloned().collect::<Vec<_>>();
        let tenants = tenants.into_iter().map(|tenant| match tenant.id() {
            demo::TENANT => tenant.app(identity.clone()),
            _ => tenant,
        });
        tenants.fold(Directory::new(), Directory::tenant)
    }

    #[tokio::test]
    async fn the_challenge_of_azure_arc_is_answered_with_the_content_of_its_file() {
        let keys = std::env::temp_dir().join(format!("entra-obo-arc-e2e-{}", std::process::id()));
        std::fs::create_dir_all(&keys).unwrap();
        let emulator = Emulator::builder(directory());
        let emulator = emulator.arc_tokens(&keys).start().await.unwrap();
        let scope = Scope::parse(demo::MCP_DEFAULT_SCOPE).unwrap();
        let endpoint = emulator.arc_endpoint();
        let identity = ManagedIdentityBuilder::arc_with_keys_in(endpoint.clone(), keys.clone());
        let token = identity.build().unwrap().token(&scope).await.unwrap();
        assert!(token.expose().starts_with("eyJ"));
        // The emulator's directory is not the agent's: its files are not read.
        #[cfg(target_os = "linux")]
        {
            let strict = ManagedIdentity::azure_arc(endpoint).build().unwrap();
            let error = strict.token(&scope).await.unwrap_err().to_string();
            assert!(error.contains("directory"), "{error}");
        }
        drop(emulator);
        let _ = std::fs::remove_dir_all(keys);
    }

    #[test]
    fn a_machine_of_azure_arc_has_one_identity() {
        let client = foundry_scopes::ClientId::parse(IDENTITY).unwrap();
        let named =
            ManagedIdentityBuilder::arc_with_keys_in("http://localhost:1/x".into(), "/".into());
        let named = named.identity(IdentitySelector::Client(client)).build();
        assert!(named.unwrap_err().to_string().contains("Azure Arc"));
    }
}
