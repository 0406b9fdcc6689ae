//! Missing consent: the scopes, who can grant them, and the consent pages.

use std::fmt;
use std::sync::Arc;

use foundry_scopes::{ClientId, ScopeSet, TenantAuthority};
use url::Url;

/// A permission that has not been granted yet, and the pages on which it can be granted.
///
/// | who asked | who can consent |
/// | --- | --- |
/// | an application for a user | the user ([`user_url`](Self::user_url)), unless Entra ID said that only an administrator may; an administrator for everybody ([`admin_url`](Self::admin_url)) |
/// | an application for itself | an administrator |
/// | an agent identity | surely: an administrator, who grants the permission to the agent identity or makes it inheritable on its [`blueprint`](Self::blueprint) (Entra doc "Configure inheritable permissions for agent identity blueprints"); perhaps: the pages of [`agent_pages`](Self::agent_pages), which Entra ID may refuse |
///
/// Cloning copies a pointer. Client ids, the tenant and scopes are in it, and nothing
/// secret.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use entra_emulator::{Directory, Emulator, demo};
/// # use entra_obo::{ClientCredential, ClientSecret, ExchangeClient, UserAssertion};
/// # use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
/// # let emulator = Emulator::start(Directory::demo()).await?;
/// # let authority = TenantAuthority::new(Cloud::loopback(emulator.base_url())?, TenantId::parse(demo::TENANT)?);
/// # let client = ExchangeClient::new(
/// #     authority,
/// #     ClientId::parse(demo::MCP_SERVER)?,
/// #     ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET)),
/// # )?;
/// # let token = emulator
/// #     .forge()
/// #     .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER, &[demo::MCP_READ])?
/// #     .sign()?;
/// # let alice = UserAssertion::try_from(&entra_claims::dangerous::assume_verified(&token)?)?;
/// let payroll = client.downstream(ScopeSet::parse(demo::PAYROLL_READ_SCOPE)?)?;
/// let error = payroll.token_on_behalf_of(&alice).await.unwrap_err();
///
/// let consent = error.consent().unwrap();
/// assert!(consent.scopes().to_string().contains(demo::PAYROLL_READ_SCOPE));
/// // For Alice alone, and back to a redirect URI of this application:
/// let page = consent.user_url("https://mcp.contoso.example/consented", "state-1").unwrap();
/// assert!(page.contains("prompt=consent"));
/// // For everybody, by an administrator:
/// assert!(consent.admin_url().unwrap().ends_with(&format!("/adminconsent?client_id={}", demo::MCP_SERVER)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Consent(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    authority: TenantAuthority,
    client: ClientId,
    scopes: ScopeSet,
    by: ConsentBy,
}

/// Who can consent at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConsentBy {
    /// The user, or an administrator for everybody.
    User,
    /// An administrator only.
    Administrator,
    /// An administrator, at the agent identity or at this blueprint. Pages may be refused.
    Blueprint(ClientId),
}

impl Consent {
    /// A permission that the user can grant to an application, for a service that keeps elsewhere
    /// what is missing.
    #[must_use]
    pub fn for_user(authority: TenantAuthority, client: ClientId, scopes: ScopeSet) -> Self {
        Self::new(authority, client, scopes, ConsentBy::User)
    }

    /// A permission of an agent identity of `blueprint`, for a service that keeps elsewhere what
    /// is missing. `authority` is the agent identity's home.
    #[must_use]
    pub fn for_agent(
        authority: TenantAuthority,
        agent: ClientId,
        blueprint: ClientId,
        scopes: ScopeSet,
    ) -> Self {
        Self::new(authority, agent, scopes, ConsentBy::Blueprint(blueprint))
    }

    pub(crate) fn new(
        authority: TenantAuthority,
        client: ClientId,
        scopes: ScopeSet,
        by: ConsentBy,
    ) -> Self {
        Self(Arc::new(Inner {
            authority,
            client,
            scopes,
            by,
        }))
    }

    /// The same, where Entra ID said that the user's own consent is not enough.
    pub(super) fn by_administrator(&self) -> Self {
        let Inner {
            authority,
            client,
            scopes,
            by,
        } = &*self.0;
        let by = match by {
            ConsentBy::User => ConsentBy::Administrator,
            other => *other,
        };
        Self::new(authority.clone(), *client, scopes.clone(), by)
    }

    /// The application, or the agent identity, that needs the permission.
    #[must_use]
    pub fn client(&self) -> ClientId {
        self.0.client
    }

