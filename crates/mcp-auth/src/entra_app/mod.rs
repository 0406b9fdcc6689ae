//! `EntraApp`: one app registration, from which guards, downstreams and MCP servers are made.
//!
//! It composes public parts and has no power of its own: [`EntraApp::authenticator`],
//! [`EntraApp::exchange`] and [`AuthLayer`] are what it is made of, and each can be built by hand
//! where the settings do not suffice.

#[cfg(feature = "obo")]
mod credential;
mod error;
mod registration;
mod requirement;
mod settings;

use std::fmt;
use std::sync::Arc;

use entra_claims::transport::{HttpClient, HttpTransport};
use entra_claims::{
    AcceptedAudiences, Authenticator, Policy, Rejection, Requirement, TenantPolicy, Validator,
};
use foundry_scopes::{AppIdUri, Audience, ClientId, TenantAuthority};
#[cfg(feature = "obo")]
use foundry_scopes::{ScopeSet, TenantId};

#[cfg(feature = "obo")]
use entra_obo::{AppDownstream, ClientCredential, Downstream, ExchangeClient};

use crate::guard::AuthLayer;
use crate::shared::SharedTier;
use registration::{Registration, Unread};
use settings::Variables;

pub use error::{EntraAppError, SettingMistake};
pub use requirement::IntoRequirement;
#[cfg(feature = "axum")]
pub(crate) use requirement::scope_name;
pub use settings::{CredentialSettings, EntraSettings};

/// An app registration of Microsoft Entra ID: who may call it, and what it calls.
///
/// Made once at start; cloning copies a pointer.
///
/// ```
/// use axum::{Router, routing::get};
/// use mcp_auth::{Caller, EntraApp};
///
/// async fn me(caller: Caller) -> String {
///     caller.principal().object().to_string()
/// }
///
/// // `EntraApp::from_env()` in a service; these are the variables that it reads.
/// let entra = EntraApp::from_variables([
///     ("AZURE_TENANT_ID", "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"),
///     ("AZURE_CLIENT_ID", "11112222-bbbb-3333-cccc-4444dddd5555"),
/// ])?;
/// let app = entra
///     .guard("orders.read")?
///     .protect(Router::new().route("/me", get(me)));
/// # let _ = app;
/// // A guard needs no credential. What calls on does, and says so.
/// let error = entra.downstream("https://graph.microsoft.com/User.Read").unwrap_err();
/// assert!(error.to_string().contains("AZURE_CLIENT_SECRET"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct EntraApp(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    registration: Registration,
    authenticator: Authenticator,
    /// What `[entra.callers]` asks of every caller.
    callers: Option<Requirement>,
    shared: Option<SharedTier>,
    #[cfg(feature = "obo")]
    exchange: Result<ExchangeClient, EntraAppError>,
    #[cfg(feature = "obo")]
    parts: ExchangeParts,
}

/// Parts of the exchange client, from which it is rebuilt with a shared store.
#[cfg(feature = "obo")]
#[derive(Clone)]
struct ExchangeParts {
    credential: Result<ClientCredential, EntraAppError>,
    transport: Arc<dyn HttpTransport>,
}

