//! A local tenant, and a stand-in of the two services that validates audiences.

use std::collections::HashSet;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_emulator::{App, ConsentGrant, Directory, Emulator, Tenant, User, demo};
use entra_obo::managed_identity::ManagedIdentity;
use foundry_scopes::{AppIdUri, Audience, ClientId, Cloud, TenantAuthority, TenantId};
use mcp_auth::{AuthLayer, Caller};
use serde_json::{Value, json};
use tokio::net::TcpListener;

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
/// The machine's identity, which has a role on both.
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
        let cloud = Cloud::loopback(emulator.base_url())?;
        let authority = TenantAuthority::new(cloud, TenantId::parse(demo::TENANT)?);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let app = services(&authority, origin.clone())?;
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self {
            emulator,
            authority,
            origin,
        })
    }

    pub fn managed_identity(&self) -> Result<ManagedIdentity, Box<dyn Error>> {
        let (endpoint, header) = (
            self.emulator.identity_endpoint(),
            self.emulator.identity_header(),
        );
        Ok(ManagedIdentity::app_service(endpoint, header).build()?)
    }
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

fn services(authority: &TenantAuthority, origin: String) -> Result<Router, Box<dyn Error>> {
    let openai = guarded(
        authority,
        COGNITIVE,
        "/openai/deployments/{deployment}/chat/completions",
        post(chat),
    )?;
    let project = guarded(
        authority,
        FOUNDRY,
        "/api/projects/{project}/openai/v1/responses",
        post(respond),
    )?;
    let services = Services {
        origin,
        consents: Arc::default(),
        responses: Arc::default(),
    };
    let consent = Router::new().route("/consent/{response}", get(consent));
    Ok(openai.merge(project).merge(consent).with_state(services))
}

/// A route for users with the permission and for the machine, with a token for this audience
/// and no other.
fn guarded(
    authority: &TenantAuthority,
    (id, uri): (&str, &str),
    path: &str,
    handler: MethodRouter<Services>,
) -> Result<Router<Services>, Box<dyn Error>> {
    let validator = Validator::new(
        authority.cloud().clone(),
        TenantPolicy::single(authority.tenant()),
        AcceptedAudiences::listed([Audience::parse(uri)?, Audience::parse(id)?])?,
    );
    // In Azure the machine's role assignment says this.
    let requirement = Requirement::any_of([
        Requirement::parse(USER_IMPERSONATION)?,
        Requirement::all_of([
            Requirement::app_only(),
            Requirement::clients([ClientId::parse(MACHINE)?]),
        ]),
    ]);
    let guard = AuthLayer::for_api(
        Authenticator::new(validator)?,
        AppIdUri::parse(uri)?,
        requirement,
    )?;
    Ok(Router::new().route(path, handler).layer(guard))
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
