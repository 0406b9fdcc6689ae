//! The whole story with `rmcp`'s own client: a tool, a missing consent, the page, the result.

use std::sync::Arc;
use std::sync::Mutex;

use entra_emulator::{ConsentGrant, Emulator, demo};
use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationCapability, Implementation, ProtocolVersion,
    UrlElicitationCapability,
};
use rmcp::service::{
    ClientLifecycleMode, ClientServiceExt as _, RequestContext, RoleClient, RunningService,
    ServiceError,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, ErrorData};
use serde_json::json;

use super::scene::Scene;

/// A client that opens pages: the person there consents, or does not.
#[derive(Clone)]
struct Opens {
    emulator: Arc<Scene>,
    consents: bool,
    action: ElicitationAction,
    opened: Arc<Mutex<Vec<String>>>,
}

impl ClientHandler for Opens {
    fn get_info(&self) -> ClientConfig {
        let url = ElicitationCapability::new().with_url(UrlElicitationCapability::new());
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(url);
        ClientConfig::new(capabilities, Implementation::new("opens", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::UrlElicitationParams { url, .. } = request else {
            panic!("a page: {request:?}");
        };
        self.opened.lock().unwrap().push(url);
        if self.consents {
            consent(&self.emulator.world.emulator);
        }
        Ok(ElicitResult::new(self.action.clone()))
    }
}

fn consent(emulator: &Emulator) {
    let grant = ConsentGrant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    emulator
        .grant_consent(demo::TENANT, grant.only_for(demo::ALICE))
        .unwrap();
}

async fn connect(opens: &Opens, mode: ClientLifecycleMode) -> RunningService<RoleClient, Opens> {
    let scene = &opens.emulator;
    let token = scene.world.token_of(demo::ALICE);
    let config = StreamableHttpClientTransportConfig::with_uri(format!("{}/mcp", scene.origin))
        .auth_header(token);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let transport = StreamableHttpClientTransport::with_client(http, config);
    opens
        .clone()
        .serve_with_lifecycle(transport, mode)
        .await
        .unwrap()
}

fn modern() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    }
}

async fn opens(consents: bool, action: ElicitationAction) -> Opens {
    Opens {
        emulator: Arc::new(Scene::start().await),
        consents,
        action,
        opened: Arc::default(),
    }
}

/// The client's own retry: one call of the application, one page, the result.
#[tokio::test]
async fn a_stateless_client_is_asked_and_goes_on_by_itself() {
    let opens = opens(true, ElicitationAction::Accept).await;
    let client = connect(&opens, modern()).await;
    let result = client
        .call_tool(CallToolRequestParams::new("payslip"))
        .await
        .unwrap();
    assert_eq!(result.structured_content.unwrap(), json!({"payslip": ""}));
    assert_eq!(opens.opened.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stateless_client_that_declines_is_not_asked_again() {
    let opens = opens(false, ElicitationAction::Decline).await;
    let client = connect(&opens, modern()).await;
    let result = client
        .call_tool(CallToolRequestParams::new("payslip"))
        .await
        .unwrap();
    assert_eq!(
        result.structured_content.unwrap()["error"],
        "consent_declined"
    );
    assert_eq!(opens.opened.lock().unwrap().len(), 1);
}

/// A client that always says yes, and a consent that never comes: an end after three pages.
#[tokio::test]
async fn a_stateless_client_that_pretends_gets_to_an_end() {
    let opens = opens(false, ElicitationAction::Accept).await;
    let client = connect(&opens, modern()).await;
    let result = client
        .call_tool(CallToolRequestParams::new("payslip"))
        .await
        .unwrap();
    assert_eq!(
        result.structured_content.unwrap()["error"],
        "consent_required"
    );
    assert_eq!(opens.opened.lock().unwrap().len(), 3);
}

/// The older era: the application gets the error, opens the page, and calls again.
#[tokio::test]
async fn a_client_with_a_session_gets_the_page_in_an_error() {
    let opens = opens(true, ElicitationAction::Accept).await;
    let client = connect(&opens, ClientLifecycleMode::Initialize).await;
    let error = client
        .call_tool(CallToolRequestParams::new("payslip"))
        .await
        .unwrap_err();
    let ServiceError::McpError(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.code.0, -32042);
    assert!(error.data.unwrap()["elicitations"][0]["url"].is_string());
    consent(&opens.emulator.world.emulator);
    let result = client
        .call_tool(CallToolRequestParams::new("payslip"))
        .await
        .unwrap();
    assert_eq!(result.structured_content.unwrap(), json!({"payslip": ""}));
}