impl EntraApp {
    /// The app registration that the environment names.
    ///
    /// | variable | value | |
    /// | --- | --- | --- |
    /// | `AZURE_TENANT_ID` | the tenant's id, a GUID | needed |
    /// | `AZURE_CLIENT_ID` | the API's application (client) id | needed |
    /// | `ENTRA_CLIENT_ID` | the same, where the platform owns `AZURE_CLIENT_ID` (AKS, Container Apps: there it is often a managed identity's) | wins |
    /// | `AZURE_AUTHORITY_HOST` | a known host of Entra ID, `https://<name>.ciamlogin.com`, or a local Entra ID on loopback | the public cloud |
    /// | `ENTRA_IDENTIFIER_URI` | the Application ID URI; its tokens are accepted too | `api://<client id>` |
    /// | `ENTRA_HTTPS_PROXY` | the proxy for requests to Entra ID; `HTTPS_PROXY` is not read | none |
    /// | `ENTRA_ALLOW_LOCAL_AUTHORITY` | `1` lets `serve` listen beyond loopback with a local Entra ID | |
    ///
    /// and for what calls on, exactly one credential, or the choice of one:
    ///
    /// | variable | value | `ENTRA_CREDENTIAL` |
    /// | --- | --- | --- |
    /// | `AZURE_CLIENT_CERTIFICATE_PATH` | a PEM file with certificate and private key | `certificate` |
    /// | `AZURE_FEDERATED_TOKEN_FILE` | a token file, as AKS workload identity mounts it | `federated` |
    /// | `ENTRA_MANAGED_IDENTITY_CLIENT_ID` | a user-assigned identity that the registration trusts; without it `ENTRA_CREDENTIAL=managed-identity` is the system-assigned one | `managed-identity` |
    /// | `AZURE_CLIENT_SECRET`, or `ENTRA_CLIENT_SECRET_FILE` | the client secret, or a file that holds it | `secret` |
    ///
    /// A managed identity is chosen and never detected: platforms set its variables for other reasons.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once. What is wrong with the credential is returned where one is
    /// needed: a guard alone needs none.
    pub fn from_env() -> Result<Self, EntraAppError> {
        Self::read(&Variables {
            look: &|name| std::env::var(name).ok(),
            names: &settings::names_of_process,
        })
    }

    /// The same from other variables, for tests and for programs that read their own files.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_variables<K: AsRef<str>, V: Into<String>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, EntraAppError> {
        let variables: Vec<(String, String)> = variables
            .into_iter()
            .map(|(name, value)| (name.as_ref().to_owned(), value.into()))
            .collect();
        let look = |name: &str| {
            let found = variables.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let names = || variables.iter().map(|(name, _)| name.clone()).collect();
        Self::read(&Variables {
            look: &look,
            names: &names,
        })
    }

    /// The app registration of a configuration file's section.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once, except for the credential, as of [`from_env`](Self::from_env).
    pub fn from_settings(settings: EntraSettings) -> Result<Self, EntraAppError> {
        let registration = Unread::from_settings(&settings).read()?;
        #[cfg(feature = "obo")]
        let credential = credential::from_settings(
            settings.credential.as_ref(),
            &Variables {
                look: &|name| std::env::var(name).ok(),
                names: &settings::names_of_process,
            },
            registration.authority.cloud(),
        );
        Self::build(
            registration,
            settings.callers,
            #[cfg(feature = "obo")]
            credential,
        )
    }

    fn read(variables: &Variables<'_>) -> Result<Self, EntraAppError> {
        let registration = Unread::from_variables(variables).read()?;
        #[cfg(feature = "obo")]
        let credential = credential::from_variables(variables, registration.authority.cloud());
        Self::build(
            registration,
            None,
            #[cfg(feature = "obo")]
            credential,
        )
    }

    fn build(
        registration: Registration,
        callers: Option<Policy>,
        #[cfg(feature = "obo")] credential: Result<ClientCredential, EntraAppError>,
    ) -> Result<Self, EntraAppError> {
        let cloud = registration.authority.cloud();
        if cloud.is_loopback() {
            tracing::warn!(
                target: "mcp_auth::start",
                authority = cloud.authority(),
                "tokens of a local Entra ID are accepted: anybody can sign such tokens, so this is for development only"
            );
        }
        let transport = transport(&registration)?;
        let (validator, callers) = match callers {
            Some(policy) => {
                if policy.validator().cloud() != cloud {
                    return Err(EntraAppError::one(
                        "entra.callers.cloud",
                        format!(
                            "is another cloud than that of `entra.cloud` ({})",
                            cloud.authority()
                        ),
                    ));
                }
                (
                    policy.validator().clone(),
                    Some(policy.requirement().clone()),
                )
            }
            None => (validator(&registration), None),
        };
        let authenticator = Authenticator::builder(validator)
            .transport(Arc::clone(&transport))
            .build()
            .map_err(|error| EntraAppError::one("callers", error.to_string()))?;
        #[cfg(feature = "obo")]
        let parts = ExchangeParts {
            credential,
            transport,
        };
        Ok(Self(Arc::new(Inner {
            #[cfg(feature = "obo")]
            exchange: parts.exchange(&registration, None),
            #[cfg(feature = "obo")]
            parts,
            registration,
            authenticator,
            callers,
            shared: None,
        })))
    }

