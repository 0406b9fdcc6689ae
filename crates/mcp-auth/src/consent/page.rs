//! Record of a consent page: its user, its scopes, the sign-ins and how it ended.

use entra_claims::PrincipalKey;
use entra_obo::Consent;
use entra_parts::seal::random_id;
use foundry_scopes::{ClientId, ObjectId, ScopeSet, TenantAuthority, TenantId};
use serde::{Deserialize, Serialize};

use super::authorize::{Ask, Pkce};

/// The user of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Initiator {
    pub(super) user: PrincipalKey,
    pub(super) client: ClientId,
}

/// How far a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// Waiting for the user.
    Open,
    /// The user did it.
    Done,
    /// The user, or Entra ID, said no.
    Declined,
    /// Another user was there: it is void.
    Void,
}

/// A page as its record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) initiator: Initiator,
    pub(super) ask: Ask,
}

/// One sign-in, from a button pressed to what Entra ID says.
#[derive(Serialize, Deserialize)]
pub(super) struct Attempt {
    /// What the first answer of Entra ID has to bring back.
    pub(super) sign_in: String,
    /// What the second one has to.
    pub(super) ask: String,
    /// The browser's cookie.
    pub(super) browser: String,
    pub(super) nonce: String,
    pub(super) pkce: Pkce,
}

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// The address for the user of the page.
    Same(String),
    Other,
    /// It could not be found out; to be started again.
    Unknown,
}

impl Attempt {
    pub(super) fn new() -> Option<Self> {
        Some(Self {
            sign_in: random_id().ok()?,
            ask: random_id().ok()?,
            browser: random_id().ok()?,
            nonce: random_id().ok()?,
            pkce: Pkce::new()?,
        })
    }
}

/// A [`Page`] in a store. The application and the cloud are those of the pages.
#[derive(Serialize, Deserialize)]
pub(super) struct PageRecord {
    tenant: String,
    object: String,
    client: String,
    ask: AskRecord,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum AskRecord {
    Consent {
        tenant: String,
        scopes: String,
    },
    AgentConsent {
        tenant: String,
        agent: String,
        blueprint: String,
        scopes: String,
    },
    Claims {
        tenant: String,
        claims: String,
    },
}

/// One of the places for pages of a user: the page's id, and what it asks.
#[derive(Serialize, Deserialize)]
pub(super) struct SlotRecord {
    pub(super) id: String,
    pub(super) ask: AskRecord,
}

impl PageRecord {
    pub(super) fn of(page: &Page) -> Self {
        let Initiator { user, client } = page.initiator;
        Self {
            tenant: user.tenant.to_string(),
            object: user.object.to_string(),
            client: client.to_string(),
            ask: AskRecord::of(&page.ask),
        }
    }

    /// The page. `application` is the one that asks, `authority` says in which cloud.
    pub(super) fn page(self, application: ClientId, authority: &TenantAuthority) -> Option<Page> {
        let user = PrincipalKey {
            tenant: TenantId::parse(&self.tenant).ok()?,
            object: ObjectId::parse(&self.object).ok()?,
        };
        let of_tenant = |tenant: &str| Some(authority.for_tenant(TenantId::parse(tenant).ok()?));
        let ask = match self.ask {
            AskRecord::Consent { tenant, scopes } => Ask::consent(
                of_tenant(&tenant)?,
                application,
                ScopeSet::parse(&scopes).ok()?,
            ),
            AskRecord::AgentConsent {
                tenant,
                agent,
                blueprint,
                scopes,
            } => Ask::Consent(Consent::for_agent(
                of_tenant(&tenant)?,
                ClientId::parse(&agent).ok()?,
                ClientId::parse(&blueprint).ok()?,
                ScopeSet::parse(&scopes).ok()?,
            )),
            AskRecord::Claims { tenant, claims } => Ask::Claims {
                authority: of_tenant(&tenant)?,
                claims,
            },
        };
        let client = ClientId::parse(&self.client).ok()?;
        Some(Page {
            initiator: Initiator { user, client },
            ask,
        })
    }
}

impl AskRecord {
    pub(super) fn of(ask: &Ask) -> Self {
        let tenant = ask.authority().tenant().to_string();
        match ask {
            Ask::Consent(consent) => {
                let scopes = consent.scopes().to_string();
                match consent.blueprint() {
                    None => Self::Consent { tenant, scopes },
                    Some(blueprint) => Self::AgentConsent {
                        tenant,
                        agent: consent.client().to_string(),
                        blueprint: blueprint.to_string(),
                        scopes,
                    },
                }
            }
            Ask::Claims { claims, .. } => Self::Claims {
                tenant,
                claims: claims.clone(),
            },
        }
    }
}
