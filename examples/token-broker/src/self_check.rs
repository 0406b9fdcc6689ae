//! Starts the broker offline and asks it over HTTP, as a program in any language would.

use std::error::Error;
use std::time::Duration;

use entra_emulator::{AccessPolicy, Fault, FaultId, PolicyRequirement, demo};
use mcp_auth::ServeLimits;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::http;
use crate::local::{Local, ROLE, STRANGER};

pub async fn run() -> Result<(), Box<dyn Error>> {
    let world = World::start().await?;
    let mut steps = Steps::default();
    health(&world, &mut steps).await?;
    let alice = world.local.token_of(demo::ALICE)?;
    tokens(&world, &mut steps, &alice).await?;
    refusals(&world, &mut steps, &alice).await?;
    entra_refuses(&world, &mut steps, &alice).await?;
    let wrong = world.wrong_method().await?;
    steps.tell("wrong_method", wrong.status == 405, Value::Null);
    steps.tell(
        "nothing_is_stored",
        world.all_no_store(),
        json!(world.asked()),
    );
    steps.end()
}

async fn health(world: &World, steps: &mut Steps) -> Result<(), Box<dyn Error>> {
    let alive = world.get("/healthz", None).await?;
    steps.tell("alive", alive.status == 200, alive.body);
    let early = world.get("/readyz", None).await?;
    steps.tell("not_ready_without_keys", early.status == 503, early.body);
    // Entra ID can be reached again: a client that repeats its request gets through.
    world.local.emulator.remove_fault(world.no_keys);
    let alice = world.local.token_of(demo::ALICE)?;
    for _ in 0..10 {
        let answer = world.get("/v1/downstreams", Some(&alice)).await?;
        let Some(wait) = answer.retry_after.filter(|_| answer.status == 503) else {
            break;
        };
        tokio::time::sleep(Duration::from_secs(wait.parse()?)).await;
    }
    let ready = world.get("/readyz", None).await?;
    let keys = world.get("/healthz/keys", None).await?;
    let age = keys.body["keys"][0]["age_seconds"].is_u64();
    steps.tell(
        "ready_with_the_age_of_its_keys",
        ready.status == 200 && age,
        keys.body,
    );
    Ok(())
}

async fn tokens(world: &World, steps: &mut Steps, alice: &str) -> Result<(), Box<dyn Error>> {
    let names = world.get("/v1/downstreams", Some(alice)).await?;
    let right = names.body["downstreams"] == json!(["orders", "payroll"]);
    steps.tell("names_for_a_user", right, names.body);

    let given = world.ask(alice, json!({ "downstream": "orders" })).await?;
    let orders = world.orders(&given.body).await?;
    let as_alice = orders["object"] == demo::ALICE && orders["kind"] == "user";
    steps.tell("token_as_the_user", given.status == 200 && as_alice, orders);

    let exchanges = world.exchanges();
    let again = world.ask(alice, json!({ "downstream": "orders" })).await?;
    let cached =
        again.body == given.body || again.body["access_token"] == given.body["access_token"];
    steps.tell(
        "from_the_cache",
        cached && world.exchanges() == exchanges,
        json!(exchanges),
    );

    let job = world.app(demo::DAEMON, &[ROLE])?;
    let given = world
        .ask(&job, json!({ "downstream": "orders-job" }))
        .await?;
    let orders = world.orders(&given.body).await?;
    steps.tell("token_as_the_broker", orders["kind"] == "app", orders);
    Ok(())
}

