//! Builder of verified tokens for unit tests of handlers.

use std::time::{SystemTime, UNIX_EPOCH};

use foundry_scopes::{ClientId, Cloud, ObjectId, TenantId};
use serde_json::{Map, Value, json};

use crate::decode::{DecodeError, encode_base64};
use crate::kind::PrincipalKind;
use crate::principal::VerifiedToken;
use crate::validate::TokenVersion;

/// **Makes verified tokens out of nothing**, for unit tests of whatever takes one: no keys, no
/// HTTP, no emulator.
///
/// Needs the feature `test-tokens`, which belongs under `[dev-dependencies]` and nowhere else:
///
/// ```toml
/// [dev-dependencies]
/// entra-claims = { version = "0.1.0-alpha.1", features = ["test-tokens"] }
/// ```
///
/// **A build without debug assertions, as `--release` makes it, refuses to compile with this
/// feature**, whichever crate enabled it, so that it is in no program by accident. Tests or
/// benchmarks in release mode say `RUSTFLAGS="--cfg entra_claims_test_tokens"`. A release
/// profile of yours that sets `debug-assertions = true` goes without this protection.
///
/// What is made is what Entra ID would issue for such a caller, as far as claims go, but
/// no validator accepts its text: it has no signature. To test a validator, take the
/// crate `entra-emulator`.
///
/// ```
/// use entra_claims::dangerous::TestToken;
/// use entra_claims::{PrincipalKind, Requirement, VerifiedToken};
/// use foundry_scopes::ScopeName;
///
/// /// A handler's own rule.
/// fn may_delete(token: &VerifiedToken) -> bool {
///     let scope = ScopeName::parse("Orders.Delete").unwrap();
///     Requirement::any_of([Requirement::scope(scope), Requirement::role("Orders.Purge")])
///         .check(token)
///         .is_ok()
/// }
///
/// assert!(may_delete(&TestToken::user().scopes(["Orders.Delete"]).build()?));
/// assert!(!may_delete(&TestToken::user().scopes(["Orders.Read"]).build()?));
/// assert!(may_delete(&TestToken::app().roles(["Orders.Purge"]).build()?));
///
/// let agent = TestToken::agent_for_user().guest().build()?;
/// assert_eq!(agent.principal().kind(), PrincipalKind::AgentForUser);
/// assert!(!may_delete(&agent));
/// # Ok::<(), entra_claims::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TestToken {
    tenant: TenantId,
    object: ObjectId,
    client: ClientId,
    cloud: Cloud,
    version: TokenVersion,
    claims: Map<String, Value>,
}

