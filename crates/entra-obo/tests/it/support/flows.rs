//! Every way to a token, one after the other, and everything of it that must not be seen.
#![allow(unreachable_pub, reason = "test code")]

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entra_claims::transport::TransportError;
use entra_obo::credential::{AssertionCallback, ClientCertificate};
use entra_obo::managed_identity::ManagedIdentity;
use entra_obo::{
    AccessToken, AgentUser, AuthorizationCode, ClientCredential, ExchangeClient, ExchangeError,
};
use foundry_scopes::{ClientId, Scope};
use serde_json::json;

use super::store::Fleet;
use super::{
    CLIENT, Endpoint, SCOPE, SECRET, Seen, TENANT, World, assertion_of, authority, scopes, token,
};

const PEM: &str = include_str!("../data/client.pem");
const FEDERATED: &str = "ZmVkZXJhdGVkLWhlYWRlcg.c3ViamVjdC1vZi1hLWNsdXN0ZXI.c2lnbmF0dXJlLW9mLWl0";
const IDENTITY_HEADER: &str = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a-value";
const DEFAULT: &str = "https://graph.microsoft.com/.default";
const ID_TOKEN: &str = r#""id_token":"aWQtdG9rZW4taGVhZGVy.cGF5bG9hZC1vZi1pdA.c2lnbmF0dXJl","#;
pub const USERS: u32 = 6;

pub type Got = Result<AccessToken, ExchangeError>;

/// What came of all flows.
#[derive(Default)]
pub struct Played {
    pub results: Vec<(&'static str, Got)>,
    /// What else came back.
    pub id_tokens: Vec<String>,
    /// `Debug` of what was made on the way.
    pub shown: String,
}

impl Played {
    fn show(&mut self, value: &dyn std::fmt::Debug) {
        self.shown += &format!("{value:?}\n{value:#?}\n");
    }

