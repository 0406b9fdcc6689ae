//! Tokens of any shape, for testing those who receive them.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::directory::{App, Directory, RequestedTokenVersion, Tenant};
use crate::keys::SigningKey;
use crate::microsoft;
use crate::state::Shared;
use crate::tokens::{
    access::{AccessToken, Credential, IdToken, Subject},
    jwt::{self, Object},
};

/// Makes tokens with the emulator's keys: start from one that is right, then break it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use entra_emulator::{Directory, Emulator, ForgeKey, demo};
///
/// let emulator = Emulator::start(Directory::demo()).await?;
/// let right = emulator
///     .forge()
///     .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER, &[demo::MCP_READ])?;
///
/// let good = right.clone().sign()?;
/// let expired = right.clone().claim("exp", 0).sign()?;
/// let foreign_key = right.clone().key(ForgeKey::Unpublished).sign()?;
/// let unsigned = right.header("alg", "none").unsigned()?;
/// assert!(good.starts_with("eyJ") && unsigned.ends_with('.'));
/// # let _ = (expired, foreign_key);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Forge {
    shared: Arc<Shared>,
    version: Option<RequestedTokenVersion>,
}

impl fmt::Debug for Forge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forge")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Why a token was not forged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForgeError {
    /// The directory does not have it.
    #[error("{what} `{value}` does not exist")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// The value given.
        value: String,
    },
    /// The issuer is Microsoft's: a token of the emulator never says so.
    #[error("the issuer `{issuer}` is Microsoft's, and the emulator does not pretend to be it")]
    MicrosoftIssuer {
        /// The issuer given.
        issuer: String,
    },
    /// The crypto library did not sign.
    #[error("the token could not be signed")]
    NotSigned,
}

/// The key that a forged token is signed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForgeKey {
    /// The key that the emulator signs with now.
    #[default]
    Live,
    /// A key that is in no key set, with its own `kid` in the header.
    Unpublished,
    /// The same key, but the header keeps the `kid` of the live one: a wrong signature.
    UnpublishedUnderLiveKid,
}

impl Forge {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            version: None,
        }
    }

    /// Makes tokens of this version, whatever the resource asks for.
    #[must_use]
    pub fn version(mut self, version: RequestedTokenVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// A user's access token as the emulator would issue it now, without asking for
    /// consent. The tenant is an id or a domain, the others are object id and client ids.
    ///
    /// # Errors
    ///
    /// The directory has no such tenant, user, client or resource.
    pub fn user_token(
        &self,
        tenant: &str,
        user: &str,
        client: &str,
        resource: &str,
        scopes: &[&str],
    ) -> Result<ForgedToken, ForgeError> {
        let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
        self.token(tenant, client, resource, |token| {
            let user = token
                .tenant
                .find_user(user)
                .ok_or_else(|| unknown("user", user))?;
            let session = crate::session::Session::plain(token.now);
            let home = self.shared.home(user);
            let subject = Subject {
                user,
                home: home.as_ref(),
                session: &session,
            };
            Ok(token.for_user(&subject, &scopes, &[]))
        })
    }

    /// An app-only access token as the emulator would issue it now, with these roles.
    ///
    /// # Errors
    ///
    /// The directory has no such tenant, client or resource.
    pub fn app_token(
        &self,
        tenant: &str,
        client: &str,
        resource: &str,
        roles: &[&str],
    ) -> Result<ForgedToken, ForgeError> {
        let roles: Vec<String> = roles.iter().map(|r| (*r).to_owned()).collect();
        self.token(tenant, client, resource, |token| Ok(token.for_app(&roles)))
    }

    /// A user's ID token for a client, which is no access token.
    ///
    /// # Errors
    ///
    /// The directory has no such tenant, user or client.
    pub fn id_token(
        &self,
        tenant: &str,
        user: &str,
        client: &str,
    ) -> Result<ForgedToken, ForgeError> {
        let directory = self.shared.directory();
        let (tenant, client) = find(&directory, tenant, client)?;
        let user = tenant
            .find_user(user)
            .ok_or_else(|| unknown("user", user))?;
        let session = crate::session::Session::plain(self.shared.clock.now());
        let token = IdToken {
            base_url: &self.shared.base_url,
            tenant,
            client,
            user,
            home: self.shared.home(user),
            session: &session,
            nonce: None,
            code_hash: None,
            scopes: vec!["openid", "profile"],
            now: self.shared.clock.now(),
        };
        let header = IdToken::header(self.shared.live_key());
        Ok(self.forged(header, token.claims()))
    }

    /// Any header and claims; `kid` and `alg` are not added.
    #[must_use]
    pub fn token_of(&self, header: Map<String, Value>, claims: Map<String, Value>) -> ForgedToken {
        self.forged(header, claims)
    }

    /// Signs a header and a payload that need not be JSON, with the live key.
    ///
    /// # Errors
    ///
    /// The payload is JSON with an issuer of Microsoft's, or the crypto library failed.
    pub fn sign_bytes(&self, header: &[u8], payload: &[u8]) -> Result<String, ForgeError> {
        let claims: Option<Object> = serde_json::from_slice(payload).ok();
        refuse_microsoft(&claims.unwrap_or_default())?;
        jwt::sign_bytes(self.shared.live_key(), header, payload).ok_or(ForgeError::NotSigned)
    }

    fn token(
        &self,
        tenant: &str,
        client: &str,
        resource: &str,
        claims: impl FnOnce(&AccessToken<'_>) -> Result<Object, ForgeError>,
    ) -> Result<ForgedToken, ForgeError> {
        let directory = self.shared.directory();
        let (tenant, client) = find(&directory, tenant, client)?;
        let resource = tenant
            .resource(resource)
            .ok_or_else(|| unknown("resource", resource))?;
        let uri = resource.identifier_uris().first().map(String::as_str);
        let token = AccessToken {
            base_url: &self.shared.base_url,
            tenant,
            client,
            credential: match client.is_public() {
                true => Credential::None,
                false => Credential::Secret,
            },
            resource,
            resource_name: uri.unwrap_or(resource.client_id()),
            version: self.version.unwrap_or(resource.access_token_version()),
            now: self.shared.clock.now(),
            lifetime: resource.token_lifetime,
        };
        Ok(self.forged(token.header(self.shared.live_key()), claims(&token)?))
    }

    fn forged(&self, header: Object, claims: Object) -> ForgedToken {
        ForgedToken {
            shared: Arc::clone(&self.shared),
            header,
            claims,
            key: ForgeKey::default(),
        }
    }
}

fn find<'a>(
    directory: &'a Directory,
    tenant: &str,
    client: &str,
) -> Result<(&'a Tenant, &'a App), ForgeError> {
    let tenant = directory
        .find(tenant)
        .ok_or_else(|| unknown("tenant", tenant))?;
    let client = tenant
        .find_app(client)
        .ok_or_else(|| unknown("client", client))?;
    Ok((tenant, client))
}

