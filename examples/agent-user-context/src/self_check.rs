//! Every promise of the README, used as a user does and as attackers would. One JSON line per step.

use std::error::Error;
use std::time::Duration;

use entra_emulator::demo;
use mcp_auth::claims::VerifiedToken;
use mcp_auth::scopes::{AppIdUri, ScopeName};
use mcp_auth::user_context::context::{CallRequest, SessionId};
use serde_json::{Value, json};

use crate::data_api::{ASSERT, READ_ROLE, WRITE_ROLE};
use crate::local::{Local, agent_id, turn_scopes};

const CONTEXT: &str = "x-client-user-context";

pub async fn run() -> Result<(), Box<dyn Error>> {
    let world = World {
        local: Local::start().await?,
        http: reqwest::Client::builder().no_proxy().build()?,
    };
    let mut steps = Steps::default();
    a_turn(&world, &mut steps).await?;
    attacks(&world, &mut steps).await?;
    sign_out(&world, &mut steps).await?;
    steps.end()
}

async fn a_turn(world: &World, steps: &mut Steps) -> Result<(), Box<dyn Error>> {
    let ready = world
        .http
        .get(format!("{}/readiness", world.local.agent.url))
        .send()
        .await?;
    steps.tell(
        "agent_is_ready",
        ready.status() == 200,
        json!(ready.status().as_u16()),
    );

    let three = json!({ "steps": ["orders.read", "payroll.read", "orders.write"] });
    let seen = world.chat(demo::ALICE, &three).await?;
    let alice = demo::ALICE;
    let right = json!([
        format!("orders of {alice}"),
        format!("payslip of {alice}"),
        format!("an order for {alice}")
    ]);
    steps.tell(
        "three_calls_to_two_apis_in_one_turn",
        seen["results"] == right,
        seen,
    );

    let long = json!({ "steps": ["orders.read", "slow", "slow", "slow", "orders.read"] });
    let seen = world.chat(demo::ALICE, &long).await?;
    let ends = seen["results"][4] == json!(format!("orders of {alice}"));
    steps.tell("a_turn_of_ten_minutes", ends, seen);

    let endless = json!({ "steps": ["slow", "slow", "slow", "slow", "slow", "orders.read"] });
    let seen = world.chat(demo::ALICE, &endless).await?;
    let refused = seen["results"][5]["error"] == "expired";
    steps.tell("a_turn_is_over_after_fifteen", refused, seen);

    let seen = world
        .chat(demo::BOB, &json!({ "steps": ["orders.read"] }))
        .await?;
    let refused = seen["results"][0]["error"] == "user_not_permitted";
    steps.tell("the_agent_may_and_the_user_may_not", refused, seen);
    Ok(())
}

async fn attacks(world: &World, steps: &mut Steps) -> Result<(), Box<dyn Error>> {
    let (turn, _) = world.turn_of_alice().await?;
    // Agent B with agent A's turn context.
    let request = world
        .http
        .post(format!("{}/responses", world.local.other_agent.url));
    let request = request
        .header(CONTEXT, &turn)
        .json(&json!({ "steps": ["orders.read"] }));
    let seen: Value = request.send().await?.json().await?;
    let refused = seen["results"][0]["error"] == "wrong_agent";
    steps.tell("another_agent_with_this_turn", refused, seen);

    let own = world.agents_token(demo::ORDERS_API)?;
    let (status, seen) = world.orders("GET", &own, &[&turn]).await?;
    steps.tell(
        "a_turn_context_at_an_api",
        status == 403 && seen["error"] == "wrong_type",
        seen,
    );

    let call = world
        .call_context(&turn, demo::ORDERS_API_URI, "orders.write")
        .await?;
    let (first, _) = world.orders("POST", &own, &[&call]).await?;
    let (second, seen) = world.orders("POST", &own, &[&call]).await?;
    steps.tell(
        "a_write_that_is_replayed",
        (first, second) == (200, 403) && seen["error"] == "replayed",
        seen,
    );

    let (status, seen) = world.orders("GET", &own, &[]).await?;
    steps.tell(
        "an_agent_alone",
        status == 403 && seen["error"] == "context_missing",
        seen,
    );

    let (status, seen) = world.orders("GET", &own, &[&call]).await?;
    steps.tell(
        "more_than_the_context_covers",
        status == 403 && seen["error"] == "scope_missing",
        seen,
    );

    let read = world
        .call_context(&turn, demo::ORDERS_API_URI, "orders.read")
        .await?;
    let payroll = world.agents_token(demo::PAYROLL_API)?;
    let (status, seen) = world
        .ask(
            "GET",
            &format!("{}/payroll", world.local.payroll),
            &payroll,
            &[&read],
        )
        .await?;
    steps.tell(
        "another_apis_context",
        status == 403 && seen["error"] == "wrong_audience",
        seen,
    );

    let (status, seen) = world.orders("GET", &own, &[&read, &read]).await?;
    steps.tell(
        "two_contexts",
        status == 403 && seen["error"] == "context_repeated",
        seen,
    );

    let plain = json!({ "sub": demo::ALICE, "tid": demo::TENANT }).to_string();
    let (status, seen) = world.orders("GET", &own, &[&plain]).await?;
    let nothing_echoed = !seen.to_string().contains(demo::ALICE);
    steps.tell("an_unsigned_header", status == 403 && nothing_echoed, seen);

    let catalogue = format!("{}/catalogue", world.local.orders);
    let (alone, _) = world.ask("GET", &catalogue, &own, &[]).await?;
    let (with, seen) = world.ask("GET", &catalogue, &own, &[&read]).await?;
    steps.tell(
        "a_route_that_takes_no_context",
        (alone, with) == (200, 403),
        seen,
    );

    world.local.clock.advance(Duration::from_secs(90));
    let (status, seen) = world.orders("GET", &own, &[&read]).await?;
    steps.tell(
        "an_old_context",
        status == 403 && seen["error"] == "expired",
        seen,
    );
    Ok(())
}

