//! Vectors of signed user contexts: `cargo run --bin context_vectors > crates/agent-user-context/vectors/contexts.json`.
//!
//! Keys are generated for each run and not kept; the vectors are committed.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a tool of the tests"
)]

use std::sync::Arc;

use agent_user_context::{
    AgentId, ContextSigner, Issuer, LocalSigner, Sessions, SigningKeys, SigningRequest,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://gateway.contoso.example";
const API: &str = "api://orders.contoso.example";
const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const OTHER_TENANT: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const ALICE: &str = "aaaaaaaa-0000-4000-8000-0000000a11ce";
const AGENT: &str = "aaaaaaaa-0000-4000-8000-00000000a6e0";
const OTHER_AGENT: &str = "aaaaaaaa-0000-4000-8000-00000000a6eb";

struct Writer {
    p256: Arc<LocalSigner>,
    rsa: Arc<LocalSigner>,
    stranger: LocalSigner,
    cases: Vec<Value>,
    count: u8,
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The agent's own access token, which no verifier of contexts looks into.
fn access_token() -> String {
    let claims = json!({
        "aud": API, "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "iat": NOW, "nbf": NOW,
        "exp": NOW + 3600, "tid": TENANT, "oid": AGENT, "sub": AGENT, "azp": AGENT, "idtyp": "app", "ver": "2.0",
        "roles": ["UserContext.Assert"], "uti": "vectors", "xms_act_fct": "3 9 11", "xms_sub_fct": "3 9 11", "xms_idrel": "7",
    });
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "vectors" });
    format!(
        "{}.{}.{}",
        encode(header.to_string()),
        encode(claims.to_string()),
        encode([0; 256])
    )
}

impl Writer {
    fn header(&self) -> Value {
        json!({ "alg": "ES256", "kid": self.p256.public_key().thumbprint(), "typ": "user-context+jwt" })
    }

    fn claims(&mut self) -> Value {
        self.count += 1;
        json!({
            "iss": ISSUER, "aud": API, "iat": NOW, "exp": NOW + 60, "jti": encode([self.count; 16]),
            "txn": encode([7; 16]), "sub": ALICE, "tid": TENANT, "act": { "sub": AGENT, "tid": TENANT },
            "scope": "orders.read",
        })
    }

    async fn sign(&self, signer: &LocalSigner, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let request = SigningRequest::new(signer.public_key().algorithm(), message.as_bytes());
        let signature = signer.sign(request).await.unwrap();
        format!("{message}.{}", encode(signature))
    }

    fn add(&mut self, name: &str, context: String, expect: &str, needs: &[&str]) {
        self.cases
            .push(json!({ "name": name, "context": context, "expect": expect, "needs": needs }));
    }

    async fn claim(&mut self, name: &str, expect: &str, change: impl FnOnce(&mut Value)) {
        let mut claims = self.claims();
        change(&mut claims);
        let context = self
            .sign(&self.p256, &self.header().to_string(), &claims.to_string())
            .await;
        self.add(name, context, expect, &[]);
    }

    async fn head(&mut self, name: &str, expect: &str, change: impl FnOnce(&mut Value)) {
        let mut header = self.header();
        change(&mut header);
        let claims = self.claims().to_string();
        let context = self.sign(&self.p256, &header.to_string(), &claims).await;
        self.add(name, context, expect, &[]);
    }
}

/// A key as an issuer publishes it.
fn published(signer: &Arc<LocalSigner>) -> Value {
    let keys = SigningKeys::new(Arc::clone(signer)).unwrap();
    let agent = AgentId::new(AGENT.parse().unwrap(), TENANT.parse().unwrap());
    let issuer = Issuer::builder(ISSUER, keys, Sessions::in_memory(1))
        .agent(
            agent,
            ["api://orders.contoso.example/orders.read".parse().unwrap()],
        )
        .build()
        .unwrap();
    let mut set: Value = serde_json::from_str(&issuer.key_set()).unwrap();
    set["keys"][0].take()
}

