//! Cache keys: the hash of everything that shaped a token request.
//!
//! Each field goes in with its length in front, so no two different requests have the same
//! bytes to hash. The part that is the same for every user of a downstream is hashed once.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use foundry_scopes::{ClientId, Scope, ScopeSet, TenantAuthority};

use crate::assertion::UserAssertion;

/// A change of what is hashed gets a new version, so old and new never meet.
const SHAPE: &[u8] = b"entra-obo/shape/3";
const FLIGHT: &[u8] = b"entra-obo/flight/1";

/// The flow that made an entry. An entry is renewed by its own flow only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// A client, or an agent identity, on behalf of a user.
    OnBehalfOf,
    /// A client, or an agent identity, as itself.
    ClientCredentials,
    /// A blueprint's token that lets an agent identity authenticate.
    AgentExchange,
    /// An agent identity's own token of that kind.
    AgentUserExchange,
    /// An agent's user account.
    AgentUser,
}

impl Flow {
    /// Its name, in spans and metrics too.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::OnBehalfOf => "on_behalf_of",
            Self::ClientCredentials => "client_credentials",
            Self::AgentExchange => "agent_exchange",
            Self::AgentUserExchange => "agent_user_exchange",
            Self::AgentUser => "agent_user",
        }
    }
}

/// What all requests of one prepared downstream have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'a> {
    pub(crate) flow: Flow,
    pub(crate) authority: &'a TenantAuthority,
    pub(crate) client: ClientId,
    /// Whose credential is sent: the client's own, or its blueprint's.
    pub(crate) credential_owner: ClientId,
    /// The agent identity that an exchange token is made for.
    pub(crate) agent: Option<ClientId>,
    pub(crate) credential_kind: &'a str,
    pub(crate) scopes: &'a ScopeSet,
    pub(crate) capabilities: &'a [String],
}

/// Stands where the assertion's digest stands, for tokens that belong only to the
/// client's own.
pub(crate) const NO_ASSERTION: [u8; 32] = [0; 32];

/// The hash of a [`Shape`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Prefix([u8; 32]);

/// A whole request: the hash of its shape, and the hash of the user's token in it. Both are
/// compared in full; a hash over both would say no more, and takes longer than to find the
/// entry. Not secret, but not printed either: a reader of memory dumps or logs learns
/// nothing from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    assertion: [u8; 32],
    prefix: [u8; 32],
}

impl Shape<'_> {
    pub(crate) fn prefix(&self) -> Prefix {
        let mut fields = Fields::new(SHAPE);
        fields.add(self.flow.as_str().as_bytes());
        fields.add(self.authority.cloud().authority().as_bytes());
        fields.add(self.authority.tenant().as_bytes());
        fields.add(self.client.as_bytes());
        fields.add(self.credential_owner.as_bytes());
        fields.add(
            self.agent
                .as_ref()
                .map_or(&[][..], |agent| agent.as_bytes()),
        );
        fields.add(self.credential_kind.as_bytes());
        let oidc = self.scopes.oidc().iter().map(|scope| scope.as_str());
        let scopes = self.scopes.scopes().iter().map(Scope::as_str);
        fields.list(scopes.chain(oidc));
        fields.list(self.capabilities.iter().map(String::as_str));
        Prefix(fields.finish())
    }
}

impl Prefix {
    /// What a managed identity asks for: where, as whom, for what.
    pub(crate) fn of_managed_identity(endpoint: &str, selector: &str, resource: &str) -> Self {
        let mut fields = Fields::new(b"entra-obo/managed-identity/1");
        fields.list([endpoint, selector, resource].into_iter());
        Self(fields.finish())
    }

    /// The entry of one user's token, of which every byte counts.
    #[cfg(not(any(
        entra_obo_broken = "key_without_assertion",
        entra_obo_broken = "key_of_a_prefix"
    )))]
    pub(crate) fn key_of(&self, assertion: &UserAssertion) -> Key {
        self.key(assertion.digest())
    }

    /// Builds that are broken on purpose: the test of wrong users has to fail with them.
    #[cfg(entra_obo_broken = "key_without_assertion")]
    pub(crate) fn key_of(&self, _: &UserAssertion) -> Key {
        self.key(&NO_ASSERTION)
    }

    #[cfg(entra_obo_broken = "key_of_a_prefix")]
    pub(crate) fn key_of(&self, assertion: &UserAssertion) -> Key {
        let start = assertion.expose().get(..20).unwrap_or_default();
        self.key(&Fields::new(start.as_bytes()).finish())
    }

    /// The entry of one assertion.
    pub(crate) fn key(&self, assertion: &[u8; 32]) -> Key {
        Key {
            assertion: *assertion,
            prefix: self.0,
        }
    }
}

impl Key {
    /// The flight of a request that carries a claims challenge: another request to the
    /// endpoint, and the same entry afterwards.
    pub(crate) fn challenged(&self, claims: &str) -> Self {
        let mut fields = Fields::new(FLIGHT);
        fields.add(&self.prefix);
        fields.add(claims.as_bytes());
        Prefix(fields.finish()).key(&self.assertion)
    }

    /// All of it, for what a shared store holds.
    pub(crate) fn parts(&self) -> [&[u8]; 2] {
        [&self.prefix, &self.assertion]
    }

    /// The bytes of both hashes are uniform already: four of each are the hash for tables.
    pub(crate) fn table_hash(&self) -> u32 {
        let word = |hash: &[u8; 32]| {
            let bytes = hash.first_chunk().copied().unwrap_or_default();
            u32::from_le_bytes(bytes)
        };
        word(&self.assertion) ^ word(&self.prefix)
    }

    /// Other bytes than those of [`Key::table_hash`] choose the shard.
    pub(crate) fn shard(&self) -> usize {
        usize::from(self.byte(16))
    }

    /// Spreads refreshes of different users, without a random source.
    pub(crate) fn jitter(&self) -> u8 {
        self.byte(24)
    }

    fn byte(&self, place: usize) -> u8 {
        let byte = |hash: &[u8; 32]| hash.get(place).copied().unwrap_or_default();
        byte(&self.assertion) ^ byte(&self.prefix)
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prefix(..)")
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Length-prefixed fields under a domain tag.
struct Fields(Context);

impl Fields {
    fn new(domain: &[u8]) -> Self {
        let mut fields = Self(Context::new(&SHA256));
        fields.add(domain);
        fields
    }

    fn add(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn list<'a>(&mut self, items: impl Iterator<Item = &'a str>) {
        let items: Vec<_> = items.collect();
        self.0.update(&(items.len() as u64).to_le_bytes());
        for item in items {
            self.add(item.as_bytes());
        }
    }

    fn finish(self) -> [u8; 32] {
        array(self.0.finish().as_ref())
    }
}

fn array(digest: &[u8]) -> [u8; 32] {
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests;
