//! Stand-ins: the platform in front of the container, the toolbox and the model behind it. They refuse
//! what Foundry refuses.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use entra_emulator::{App, Directory, Emulator, Tenant, demo};
use foundry_scopes::{Endpoint, Scope};
use mcp_auth::claims::Requirement;
use mcp_auth::obo::managed_identity::ManagedIdentity;
use mcp_auth::scopes::ClientId;
use mcp_auth::{Caller, EntraApp, Protected, ServeLimits};
use serde_json::{Value, json};

use crate::consent::ConsentHosts;
use crate::server;
use crate::settings::Settings;

const FOUNDRY: &str = "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe";
const FOUNDRY_URI: &str = "https://ai.azure.com";
/// The agent's instance identity, which the platform gives the container.
pub const AGENT: &str = "c0de0000-1de0-4000-8000-0000000000a1";
pub const AGENT_OBJECT: &str = "c0de0000-1de0-4000-8000-0000000000a2";
/// Where people consent; nothing is served there, and nothing here opens it.
const CONSENT: &str = "https://westeurope.consent.azure-apim.net/login?data=";

pub struct Local {
    pub emulator: Emulator,
    pub project: String,
    pub foundry: Foundry,
    container: String,
    http: reqwest::Client,
}

/// What the toolbox and the platform know, and what they saw.
#[derive(Clone, Default)]
pub struct Foundry(Arc<Mutex<Known>>);

#[derive(Default)]
pub struct Known {
    /// The user of each call id.
    calls: HashMap<String, String>,
    consents: HashSet<String>,
    /// What the next call of the tool meets in place of its answer.
    pub next_error: Option<Value>,
    /// Callers and headers of requests to the toolbox and to the model.
    pub toolbox: Vec<(String, HeaderMap)>,
    pub model: Vec<HeaderMap>,
}

impl Foundry {
    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The user consents on the page, in a browser of their own.
    pub fn consent(&self, user: &str) {
        self.known().consents.insert(user.to_owned());
    }
}

impl Local {
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        let tenant = Tenant::new(demo::TENANT, demo::TENANT_DOMAIN)
            .app(
                App::new(FOUNDRY, "Azure Machine Learning Services")
                    .identifier_uri(FOUNDRY_URI)
                    .microsoft_resource()
                    .scope("user_impersonation"),
            )
            .app(
                App::new(AGENT, "agent instance")
                    .service_principal(AGENT_OBJECT)
                    .system_assigned_identity(),
            );
        let emulator = Emulator::start(Directory::new().tenant(tenant)).await?;
        let foundry = Foundry::default();
        let listener = mcp_auth::listen("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let project = format!("http://127.0.0.1:{port}/api/projects/demo");
        let services = services(&emulator, foundry.clone())?;
        let forever = std::future::pending();
        let limits = ServeLimits::default();
        tokio::spawn(mcp_auth::serve_until(listener, services, limits, forever));
        let container = mcp_auth::listen("127.0.0.1:0").await?;
        let origin = format!("http://127.0.0.1:{}", container.local_addr()?.port());
        let settings = settings(&emulator, &project)?;
        tokio::spawn(async move {
            if let Err(error) = server::serve(container, settings, std::future::pending()).await {
                eprintln!("the container ended: {error}");
            }
        });
        Ok(Self {
            emulator,
            project,
            foundry,
            container: origin,
            http: reqwest::Client::builder().no_proxy().build()?,
        })
    }

    pub async fn readiness(&self) -> Result<u16, Box<dyn Error>> {
        let url = format!("{}/readiness", self.container);
        Ok(self.http.get(url).send().await?.status().as_u16())
    }

    /// What the platform hands to the container for this user: never a token, a partition that says
    /// nothing, and a call id that it remembers.
    pub async fn ask(&self, user: &str, body: &Value) -> Result<(u16, String), Box<dyn Error>> {
        let call = format!("call-{}", crate::events::id());
        self.foundry
            .known()
            .calls
            .insert(call.clone(), user.to_owned());
        let request = self.http.post(format!("{}/responses", self.container));
        let request = request
            .header("x-agent-user-id", format!("partition-of-{user}"))
            .header("x-agent-foundry-call-id", call);
        sent(request.json(body)).await
    }

    /// As a developer calls the container directly: without the platform's headers.
    pub async fn ask_without_platform(
        &self,
        body: &Value,
    ) -> Result<(u16, String), Box<dyn Error>> {
        let request = self.http.post(format!("{}/responses", self.container));
        sent(request.json(body)).await
    }

