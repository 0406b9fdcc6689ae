//! A local tenant, and a stand-in of the two services that validates audiences.

use std::collections::HashSet;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use entra_emulator::{App, ConsentGrant, Directory, Emulator, Tenant, User, demo};
use mcp_auth::claims::Requirement;
use mcp_auth::obo::managed_identity::ManagedIdentity;
use mcp_auth::scopes::{ClientId, TenantAuthority};
use mcp_auth::{AuthLayer, Caller, EntraApp, Protected, ServeLimits};
use serde_json::{Value, json};

use crate::local_agents::{self, BLUEPRINT, CALL};

/// Azure OpenAI's application is that of Cognitive Services; Foundry's goes by the name of
/// Azure Machine Learning Services in the portal.
const COGNITIVE: (&str, &str) = (
    "7d312290-28c8-473c-a0ed-8e53749b6d6d",
    "https://cognitiveservices.azure.com",
);
const FOUNDRY: (&str, &str) = (
    "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
    "https://ai.azure.com",
);
const USER_IMPERSONATION: &str = "user_impersonation";
/// An application with a secret; like the machine it has a role on both.
pub const APP: &str = "c0de0000-1de0-4000-8000-0000000000e2";
const APP_SECRET: &str = "demo-secret-of-the-application";
/// The machine's identity.
const MACHINE: &str = "c0de0000-1de0-4000-8000-0000000000e1";

pub struct Local {
    pub emulator: Emulator,
    pub authority: TenantAuthority,
    /// Where both services are served.
    pub origin: String,
}

impl Local {
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        let emulator = Emulator::start(directory()).await?;
        let client = registration(&emulator, demo::MCP_CLIENT, &[])?;
        let listener = mcp_auth::listen("127.0.0.1:0").await?;
        let origin = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let app = services(&emulator, origin.clone())?;
        let forever = std::future::pending();
        tokio::spawn(mcp_auth::serve_until(
            listener,
            app,
            ServeLimits::default(),
            forever,
        ));
        Ok(Self {
            authority: client.authority().clone(),
            emulator,
            origin,
        })
    }

    /// The application, by its secret.
    pub fn application(&self) -> Result<EntraApp, Box<dyn Error>> {
        registration(&self.emulator, APP, &[("AZURE_CLIENT_SECRET", APP_SECRET)])
    }

    pub fn managed_identity(&self) -> Result<ManagedIdentity, Box<dyn Error>> {
        let (endpoint, header) = (
            self.emulator.identity_endpoint(),
            self.emulator.identity_header(),
        );
        Ok(ManagedIdentity::app_service(endpoint, header).build()?)
    }
}

/// One registration of the local tenant, by the variables that `EntraApp::from_env` reads.
fn registration(
    emulator: &Emulator,
    client: &str,
    more: &[(&str, &str)],
) -> Result<EntraApp, Box<dyn Error>> {
    let all = [
        ("AZURE_AUTHORITY_HOST", emulator.base_url()),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", client),
    ];
    Ok(EntraApp::from_variables(all.iter().chain(more).copied())?)
}

fn directory() -> Directory {
    let resource = |(id, uri): (&str, &str), name: &str| {
        App::new(id, name)
            .identifier_uri(uri)
            .microsoft_resource()
            .scope(USER_IMPERSONATION)
    };
    let consented =
        |(id, _): (&str, &str)| ConsentGrant::delegated(demo::MCP_CLIENT, id, [USER_IMPERSONATION]);
    let tenant = Tenant::new(demo::TENANT, demo::TENANT_DOMAIN)
        .user(User::new(demo::ALICE, demo::ALICE_UPN, demo::ALICE_NAME))
        .app(App::new(demo::MCP_CLIENT, "Foundry client").public())
        .app(resource(COGNITIVE, "Microsoft Cognitive Services"))
        .app(resource(FOUNDRY, "Azure Machine Learning Services"))
        .app(
            App::new(BLUEPRINT, "Agent blueprint")
                .blueprint()
                .identifier_uri(format!("api://{BLUEPRINT}"))
                .scope(CALL),
        )
        .grant(ConsentGrant::delegated(demo::MCP_CLIENT, BLUEPRINT, [CALL]))
        .app(App::new(APP, "Foundry application").secret(APP_SECRET))
        .app(App::new(MACHINE, "machine").system_assigned_identity())
        .grant(consented(COGNITIVE))
        .grant(consented(FOUNDRY));
    Directory::new().tenant(tenant)
}

