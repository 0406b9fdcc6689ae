//! A client of the Azure SDK that acts as the user: `azure_storage_blob` with the credentials
//! of `entra-obo`, against an API that validates the token it gets and tells whose it is.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, Transport, Url, new_http_client};
use azure_storage_blob::{BlobClient, BlobClientOptions};
use entra_claims::transport::{HttpClient, HttpTransport as _};
use entra_claims::{AcceptedAudiences, Authenticator, TenantPolicy, Validator};
use entra_obo::azure::{AppCredential, OnBehalfOfCredential, exchange_error};
use entra_obo::{
    ClaimsChallenge, ClientCredential, ClientSecret, ExchangeClient, NextStep, UserAssertion,
};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::report::Report;
use crate::text;

const NAME: &str = "azure_storage_blob 1.1.0 (Rust)";
const STORAGE: &str = "https://storage.azure.com/.default";
const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}"#;
/// Calls of each user, interleaved with those of the other one.
const CALLS: usize = 60;

type Failure = Box<dyn Error + Send + Sync>;

pub(crate) async fn all(world: &Value, report: &mut Report) {
    let users = match Users::new(world).await {
        Ok(users) => users,
        Err(error) => return report.case(NAME, "the users", Err(error)),
    };
    for (flow, outcome) in [
        (
            "OnBehalfOfCredential: two users, one transport, never mixed",
            users.never_mix().await,
        ),
        (
            "one client with a credential that switches users would mix them",
            users.a_switching_credential_would_mix().await,
        ),
        (
            "AppCredential: the application itself",
            users.the_application().await,
        ),
        (
            "a claims challenge is answered once, on the same client",
            users.a_challenge(world).await,
        ),
        (
            "an exchange that needs the user keeps its meaning",
            users.a_refusal(world).await,
        ),
    ] {
        report.case(NAME, flow, outcome.map_err(|error| error as Box<dyn Error>));
    }
}

#[derive(Clone)]
struct User {
    oid: String,
    assertion: UserAssertion,
}

/// Two users and what serves them.
struct Users {
    exchange: ExchangeClient,
    both: [User; 2],
    /// The one pool of connections.
    transport: Transport,
    blob: Url,
}

impl Users {
    async fn new(world: &Value) -> Result<Self, Box<dyn Error>> {
        let cloud = Cloud::loopback(&text(world, "/base"))?;
        let tenant = TenantId::parse(&text(world, "/tenant"))?;
        let api = ClientId::parse(&text(world, "/api/id"))?;
        let validator = Validator::new(
            cloud.clone(),
            TenantPolicy::single(tenant),
            AcceptedAudiences::for_client(api),
        );
        let authenticator = Authenticator::new(validator)?;
        let mut users = Vec::new();
        for (user, assertion) in [("alice", "right"), ("bob", "bob")] {
            let token = text(world, &format!("/assertions/{assertion}"));
            let verified = authenticator.authenticate(&token).await?;
            users.push(User {
                oid: text(world, &format!("/{user}/oid")),
                assertion: UserAssertion::try_from(&verified)?,
            });
        }
        let secret = ClientSecret::new(text(world, "/api/secret"));
        Ok(Self {
            exchange: ExchangeClient::new(
                TenantAuthority::new(cloud, tenant),
                api,
                ClientCredential::secret(secret),
            )?,
            both: users.try_into().map_err(|_| "not two users")?,
            transport: Transport::new(new_http_client(None)),
            blob: Url::parse(&text(world, "/storage/echo"))?,
        })
    }

    /// A client over the shared transport.
    fn client(&self, credential: Arc<dyn TokenCredential>) -> azure_core::Result<BlobClient> {
        let options = BlobClientOptions {
            client_options: ClientOptions {
                transport: Some(self.transport.clone()),
                ..ClientOptions::default()
            },
            ..BlobClientOptions::default()
        };
        BlobClient::new(self.blob.clone(), Some(credential), Some(options))
    }

    fn as_user(&self, user: &User) -> azure_core::Result<BlobClient> {
        let assertion = user.assertion.clone();
        self.client(Arc::new(OnBehalfOfCredential::new(
            &self.exchange,
            assertion,
        )))
    }

    async fn never_mix(&self) -> Result<(), Failure> {
        let requests = self.exchange.stats().requests;
        // A client that a user keeps, and one that is made for each call.
        let kept = [self.as_user(&self.both[0])?, self.as_user(&self.both[1])?];
        let kept = kept.map(Arc::new);
        let mut calls = JoinSet::new();
        for n in 0..2 * CALLS {
            let user = self.both[n % 2].clone();
            let client = match n % 4 < 2 {
                true => Arc::clone(&kept[n % 2]),
                false => Arc::new(self.as_user(&user)?),
            };
            calls.spawn(async move {
                tokio::task::yield_now().await;
                Ok::<_, Failure>((user.oid, whose(&client).await?))
            });
        }
        while let Some(call) = calls.join_next().await {
            let (meant, seen) = call??;
            if meant != seen {
                return Err(format!("a call of {meant} went out as {seen}").into());
            }
        }
        match self.exchange.stats().requests - requests {
            2 => Ok(()),
            count => Err(format!("{count} token requests for two users").into()),
        }
    }

