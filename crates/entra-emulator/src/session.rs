//! How a user signed in, and what a request's `claims` parameter asks of it.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::directory::{AccessPolicy, PolicyRequirement, SecondFactor, Tenant, User};
use crate::errors::{AadError, table};
use crate::tokens::{jwt::Parsed, random_text};

/// One sign-in. It travels inside codes, refresh tokens and, as the opaque `aio`, in access
/// tokens, so that an assertion says how its user signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) at: i64,
    /// Whether there was a second factor.
    pub(crate) mfa: bool,
    /// Authentication contexts satisfied: `c1` and so on.
    pub(crate) contexts: Vec<String>,
    /// Policies whose challenge the sign-in answered.
    pub(crate) policies: Vec<String>,
    /// Whether the client said that it understands claims challenges (`cp1`).
    pub(crate) capable: bool,
}

impl Session {
    /// A sign-in with nothing but a password.
    pub(crate) fn plain(now: i64) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            at: now,
            ..Self::default()
        }
    }

    /// An interactive sign-in: whoever is at the browser answers what the resource's
    /// policies and the request's claims ask for, as far as a person can.
    pub(crate) fn interactive(
        tenant: &Tenant,
        user: &User,
        resource: &str,
        claims: &ClaimsRequest,
        now: i64,
    ) -> Self {
        let mut session = Self::plain(now);
        session.capable = claims.capable;
        let guarded = |context: &&String| {
            let mut policies = tenant.policies.iter();
            policies.any(|p| p.guards(context, user.object_id()))
        };
        // A context that no policy targets asks for a second factor.
        let settled = |c: &String| guarded(&c) || tenant.is_free_context(c);
        let mut mfa = !claims.contexts.iter().all(settled);
        for policy in asked_policies(tenant, user, resource, claims) {
            mfa |= policy.requirement == PolicyRequirement::Mfa;
            session.policies.push(policy.id.clone());
        }
        session.mfa = mfa && user.second_factor == SecondFactor::Registered;
        // What policies on a context demand is checked against this session.
        let answered = claims.contexts.iter().filter(|c| session.mfa || guarded(c));
        session.contexts = answered.cloned().collect();
        session
    }

    /// The session in an access token; one that was forged without has what its claims say.
    pub(crate) fn of_token(token: &Parsed<'_>) -> Self {
        if let Some(session) = token.text("aio").and_then(Self::from_opaque) {
            return session;
        }
        let list = |name: &str| {
            let values = token.claims.get(name).and_then(Value::as_array);
            let texts = values.into_iter().flatten().filter_map(Value::as_str);
            texts.map(str::to_owned).collect::<Vec<_>>()
        };
        let at = token.number("auth_time").or(token.number("iat"));
        Self {
            mfa: list("amr").iter().any(|m| m == "mfa"),
            contexts: list("acrs"),
            capable: !list("xms_cc").is_empty(),
            ..Self::plain(at.unwrap_or(0))
        }
    }

    /// For `aio`, which is opaque to everyone but the issuer.
    pub(crate) fn to_opaque(&self) -> String {
        let text = json!([
            self.id,
            self.at,
            self.mfa,
            self.contexts,
            self.policies,
            self.capable,
            random_text(1)
        ]);
        BASE64_URL_SAFE_NO_PAD.encode(text.to_string())
    }

    fn from_opaque(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, at, mfa, contexts, policies, capable, _): (_, _, _, _, _, _, Value) =
            serde_json::from_slice(&bytes).ok()?;
        Some(Self {
            id,
            at,
            mfa,
            contexts,
            policies,
            capable,
        })
    }
}

/// The policies that a new sign-in is to answer: the resource's, and those that the claims
/// name.
pub(crate) fn asked_policies<'a>(
    tenant: &'a Tenant,
    user: &'a User,
    resource: &'a str,
    claims: &'a ClaimsRequest,
) -> impl Iterator<Item = &'a AccessPolicy> {
    let user = user.object_id();
    let by_context = |p: &AccessPolicy| claims.contexts.iter().any(|c| p.guards(c, user));
    let asked =
        move |p: &&AccessPolicy| p.covers(resource, user) || claims.names(&p.id) || by_context(p);
    tenant.policies.iter().filter(|p| p.enabled).filter(asked)
}

/// The `claims` parameter (OpenID Connect Core, section 5.5), as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClaimsRequest {
    /// Authentication contexts that must be satisfied.
    pub(crate) contexts: Vec<String>,
    policies: Vec<String>,
    /// `xms_cc` with `cp1`, in either case.
    pub(crate) capable: bool,
}

impl ClaimsRequest {
    /// Reads the parameter; unknown members are ignored.
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, AadError> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let refuse = || AadError::new(table::BAD_PARAMETER).arg("claims");
        let claims: Value = serde_json::from_str(text).map_err(|_| refuse())?;
        let claims = claims.as_object().ok_or_else(refuse)?;
        let values = |names: &[&str]| {
            let token = claims.get("access_token").and_then(Value::as_object);
            let members = names.iter().filter_map(|n| token?.get(*n));
            members.flat_map(values_of).collect::<Vec<String>>()
        };
        let cp1 = |v: &String| v.eq_ignore_ascii_case("cp1");
        Ok(Self {
            contexts: values(&["acrs"]),
            policies: values(&["capolids", "polids"]),
            capable: values(&["xms_cc"]).iter().any(cp1),
        })
    }

    fn names(&self, policy: &str) -> bool {
        self.policies.iter().any(|p| p.eq_ignore_ascii_case(policy))
    }
}

/// `value` and `values`; clients write either.
fn values_of(member: &Value) -> Vec<String> {
    let one = member.get("value").into_iter();
    let many = member.get("values").and_then(Value::as_array);
    one.chain(many.into_iter().flatten())
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_write_is_read() {
        let read = |text| ClaimsRequest::parse(Some(text)).unwrap();
        assert_eq!(
            ClaimsRequest::parse(None).unwrap(),
            ClaimsRequest::default()
        );
        let one = read(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#);
        assert_eq!(one.contexts, ["c1"]);
        let many = read(
            r#"{"id_token":{"x":null},"access_token":{"xms_cc":{"values":["Cp1"]},"capolids":{"values":["A"]},"y":1}}"#,
        );
        assert!(many.capable && many.names("a") && !many.names("b"));
        for bad in ["", "x", "[]", "1"] {
            assert!(ClaimsRequest::parse(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_session_survives_the_way_through_a_token() {
        let mut session = Session::plain(5);
        session.mfa = true;
        session.contexts.push("c1".to_owned());
        assert_eq!(Session::from_opaque(&session.to_opaque()), Some(session));
        assert_eq!(Session::from_opaque("x"), None);
    }
}