#[derive(Clone)]
struct Services {
    origin: String,
    /// Who consented to the agent's tool.
    consents: Arc<Mutex<HashSet<String>>>,
    /// Whose response each is.
    responses: Arc<Mutex<Vec<String>>>,
}

fn services(emulator: &Emulator, origin: String) -> Result<Protected, Box<dyn Error>> {
    let state = Services {
        origin,
        consents: Arc::default(),
        responses: Arc::default(),
    };
    let openai = Router::new().route(
        "/openai/deployments/{deployment}/chat/completions",
        post(chat),
    );
    let project = Router::new().route("/api/projects/{project}/openai/v1/responses", post(respond));
    let consent = Router::new().route("/consent/{response}", get(consent));
    let app = guard(emulator, COGNITIVE)?
        .protect(openai)
        .and(guard(emulator, FOUNDRY)?, project.with_state(state.clone()));
    let blueprint = registration(emulator, BLUEPRINT, &[])?.guard(CALL)?;
    let app = local_agents::serve(app, guard(emulator, FOUNDRY)?, blueprint)?;
    Ok(app.public(consent.with_state(state)))
}

/// For users with the permission and for the two applications, with a token for this audience and no other.
fn guard(emulator: &Emulator, (id, uri): (&str, &str)) -> Result<AuthLayer, Box<dyn Error>> {
    let service = registration(emulator, id, &[("ENTRA_IDENTIFIER_URI", uri)])?;
    // In Azure a role assignment says this.
    let applications = [ClientId::parse(APP)?, ClientId::parse(MACHINE)?];
    Ok(service.guard(Requirement::any_of([
        Requirement::parse(USER_IMPERSONATION)?,
        Requirement::all_of([Requirement::app_only(), Requirement::clients(applications)]),
    ]))?)
}

async fn chat(Path(deployment): Path<String>, caller: Caller) -> Json<Value> {
    let kind = caller.principal().kind().as_str();
    let content = format!("{deployment} to {kind}");
    Json(json!({ "choices": [{ "message": { "role": "assistant", "content": content } }] }))
}

/// The agent's tool acts for a user: without that user's consent there is a link instead of
/// an answer. The machine has no user, and its agent no such tool.
async fn respond(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    let user = caller.principal().object().to_string();
    let mut responses = services
        .responses
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(previous) = request["previous_response_id"].as_str() {
        let owner = number(previous).and_then(|number| responses.get(number));
        if owner != Some(&user) {
            return Err(StatusCode::NOT_FOUND);
        }
    }
    let id = format!("resp_{}", responses.len());
    responses.push(user.clone());
    let consents = services
        .consents
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if caller.principal().is_delegated() && !consents.contains(&user) {
        return Ok(Json(json!({
            "id": id,
            "status": "incomplete",
            "output": [{
                "type": "oauth_consent_request",
                "id": format!("oauthreq_{id}"),
                "consent_link": format!("{}/consent/{id}", services.origin),
            }],
        })));
    }
    let text = format!(
        "{} to {}",
        request["model"],
        caller.principal().kind().as_str()
    );
    Ok(Json(json!({
        "id": id,
        "status": "completed",
        "output": [{ "type": "message", "content": [{ "type": "output_text", "text": text }] }],
    })))
}

/// The page that the link leads to; here the visit alone is the consent.
async fn consent(State(services): State<Services>, Path(response): Path<String>) -> StatusCode {
    let responses = services
        .responses
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let Some(user) = number(&response).and_then(|number| responses.get(number)) else {
        return StatusCode::NOT_FOUND;
    };
    let mut consents = services
        .consents
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    consents.insert(user.clone());
    StatusCode::OK
}

fn number(response: &str) -> Option<usize> {
    response.strip_prefix("resp_")?.parse().ok()
}