    /// The same app with state that several instances share: exchanged tokens and, of an MCP server,
    /// owners of sessions, consent pages, sent challenges and the facade's budget.
    ///
    /// Every value is sealed with the tier's keys and bound to its place, so that a store that
    /// answers wrongly is a miss. Without a tier all of it is in the memory of this process.
    ///
    /// ```
    /// use mcp_auth::EntraApp;
    /// use mcp_auth::shared::{MemoryStore, SealingKeys, SharedTier};
    ///
    /// # fn entra() -> Result<EntraApp, mcp_auth::EntraAppError> {
    /// #     EntraApp::from_variables([
    /// #         ("AZURE_TENANT_ID", "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"),
    /// #         ("AZURE_CLIENT_ID", "11112222-bbbb-3333-cccc-4444dddd5555"),
    /// #     ])
    /// # }
    /// // In a service: a store on Redis, and keys from a secret store.
    /// let keys = SealingKeys::parse("T5fI1kUq0PyfUJIn/PqUqoR0kDVKvTnIF4gWVG1Y4Zs=")?;
    /// let entra = entra()?.shared(SharedTier::new(MemoryStore::default(), keys));
    /// # let _ = entra;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn shared(&self, tier: SharedTier) -> Self {
        let mut inner = Inner::clone(&self.0);
        #[cfg(feature = "obo")]
        {
            inner.exchange = inner
                .parts
                .exchange(&inner.registration, Some(tier.clone()));
        }
        inner.shared = Some(tier);
        Self(Arc::new(inner))
    }

    /// What instances share.
    #[cfg(feature = "axum")]
    pub(crate) fn shared_tier(&self) -> Option<&SharedTier> {
        self.0.shared.as_ref()
    }

    /// A guard that lets callers in who meet this requirement: the name of one delegated scope, or a
    /// [`Requirement`]. Put it around routes with `AuthLayer::protect` (feature `axum`).
    ///
    /// # Errors
    ///
    /// Text that is not the name of one scope of this app, and a requirement that no caller can meet.
    pub fn guard(&self, requirement: impl IntoRequirement) -> Result<AuthLayer, EntraAppError> {
        let requirement = self.requirement(requirement)?;
        AuthLayer::for_api(
            self.0.authenticator.clone(),
            self.identifier_uri().clone(),
            requirement,
        )
        .map_err(EntraAppError::guard)
    }

    /// The requirement, with what `[entra.callers]` asks of every caller.
    pub(crate) fn requirement(
        &self,
        requirement: impl IntoRequirement,
    ) -> Result<Requirement, EntraAppError> {
        let own = requirement.into_requirement(self.identifier_uri())?;
        Ok(match &self.0.callers {
            Some(callers) => Requirement::all_of([callers.clone(), own]),
            None => own,
        })
    }

    /// An API to call on as the caller, by the scopes that this app needs there, for example
    /// `https://graph.microsoft.com/User.Read`.
    ///
    /// # Errors
    ///
    /// No credential, or a wrong one; scopes that cannot be asked for together.
    #[cfg(feature = "obo")]
    #[cfg_attr(docsrs, doc(cfg(feature = "obo")))]
    pub fn downstream(&self, scopes: &str) -> Result<Downstream, EntraAppError> {
        let exchange = self.exchange()?;
        exchange
            .downstream(parse_scopes(scopes)?)
            .map_err(|error| wrong_scopes(scopes, &error))
    }

    /// An API to call as this app itself, with client credentials: `<resource>/.default`.
    ///
    /// # Errors
    ///
    /// As [`downstream`](Self::downstream).
    #[cfg(feature = "obo")]
    #[cfg_attr(docsrs, doc(cfg(feature = "obo")))]
    pub fn app_downstream(&self, scopes: &str) -> Result<AppDownstream, EntraAppError> {
        let exchange = self.exchange()?;
        exchange
            .for_app(parse_scopes(scopes)?)
            .map_err(|error| wrong_scopes(scopes, &error))
    }

    /// The client for every other exchange: agent identities, codes, shared stores.
    ///
    /// # Errors
    ///
    /// No credential, or a wrong one.
    #[cfg(feature = "obo")]
    #[cfg_attr(docsrs, doc(cfg(feature = "obo")))]
    pub fn exchange(&self) -> Result<&ExchangeClient, EntraAppError> {
        self.0.exchange.as_ref().map_err(Clone::clone)
    }

    /// The same app, calling on in another tenant. Who may call stays as it is.
    #[cfg(feature = "obo")]
    #[cfg_attr(docsrs, doc(cfg(feature = "obo")))]
    #[must_use]
    pub fn for_tenant(&self, tenant: TenantId) -> Self {
        let mut inner = Inner::clone(&self.0);
        inner.registration.authority = inner.registration.authority.for_tenant(tenant);
        inner.exchange = inner.exchange.map(|exchange| exchange.for_tenant(tenant));
        Self(Arc::new(inner))
    }

    /// Fetches the keys of the authority ahead of the first request.
    ///
    /// # Errors
    ///
    /// The authority cannot be reached, or its metadata is another authority's.
    pub async fn warm_up(&self) -> Result<(), Rejection> {
        self.0.authenticator.warm_up().await
    }

    /// Whether the keys are there, so that tokens can be verified: for a readiness probe.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.0.authenticator.ready()
    }

    /// What verifies tokens.
    #[must_use]
    pub fn authenticator(&self) -> &Authenticator {
        &self.0.authenticator
    }

    /// Where this app's tenant is.
    #[must_use]
    pub fn authority(&self) -> &TenantAuthority {
        &self.0.registration.authority
    }

    /// The application (client) id.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.0.registration.client
    }

    /// The Application ID URI that scopes are requested under.
    #[must_use]
    pub fn identifier_uri(&self) -> &AppIdUri {
        &self.0.registration.identifier_uri
    }
}