async fn refusals(world: &World, steps: &mut Steps, alice: &str) -> Result<(), Box<dyn Error>> {
    let nobody = world.post(None, json!({ "downstream": "orders" })).await?;
    let challenged = nobody.challenge.starts_with("Bearer scope=");
    steps.tell(
        "no_token",
        nobody.status == 401 && challenged,
        json!(nobody.challenge),
    );

    let stranger = world.app(STRANGER, &[])?;
    let refused = world
        .ask(&stranger, json!({ "downstream": "orders-job" }))
        .await?;
    steps.tell(
        "application_without_the_role",
        refused.status == 403,
        refused.body,
    );

    let job = world.app(demo::DAEMON, &[ROLE])?;
    let unlisted = world
        .ask(alice, json!({ "downstream": "nothing-like-it" }))
        .await?;
    let not_for_users = world
        .ask(alice, json!({ "downstream": "orders-job" }))
        .await?;
    let not_for_jobs = world.ask(&job, json!({ "downstream": "orders" })).await?;
    let all = [&unlisted, &not_for_users, &not_for_jobs];
    let same = all
        .iter()
        .all(|a| a.status == 403 && a.body == unlisted.body);
    steps.tell(
        "not_allowed_looks_like_unknown",
        same,
        unlisted.body.clone(),
    );

    let scope = world
        .ask(alice, json!({ "scope": "api://anything/.default" }))
        .await?;
    let large = world
        .ask(alice, json!({ "downstream": "x".repeat(20_000) }))
        .await?;
    let claims = world
        .ask(alice, json!({ "downstream": "orders", "claims": "!" }))
        .await?;
    let job = world.app(demo::DAEMON, &[ROLE])?;
    let challenge = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMSJ9fX0=";
    let steered = world
        .ask(
            &job,
            json!({ "downstream": "orders-job", "claims": challenge }),
        )
        .await?;
    let right =
        scope.status == 400 && large.status == 413 && claims.status == 400 && steered.status == 400;
    steps.tell("bad_requests", right, scope.body);
    Ok(())
}

async fn entra_refuses(
    world: &World,
    steps: &mut Steps,
    alice: &str,
) -> Result<(), Box<dyn Error>> {
    let consent = world.ask(alice, json!({ "downstream": "payroll" })).await?;
    let said = consent.body["error"] == "consent_required"
        && consent.body["admin_consent_url"].is_string();
    steps.tell(
        "consent_required",
        consent.status == 403 && said,
        consent.body,
    );

    let emulator = &world.local.emulator;
    let policy = AccessPolicy::new(
        "c0de0000-ca00-4000-8000-0000000000fb",
        PolicyRequirement::Mfa,
    );
    emulator.set_policy(
        demo::TENANT,
        policy.resource(demo::ORDERS_API).user(demo::BOB),
    )?;
    let bob = world.local.token_of(demo::BOB)?;
    let challenged = world.ask(&bob, json!({ "downstream": "orders" })).await?;
    let said = challenged.challenge.contains("claims=")
        && challenged.body["error"] == "insufficient_claims";
    steps.tell(
        "claims_challenge",
        challenged.status == 401 && said,
        json!(challenged.challenge),
    );
    let plain = world.local.token_without_cp1(demo::BOB)?;
    let refused = world.ask(&plain, json!({ "downstream": "orders" })).await?;
    let said = refused.status == 403 && refused.body["error"] == "interaction_required";
    let quiet = refused.challenge.is_empty();
    steps.tell(
        "no_claims_for_who_cannot_use_them",
        said && quiet,
        refused.body,
    );
    emulator.remove_policy(demo::TENANT, "c0de0000-ca00-4000-8000-0000000000fb")?;

    emulator.fail_next(
        Fault::aadsts("/token", 90055)
            .header("retry-after", "7")
            .times(1),
    );
    let throttled = world.ask(&bob, json!({ "downstream": "orders" })).await?;
    // Rounded up: a client must not be too early.
    let after = throttled.retry_after.as_deref();
    let wait = throttled.status == 503 && matches!(after, Some("7" | "8"));
    steps.tell("throttled", wait, json!(throttled.retry_after));
    Ok(())
}

struct World {
    local: Local,
    no_keys: FaultId,
    url: String,
    http: reqwest::Client,
    seen: std::sync::Mutex<Vec<bool>>,
}

/// What matters of an answer.
struct Answer {
    status: u16,
    challenge: String,
    retry_after: Option<String>,
    body: Value,
}