    /// What it asked for.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.0.scopes
    }

    /// The tenant in which it has to be granted.
    #[must_use]
    pub fn authority(&self) -> &TenantAuthority {
        &self.0.authority
    }

    /// The page on which the user consents for themselves (Entra doc "Microsoft identity
    /// platform and OAuth 2.0 authorization code flow", request an authorization code,
    /// `prompt=consent`). It comes back to `redirect_uri`, which has to be one of this
    /// application's, with `state` and a code that need not be redeemed: the consent is
    /// what matters.
    ///
    /// `None` where a user cannot consent: an application's own permission, a permission
    /// that only an administrator may grant, an agent identity.
    #[must_use]
    pub fn user_url(&self, redirect_uri: &str, state: &str) -> Option<String> {
        if self.0.by != ConsentBy::User {
            return None;
        }
        let mut page = Url::parse(&self.0.authority.authorize_endpoint()).ok()?;
        page.query_pairs_mut()
            .append_pair("client_id", &self.0.client.to_string())
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &self.0.scopes.to_string())
            .append_pair("prompt", "consent")
            .append_pair("state", state);
        Some(page.into())
    }

    /// The page on which an administrator consents for the whole tenant, to everything that
    /// the application's registration asks for (Entra doc "Grant tenant-wide admin consent
    /// to an application", construct the URL).
    ///
    /// `None` for an agent identity, see [`agent_pages`](Self::agent_pages).
    #[must_use]
    pub fn admin_url(&self) -> Option<String> {
        if matches!(self.0.by, ConsentBy::Blueprint(_)) {
            return None;
        }
        let mut page = Url::parse(&self.0.authority.admin_consent_endpoint()).ok()?;
        page.query_pairs_mut()
            .append_pair("client_id", &self.0.client.to_string());
        Some(page.into())
    }

    /// The consent pages of an agent identity; `None` for any other application.
    ///
    /// **Entra ID may refuse them with AADSTS82014**: its own documentation both describes the pages
    /// (`response_type=none`) and says that agents cannot use them. `redirect_uri` is one of the
    /// *blueprint's* web redirect URIs. What comes back is `state` and no code, and proves nothing:
    /// only the next exchange shows whether there is consent. Show the user's page to a user who
    /// is identified already, and never as the only way out: [`remedy`](Self::remedy) has the sure
    /// one.
    #[must_use]
    pub fn agent_pages(&self, redirect_uri: &str, state: &str) -> Option<AgentPages> {
        self.blueprint()?;
        let authority = &self.0.authority;
        let (client, scopes) = (self.0.client.to_string(), self.0.scopes.to_string());
        let mut user = Url::parse(&authority.authorize_endpoint()).ok()?;
        user.query_pairs_mut()
            .append_pair("client_id", &client)
            .append_pair("response_type", "none")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &scopes)
            .append_pair("state", state);
        let administrator = authority.admin_consent_endpoint();
        let administrator = administrator.replace("/adminconsent", "/v2.0/adminconsent");
        let mut administrator = Url::parse(&administrator).ok()?;
        administrator
            .query_pairs_mut()
            .append_pair("client_id", &client)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &scopes)
            .append_pair("state", state);
        Some(AgentPages {
            user: user.into(),
            administrator: administrator.into(),
        })
    }

    /// The blueprint on which an administrator can make the permission inheritable, for an
    /// agent identity.
    #[must_use]
    pub fn blueprint(&self) -> Option<ClientId> {
        match self.0.by {
            ConsentBy::Blueprint(blueprint) => Some(blueprint),
            _ => None,
        }
    }

    /// What to do, in one sentence.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self.0.by {
            ConsentBy::User => {
                "send the user to the consent page, or have an administrator consent for everybody"
            }
            ConsentBy::Administrator => "have an administrator consent for the tenant",
            ConsentBy::Blueprint(_) => {
                "have an administrator grant the permission to the agent identity, or make it \
                 inheritable on its blueprint; a consent page may be refused (AADSTS82014)"
            }
        }
    }
}

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consent")
            .field("tenant", &self.0.authority.tenant())
            .field("client", &self.0.client)
            .field("scopes", &self.0.scopes.to_string())
            .field("by", &self.0.by)
            .finish()
    }
}

/// Consent pages of an agent identity, **which Entra ID may refuse (AADSTS82014)**.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPages {
    user: String,
    administrator: String,
}

impl AgentPages {
    /// The page on which a user consents for themselves.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The page on which an administrator consents for everybody.
    #[must_use]
    pub fn administrator(&self) -> &str {
        &self.administrator
    }
}