fn without(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name);
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut w = Writer {
        p256: Arc::new(LocalSigner::generate().unwrap()),
        rsa: Arc::new(LocalSigner::generate_rsa().unwrap()),
        stranger: LocalSigner::generate().unwrap(),
        cases: Vec::new(),
        count: 0,
    };
    let token = access_token();
    good(&mut w, &token).await;
    headers(&mut w).await;
    forms(&mut w).await;
    claims(&mut w).await;
    marked(&mut w).await;
    let jwks = [&w.p256, &w.rsa].map(published);
    let all = json!({
        "now": NOW, "audience": API, "access_token": token,
        "agent": { "azp": AGENT, "tid": TENANT, "oid": AGENT },
        "issuers": { ISSUER: { "agents": [[AGENT, TENANT]], "tenants": [TENANT], "jwks": { "keys": jwks } } },
        "cases": w.cases,
    });
    println!("{all:#}");
}

async fn good(w: &mut Writer, token: &str) {
    w.claim("plain", "ok", |_| {}).await;
    let hash = encode(digest(&SHA256, token.as_bytes()));
    w.claim("bound to the access token", "ok", |claims| {
        claims["ath"] = json!(hash);
    })
    .await;
    w.claim("claims that are not known", "ok", |claims| {
        claims["more"] = json!({ "a": [1, null] });
    })
    .await;
    w.claim("a chain of three", "ok", |claims| {
        let two = json!({ "sub": OTHER_AGENT, "tid": TENANT, "act": { "sub": OTHER_AGENT, "tid": TENANT } });
        claims["act"]["act"] = two;
    })
    .await;
    w.claim("30 s ahead", "ok", |claims| {
        claims["iat"] = json!(NOW + 30);
        claims["exp"] = json!(NOW + 90);
    })
    .await;
    w.claim("29 s late", "ok", |claims| {
        claims["iat"] = json!(NOW - 89);
        claims["exp"] = json!(NOW - 29);
    })
    .await;
    w.claim("300 s", "ok", |claims| claims["exp"] = json!(NOW + 300))
        .await;
    let header = json!({ "alg": "RS256", "kid": w.rsa.public_key().thumbprint(), "typ": "user-context+jwt" });
    let body = w.claims().to_string();
    let context = w.sign(&w.rsa, &header.to_string(), &body).await;
    w.add("RS256", context, "ok", &[]);
}

async fn headers(w: &mut Writer) {
    for typ in ["JWT", "at+jwt", "user-turn+jwt"] {
        w.head(&format!("typ {typ}"), "wrong_type", |header| {
            header["typ"] = json!(typ);
        })
        .await;
    }
    w.head("no typ", "wrong_type", |header| without(header, "typ"))
        .await;
    for alg in ["none", "HS256", "ES384", "PS256"] {
        w.head(&format!("alg {alg}"), "algorithm_not_allowed", |header| {
            header["alg"] = json!(alg);
        })
        .await;
    }
    w.head("no kid", "no_key_id", |header| without(header, "kid"))
        .await;
    for member in ["crit", "jku", "jwk", "x5u", "x5c", "zip", "b64"] {
        w.head(member, "forbidden_header_member", |header| {
            header[member] = json!(["x"]);
        })
        .await;
    }
    w.head("another kid", "unknown_key", |header| {
        header["kid"] = json!("another");
    })
    .await;
    w.head("the key is for another algorithm", "key_unfit", |header| {
        header["alg"] = json!("RS256");
    })
    .await;
}

async fn forms(w: &mut Writer) {
    let (header, body) = (w.header().to_string(), w.claims().to_string());
    let context = w.sign(&w.stranger, &header, &body).await;
    w.add("another key's signature", context, "bad_signature", &[]);
    let context = w.sign(&w.p256, &header, &body).await;
    let (message, signature) = context.rsplit_once('.').unwrap();
    let changed = body.replace(ALICE, OTHER_AGENT);
    w.add(
        "other claims",
        format!("{}.{}.{signature}", encode(&header), encode(changed)),
        "bad_signature",
        &[],
    );
    w.add(
        "no signature",
        format!("{message}."),
        "context_malformed",
        &[],
    );
    w.add("padding", format!("{context}=="), "context_malformed", &[]);
    w.add(
        "four parts",
        format!("{context}.AA"),
        "context_malformed",
        &[],
    );
    w.add("two parts", message.to_owned(), "context_malformed", &[]);
    w.add("a blank", format!("{context} "), "context_malformed", &[]);
    w.add(
        "plain JSON",
        json!({ "sub": ALICE }).to_string(),
        "context_malformed",
        &[],
    );
    w.add("nothing", String::new(), "context_malformed", &[]);
    w.claim("5 KiB", "context_too_long", |claims| {
        claims["more"] = json!("x".repeat(5000));
    })
    .await;
}

