//! The consent pages: builder, links for callers, tower service and router.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use entra_claims::{Authenticator, Clock, Principal, SystemClock};
use entra_obo::{ClaimsChallenge, Consent, ExchangeClient};
use foundry_scopes::ClientId;
use http::{Request, Response};
use tower_service::Service;

use super::authorize::Ask;
use super::page::Initiator;
use super::store::{Opened, Store};
use crate::caller::Caller;
use crate::guard::ConsentLinks;
use crate::metadata::MetadataBody;
use crate::resource::{PublicUrl, ResourceError};
use crate::shared::{MemoryStore, SealingKeys, SharedTier};

/// A page has four records at most. When this many are held in memory, the oldest go.
const RECORDS: usize = 40_000;

/// Bytes of all of them.
const RECORD_BYTES: usize = 64 << 20;

/// Pages of this server on which a user consents to what a tool needs, or signs in with
/// further proof. A tower service; with the feature `axum` also a router.
///
/// ```text
///  MCP client            this server                     Entra ID
///      |  tools/call          |                              |
///      |--------------------->|  on-behalf-of: 65001         |
///      |  <base>/<id>         |----------------------------->|
///      |<---------------------|                              |
///      |                      |                              |
///  the user's browser         |                              |
///      |  GET <base>/<id>     |  a page with a button        |
///      |--------------------->|                              |
///      |  POST <base>/<id>    |  sign in (state, nonce, PKCE)|
///      |--------------------->|----------------------------->|
///      |  GET <base>/callback |  code -> ID token: the same? |
///      |--------------------->|----------------------------->|
///      |                      |  consent page                |
///      |---------------------------------------------------->|
///      |  GET <base>/callback |  "you can close this window" |
///      |--------------------->|                              |
/// ```
///
/// # What holds
///
/// 1. The address of a page is 192 random bits and says nothing about its user. A page is open
///    for ten minutes, for one user in one client application; five can be made in that time.
/// 2. Before anything is asked for, the person signs in at Entra ID. Another one than the
///    user whose tool call it was is refused, and the page is void. Who has the address of a page
///    can make it void or use it up, and no more: the user's next call gets another one, at no
///    place of theirs. Only the user declines.
/// 3. `GET` and `HEAD` of a page change nothing: a program that follows links in advance, twice or
///    for a preview does no harm. Only the button (`POST`, from this origin) begins a
///    sign-in. A callback that comes twice gives the same answer twice.
/// 4. Each sign-in has its own state, nonce and PKCE verifier, and a cookie of the browser
///    that began it. ID tokens are verified like any token; every other token that comes
///    along is dropped unread, and the code of the consent itself is never redeemed.
/// 5. No page can be framed, loads anything, or is kept by a cache.
///
/// # Deployment caveats
///
/// - [`redirect_uri`](Self::redirect_uri) has to be registered for the application (platform
///   "Web").
/// - The pages are open to everybody: they stand outside of the guard.
/// - Open pages are in this process's memory, unless instances [share](ConsentPagesBuilder::shared)
///   them: without that, the browser has to reach the instance that made the link.
#[derive(Clone)]
pub struct ConsentPages(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) base: PublicUrl,
    pub(super) exchange: ExchangeClient,
    pub(super) authenticator: Authenticator,
    pub(super) name: String,
    /// The blueprints whose agent identities may ask here.
    pub(super) blueprints: Vec<ClientId>,
    pub(super) store: Store,
}

/// Whether there is a page to send a user to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConsentLink {
    /// Here.
    Open {
        /// The address: short-lived, and worthless to other users.
        url: String,
    },
    /// The user did what was asked; what is still missing comes with a fresh token.
    Done,
    /// The user declined a few minutes ago.
    Declined,
    /// Too many pages were made for this user; some minutes later there can be one.
    TooMany,
    /// Users cannot do this on a page: an administrator has to.
    NotForUsers,
    /// The store of the pages does not answer at the moment.
    Unavailable,
}

impl ConsentPages {
    /// Pages at `url`, for example `https://mcp.contoso.example/consent`.
    ///
    /// `exchange` is the client whose exchanges need the consent; `authenticator` is that of
    /// the guard and decides whose sign-ins are accepted.
    pub fn builder(
        url: impl Into<String>,
        exchange: ExchangeClient,
        authenticator: Authenticator,
    ) -> ConsentPagesBuilder {
        ConsentPagesBuilder::new(url.into(), exchange, authenticator)
    }

    /// The page on which this caller can consent.
    pub async fn consent(&self, caller: &Caller, consent: &Consent) -> ConsentLink {
        self.consent_of(caller.principal(), consent).await
    }

    async fn consent_of(&self, caller: &Principal, consent: &Consent) -> ConsentLink {
        // The pages sign in and consent as one application in one cloud only.
        let exchange = &self.0.exchange;
        let here = consent.authority().cloud() == exchange.authority().cloud();
        let asked = match consent.blueprint() {
            Some(blueprint) => self.0.blueprints.contains(&blueprint),
            None => {
                consent.client() == exchange.client_id()
                    && consent.user_url(&self.redirect_uri(), "").is_some()
            }
        };
        if !here || !asked {
            return ConsentLink::NotForUsers;
        }
        self.open(caller, Ask::Consent(consent.clone())).await
    }

