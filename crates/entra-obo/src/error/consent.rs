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
/// | an agent identity | no page exists: an administrator pre-authorizes the permission on the agent's [`blueprint`](Self::blueprint) (Entra doc "Grant application permissions to agent identities", inheritable permissions) |
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
    /// No page grants it: the permission is set on this blueprint.
    Blueprint(ClientId),
}

impl Consent {
    /// A permission that the user can grant to an application, for a service that keeps elsewhere
    /// what is missing.
    #[must_use]
    pub fn for_user(authority: TenantAuthority, client: ClientId, scopes: ScopeSet) -> Self {
        Self::new(authority, client, scopes, ConsentBy::User)
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
    /// `None` for an agent identity.
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

    /// The blueprint on which an administrator has to pre-authorize the permission, for an
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
                "have an administrator pre-authorize the permission on the agent's blueprint; \
                 no consent page exists for agent identities"
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
