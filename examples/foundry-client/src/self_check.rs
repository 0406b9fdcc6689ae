//! Everything against the local stand-in; each step is a JSON line.

use std::error::Error;

use entra_emulator::demo;
use mcp_auth::claims::UnverifiedToken;
use mcp_auth::scopes::ClientId;
use serde_json::{Value, json};

use crate::agent::{Agent, Turn};
use crate::check_published;
use crate::identity::Identity;
use crate::local::Local;
use crate::openai;
use crate::sign_in::{Session, SignIn};
use crate::target::Target;

/// As people paste them, with what does not belong there.
const OPENAI: &str = "https://Contoso.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
const PROJECT: &str = "https://contoso.services.ai.azure.com/api/projects/demo/openai/v1";

pub async fn run() -> Result<(), Box<dyn Error>> {
    let local = Local::start().await?;
    let http = crate::wire::client()?;
    let mut steps = Steps::default();

    let openai_target = Target::openai(OPENAI)?;
    let project = Target::project(PROJECT)?;
    let audiences = [openai_target.scope.resource(), project.scope.resource()];
    let right = audiences
        == [
            "https://cognitiveservices.azure.com",
            "https://ai.azure.com",
        ]
        && openai_target.url == "https://contoso.openai.azure.com"
        && project.url == "https://contoso.services.ai.azure.com/api/projects/demo";
    let seen = json!({ "urls": [openai_target.url, project.url], "audiences": audiences, "notes": openai_target.notes });
    steps.tell("endpoints", right && !openai_target.notes.is_empty(), seen);

    let audiences = audiences.map(str::to_owned);
    let openai_target = openai_target.served_by(&local.origin)?;
    let project = project.served_by(&local.origin)?;
    let user = Identity::User(sign_in(&local, &openai_target).await?);
    let mut seen = Vec::new();
    for target in [&openai_target, &project] {
        let token = UnverifiedToken::decode(&user.token(&target.scope).await?)?;
        seen.push(json!([token.claims().oid(), token.claims().aud()]));
    }
    let both = audiences.map(|audience| json!([demo::ALICE, audience]));
    steps.tell("one_sign_in_two_audiences", seen == both, json!(seen));
    let answer = openai::ask(&http, &openai_target, "gpt-4o", &user, "why?").await?;
    steps.tell(
        "openai_as_the_user",
        answer == "gpt-4o to user",
        json!(answer),
    );

    let agent = Agent {
        http: &http,
        target: &project,
        model: "gpt-5-mini",
        identity: &user,
    };
    let Turn::Consent { link, response } = agent.ask("why?").await? else {
        return Err("the agent's tool asked for no consent".into());
    };
    steps.tell(
        "oauth_consent_request",
        link.starts_with(&local.origin),
        json!(link),
    );
    let early = agent.resume("why?", &response).await?;
    steps.tell(
        "no_answer_before_the_consent",
        matches!(early, Turn::Consent { .. }),
        Value::Null,
    );
    // The person opens the link.
    http.get(&link).send().await?.error_for_status()?;
    let Turn::Answer(answer) = agent.resume("why?", &response).await? else {
        return Err("consent was given, and it was asked for again".into());
    };
    steps.tell(
        "resumed_with_previous_response_id",
        answer.ends_with("to user"),
        json!(answer),
    );
    let lost = agent
        .resume("why?", "resp_77")
        .await
        .err()
        .map(|error| error.to_string());
    let said = lost.as_deref().is_some_and(|text| text.contains("404"));
    steps.tell("an_unknown_response_is_refused", said, json!(lost));

    // The mistake behind most reported 401s: the right endpoint, the other audience.
    let wrong = Target {
        scope: openai_target.scope.clone(),
        url: project.url.clone(),
        notes: Vec::new(),
    };
    let agent = Agent {
        target: &wrong,
        ..agent
    };
    let refused = agent.ask("why?").await.err().map(|error| error.to_string());
    let said = refused.as_deref().is_some_and(|text| text.contains("401"));
    steps.tell("the_other_audience_is_refused", said, json!(refused));

    let app = Identity::App(local.application()?);
    let answer = openai::ask(&http, &openai_target, "gpt-4o", &app, "why?").await?;
    steps.tell(
        "openai_as_the_application",
        answer == "gpt-4o to app",
        json!(answer),
    );
    let machine = Identity::Machine(local.managed_identity()?);
    let answer = openai::ask(&http, &openai_target, "gpt-4o", &machine, "why?").await?;
    steps.tell(
        "openai_by_managed_identity",
        answer == "gpt-4o to app",
        json!(answer),
    );
    let agent = Agent {
        target: &project,
        identity: &machine,
        ..agent
    };
    let Turn::Answer(answer) = agent.ask("why?").await? else {
        return Err("a machine cannot consent, and was asked to".into());
    };
    steps.tell(
        "foundry_by_managed_identity",
        answer.ends_with("to app"),
        json!(answer),
    );
    check_published::tell(&mut steps, &local, &http, &user, demo::ALICE).await?;
    steps.end()
}

/// Alice enters the code on another device.
async fn sign_in(local: &Local, first: &Target) -> Result<Session, Box<dyn Error>> {
    let client = ClientId::parse(demo::MCP_CLIENT)?;
    let sign_in = SignIn::new(local.authority.clone(), client)?;
    let prompt = sign_in.begin(&first.scope).await?;
    local
        .emulator
        .approve_device_code(&prompt.user_code, demo::TENANT, demo::ALICE)?;
    sign_in.finish(&prompt).await
}

/// What was told, and how much of it was wrong.
#[derive(Default)]
pub struct Steps {
    failed: usize,
}

impl Steps {
    pub fn tell(&mut self, step: &str, ok: bool, seen: Value) {
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