    /// The page on which this caller can sign in with the further proof that a claims
    /// challenge asks for. It is for clients that do not understand challenges: once it is
    /// [`ConsentLink::Done`], the client has to fetch a fresh token.
    pub async fn further_proof(&self, caller: &Caller, claims: &ClaimsChallenge) -> ConsentLink {
        let tenant = caller.principal().tenant();
        let ask = Ask::Claims {
            authority: self.0.exchange.authority().for_tenant(tenant),
            claims: claims.as_json().to_owned(),
        };
        self.open(caller.principal(), ask).await
    }

    async fn open(&self, principal: &Principal, ask: Ask) -> ConsentLink {
        let initiator = Initiator {
            user: principal.key(),
            client: principal.client(),
        };
        match self.0.store.open(initiator, ask).await {
            Ok(Opened::Page(id)) => ConsentLink::Open {
                url: format!("{}/{id}", self.0.base.as_text()),
            },
            Ok(Opened::Done) => ConsentLink::Done,
            Ok(Opened::Declined) => ConsentLink::Declined,
            Ok(Opened::Full) => ConsentLink::TooMany,
            Err(error) => {
                tracing::warn!(target: "mcp_auth::consent", %error, "no consent page can be made");
                ConsentLink::Unavailable
            }
        }
    }

    /// Where Entra ID sends the browser back to: to be registered as a redirect URI.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        format!("{}/callback", self.0.base.as_text())
    }

    /// The path of all pages, without a slash at the end.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.base.path()
    }
}

#[async_trait]
impl ConsentLinks for ConsentPages {
    async fn link(&self, caller: &Principal, consent: &Consent) -> Option<String> {
        match self.consent_of(caller, consent).await {
            ConsentLink::Open { url } => Some(url),
            _ => None,
        }
    }
}

impl fmt::Debug for ConsentPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentPages")
            .field("base", &self.0.base.as_text())
            .finish_non_exhaustive()
    }
}

/// Collects what [`ConsentPages`] are made of.
#[derive(Debug)]
#[must_use = "nothing is built before `build`"]
pub struct ConsentPagesBuilder {
    url: String,
    exchange: ExchangeClient,
    authenticator: Authenticator,
    name: Option<String>,
    blueprints: Vec<ClientId>,
    shared: Option<SharedTier>,
    clock: Arc<dyn Clock>,
}

impl ConsentPagesBuilder {
    pub(super) fn new(url: String, exchange: ExchangeClient, authenticator: Authenticator) -> Self {
        Self {
            url,
            exchange,
            authenticator,
            name: None,
            blueprints: Vec::new(),
            shared: None,
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// What the server is called on its pages; without it, its host.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Asks also for the consent of agent identities of this blueprint, **which Entra ID may refuse
    /// (AADSTS82014)**: see [`Consent::agent_pages`].
    ///
    /// The person signs in with the application of the pages first, since agents sign no person in;
    /// [`redirect_uri`](ConsentPages::redirect_uri) has to be registered for the blueprint too
    /// (`web.redirectUris`). An answer proves nothing: whether there is consent shows when the tool
    /// is called again, and then an administrator is named if there is none.
    pub fn agents_of(mut self, blueprint: ClientId) -> Self {
        self.blueprints.push(blueprint);
        self
    }

    /// Keeps the pages in a store that several instances share, sealed, so that the browser can
    /// reach any of them.
    pub fn shared(mut self, tier: SharedTier) -> Self {
        self.shared = Some(tier);
        self
    }

    /// Another clock for pages in memory, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The pages.
    ///
    /// # Errors
    ///
    /// A URL that is not https (loopback excepted), has no path, or ends in a slash;
    /// [`ResourceError::Sealing`].
    pub fn build(self) -> Result<ConsentPages, ResourceError> {
        let base = PublicUrl::parse(&self.url)?;
        if base.path().is_empty() || base.as_text().contains('?') {
            return Err(ResourceError::Url {
                url: self.url,
                reason: "the consent pages need a path of their own, like /consent",
            });
        }
        let origin = base.origin();
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        let name = self.name.unwrap_or_else(|| host.to_owned());
        let tier = match self.shared {
            Some(tier) => tier,
            None => {
                let memory = MemoryStore::new(self.clock).with_limits(RECORDS, RECORD_BYTES);
                SharedTier::new(memory, SealingKeys::random()?)
            }
        };
        let authority = self.exchange.authority().clone();
        let store = Store::new(&tier, self.exchange.client_id(), authority)?;
        Ok(ConsentPages(Arc::new(Inner {
            base,
            exchange: self.exchange,
            authenticator: self.authenticator,
            name,
            blueprints: self.blueprints,
            store,
        })))
    }
}

impl<B> Service<Request<B>> for ConsentPages {
    type Response = Response<MetadataBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let pages = self.clone();
        let (parts, _) = request.into_parts();
        Box::pin(async move { Ok(pages.answer(&parts).await.map(MetadataBody::whole)) })
    }
}

#[cfg(feature = "axum")]
impl ConsentPages {
    /// The pages as a router, to be merged *after* the guard's layer: people open them in a
    /// browser, without a token.
    #[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
    pub fn into_router<S>(self) -> ::axum::Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let path = format!("{}/{{page}}", self.path());
        // A path segment may begin with a colon or an asterisk; braces are not possible.
        ::axum::Router::new()
            .without_v07_checks()
            .route_service(&path, self)
    }
}