impl World {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let local = Local::start().await?;
        // The server fetches keys when it starts; here it cannot yet.
        let no_keys = local
            .emulator
            .fail_next(Fault::status("/keys", 503).always());
        let app = http::application(&Local::config()?, &local.entra()?)?;
        let listener = mcp_auth::listen("127.0.0.1:0").await?;
        let url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        tokio::spawn(mcp_auth::serve(listener, app, ServeLimits::default()));
        Ok(Self {
            local,
            no_keys,
            url,
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .timeout(std::time::Duration::from_secs(30))
                .build()?,
            seen: std::sync::Mutex::default(),
        })
    }

    fn app(&self, client: &str, roles: &[&str]) -> Result<String, Box<dyn Error>> {
        let forge = self.local.emulator.forge();
        Ok(forge
            .app_token(demo::TENANT, client, demo::MCP_SERVER, roles)?
            .sign()?)
    }

    async fn get(&self, path: &str, token: Option<&str>) -> Result<Answer, Box<dyn Error>> {
        let request = self.http.get(format!("{}{path}", self.url));
        let request = token
            .into_iter()
            .fold(request, reqwest::RequestBuilder::bearer_auth);
        self.read(request.send().await?).await
    }

    async fn ask(&self, token: &str, body: Value) -> Result<Answer, Box<dyn Error>> {
        self.post(Some(token), body).await
    }

    async fn post(&self, token: Option<&str>, body: Value) -> Result<Answer, Box<dyn Error>> {
        let request = self.http.post(format!("{}/v1/token", self.url)).json(&body);
        let request = token
            .into_iter()
            .fold(request, reqwest::RequestBuilder::bearer_auth);
        self.read(request.send().await?).await
    }

    async fn wrong_method(&self) -> Result<Answer, Box<dyn Error>> {
        let request = self.http.delete(format!("{}/healthz", self.url));
        self.read(request.send().await?).await
    }

    async fn read(&self, answer: Response) -> Result<Answer, Box<dyn Error>> {
        let header = |name: &str| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let no_store = header("cache-control").as_deref() == Some("no-store");
        if let Ok(mut seen) = self.seen.lock() {
            seen.push(no_store);
        }
        Ok(Answer {
            status: answer.status().as_u16(),
            challenge: header("www-authenticate").unwrap_or_default(),
            retry_after: header("retry-after"),
            // Probes answer in plain text, and a wrong method's answer has no body.
            body: answer.json().await.unwrap_or_default(),
        })
    }

    /// What the Orders API answers to a token that the broker gave.
    async fn orders(&self, given: &Value) -> Result<Value, Box<dyn Error>> {
        let token = given["access_token"].as_str().ok_or("no token was given")?;
        let answer = self
            .http
            .get(&self.local.orders_url)
            .bearer_auth(token)
            .send()
            .await?;
        match answer.status() {
            StatusCode::OK => Ok(answer.json().await?),
            status => Err(format!("the Orders API answered {status}").into()),
        }
    }

    fn exchanges(&self) -> usize {
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        self.local.emulator.journal().count_grant(grant)
    }

    fn asked(&self) -> usize {
        self.seen.lock().map_or(0, |seen| seen.len())
    }

    fn all_no_store(&self) -> bool {
        self.seen
            .lock()
            .is_ok_and(|seen| seen.iter().all(|no_store| *no_store))
    }
}

/// What was told, and how much of it was wrong.
#[derive(Default)]
struct Steps {
    failed: usize,
}

impl Steps {
    fn tell(&mut self, step: &str, ok: bool, seen: Value) {
        self.failed += usize::from(!ok);
        println!("{}", json!({ "step": step, "ok": ok, "seen": seen }));
    }

    fn end(self) -> Result<(), Box<dyn Error>> {
        match self.failed {
            0 => Ok(()),
            failed => Err(format!("{failed} steps did not do what they say").into()),
        }
    }
}