async fn sign_out(world: &World, steps: &mut Steps) -> Result<(), Box<dyn Error>> {
    let (turn, session) = world.turn_of_alice().await?;
    let own = world.agents_token(demo::MCP_SERVER)?;
    let trade = format!("{}/user-context", world.local.gateway);
    let renew = || async {
        let request = world
            .http
            .post(&trade)
            .bearer_auth(&own)
            .header(CONTEXT, &turn);
        let answer = request.json(&json!({ "renew": true })).send().await?;
        Ok::<_, reqwest::Error>((answer.status().as_u16(), answer.json::<Value>().await?))
    };
    let (before, _) = renew().await?;
    world.local.sessions.end(&session).await?;
    let (after, seen) = renew().await?;
    let refused = (before, after) == (200, 403) && seen["error"] == "session_ended";
    steps.tell("no_renewal_after_the_sign_out", refused, seen);

    let token = world.local.users_token(demo::ALICE)?;
    let out = world
        .http
        .post(format!("{}/sign-out", world.local.gateway))
        .bearer_auth(token)
        .send()
        .await?;
    steps.tell(
        "sign_out",
        out.status() == 204,
        json!(out.status().as_u16()),
    );
    Ok(())
}

struct World {
    local: Local,
    http: reqwest::Client,
}

impl World {
    async fn chat(&self, user: &str, question: &Value) -> Result<Value, Box<dyn Error>> {
        let token = self.local.users_token(user)?;
        let request = self
            .http
            .post(format!("{}/chat", self.local.gateway))
            .bearer_auth(token);
        Ok(request.json(question).send().await?.json().await?)
    }

    /// Agent A's turn for Alice, as the gateway would hand it over.
    async fn turn_of_alice(&self) -> Result<(String, SessionId), Box<dyn Error>> {
        let token = self.local.users_token(demo::ALICE)?;
        let alice = self
            .local
            .entra
            .authenticator()
            .authenticate(&token)
            .await?;
        let session = self
            .local
            .sessions
            .open(&alice, Duration::from_secs(3600))
            .await?;
        let agent = agent_id(demo::AGENT)?;
        let turn = self
            .local
            .issuer
            .start_turn(&alice, &session, agent, &turn_scopes()?)
            .await?;
        Ok((turn.expose().to_owned(), session))
    }

    /// The agent's own token for an API.
    fn agents_token(&self, resource: &str) -> Result<String, Box<dyn Error>> {
        let forge = self.local.emulator.forge();
        let roles = [ASSERT, READ_ROLE, WRITE_ROLE];
        Ok(forge
            .app_token(demo::TENANT, demo::AGENT, resource, &roles)?
            .sign()?)
    }

    async fn call_context(
        &self,
        turn: &str,
        audience: &str,
        scope: &str,
    ) -> Result<String, Box<dyn Error>> {
        let own = self.agents_token(demo::MCP_SERVER)?;
        let own: VerifiedToken = self.local.entra.authenticator().authenticate(&own).await?;
        let (audience, scopes) = (AppIdUri::parse(audience)?, [ScopeName::parse(scope)?]);
        let request = CallRequest::new(&audience, &scopes);
        Ok(self
            .local
            .issuer
            .call_context(&own, turn, request)
            .await?
            .expose()
            .to_owned())
    }

    async fn orders(
        &self,
        method: &str,
        token: &str,
        contexts: &[&str],
    ) -> Result<(u16, Value), Box<dyn Error>> {
        self.ask(
            method,
            &format!("{}/orders", self.local.orders),
            token,
            contexts,
        )
        .await
    }

    async fn ask(
        &self,
        method: &str,
        url: &str,
        token: &str,
        contexts: &[&str],
    ) -> Result<(u16, Value), Box<dyn Error>> {
        let mut request = self.http.request(method.parse()?, url).bearer_auth(token);
        for context in contexts {
            request = request.header(CONTEXT, *context);
        }
        let answer = request.send().await?;
        Ok((
            answer.status().as_u16(),
            answer.json().await.unwrap_or_default(),
        ))
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