    /// What the documentation warns of, shown: `azure_core` asks the credential once.
    async fn a_switching_credential_would_mix(&self) -> Result<(), Failure> {
        let [alice, bob] = &self.both;
        let bound = |user: &User| OnBehalfOfCredential::new(&self.exchange, user.assertion.clone());
        let client = self.client(Arc::new(CurrentUser(vec![bound(alice), bound(bob)])))?;
        let as_alice = CURRENT.scope(0, whose(&client)).await?;
        let as_bob = CURRENT.scope(1, whose(&client)).await?;
        match (as_alice == alice.oid, as_bob == alice.oid) {
            (true, true) => Ok(()),
            _ => Err("the policy keeps tokens apart by now: the documentation is wrong".into()),
        }
    }

    async fn the_application(&self) -> Result<(), Failure> {
        let client = self.client(Arc::new(AppCredential::application(&self.exchange)))?;
        let seen = report_of(&client).await?;
        match seen["kind"] == "app" {
            true => Ok(()),
            false => Err(format!("not the application: {seen}").into()),
        }
    }

    async fn a_challenge(&self, world: &Value) -> Result<(), Failure> {
        let alice = &self.both[0];
        let client = self.as_user(alice)?;
        let claims = ClaimsChallenge::from_json(CLAIMS)?.to_base64();
        let field = format!(r#"Bearer realm="", error="insufficient_claims", claims="{claims}""#);
        let path = "/echo/";
        let headers = json!({ "WWW-Authenticate": field });
        order(
            world,
            json!({ "path": path, "status": 401, "headers": headers }),
        )
        .await?;

        let refused = report_of(&client).await.err().ok_or("not challenged")?;
        let ErrorKind::HttpResponse { raw_response, .. } = refused.kind() else {
            return Err(refused.into());
        };
        let headers = raw_response.as_ref().ok_or("no answer")?.headers();
        let field = headers.get_str(&"www-authenticate".into())?;
        let challenge = ClaimsChallenge::from_www_authenticate(field)?.ok_or("no claims")?;
        if challenge.as_json() != CLAIMS {
            return Err(format!("other claims: {challenge:?}").into());
        }
        let storage = self.exchange.downstream(ScopeSet::parse(STORAGE)?)?;
        let old = storage.token_on_behalf_of(&alice.assertion).await?;
        let new = storage
            .with_claims(challenge)
            .token_on_behalf_of(&alice.assertion)
            .await?;
        let held = storage.token_on_behalf_of(&alice.assertion).await?;
        if old.expose() == new.expose() || held.expose() != new.expose() {
            return Err("the new token did not take the place of the old one".into());
        }
        match whose(&client).await? == alice.oid {
            true => Ok(()),
            false => Err("another user".into()),
        }
    }

    async fn a_refusal(&self, world: &Value) -> Result<(), Failure> {
        let bob = &self.both[1];
        self.exchange.clear();
        let fault = json!({ "path": "/oauth2/v2.0/token", "aadsts": 50076, "claims": CLAIMS });
        order(world, fault).await?;
        let refused = report_of(&self.as_user(bob)?).await.err();
        let refused = refused.ok_or("not refused")?;
        let ours = exchange_error(&refused).ok_or("the exchange's error is lost")?;
        match (ours.next(), ours.claims()) {
            (NextStep::PassOnClaims, Some(claims)) if claims.as_json() == CLAIMS => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    }
}

tokio::task_local! {
    static CURRENT: usize;
}

/// What must not be written: a credential that looks up who is calling.
#[derive(Debug)]
struct CurrentUser(Vec<OnBehalfOfCredential>);

#[async_trait]
impl TokenCredential for CurrentUser {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.0[CURRENT.get()].get_token(scopes, options).await
    }
}

/// What the API read in the token.
async fn report_of(client: &BlobClient) -> azure_core::Result<Value> {
    let body = client.download(None).await?.body.collect().await?;
    Ok(serde_json::from_slice(&body)?)
}

async fn whose(client: &BlobClient) -> azure_core::Result<String> {
    let report = report_of(client).await?;
    let oid = report.pointer("/who/oid").and_then(Value::as_str);
    Ok(oid.unwrap_or_default().to_owned())
}

/// Orders a fault of the emulator.
async fn order(world: &Value, fault: Value) -> Result<(), Failure> {
    let request = http::Request::post(format!("{}/__emulator/faults", text(world, "/base")))
        .header("content-type", "application/json")
        .body(fault.to_string().into_bytes())?;
    let answer = HttpClient::allowing_loopback()?.send(request).await?;
    match answer.status().is_success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(answer.body()).into()),
    }
}
