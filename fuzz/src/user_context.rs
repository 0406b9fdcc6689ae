//! Signed user contexts: any text, and any header or payload under a good signature.

use std::sync::{Arc, LazyLock};

use agent_user_context::{
    AgentId, ContextKeys, ContextRefusal, ContextSigner as _, ContextUse, ContextVerifier, Issuer,
    LocalSigner, Operation, Sessions, SigningKeys, SigningRequest, TrustedIssuer, UserContext,
    UserRight, UserRules,
};
use async_trait::async_trait;
use entra_claims::{ManualClock, PrincipalKey, Requirement, VerifiedToken, dangerous};
use foundry_scopes::ScopeName;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::check::{base64url, one_line, prints_safely};
use crate::unique::names_are_unique;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://gateway.contoso.example";
const API: &str = "api://orders.contoso.example";
const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const AGENT: &str = "aaaaaaaa-0000-4000-8000-00000000a6e0";

struct World {
    runtime: Runtime,
    signer: Arc<LocalSigner>,
    verifier: ContextVerifier,
    agent: VerifiedToken,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let claims = json!({
        "aud": API, "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "iat": NOW, "nbf": NOW,
        "exp": NOW + 3600, "tid": TENANT, "oid": AGENT, "sub": AGENT, "azp": AGENT, "idtyp": "app", "ver": "2.0",
        "roles": ["UserContext.Assert"],
    });
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "fuzz" });
    let parts = [header, claims].map(|part| base64url(part.to_string()));
    let token = format!("{}.{}", parts.join("."), base64url([0; 256]));
    let agent = dangerous::assume_verified(&token).expect("a token");
    let signer = Arc::new(LocalSigner::generate().expect("a key"));
    let keys = SigningKeys::new(Arc::clone(&signer)).expect("a key");
    let id = AgentId::from_token(&agent);
    let issuer = Issuer::builder(ISSUER, keys, Sessions::in_memory(1))
        .agent(id, [format!("{API}/orders.read").parse().expect("a scope")])
        .build()
        .expect("an issuer");
    let published = ContextKeys::from_json(issuer.key_set().as_bytes()).expect("a key set");
    let verifier = ContextVerifier::builder(API.parse().expect("an audience"))
        .issuer(TrustedIssuer::new(ISSUER, published, [id], [id.tenant()]))
        .clock(Arc::new(ManualClock::at(NOW)))
        .build()
        .expect("a verifier");
    World {
        runtime: tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime"),
        signer,
        verifier,
        agent,
    }
});

#[derive(Debug)]
struct Everybody;

#[async_trait]
impl UserRules for Everybody {
    async fn right(&self, _: PrincipalKey, _: &Operation) -> UserRight {
        UserRight::Permitted
    }
}

/// `ContextVerifier::verify` on `data` as a context, and as the header and the payload of one that the issuer signed.
///
/// What is accepted is of this issuer, for this API, this agent and this time, and names a user of this tenant; a second
/// JSON reader agrees.
pub fn user_context(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        assert!(
            verified(text).is_none(),
            "accepted without the issuer's signature"
        );
    }
    accepted(data);
    let claims = good().to_string();
    if let Some(context) = verified(&signed(data, claims.as_bytes())) {
        drop(context);
        let header: Value = serde_json::from_slice(data).expect("accepted, so it is JSON");
        assert!(names_are_unique(data));
        assert_eq!(header["typ"], "user-context+jwt");
        assert_eq!(header["alg"], "ES256");
        for member in ["crit", "jku", "jwk", "x5u", "x5c", "zip", "b64"] {
            assert!(header.get(member).is_none(), "accepted with {member}");
        }
    }
}

/// Whether the payload is one of a context that is accepted.
fn accepted(data: &[u8]) -> bool {
    let header = json!({ "alg": "ES256", "kid": WORLD.signer.public_key().thumbprint(), "typ": "user-context+jwt" });
    let Some(context) = verified(&signed(header.to_string().as_bytes(), data)) else {
        return false;
    };
    // A second reader of the same payload, which knows none of our types.
    let claims: Value = serde_json::from_slice(data).expect("accepted, so it is JSON");
    assert!(names_are_unique(data), "accepted with a name twice");
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let seconds = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_i64)
            .expect("accepted, so it is there")
    };
    assert_eq!(
        (text("iss"), text("aud"), text("tid")),
        (ISSUER, API, TENANT)
    );
    assert_eq!(
        (claims["act"]["sub"].as_str(), claims["act"]["tid"].as_str()),
        (Some(AGENT), Some(TENANT))
    );
    assert!(seconds("iat") <= NOW + 30 && seconds("exp") > NOW - 30);
    assert!((1..=300).contains(&(seconds("exp") - seconds("iat"))));
    assert!(claims.get("req").is_none());
    assert_eq!(context.expires_at_unix(), seconds("exp"));
    assert_eq!(context.turn(), text("txn"));
    for name in text("scope").split(' ') {
        let Ok(name) = ScopeName::parse(name) else {
            continue;
        };
        let operation = Operation::new(name, Requirement::role("UserContext.Assert"));
        let acting = WORLD
            .runtime
            .block_on(context.authorize(&operation, &Everybody));
        let acting = acting.expect("the context covers it");
        assert_eq!(acting.user().object.to_string(), text("sub"));
        one_line(&format!("{acting} {acting:?}"));
    }
    true
}

fn good() -> Value {
    json!({
        "iss": ISSUER, "aud": API, "iat": NOW, "exp": NOW + 60, "jti": base64url([1; 16]), "txn": base64url([2; 16]),
        "sub": "aaaaaaaa-0000-4000-8000-0000000a11ce", "tid": TENANT, "act": { "sub": AGENT, "tid": TENANT },
        "scope": "orders.read",
    })
}

fn signed(header: &[u8], payload: &[u8]) -> String {
    let message = format!("{}.{}", base64url(header), base64url(payload));
    let request = SigningRequest::new(WORLD.signer.public_key().algorithm(), message.as_bytes());
    let signature = WORLD
        .runtime
        .block_on(WORLD.signer.sign(request))
        .expect("a signature");
    format!("{message}.{}", base64url(signature))
}

fn verified(text: &str) -> Option<UserContext> {
    let verify = WORLD
        .verifier
        .verify(&WORLD.agent, text, ContextUse::UntilItEnds);
    match WORLD.runtime.block_on(verify) {
        Ok(context) => {
            one_line(&format!("{context:?}"));
            Some(context)
        }
        Err(refusal) => {
            tells_nothing(text, &refusal);
            None
        }
    }
}

fn tells_nothing(text: &str, refusal: &ContextRefusal) {
    prints_safely(refusal);
    one_line(&refusal.explain());
    let payload = text.split('.').nth(1).unwrap_or_default();
    assert!(payload.len() < 8 || !refusal.explain().contains(payload));
}

#[cfg(test)]
mod tests {
    use super::{accepted, good};

    /// Else the target would say nothing about what is accepted.
    #[test]
    fn seeds_are_accepted_and_refused() {
        assert!(accepted(good().to_string().as_bytes()));
        assert!(accepted(include_bytes!("../seeds/user_context/plain.json")));
        assert!(accepted(include_bytes!("../seeds/user_context/chain.json")));
        assert!(!accepted(include_bytes!(
            "../seeds/user_context/doubled.json"
        )));
        assert!(!accepted(include_bytes!(
            "../seeds/user_context/header.json"
        )));
    }
}