    fn add(&mut self, flow: &'static str, got: Got) {
        self.results.push((flow, got));
    }
}

pub async fn play(endpoint: &Arc<Endpoint>) -> Played {
    let mut played = Played::default();
    let users: Vec<_> = (1..=USERS)
        .map(|n| assertion_of(&token(TENANT, n, "")))
        .collect();

    // A secret: a token, the same from the cache, refreshed, and while it is throttled.
    let world = World::new(endpoint.clone());
    played.show(&world.client);
    played.show(&world.api);
    played.show(&users);
    for step in [0, 0, 3000] {
        world.clock.advance(Duration::from_secs(step));
        let got = world.api.token_on_behalf_of(&users[0]).await;
        played.add("on behalf of a user", got);
        world.settle().await;
    }
    played.add(
        "as the application",
        world.client.for_app(scopes(DEFAULT)).unwrap().token().await,
    );
    let agent = ClientId::parse("aaaa1111-0000-1111-2222-bbbb3333cccc").unwrap();
    let agent = world.client.agent(agent).unwrap();
    played.show(&agent);
    let for_agent = agent.for_app(scopes(DEFAULT)).unwrap();
    played.show(&for_agent);
    played.add("as an agent", for_agent.token().await);
    let on_behalf = agent.downstream(scopes(SCOPE)).unwrap();
    let got = on_behalf.token_on_behalf_of(&users[1]).await;
    played.add("an agent on behalf of a user", got);
    let account = AgentUser::upn("agent@contoso.example").unwrap();
    let account = agent.user_account(account, scopes(SCOPE)).unwrap();
    played.add("an agent's user account", account.token().await);

    let code = AuthorizationCode {
        code: "0.AXoA-the-code-of-a-sign-in",
        redirect_uri: "https://mcp.contoso.example/signed-in",
        verifier: "the-verifier-that-only-the-server-knows",
    };
    played.show(&code);
    match world.client.redeem_code(code).await {
        Ok(id_token) => {
            played.show(&id_token);
            played.id_tokens.push(id_token.expose().to_owned());
        }
        Err(error) => played.add("a sign-in's code", Err(error)),
    }

    // Other proofs.
    let certificate = ClientCertificate::from_pem(PEM).unwrap();
    let callback = AssertionCallback::new(|_, _| Box::pin(ready(Ok(FEDERATED.to_owned()))));
    for (flow, credential, user) in [
        (
            "with a certificate",
            ClientCredential::certificate(certificate.with_chain()),
            &users[2],
        ),
        (
            "with a federated assertion",
            ClientCredential::federated(Arc::new(callback)),
            &users[3],
        ),
    ] {
        played.show(&credential);
        let client = ClientId::parse(CLIENT).unwrap();
        let builder = ExchangeClient::builder(authority(), client, credential)
            .transport(endpoint.clone())
            .clock(world.clock.clone());
        played.show(&builder);
        let client = builder.build().unwrap();
        let api = client.downstream(scopes(SCOPE)).unwrap();
        played.add(flow, api.token_on_behalf_of(user).await);
    }

    // Processes that share a store.
    let fleet = Fleet::new(endpoint.clone());
    for _ in 0..2 {
        let process = fleet.process();
        played.show(&process.client);
        let got = process.api.token_on_behalf_of(&users[4]).await;
        played.add("with a shared store", got);
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    played.show(&fleet.process_with(super::store::keys(2)).client);

    for (flow, builder) in [
        ("the metadata service", ManagedIdentity::imds()),
        (
            "App Service",
            ManagedIdentity::app_service("http://127.0.0.1:8081/msi/token", IDENTITY_HEADER),
        ),
    ] {
        let builder = builder
            .transport(endpoint.clone())
            .clock(world.clock.clone());
        played.show(&builder);
        let identity = builder.build().unwrap();
        played.show(&identity);
        let scope = Scope::parse(DEFAULT).unwrap();
        played.add(flow, identity.token(&scope).await);
    }
    #[cfg(feature = "tower")]
    attached(&world, &users[5], &mut played).await;
    #[cfg(feature = "azure_core")]
    {
        use azure_core::credentials::TokenCredential as _;
        let credential =
            entra_obo::azure::OnBehalfOfCredential::new(&world.client, users[5].clone());
        played.show(&credential);
        played.show(&credential.get_token(&[DEFAULT], None).await);
    }
    played
}

/// A request with a token, at an API that wants claims.
#[cfg(feature = "tower")]
async fn attached(world: &World, user: &entra_obo::UserAssertion, played: &mut Played) {
    use entra_obo::attach::{ApiOrigins, AttachError, AttachToken};
    use http::{Request, Response};
    use tower::{Layer as _, ServiceExt as _, service_fn};

    let origins = ApiOrigins::new(["https://orders.contoso.example"]).unwrap();
    let attach = AttachToken::as_user(&world.api, user.clone(), &origins);
    let api = service_fn(|request: Request<()>| {
        // What an API logs of a request, and its answer.
        let answer = Response::builder()
            .status(401)
            .header(
                "www-authenticate",
                r#"Bearer error="insufficient_claims", claims="eyJhIjoxfQ==""#,
            )
            .body(format!("{:?}", request.headers()));
        ready(Ok::<_, std::convert::Infallible>(answer.unwrap()))
    });
    let service = attach.layer(api);
    played.show(&attach);
    played.show(&attach.clone().without_retry());
    let request = Request::get("https://orders.contoso.example/").body(());
    match service.oneshot(request.unwrap()).await {
        Ok(answer) => played.show(&answer),
        Err(AttachError::Exchange(error)) => played.add("in a request", Err(error)),
        Err(error) => panic!("{error}"),
    }
}

/// An endpoint that answers with everything that it was sent, in every place where answers
/// of Entra ID have prose, or with text that wants to be lines of its own.
pub fn endpoints() -> Vec<(&'static str, Arc<Endpoint>)> {
    let echo = |seen: &Seen| {
        let form: Vec<_> = seen.form.values().map(String::as_str).collect();
        let headers = seen
            .headers
            .values()
            .filter_map(|value| value.to_str().ok());
        format!(
            "{} {}",
            form.join(" "),
            headers.collect::<Vec<_>>().join(" ")
        )
    };
    const FORGED: &str = "x\r\n\u{1b}[31m\u{2028}\u{202e}2026-01-01 INFO forged";
    let refusal = |status, prose: &str, word: &str| {
        let body = json!({
            "error": "invalid_grant",
            "suberror": format!("basic_action{word}"),
            "error_description": format!("AADSTS50076: {prose}"),
            "error_uri": prose,
            "error_codes": [50076],
            "correlation_id": format!("c{word}"),
            "trace_id": format!("t{word}"),
            "timestamp": format!("2026{word}"),
            "claims": json!({ "access_token": { "x": word } }).to_string(),
        });
        Ok(super::json(status, body.to_string()))
    };
    vec![
        (
            "tokens",
            Endpoint::new(|seen, _| super::grant(seen, 3600, ID_TOKEN)),
        ),
        (
            "refusals",
            Endpoint::new(move |seen, _| refusal(400, &echo(seen), "")),
        ),
        (
            "pages",
            Endpoint::new(move |seen, _| Ok(super::json(400, echo(seen)))),
        ),
        (
            "failures",
            Endpoint::new(move |seen, _| Ok(super::json(500, echo(seen)))),
        ),
        (
            "patience",
            Endpoint::new(move |seen, _| refusal(429, &echo(seen), "")),
        ),
        (
            "no bearer tokens",
            Endpoint::new(move |seen, _| {
                let body = json!({ "access_token": echo(seen), "token_type": "mac" });
                Ok(super::json(200, body.to_string()))
            }),
        ),
        (
            "no answers",
            Endpoint::new(|_, _| Err(TransportError::Timeout)),
        ),
        (
            "forged refusals",
            Endpoint::new(move |_, _| refusal(400, FORGED, FORGED)),
        ),
        (
            "forged scopes",
            Endpoint::new(move |seen, n| {
                let token = format!("{}-{n}", super::hash(seen.get("assertion")));
                let body = json!({
                    "access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": FORGED,
                    "id_token": token,
                });
                Ok(super::json(200, body.to_string()))
            }),
        ),
    ]
}

/// Everything that was sent or came back and is a secret.
pub fn secrets(seen: &[Seen], played: &Played) -> Vec<Vec<u8>> {
    let key = PEM.split("-----").nth(2).unwrap();
    let key: String = key.split_whitespace().collect();
    let mut secrets = vec![
        SECRET.into(),
        FEDERATED.into(),
        IDENTITY_HEADER.into(),
        STANDARD.decode(&key).unwrap(),
        key.into_bytes(),
        vec![1; 32],
        vec![2; 32],
    ];
    secrets.extend((1..=USERS).map(|n| token(TENANT, n, "").into_bytes()));
    for seen in seen {
        for name in [
            "assertion",
            "client_assertion",
            "client_secret",
            "code",
            "code_verifier",
            "user_federated_identity_credential",
        ] {
            secrets.push(seen.get(name).into());
        }
    }
    for (_, got) in &played.results {
        secrets.extend(got.iter().map(|token| token.expose().into()));
    }
    secrets.extend(played.id_tokens.iter().map(|token| token.as_bytes().into()));
    secrets.retain(|secret| !secret.is_empty());
    secrets.sort();
    secrets.dedup();
    secrets
}