#[cfg(feature = "obo")]
impl ExchangeParts {
    fn exchange(
        &self,
        registration: &Registration,
        shared: Option<SharedTier>,
    ) -> Result<ExchangeClient, EntraAppError> {
        let credential = self.credential.clone()?;
        let authority = registration.authority.clone();
        let builder = ExchangeClient::builder(authority, registration.client, credential)
            .transport(Arc::clone(&self.transport));
        let builder = match shared {
            Some(tier) => builder.shared(tier),
            None => builder,
        };
        builder
            .build()
            .map_err(|error| EntraAppError::one("credential", error.to_string()))
    }
}

impl fmt::Debug for EntraApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntraApp")
            .field("authority", &self.authority().issuer_v2())
            .field("client_id", &self.client_id())
            .field("identifier_uri", &self.identifier_uri().as_str())
            .finish_non_exhaustive()
    }
}

/// Tokens of the tenant, for this app by any name that it goes by.
fn validator(registration: &Registration) -> Validator {
    let audiences = AcceptedAudiences::for_client(registration.client)
        .and(Audience::from(registration.identifier_uri.clone()));
    Validator::new(
        registration.authority.cloud().clone(),
        TenantPolicy::single(registration.authority.tenant()),
        audiences,
    )
}

fn transport(registration: &Registration) -> Result<Arc<dyn HttpTransport>, EntraAppError> {
    let client = match (
        &registration.proxy,
        registration.authority.cloud().is_loopback(),
    ) {
        // A proxy would not reach loopback.
        (_, true) => HttpClient::allowing_loopback(),
        (Some(proxy), false) => HttpClient::through_proxy(proxy),
        (None, false) => HttpClient::new(),
    };
    match client {
        Ok(client) => Ok(Arc::new(client)),
        Err(error) => Err(EntraAppError::one("https client", error.to_string())),
    }
}

#[cfg(feature = "obo")]
fn parse_scopes(scopes: &str) -> Result<ScopeSet, EntraAppError> {
    ScopeSet::parse(scopes).map_err(|error| {
        EntraAppError::one(
            format!("scopes `{}`", scopes.escape_debug()),
            error.to_string(),
        )
    })
}

#[cfg(feature = "obo")]
fn wrong_scopes(scopes: &str, error: &entra_obo::ExchangeError) -> EntraAppError {
    EntraAppError::one(
        format!("scopes `{}`", scopes.escape_debug()),
        error.to_string(),
    )
}