fn unknown(what: &'static str, value: &str) -> ForgeError {
    ForgeError::Unknown {
        what,
        value: value.to_owned(),
    }
}

fn refuse_microsoft(claims: &Object) -> Result<(), ForgeError> {
    let issuer = claims
        .get("iss")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match microsoft::is_named_in(issuer) {
        true => Err(ForgeError::MicrosoftIssuer {
            issuer: issuer.to_owned(),
        }),
        false => Ok(()),
    }
}

/// A token that is not signed yet: change what you like, then sign.
#[derive(Clone)]
pub struct ForgedToken {
    shared: Arc<Shared>,
    header: Object,
    claims: Object,
    key: ForgeKey,
}

impl fmt::Debug for ForgedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForgedToken")
            .field("header", &self.header)
            .field("claims", &self.claims)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl ForgedToken {
    /// Sets a claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a claim that is a time, in seconds from the emulator's now: `-60` is a minute ago.
    #[must_use]
    pub fn claim_from_now(self, name: &str, seconds: i64) -> Self {
        let at = self.shared.clock.now().saturating_add(seconds);
        self.claim(name, at)
    }

    /// Removes a claim.
    #[must_use]
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a header member.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a header member.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Chooses the key. The header's `kid` follows when the token is signed, except for
    /// [`ForgeKey::UnpublishedUnderLiveKid`] and where there is no `kid`.
    #[must_use]
    pub fn key(mut self, key: ForgeKey) -> Self {
        self.key = key;
        if key == ForgeKey::Unpublished && self.header.contains_key("kid") {
            let kid = self
                .shared
                .with_keys(|ring| ring.unpublished().kid.as_str());
            return self.header("kid", kid);
        }
        self
    }

    /// The claims as they are now.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Signs with RS256, whatever the header says.
    ///
    /// # Errors
    ///
    /// The issuer is Microsoft's, or the crypto library failed.
    pub fn sign(&self) -> Result<String, ForgeError> {
        refuse_microsoft(&self.claims)?;
        jwt::sign(self.signing_key(), &self.header, &self.claims).ok_or(ForgeError::NotSigned)
    }

    /// The token with an empty signature, as `alg` `none` has it.
    ///
    /// # Errors
    ///
    /// The issuer is Microsoft's.
    pub fn unsigned(&self) -> Result<String, ForgeError> {
        Ok(self.signing_input()? + ".")
    }

    /// Signs with HMAC-SHA256 and the public key (PEM) as the secret, whatever the header
    /// says: what a verifier takes that lets the token choose the algorithm.
    ///
    /// # Errors
    ///
    /// The issuer is Microsoft's.
    pub fn sign_with_public_key(&self) -> Result<String, ForgeError> {
        let input = self.signing_input()?;
        let pem = self
            .signing_key()
            .public_key_pem()
            .ok_or(ForgeError::NotSigned)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());
        let tag = hmac::sign(&key, input.as_bytes());
        Ok(format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag)))
    }

    fn signing_key(&self) -> &'static SigningKey {
        match self.key {
            ForgeKey::Live => self.shared.live_key(),
            ForgeKey::Unpublished | ForgeKey::UnpublishedUnderLiveKid => {
                self.shared.with_keys(crate::keys::KeyRing::unpublished)
            }
        }
    }

    fn signing_input(&self) -> Result<String, ForgeError> {
        refuse_microsoft(&self.claims)?;
        let json = |object: &Object| Value::Object(object.clone()).to_string();
        let (header, claims) = (json(&self.header), json(&self.claims));
        Ok(jwt::signing_input(header.as_bytes(), claims.as_bytes()))
    }
}