impl TestToken {
    /// The tenant unless another is named.
    pub const TENANT: TenantId = TenantId::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0001);
    /// The user or service principal unless another is named.
    pub const OBJECT: ObjectId = ObjectId::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0002);
    /// The client application unless another is named.
    pub const CLIENT: ClientId = ClientId::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0003);
    /// The API unless another audience is named, as v2 tokens have it.
    pub const API: ClientId = ClientId::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0004);

    /// A user with the scope `access_as_user`.
    #[must_use]
    pub fn user() -> Self {
        Self::for_kind(PrincipalKind::User)
    }

    /// An application on its own, without roles.
    #[must_use]
    pub fn app() -> Self {
        Self::for_kind(PrincipalKind::App)
    }

    /// An agent identity on its own, without roles.
    #[must_use]
    pub fn agent() -> Self {
        Self::for_kind(PrincipalKind::Agent)
    }

    /// A user through an agent identity, with the scope `access_as_user`.
    #[must_use]
    pub fn agent_for_user() -> Self {
        Self::for_kind(PrincipalKind::AgentForUser)
    }

    /// An agent's own user account, with the scope `access_as_user`.
    #[must_use]
    pub fn agent_user_account() -> Self {
        Self::for_kind(PrincipalKind::AgentUserAccount)
    }

    /// A user through a public client that is registered as an agent, with the scope
    /// `access_as_user`.
    #[must_use]
    pub fn user_through_agent_client() -> Self {
        Self::for_kind(PrincipalKind::UserThroughAgentClient)
    }

    /// A caller of this kind, for tables of all of them.
    #[must_use]
    pub fn for_kind(kind: PrincipalKind) -> Self {
        let token = Self {
            tenant: Self::TENANT,
            object: Self::OBJECT,
            client: Self::CLIENT,
            cloud: Cloud::public(),
            version: TokenVersion::V2,
            claims: Map::new(),
        };
        let token = if kind.is_delegated() {
            let token = token.claim("idtyp", "user").scopes(["access_as_user"]);
            token
                .claim("name", "Test User")
                .claim("sub", "test-subject")
        } else {
            token.claim("idtyp", "app")
        };
        // Entra doc "Token claims reference for agent identities".
        let (relation, actor, subject) = match kind {
            PrincipalKind::User => ("1", "3 5", "3"),
            PrincipalKind::App => ("7", "3 9", "3 9"),
            PrincipalKind::Agent => ("7", "3 9 11", "3 9 11"),
            PrincipalKind::AgentForUser => ("1", "3 9 11", "3"),
            PrincipalKind::AgentUserAccount => ("1", "3 9 11", "3 13"),
            PrincipalKind::UserThroughAgentClient => ("1", "3 5 11", "3"),
        };
        let token = match kind {
            PrincipalKind::UserThroughAgentClient => token.claim("azpacr", "0"),
            _ => token,
        };
        token
            .claim("xms_idrel", relation)
            .claim("xms_act_fct", actor)
            .claim("xms_sub_fct", subject)
    }

    /// Of this tenant; [`TenantId::PERSONAL`] makes a personal account.
    #[must_use]
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = tenant;
        self
    }

    /// This user or service principal.
    #[must_use]
    pub fn object(mut self, object: ObjectId) -> Self {
        self.object = object;
        self
    }

    /// Through this client application.
    #[must_use]
    pub fn client(mut self, client: ClientId) -> Self {
        self.client = client;
        self
    }

    /// Issued in this cloud; the public one unless another is named.
    #[must_use]
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// A token of this version; 2.0 unless another is named.
    #[must_use]
    pub fn version(mut self, version: TokenVersion) -> Self {
        self.version = version;
        self
    }

    /// For this audience.
    #[must_use]
    pub fn audience(self, aud: impl Into<String>) -> Self {
        self.claim("aud", aud.into())
    }

    /// With these delegated scopes, short names, and no others.
    #[must_use]
    pub fn scopes<S: AsRef<str>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        let scopes: Vec<S> = scopes.into_iter().collect();
        let scopes: Vec<&str> = scopes.iter().map(AsRef::as_ref).collect();
        self.claim("scp", scopes.join(" "))
    }

    /// With these roles: an application's permissions, or a user's app roles.
    #[must_use]
    pub fn roles<S: Into<String>>(self, roles: impl IntoIterator<Item = S>) -> Self {
        let roles: Vec<String> = roles.into_iter().map(Into::into).collect();
        self.claim("roles", roles)
    }

    /// In these groups.
    #[must_use]
    pub fn groups(self, groups: impl IntoIterator<Item = ObjectId>) -> Self {
        let groups: Vec<String> = groups.into_iter().map(|group| group.to_string()).collect();
        self.claim("groups", groups)
    }

    /// In more groups than a token holds.
    #[must_use]
    pub fn groups_overage(self) -> Self {
        self.claim("_claim_names", json!({ "groups": "src1" }))
    }

    /// A guest of the tenant.
    #[must_use]
    pub fn guest(self) -> Self {
        self.claim("acct", 1).claim("xms_idrel", "5")
    }

    /// Having satisfied these authentication contexts.
    #[must_use]
    pub fn auth_contexts<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        let ids: Vec<String> = ids.into_iter().map(Into::into).collect();
        self.claim("acrs", ids)
    }

    /// Expiring at this time, in Unix seconds; an hour from now unless another is named.
    #[must_use]
    pub fn expires_at_unix(self, exp: i64) -> Self {
        self.claim("exp", exp)
    }

    /// With any other claim, also in place of one that is there; [`Value::Null`] leaves it out.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// The token. Its digest is another than any verified token's.
    ///
    /// # Errors
    ///
    /// Claims that no validator would take for a caller: a scope in an application's token,
    /// say, or a claim of the wrong type.
    pub fn build(self) -> Result<VerifiedToken, DecodeError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs());
        // External ID has no v1 issuer.
        let v1 = self.cloud.issuer_v1().unwrap_or(self.cloud.issuer_v2());
        let (issuer, client) = match self.version {
            TokenVersion::V1 => (v1, "appid"),
            TokenVersion::V2 => (self.cloud.issuer_v2(), "azp"),
        };
        let mut claims = Map::new();
        for (name, value) in [
            ("aud", json!(Self::API.to_string())),
            ("iss", json!(issuer.render(self.tenant))),
            ("iat", json!(now)),
            ("nbf", json!(now)),
            ("exp", json!(now.saturating_add(3600))),
            ("tid", json!(self.tenant.to_string())),
            ("oid", json!(self.object.to_string())),
            ("sub", json!(self.object.to_string())),
            (client, json!(self.client.to_string())),
            ("uti", json!("test-token")),
            ("ver", json!(self.version.as_str())),
        ] {
            claims.insert(name.to_owned(), value);
        }
        claims.extend(self.claims);
        if self.version == TokenVersion::V1
            && let Some(proof) = claims.remove("azpacr")
        {
            claims.insert("appidacr".to_owned(), proof);
        }
        claims.retain(|_, value| !value.is_null());
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "test-token" });
        let part = |value: &Value| encode_base64(value.to_string().as_bytes());
        let (header, claims) = (part(&header), part(&Value::Object(claims)));
        // 256 bytes, as long as a signature, made with no key.
        let signature = encode_base64(&[0; 256]);
        super::assume_verified(&format!("{header}.{claims}.{signature}"))
    }
}
