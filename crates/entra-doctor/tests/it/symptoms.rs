//! What people report, and the finding that must come first.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_doctor::{Answer, Case, Code, Document};
use foundry_scopes::{Cloud, TenantId};
use serde_json::{Value, json};

use crate::further::more_reports;

pub(crate) const NOW: i64 = 1_800_000_000;
const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const ME: &str = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";
pub(crate) const CS: &str = "https://cognitiveservices.azure.com";
pub(crate) const AI: &str = "https://ai.azure.com";
pub(crate) const ARM: &str = "https://management.core.windows.net/";
pub(crate) const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
pub(crate) const O: &str = "https://contoso.openai.azure.com/openai/deployments/d";
pub(crate) const R: &str = "https://contoso.services.ai.azure.com";
pub(crate) const P: &str = "https://contoso.services.ai.azure.com/api/projects/p1";
pub(crate) const RBAC: &str = "PermissionDenied: Principal does not have access to API/Operation.";

pub(crate) fn jwt(aud: &str, changes: &Value) -> String {
    let mut claims = json!({
        "aud": aud, "iss": format!("https://sts.windows.net/{TENANT}/"), "tid": TENANT, "oid": ME, "sub": "pairwise",
        "appid": "22223333-cccc-4444-dddd-5555eeee6666", "scp": "user_impersonation", "upn": "adele@contoso.example",
        "iat": NOW - 60, "nbf": NOW - 60, "exp": NOW + 3_540, "ver": "1.0",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let header = encode(json!({ "alg": "RS256", "typ": "JWT" }).to_string());
    format!(
        "{header}.{}.{}",
        encode(claims.to_string()),
        URL_SAFE_NO_PAD.encode([7; 256])
    )
}

pub(crate) fn case() -> Case {
    Case::new().at(NOW)
}

fn at(case: Case, endpoint: &str) -> Case {
    if endpoint.is_empty() {
        case
    } else {
        case.endpoint(endpoint)
    }
}

pub(crate) fn user(aud: &str, endpoint: &str) -> Case {
    at(case().token(&jwt(aud, &json!({}))), endpoint)
}

pub(crate) fn app(aud: &str, endpoint: &str) -> Case {
    let claims = json!({ "scp": null, "idtyp": "app", "sub": ME, "roles": ["R"] });
    at(case().token(&jwt(aud, &claims)), endpoint)
}

pub(crate) fn status(case: Case, status: u16) -> Case {
    case.answer(Answer::new().status(status))
}

pub(crate) fn body(case: Case, status: u16, body: &str) -> Case {
    case.answer(Answer::new().status(status).body(body))
}

pub(crate) fn says(text: &str) -> Case {
    case().answer(Answer::new().body(text))
}

pub(crate) fn file(value: &Value) -> Vec<Document> {
    Document::read(value.to_string().as_bytes()).unwrap()
}

pub(crate) fn connection(properties: &Value) -> Case {
    case().documents(file(&json!({ "properties": properties })))
}

pub(crate) fn site() -> Value {
    json!({ "properties": {
        "platform": { "enabled": true },
        "globalValidation": { "requireAuthentication": true, "unauthenticatedClientAction": "Return401" },
        "identityProviders": { "azureActiveDirectory": {
            "registration": { "clientId": "11112222-bbbb-3333-cccc-4444dddd5555", "openIdIssuer": format!("https://sts.windows.net/{TENANT}/") },
            "login": { "loginParameters": ["scope=openid api://11112222-bbbb-3333-cccc-4444dddd5555/user_impersonation"] },
            "validation": { "allowedAudiences": ["api://orders"], "defaultAuthorizationPolicy": {
                "allowedApplications": ["33334444-dddd-5555-eeee-6666ffff7777"], "allowedPrincipals": {} } },
        } },
    } })
}

/// The number of the report, what is known of it, and the code of the first finding.
pub(crate) fn reports() -> Vec<(u32, Case, Code)> {
    let gov = |case: Case| case.cloud(Cloud::us_government());
    let other: TenantId = TenantId::parse("72f988bf-86f1-41af-91ab-2d7cd011db47").unwrap();
    let expired = |aud: &str, endpoint: &str| {
        case()
            .token(&jwt(aud, &json!({ "exp": NOW - 10 })))
            .endpoint(endpoint)
    };
    let id = "11112222-bbbb-3333-cccc-4444dddd5555";
    let tool = json!({ "openapi": { "auth": { "type": "managed_identity", "security_scheme": { "audience": "https://orders.azurewebsites.net" } } } });
    let app_of = json!({ "appId": id, "identifierUris": ["api://orders"], "api": { "requestedAccessTokenVersion": 2 } });
    vec![
        (8, gov(user("https://management.azure.com/", "https://management.usgovcloudapi.net/")), Code::AudienceOtherCloud),
        (11, body(user("https://search.azure.com", "https://contoso.search.windows.net"), 403, ""), Code::RoleMissing),
        (50, body(user(AI, P), 401, RBAC), Code::RoleMissing),
        (53, body(user(CS, "https://contoso.openai.azure.com"), 401, RBAC), Code::RoleMissing),
        (87, case().endpoint("https://m.eastus.models.ai.azure.com"), Code::EndpointKeyOnly),
        (111, case().requested("https://database.windows.net/.default").answer(Answer::new().body("the audience should exactly match (including forward slash)")), Code::AudienceSlash),
        (118, status(app(AI, P), 401), Code::RoleMissing),
        (132, status(case().endpoint("https://contoso.services.ai.azure.com/openai/v1"), 404), Code::V1BaseInAzureClient),
        (19, case().documents(file(&tool)).documents(file(&app_of)), Code::AudienceNotRegistered),
        (1, status(user(ARM, O), 401), Code::AudienceWrong),
        (2, user("https://ml.azure.com", &format!("{R}/models")), Code::AudienceWrong),
        (3, user(CS, P), Code::AudienceWrong),
        (4, user(CS, &format!("{P}/toolboxes/t/mcp?api-version=v1")), Code::AudienceWrong),
        (5, user(AI, O), Code::AudienceDisputed),
        (6, gov(user(AI, "https://contoso.services.ai.azure.us/api/projects/p1")), Code::AudienceOtherCloud),
        (7, gov(user(CS, "https://contoso.openai.azure.us")), Code::AudienceOtherCloud),
        (9, says("project endpoint host is not a recognized Foundry host (*.services.ai.azure.com)"), Code::ClientRefusesCloud),
        (10, status(user("https://search.azure.com", "https://contoso.search.windows.net"), 403), Code::RoleMissing),
        (12, user(CS, "https://contoso.search.windows.net"), Code::AudienceWrong),
        (13, user(AI, "https://mcp.ai.azure.com/"), Code::AudienceWrong),
        (14, user(CS, &format!("{R}/anthropic")), Code::AudienceWrong),
        (15, user(AI, &format!("{P}/anthropic")), Code::AnthropicInProject),
        (16, status(expired(CS, O), 401), Code::Expired),
        (17, status(expired(AI, P), 401), Code::Expired),
        (18, case().token(&jwt("https://orders.azurewebsites.net", &json!({}))).documents(file(&site())), Code::SiteAudienceNotAllowed),
        (20, case().token(&jwt(id, &json!({}))).documents(file(&site())), Code::SiteClientNotAllowed),
        (22, says("-32007 HTTP_403"), Code::McpServerForbids),
        (23, says("-32007 HTTP_404"), Code::McpServerNotFound),
        (24, says("{\"code\":-32006,\"message\":\"CONSENT_REQUIRED\"}"), Code::ToolConsentRequired),
        (25, status(user(AI, P), 424), Code::HostedAgentToolbox),
        (26, user("api://orders", "").answer(Answer::new().status(403).www_authenticate("Bearer scope=\"api://orders/orders.write\"")), Code::ScopeMissing),
        (27, says("AADSTS50011: The redirect URI"), Code::RedirectMismatch),
        (28, says("invalid_client"), Code::SecretRefused),
        (29, says("403: the user may not be registered"), Code::ConsentTestUsersOnly),
        (30, says("AgenticIdentityToken requires AgentInstanceClientId"), Code::AgentIdentityNeedsAgent),
        (31, says("PERMISSION_DENIED Cannot pass Microsoft token to untrusted MCP endpoint or connector"), Code::McpHostUntrusted),
        (32, connection(&json!({ "authType": "ProjectManagedIdentity", "audience": "api://x" })), Code::ConnectionManagedIdentity),
        (33, connection(&json!({ "authType": "AgenticIdentityToken" })), Code::ConnectionAudienceMissing),
        (35, connection(&json!({ "authType": "OAuth2", "scopes": ["orders.read", "offline_access"] })), Code::ConnectionScopeUnqualified),
        (36, says("AADSTS9010010: The resource parameter doesn't match with the requested scopes"), Code::McpResourceMismatch),
        (37, connection(&json!({ "authType": "OAuth2", "scopes": ["api://x/y"] })), Code::ConnectionNoOfflineAccess),
        (38, app(AI, P).documents(file(&json!({ "properties": { "authType": "OAuth2" } }))), Code::ConsentShared),
        (39, connection(&json!({ "authType": "UserEntraToken", "audience": "api://x" })), Code::ConnectionUserToken),
        (40, says("Authentication code has already been redeemed. Please re-login."), Code::CodeRedeemedTwice),
        (41, case().documents(file(&json!({ "name": "a", "instance_identity": null }))), Code::AgentNotProvisioned),
        (42, status(case().endpoint(&format!("{P}/agents/a/endpoint/protocols/a2a/agentCard/v1.0")), 401), Code::AgentCardAnonymous),
        (43, connection(&json!({ "authType": "AgenticIdentity", "audience": "api://x" })), Code::ConnectionAuthType),
        (44, connection(&json!({ "authType": "ApiKey", "category": "RemoteTool" })), Code::ConnectionAuthType),
        (46, status(app(AI, &format!("{P}/agents/a")), 403), Code::RoleMissing),
        (47, body(user(CS, O), 401, RBAC), Code::RoleMissing),
        (48, body(user(CS, O), 401, "The principal `cccccccc-0000-1111-2222-bbbbbbbbbbbb` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action`"), Code::RoleMissing),
        (49, body(user(AI, P), 401, "lacks the required data action Microsoft.CognitiveServices/accounts/AIServices/agents/write"), Code::RoleMissing),
        (52, status(user(CS, O), 401), Code::RoleMissing),
        (54, body(user(ARM, "https://management.azure.com/"), 403, "AuthorizationFailed accounts/deployments/write"), Code::ControlPlaneRoleMissing),
        (55, body(user(ARM, "https://management.azure.com/"), 403, "AuthorizationFailed connections/write"), Code::ControlPlaneRoleMissing),
        (56, says("lacks Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action"), Code::RoleMissing),
        (57, says("Microsoft.CognitiveServices/accounts/AIServices/agents/endpoints/UserIdentityImpersonation/action"), Code::ImpersonationRoleMissing),
        (58, status(user(AI, &format!("{P}/memory_stores")), 401), Code::RoleMissing),
        (59, says("assets/read denied"), Code::RoleMissing),
        (60, body(user(CS, "https://contoso.cognitiveservices.azure.com/contentunderstanding"), 401, RBAC), Code::RoleMissing),
        (62, status(case().endpoint(O), 401), Code::AudienceUnchecked),
        (63, body(user(CS, O), 400, "Token tenant a does not match resource tenant."), Code::TenantWrong),
        (64, says("InvalidAuthenticationTokenTenant"), Code::TenantWrong),
        (65, says("The access token is from the wrong issuer"), Code::TenantWrong),
        (66, status(user(AI, P), 403).tenant(other), Code::TenantWrong),
        (67, says("AADSTS500011: The resource principal named X was not found"), Code::ResourceNotFound),
        (68, says("AADSTS650052"), Code::ServicePrincipalMissing),
        (69, says("AADSTS65001"), Code::ConsentMissing),
        (71, user(GRAPH, "").answer(Answer::new().body("AADSTS50013: Assertion failed signature validation")), Code::AssertionAudience),
        (72, says("AADSTS82001"), Code::AgentGrantRefused),
        (73, says("AADSTS700211"), Code::FederationMismatch),
        (74, app("ea9ffc3e-8a23-4a7d-836d-234d7c7565c1", ""), Code::AgentIdentityAbsent),
        (75, case().token(&jwt("https://graph.microsoft.com", &json!({ "scp": "Directory.AccessAsUser.All" }))).endpoint("https://graph.microsoft.com"), Code::GraphRefusesClient),
        (76, status(case().endpoint(O), 404), Code::PathDoubled),
        (77, says("api-version query parameter is not allowed when using /v1 path"), Code::ApiVersionOnV1),
        (78, case().endpoint(&format!("{P}/toolboxes/t/mcp")), Code::ApiVersionMissing),
        (79, status(case().endpoint(R), 404), Code::ModelsPathMissing),
        (80, says("DeploymentNotFound"), Code::DeploymentNotFound),
        (82, says("Invalid connection string"), Code::EndpointConnectionString),
        (83, status(case().endpoint("https://contoso.search.windows.net/knowledgebases/k/mcp"), 405), Code::SearchMcpPath),
        (84, case().endpoint("https://eastus.api.cognitive.microsoft.com/"), Code::EndpointKeyOnly),
        (85, case().endpoint("https://eastus.stt.speech.microsoft.com"), Code::SpeechCompositeToken),
        (86, says("Ocp-Apim-Subscription-Key is missing"), Code::KeyRequired),
        (88, case().token("sk-1234567890").endpoint(O), Code::KeyOfOtherService),
        (89, body(user(CS, O), 401, "Access denied due to invalid subscription key or wrong API endpoint."), Code::TokenAsKey),
        (90, case().token("0123456789abcdef0123456789abcdef").endpoint(O), Code::KeyAsToken),
        (91, says("Access denied due to invalid subscription key or wrong API endpoint"), Code::KeyWrong),
        (92, says("AuthenticationTypeDisabled"), Code::KeysDisabled),
        (93, says("Public access is disabled. Please configure private endpoint."), Code::NetworkClosed),
        (94, says("500 (403: Public access is disabled)"), Code::NetworkClosedHosted),
        (95, says("Access denied due to Virtual Network/Firewall rules."), Code::NetworkClosed),
        (96, says("Access denied due to missing subscription key"), Code::GatewayKeyMissing),
        (98, says("the system key mcp_extension is missing"), Code::FunctionKeyMissing),
        (100, status(case().endpoint("https://app.region.azurecontainerapps.io/.well-known/oauth-protected-resource"), 404), Code::MetadataNotServed),
        (101, says("Incompatible auth server: does not support dynamic client registration"), Code::McpNoRegistration),
        (102, says("IDX10214: Audience validation failed"), Code::AudienceNotAccepted),
        (103, says("IDX10205: Issuer validation failed"), Code::VersionMismatch),
        (104, user("api://x", "").answer(Answer::new().status(403).body("Runtime.All is missing")), Code::ScopeMissing),
        (105, user("ea9ffc3e-8a23-4a7d-836d-234d7c7565c1", "").answer(Answer::new().status(403).body("McpServers.CopilotMCP.All")), Code::ScopeMissing),
        (107, says("AudienceNotSupported"), Code::CloudShellAudience),
        (109, case().requested("https://x.example/.default").answer(Answer::new().body("invalid_resource")), Code::ResourceHasScopeSuffix),
        (110, case().requested("https://batch.core.windows.net/.default").answer(Answer::new().body("audience should exactly match (including forward slash)")), Code::AudienceSlash),
        (113, user(CS, "wss://contoso.services.ai.azure.com/api/projects/p1/agents/a/endpoint/protocols/invocations_ws?api-version=v1"), Code::AudienceWrong),
        (114, status(case().endpoint("wss://contoso.services.ai.azure.com/api/projects/p1/agents/a/endpoint/protocols/invocations_ws"), 404), Code::ApiVersionMissing),
        (115, says("path must match /api/projects/<project>/agents/<name>/endpoint/protocols/<protocol>"), Code::AgentEndpointForm),
        (116, case().documents(file(&json!({ "environment_variables": { "FOUNDRY_X": "y" } }))), Code::EnvironmentReserved),
        (117, body(case(), 424, "session_not_ready"), Code::HostedAgentNotReady),
        (119, status(case().endpoint("https://contoso.azurecr.io"), 403), Code::RegistryRoleMissing),
        (120, says("the directory botframework.com was not found"), Code::BotTenant),
        (123, user(GRAPH, P), Code::AudienceWrong),
        (125, case().endpoint("https://contoso.ai.azure.com/api/projects/p1"), Code::EndpointMisspelt),
        (126, case().endpoint("https://contoso.azure.openai.com/"), Code::EndpointMisspelt),
        (127, says("ARM token expired"), Code::Expired),
        (129, case().requested(ARM).endpoint(P), Code::AudienceWrong),
        (130, says("Identity not found"), Code::ManagedIdentityNotFound),
        (131, status(case().endpoint("https://contoso.openai.azure.com/openai/v1/"), 404), Code::V1BaseInAzureClient),
        (134, says("not_found: Conversation 'c' not found"), Code::ConversationGone),
        (135, case().documents(file(&json!({ "properties": { "authType": "AgenticIdentityToken", "audience": AI } }))).endpoint("https://contoso.cognitiveservices.azure.com/language/mcp"), Code::AudienceWrong),
        (136, says("Neither FOUNDRY_PROJECT_ENDPOINT nor AZURE_AI_PROJECT_ENDPOINT is set"), Code::EnvironmentMissing),
        (137, status(case().endpoint(&format!("{P}?api-version=2025-11-15-preview")), 404), Code::OpenAiPathMissing),
        (138, says("AADSTS901002"), Code::McpResourceRefused),
        (139, says("AADSTS650053"), Code::McpScopeUnqualified),
        (140, says("AADSTS900144"), Code::McpScopeAbsent),
        (141, says("AADSTS90095"), Code::McpAdminApproval),
        (142, says("AADSTS9002327"), Code::RedirectPlatform),
        (143, says("missing code_challenge_methods_supported"), Code::McpNoPkceAdvertised),
        (144, user("api://my-server", P), Code::ExchangeNeeded),
        (145, app(AI, "").as_the_user(), Code::TokenWithoutUser),
        (146, app("fb60f99c-7a34-4190-8149-302f77469936", P), Code::ExchangeToken),
    ]
}

/// Cases whose finding of interest is not the first.
pub(crate) fn more() -> Vec<Case> {
    let changed = |changes: &Value| case().token(&jwt(CS, changes));
    let bare = |header: &str, claims: &str, signature: &[u8]| {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signature = URL_SAFE_NO_PAD.encode(signature);
        case().token(&format!(
            "{}.{}.{signature}",
            encode(header),
            encode(claims)
        ))
    };
    let settings = json!([{ "name": "WEBSITE_AUTH_AAD_ALLOWED_TENANTS", "value": "72f988bf-86f1-41af-91ab-2d7cd011db47" }]);
    let mut strict = site();
    strict["properties"]["identityProviders"]["azureActiveDirectory"]["validation"]["defaultAuthorizationPolicy"]
        ["allowedPrincipals"] = json!({ "identities": ["someone"] });
    strict["properties"]["globalValidation"]["excludedPaths"] = json!(["/health"]);
    let registration = json!({ "appId": "11112222-bbbb-3333-cccc-4444dddd5555", "identifierUris": ["api://x"], "api": {} });
    vec![
        case().token("eyJhbGciOiJSUzI1NiJ9.%%%.x"),
        bare(r#"{"alg":"none"}"#, "{}", b""),
        bare(r#"{"alg":"HS256"}"#, r#"{"iss":"https://issuer.example/"}"#, &[7; 32]),
        bare(r#"{"alg":"RS256","nonce":"x"}"#, r#"{"hasgroups":true}"#, &[7; 100]),
        case().token(&format!("{}AAA", jwt(CS, &json!({})))),
        changed(&json!({ "nbf": NOW + 900 })),
        changed(&json!({ "tid": "72f988bf-86f1-41af-91ab-2d7cd011db47" })),
        changed(&json!({ "scp": null, "roles": null })),
        changed(&json!({ "scp": null, "idtyp": "app", "sub": ME })),
        case().token(&jwt("api://x", &json!({ "scp": null, "idtyp": "app", "sub": ME }))),
        changed(&json!({ "appid": null })),
        changed(&json!({ "cnf": { "kid": "x" } })),
        bare(r#"{"alg":"RS256","typ":"pop"}"#, r#"{"at":"x","ts":1}"#, &[7; 256]),
        changed(&json!({ "iss": format!("https://login.partner.microsoftonline.cn/{TENANT}/v2.0") })).endpoint(O),
        case().endpoint("https://ai.azure.com/anything"),
        case().endpoint("https://contoso.example/anything"),
        case().endpoint("https://logic-apis-eastus.consent.azure-apim.net/login?data=x"),
        case().cloud(Cloud::public()).endpoint("https://contoso.openai.azure.us"),
        case().endpoint("https://contoso.openai.azure.com.evil.example"),
        case().endpoint("https://contoso.azure-api.net/openai"),
        case().endpoint("https://contoso.azurewebsites.net"),
        case().cloud(Cloud::public()).endpoint("https://contoso.openai.azure.de"),
        status(app(AI, &format!("{P}/agents/a")), 403),
        status(user(AI, &format!("{P}/memory_stores")), 401),
        status(user("https://search.azure.com", "https://contoso.search.windows.net"), 403),
        body(user(CS, O), 401, "The principal `cccccccc-0000-1111-2222-bbbbbbbbbbbb` lacks the required data action `x`"),
        body(case().endpoint("https://contoso.azurecr.io"), 403, "denied"),
        status(case().endpoint(R), 404),
        user("https://api.botframework.com", P),
        says("AADSTS53003"),
        says("AADSTS90033"),
        case().token(&jwt(CS, &json!({}))).documents(file(&strict)).documents(file(&settings)),
        case().token(&jwt("api://x", &json!({}))).documents(file(&registration)).answer(Answer::new().body("AADSTS65001")),
        case().documents(file(&json!({ "appId": "cb2ff863-7f30-4ced-ab89-a00194bcf6d9", "status": { "errorCode": 0 }, "conditionalAccessStatus": "failure" }))),
        case(),
    ]
}

#[test]
fn each_report_has_its_first_finding() {
    let mut wrong = Vec::new();
    for (number, case, expected) in reports().into_iter().chain(more_reports()) {
        let diagnosis = case.diagnose();
        let codes: Vec<_> = diagnosis
            .findings()
            .iter()
            .map(entra_doctor::Finding::code)
            .collect();
        if codes.first() != Some(&expected) {
            wrong.push(format!("{number}: {codes:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn neither_tokens_nor_names_are_shown() {
    use entra_doctor::Report;
    for (number, case, _) in reports().into_iter().chain(more_reports()) {
        let diagnosis = case.diagnose();
        let mut text = Vec::new();
        diagnosis.write(&mut text).unwrap();
        let shown = format!(
            "{}{}{diagnosis:?}{case:?}",
            diagnosis.to_json(),
            String::from_utf8(text).unwrap()
        );
        for secret in ["eyJ", "adele", "BwcHBwcH", "0123456789abcdef", "sk-1234"] {
            assert!(!shown.contains(secret), "{number}: {secret}: {shown}");
        }
        let json: Value = serde_json::from_str(&diagnosis.to_json()).unwrap();
        assert_eq!(json["verified"], false);
    }
}