async fn claims(w: &mut Writer) {
    w.claim("another issuer", "unknown_issuer", |claims| {
        claims["iss"] = json!("https://evil.example");
    })
    .await;
    w.claim("the issuer with a slash", "unknown_issuer", |claims| {
        claims["iss"] = json!(format!("{ISSUER}/"));
    })
    .await;
    w.claim("another API", "wrong_audience", |claims| {
        claims["aud"] = json!("api://invoices.contoso.example");
    })
    .await;
    w.claim("several APIs", "claims_malformed", |claims| {
        claims["aud"] = json!([API]);
    })
    .await;
    for name in [
        "iat", "exp", "jti", "txn", "sub", "tid", "act", "scope", "aud",
    ] {
        w.claim(&format!("no {name}"), "claim_missing", |claims| {
            without(claims, name);
        })
        .await;
    }
    for (name, value) in [
        ("iat", json!("1")),
        ("exp", json!(1.5)),
        ("jti", json!("AAAA")),
        ("sub", json!(7)),
        ("scope", json!([])),
        ("exp", json!(true)),
    ] {
        w.claim(
            &format!("{name} as {value}"),
            "claims_malformed",
            |claims| claims[name] = value,
        )
        .await;
    }
    w.claim("31 s ahead", "issued_in_future", |claims| {
        claims["iat"] = json!(NOW + 31);
    })
    .await;
    w.claim("30 s late", "expired", |claims| {
        claims["iat"] = json!(NOW - 90);
        claims["exp"] = json!(NOW - 30);
    })
    .await;
    w.claim("301 s", "lives_too_long", |claims| {
        claims["exp"] = json!(NOW + 301);
    })
    .await;
    w.claim("no life", "lives_too_long", |claims| {
        claims["exp"] = json!(NOW);
    })
    .await;
    w.claim("another agent", "wrong_agent", |claims| {
        claims["act"]["sub"] = json!(OTHER_AGENT);
    })
    .await;
    w.claim("the agent of another tenant", "wrong_agent", |claims| {
        claims["act"]["tid"] = json!(OTHER_TENANT);
    })
    .await;
    w.claim("the agent inside of another", "wrong_agent", |claims| {
        claims["act"] =
            json!({ "sub": OTHER_AGENT, "tid": TENANT, "act": { "sub": AGENT, "tid": TENANT } });
    })
    .await;
    w.claim("a chain of four", "claims_malformed", |claims| {
        for _ in 0..3 {
            let inner = claims["act"].clone();
            claims["act"] = json!({ "sub": AGENT, "tid": TENANT, "act": inner });
        }
    })
    .await;
    w.claim("another access token", "wrong_access_token", |claims| {
        claims["ath"] = json!(encode([1; 32]));
    })
    .await;
    w.claim("one request", "wrong_request", |claims| {
        claims["req"] = json!(encode([1; 32]));
    })
    .await;
    w.claim("a mail address", "subject_malformed", |claims| {
        claims["sub"] = json!("alice@contoso.example");
    })
    .await;
    w.claim("capitals", "subject_malformed", |claims| {
        claims["sub"] = json!(ALICE.to_uppercase());
    })
    .await;
    w.claim(
        "a user of another tenant",
        "subject_of_other_tenant",
        |claims| claims["tid"] = json!(OTHER_TENANT),
    )
    .await;
    w.claim("the agent as the user", "subject_is_agent", |claims| {
        claims["sub"] = json!(AGENT);
    })
    .await;
}

/// What not every JSON parser and not every verifier can see.
async fn marked(w: &mut Writer) {
    let (header, body) = (w.header().to_string(), w.claims().to_string());
    let twice = body.replacen('{', &format!(r#"{{"sub":"{OTHER_AGENT}","#), 1);
    let context = w.sign(&w.p256, &header, &twice).await;
    w.add(
        "a claim twice",
        context,
        "claims_malformed",
        &["duplicate members"],
    );
    let twice = header.replacen('{', r#"{"typ":"JWT","#, 1);
    let context = w.sign(&w.p256, &twice, &body).await;
    w.add(
        "a header member twice",
        context,
        "header_malformed",
        &["duplicate members"],
    );
    let first = w.cases.first().unwrap()["context"]
        .as_str()
        .unwrap()
        .to_owned();
    w.add("used before", first, "replayed", &["replay"]);
}
