//! Principal: tenant, object, client application and kind of the caller.

mod token;

use std::fmt;

use foundry_scopes::{ClientId, ObjectId, TenantId};

use crate::claims::Claims;
use crate::kind::{self, AgentEvidence, PrincipalKind, Unclear};
pub(crate) use token::LAST_SECOND;
pub use token::{TokenDigest, VerifiedToken};

/// Who is calling: tenant and object, the client application, and the kind of caller.
///
/// `Debug` and `Display` show ids only and are safe to log. There is no name and no
/// e-mail address here: those change and are reassigned, and taking them for an identity
/// is how accounts are taken over (Entra doc "Migrate away from using email claims").
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Principal {
    tenant: TenantId,
    object: ObjectId,
    client: ClientId,
    kind: PrincipalKind,
    agent: AgentEvidence,
}

/// The identity itself: what users, rows and cache entries are keyed by.
///
/// An object id alone is not enough: it is unique within its tenant only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(
    clippy::exhaustive_structs,
    reason = "identity is these two, by design"
)]
pub struct PrincipalKey {
    /// The tenant.
    pub tenant: TenantId,
    /// The object in it.
    pub object: ObjectId,
}

impl Principal {
    /// The tenant that the caller acts in.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The user or service principal.
    #[must_use]
    pub const fn object(&self) -> ObjectId {
        self.object
    }

    /// The client application that asked for the token (`azp` or `appid`).
    #[must_use]
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// What kind of caller this is.
    #[must_use]
    pub const fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// What the token says about an agent being involved.
    #[must_use]
    pub const fn agent(&self) -> AgentEvidence {
        self.agent
    }

    /// Whether a user's delegated permissions are used.
    #[must_use]
    pub const fn is_delegated(&self) -> bool {
        self.kind.is_delegated()
    }

    /// The identity: tenant and object.
    #[must_use]
    pub const fn key(&self) -> PrincipalKey {
        PrincipalKey {
            tenant: self.tenant,
            object: self.object,
        }
    }

    /// The same caller as another kind, which no token can bring about.
    #[cfg(test)]
    pub(crate) fn with_kind(self, kind: PrincipalKind) -> Self {
        Self { kind, ..self }
    }

    /// Reads the caller from claims whose `tid` was read as `tenant`.
    pub(crate) fn read(claims: &Claims, tenant: TenantId) -> Result<Self, Unnamed> {
        let object = claims
            .oid()
            .and_then(ObjectId::from_token)
            .ok_or(Unnamed::Unusable("oid"))?;
        if let (Some(azp), Some(appid)) = (claims.azp(), claims.appid())
            && azp != appid
        {
            return Err(Unnamed::Contradiction("`azp` and `appid` differ"));
        }
        let client = claims
            .azp_or_appid()
            .ok_or(Unnamed::Unusable("azp or appid"))?;
        let client = ClientId::from_token(client).ok_or(Unnamed::UnknownClient)?;
        let (kind, agent) = kind::classify(claims)?;
        Ok(Self {
            tenant,
            object,
            client,
            kind,
            agent,
        })
    }
}

/// Why the claims identify no caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unnamed {
    /// Missing, or not a GUID as Entra ID writes it.
    Unusable(&'static str),
    /// `azp` or `appid` is there, in no form that a client id is known to have.
    UnknownClient,
    Contradiction(&'static str),
    UnknownKind(&'static str),
}

impl From<Unclear> for Unnamed {
    fn from(unclear: Unclear) -> Self {
        match unclear {
            Unclear::Contradiction(what) => Self::Contradiction(what),
            Unclear::Nothing(what) => Self::UnknownKind(what),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.as_str();
        write!(
            f,
            "{kind} {}/{} via client {}",
            self.tenant, self.object, self.client
        )
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({self})")
    }
}