    /// A request to the toolbox itself; its status.
    pub async fn toolbox(
        &self,
        query: &str,
        scope: &str,
        call: &str,
    ) -> Result<u16, Box<dyn Error>> {
        let token = identity(&self.emulator)?
            .token(&Scope::parse(scope)?)
            .await?;
        let url = format!("{}/toolboxes/travel/mcp{query}", self.project);
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "trips" } });
        let request = self.http.post(url).bearer_auth(token.expose());
        let request = request.header("x-agent-foundry-call-id", call);
        Ok(request.json(&body).send().await?.status().as_u16())
    }
}

async fn sent(request: reqwest::RequestBuilder) -> Result<(u16, String), Box<dyn Error>> {
    let answer = request.send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

fn identity(emulator: &Emulator) -> Result<ManagedIdentity, Box<dyn Error>> {
    let (endpoint, header) = (emulator.identity_endpoint(), emulator.identity_header());
    Ok(ManagedIdentity::app_service(endpoint, header).build()?)
}

fn settings(emulator: &Emulator, project: &str) -> Result<Settings, Box<dyn Error>> {
    // The scope is that of a real project's endpoint.
    let endpoint = Endpoint::parse("https://contoso.services.ai.azure.com/api/projects/demo")?;
    Ok(Settings {
        project: project.to_owned(),
        scope: endpoint.scope().clone(),
        identity: identity(emulator)?,
        toolbox: "travel".to_owned(),
        tool: "trips".to_owned(),
        model: Some("gpt-5-mini".to_owned()),
        consent_hosts: ConsentHosts::parse(".consent.azure-apim.net")?,
    })
}

fn services(emulator: &Emulator, foundry: Foundry) -> Result<Protected, Box<dyn Error>> {
    let entra = EntraApp::from_variables([
        ("AZURE_AUTHORITY_HOST", emulator.base_url()),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", FOUNDRY),
        ("ENTRA_IDENTIFIER_URI", FOUNDRY_URI),
    ])?;
    // In Azure a role assignment says this.
    let agent = Requirement::clients([ClientId::parse(AGENT)?]);
    let routes = Router::new()
        .route("/api/projects/demo/toolboxes/{toolbox}/mcp", post(toolbox))
        .route("/api/projects/demo/openai/v1/responses", post(model))
        .with_state(foundry);
    Ok(entra
        .guard(Requirement::all_of([Requirement::app_only(), agent]))?
        .protect(routes))
}

/// The one tool acts as the user of the call id, by a connection that needs consent.
async fn toolbox(
    State(foundry): State<Foundry>,
    Path(_): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    caller: Caller,
    request: Request,
) -> Result<Json<Value>, StatusCode> {
    // The version is compulsory, and headers of the platform other than the call id are an error.
    if !query.contains_key("api-version") {
        return Err(StatusCode::BAD_REQUEST);
    }
    let headers = request.headers();
    let foreign = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-agent-"));
    if foreign
        .filter(|name| *name != "x-agent-foundry-call-id")
        .count()
        > 0
    {
        return Err(StatusCode::BAD_REQUEST);
    }
    let mut known = foundry.known();
    let object = caller.principal().object().to_string();
    known.toolbox.push((object, headers.clone()));
    let call = headers.get("x-agent-foundry-call-id");
    let call = call.and_then(|call| call.to_str().ok()).unwrap_or_default();
    let error = |code: i64, errors: Value| {
        let text = format!("tools failed {}", json!({ "errors": errors }));
        Ok(Json(
            json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": code, "message": text } }),
        ))
    };
    // Without a call there is no user to act for.
    let Some(user) = known.calls.get(call).cloned() else {
        let refused = json!({ "code": "HTTP_403", "message": "no user" });
        return error(
            -32007,
            json!([{ "name": "mail", "type": "mcp", "error": refused }]),
        );
    };
    if let Some(next) = known.next_error.take() {
        let code = next["code"].as_i64().unwrap_or(-32007);
        return error(code, next["errors"].clone());
    }
    if !known.consents.contains(&user) {
        return error(
            -32006,
            json!([request_for_consent("mcp", &format!("{CONSENT}{user}"))]),
        );
    }
    let text = format!("the trips of {user}");
    let result = json!({ "content": [{ "type": "text", "text": text }] });
    Ok(Json(json!({ "jsonrpc": "2.0", "id": 1, "result": result })))
}

/// One source's request for consent.
pub fn request_for_consent(kind: &str, link: &str) -> Value {
    let error = json!({ "code": "CONSENT_REQUIRED", "message": link });
    json!({ "name": "mail", "type": kind, "error": error })
}

async fn model(
    State(foundry): State<Foundry>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    foundry.known().model.push(headers);
    let said = body["input"].as_str().unwrap_or_default();
    let text = said.rsplit(": ").next().unwrap_or_default();
    let content = json!([{ "type": "output_text", "text": format!("Here are {text}.") }]);
    Json(json!({ "status": "completed", "output": [{ "type": "message", "content": content }] }))
}
