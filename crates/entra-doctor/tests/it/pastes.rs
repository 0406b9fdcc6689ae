//! Pasted text of all kinds: the first finding, and the value that it must name.

use entra_doctor::Code;
use serde_json::json;

use crate::symptoms::jwt;

const API: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

/// The paste, the code of the first finding, and a text that the finding must hold.
pub(crate) fn pastes() -> Vec<(String, Code, &'static str)> {
    let graph = jwt("https://graph.microsoft.com", &json!({}));
    let arm = jwt("https://management.core.windows.net/", &json!({}));
    let right = jwt("https://cognitiveservices.azure.com", &json!({}));
    let foundry = jwt("https://ai.azure.com", &json!({}));
    let agent = jwt(
        "https://ai.azure.com",
        &json!({"scp": null, "idtyp": "app", "sub": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb", "xms_par_app_azp": API, "roles": ["R"]}),
    );
    let fixed = |text: &str, code, holds| (text.to_owned(), code, holds);
    let own = |text: String, code, holds| (text, code, holds);
    vec![
        // Entra ID's texts, in the coats that SDKs give them.
        fixed(
            "azure.core.exceptions.ClientAuthenticationError: Authentication failed: AADSTS500011: The resource principal named https://storage.azure.com/.default was not found in the tenant named Fabrikam. This can happen if",
            Code::ResourceMisspelt,
            "the resource is `https://storage.azure.com`",
        ),
        fixed(
            "AADSTS500011: The resource principal named https://fabrikam-search.search.windows.net was not found in the tenant named Fabrikam.",
            Code::ResourceMisspelt,
            "https://search.azure.com",
        ),
        fixed(
            "AADSTS500011: The resource principal named https://invoices.azurewebsites.net was not found in the tenant named Fabrikam.",
            Code::ResourceNotFound,
            "api://",
        ),
        fixed(
            "AADSTS500011: The resource principal named api://0f0f0f0f-1111-2222-3333-444444444444 was not found in the tenant named Fabrikam.",
            Code::ResourceNotFound,
            "0f0f0f0f-1111-2222-3333-444444444444",
        ),
        fixed(
            "AADSTS500011: The resource principal named https://api.loganalytics.io was not found",
            Code::ServicePrincipalMissing,
            "Log Analytics",
        ),
        fixed(
            "MsalUiRequiredException: AADSTS65001: The user or administrator has not consented to use the application with ID 'c0ffee00-1111-2222-3333-444444444444' named 'planner-bot'. Send an interactive authorization request for this user and resource.",
            Code::ConsentMissing,
            "planner-bot (c0ffee00-1111-2222-3333-444444444444)",
        ),
        fixed(
            "AADSTS650057: Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration. Client app ID: c0ffee00-1111-2222-3333-444444444444(planner). Resource value from request: https://vault.azure.net. Resource app ID: cfa8b339-82a2-471a-a3c9-0fc0be7a4093. List of valid resources from app registration: 00000003-0000-0000-c000-000000000000.",
            Code::PermissionNotListed,
            "Key Vault",
        ),
        fixed(
            "AADSTS50011: The redirect URI 'http://localhost:8400/cb' specified in the request does not match the redirect URIs configured for the application 'c0ffee00-1111-2222-3333-444444444444'.",
            Code::RedirectMismatch,
            "Mobile and desktop",
        ),
        fixed(
            "AADSTS50011: The redirect URI 'https://planner.fabrikam.example/signin-oidc' specified in the request does not match the redirect URIs configured for the application 'c0ffee00-1111-2222-3333-444444444444'.",
            Code::RedirectMismatch,
            "platform Web",
        ),
        fixed(
            "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS900144: The request body must contain the following parameter: 'client_id'. Trace ID: x\",\"error_codes\":[900144]}",
            Code::ParameterMissing,
            "client_id",
        ),
        fixed(
            "AADSTS900144: The request body must contain the following parameter: 'scope'.",
            Code::McpScopeAbsent,
            "scope",
        ),
        fixed(
            "AADSTS90009: Application 'c0ffee00-1111-2222-3333-444444444444'(planner) is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.",
            Code::TokenForItself,
            "c0ffee00-1111-2222-3333-444444444444/.default",
        ),
        fixed(
            "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:fabrikam/planner:ref:refs/heads/main'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.",
            Code::FederationMismatch,
            "repo:fabrikam/planner:ref:refs/heads/main",
        ),
        fixed(
            "AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://token.actions.githubusercontent.com/'.",
            Code::FederationMismatch,
            "https://token.actions.githubusercontent.com/",
        ),
        fixed(
            "AADSTS7002138: No matching federated identity record found for presented assertion subject 'Repo:Fabrikam/planner:environment:prod'.",
            Code::FederationMismatch,
            "upper and lower case",
        ),
        fixed(
            "AADSTS500131: Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '00000003-0000-0000-c000-000000000000' and the expected audience is 'api://c0ffee00-1111-2222-3333-444444444444' or one of the Application Uris of this application with App ID 'c0ffee00-1111-2222-3333-444444444444'(planner).",
            Code::AssertionAudience,
            "Microsoft Graph",
        ),
        fixed(
            "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'c0ffee00-1111-2222-3333-444444444444'.",
            Code::SecretRefused,
            "value, which the portal shows once",
        ),
        fixed(
            "AADSTS7000222: The provided client secret keys for app 'c0ffee00-1111-2222-3333-444444444444' are expired. Visit the Azure portal",
            Code::SecretRefused,
            "c0ffee00-1111-2222-3333-444444444444",
        ),
        fixed(
            "AADSTS700016: Application with identifier 'c0ffee00-1111-2222-3333-444444444444' was not found in the directory 'Fabrikam'.",
            Code::ApplicationNotFound,
            "Fabrikam",
        ),
        fixed(
            "AADSTS50105: Your administrator has configured the application planner ('c0ffee00-1111-2222-3333-444444444444') to block users unless they are specifically granted ('assigned') access to the application.",
            Code::UserNotAssigned,
            "assign the user",
        ),
        fixed(
            "AADSTS50020: User account '{EmailHidden}' from identity provider 'live.com' does not exist in tenant 'Fabrikam' and cannot access the application 'c0ffee00-1111-2222-3333-444444444444'(planner) in that tenant.",
            Code::UserNotInTenant,
            "Fabrikam",
        ),
        fixed(
            "AADSTS9002326: Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: 'https://planner.fabrikam.example'.",
            Code::RedirectPlatform,
            "single-page application (`spa`)",
        ),
        fixed(
            "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            Code::SecretOfPublicClient,
            "Mobile and desktop",
        ),
        fixed(
            "AADSTS9002324: Request should not contain more than one client credential parameters",
            Code::TwoCredentials,
            "one client credential only",
        ),
        fixed(
            "AADSTS70011: The provided value for the input parameter 'scope' is not valid. The scope https://graph.microsoft.com is not valid.",
            Code::ScopeInvalid,
            "https://graph.microsoft.com/.default",
        ),
        fixed(
            "AADSTS70011: The provided value for the input parameter 'scope' is not valid. The scope offline_access is not valid. offline_access scope request must include either openid scope or a resource scope.",
            Code::ScopeInvalid,
            "offline_access",
        ),
        fixed(
            "AADSTS650053: The application 'planner' asked for scope 'tasks.read' that doesn't exist on the resource '00000003-0000-0000-c000-000000000000'.",
            Code::McpScopeUnqualified,
            "api://<client id of the API>/tasks.read",
        ),
        fixed(
            "AADSTS650053: The application 'planner' asked for scope 'tasks.write' that doesn't exist on the resource 'c0ffee00-1111-2222-3333-444444444444'.",
            Code::ScopeUnknown,
            "tasks.write",
        ),
        fixed(
            "AADSTS8888888: Something that no list has. Trace ID: x error: invalid_client",
            Code::SecretRefused,
            "AADSTS8888888: Something that no list has.",
        ),
        fixed(
            "https://planner.fabrikam.example/cb#error=access_denied&error_description=AADSTS50105%3a+Your+administrator+has+configured+the+application+planner+(%27c0ffee00-1111-2222-3333-444444444444%27)+to+block+users&state=1",
            Code::UserNotAssigned,
            "c0ffee00",
        ),
        // Transcripts.
        own(
            format!(
                "$ curl -i https://fabrikam.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 -H \"Authorization: Bearer {arm}\"\nHTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{{\"error\":{{\"code\":\"401\",\"message\":\"Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.\"}}}}"
            ),
            Code::AudienceWrong,
            "https://cognitiveservices.azure.com/.default",
        ),
        own(
            format!(
                "curl https://fabrikam.openai.azure.com/openai/v1/responses -H 'Authorization: Bearer Bearer {right}'\nHTTP/2 401"
            ),
            Code::BearerDoubled,
            "Bearer Bearer",
        ),
        own(
            format!(
                "curl https://fabrikam.openai.azure.com/openai/v1/responses -H 'api-key: {right}'\n401 Access denied due to invalid subscription key or wrong API endpoint."
            ),
            Code::TokenAsKey,
            "api-key",
        ),
        own(
            format!(
                "openai.AuthenticationError: Error code: 401 - {{'error': {{'code': 'PermissionDenied', 'message': 'The principal `aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action` to perform `POST /openai/deployments/{{deployment-id}}/chat/completions` operation.'}}}}\ntoken: {right}\nendpoint = https://fabrikam.openai.azure.com/"
            ),
            Code::RoleMissing,
            "Cognitive Services OpenAI User",
        ),
        fixed(
            "from openai import AzureOpenAI\nclient = AzureOpenAI(azure_endpoint=\"https://fabrikam.openai.azure.com/\", azure_ad_token_provider=get_bearer_token_provider(DefaultAzureCredential(), \"https://management.azure.com/.default\"))\nopenai.AuthenticationError: Error code: 401",
            Code::AudienceWrong,
            "https://cognitiveservices.azure.com/.default",
        ),
        fixed(
            "TOKEN=$(az account get-access-token --query accessToken -o tsv)\ncurl -H \"Authorization: Bearer $TOKEN\" https://fabrikam.services.ai.azure.com/api/projects/p1/agents?api-version=v1\nHTTP/1.1 401 Unauthorized",
            Code::AudienceWrong,
            "https://ai.azure.com/.default",
        ),
        own(
            format!(
                "first try: {graph}\nsecond try: {arm}\nthird: {right}\nall answer 401 at https://fabrikam.openai.azure.com/openai/deployments/d/chat/completions"
            ),
            Code::AudienceWrong,
            "Microsoft Graph",
        ),
        fixed(
            "RestError: Unauthorized. Access token is missing, invalid, audience is incorrect (https://ai.azure.com), or have expired. statusCode: 401",
            Code::AudienceUnchecked,
            "https://ai.azure.com/.default",
        ),
        fixed(
            "Status: 403 (Forbidden)\nErrorCode: Forbidden\nContent:\n{\"error\":{\"code\":\"Forbidden\",\"message\":\"Caller is not authorized to perform action on resource.\\r\\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\\r\\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\\r\\nResource: '/subscriptions/x'\\r\\nVault: fabrikam-kv\"}}",
            Code::RoleMissing,
            "Key Vault Secrets User",
        ),
        fixed(
            "<Error><Code>AuthorizationPermissionMismatch</Code><Message>This request is not authorized to perform this operation using this permission.</Message></Error>\nGET https://fabrikam.blob.core.windows.net/c/b HTTP/1.1",
            Code::RoleMissing,
            "Storage Blob Data Reader",
        ),
        fixed(
            "Request blocked by Auth fabrikam-db : Request is blocked because principal [aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb] does not have required RBAC permissions to perform action [Microsoft.DocumentDB/databaseAccounts/readMetadata] on resource [/]. ActivityId: x, StatusCode: 403",
            Code::RoleMissing,
            "Cosmos DB Built-in Data Reader",
        ),
        fixed(
            "Unauthorized access. 'Send' claim(s) are required to perform this operation. Resource: 'sb://fabrikam.servicebus.windows.net/orders'. TrackingId:x Status: 401",
            Code::RoleMissing,
            "Azure Service Bus Data Sender",
        ),
        fixed(
            "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"The client 'x' with object id 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb' does not have authorization to perform action 'Microsoft.CognitiveServices/accounts/deployments/write' over scope '/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a' or the scope is invalid.\"}}",
            Code::ControlPlaneRoleMissing,
            "Microsoft.CognitiveServices/accounts/deployments/write",
        ),
        fixed(
            "{\"error\":{\"code\":\"InvalidAuthenticationToken\",\"message\":\"The access token has been obtained for wrong audience or resource 'https://ai.azure.com'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/'.\"}}",
            Code::AudienceWrong,
            "https://ai.azure.com",
        ),
        fixed(
            "The access token is from the wrong issuer 'https://sts.windows.net/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/'. It must match one of the tenants 'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/' associated with this subscription.",
            Code::TenantWrong,
            "72f988bf-86f1-41af-91ab-2d7cd011db47",
        ),
        fixed(
            "AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com/. status 401",
            Code::AudienceWrong,
            "https://vault.azure.net/.default",
        ),
        fixed(
            "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Missing scope permissions on the request. API requires one of 'Calendars.Read, Calendars.ReadWrite'. Scopes on the request 'User.Read'\"}}\nGET https://graph.microsoft.com/v1.0/me/events 403",
            Code::PermissionMissing,
            "Calendars.Read",
        ),
        fixed(
            "POST https://graph.microsoft.com/v1.0/users HTTP/1.1 403 {\"error\":{\"code\":\"Authorization_RequestDenied\",\"message\":\"Insufficient privileges to complete the operation.\"}}",
            Code::PermissionMissing,
            "application",
        ),
        fixed(
            "/me request is only valid with delegated authentication flow. 400",
            Code::DelegatedOnly,
            "delegated",
        ),
        fixed(
            "CompactToken parsing failed with error code: 80049217",
            Code::TokenUnreadable,
            "no well-formed token",
        ),
        fixed(
            "HTTP 401 {\"errorCode\":\"TokenIsMissing\",\"message\":\"Access token is required\"}",
            Code::AuthorizationMissing,
            "Authorization",
        ),
        fixed(
            "HTTP 403 {\"message\":\"The feature is not available\",\"data\":{\"errorCode\":\"FeatureNotAvailable\"}}",
            Code::FeatureOff,
            "switch",
        ),
        fixed(
            "HTTP/1.1 431 Request Header Fields Too Large",
            Code::HeaderTooLarge,
            "ApplicationGroup",
        ),
        fixed(
            "DefaultAzureCredential failed to retrieve a token from the included credentials.\nAttempted credentials:\n\tEnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are not fully configured.\n\tAzureCliCredential: Please run 'az login' to set up an account",
            Code::CredentialUnavailable,
            "az login",
        ),
        fixed(
            "HTTP/1.1 429 Too Many Requests at https://fabrikam.openai.azure.com/openai/v1/responses",
            Code::Throttled,
            "Retry-After",
        ),
        fixed(
            "HTTP/1.1 503 Service Unavailable from https://fabrikam.openai.azure.com/openai/v1/responses",
            Code::ServiceFailed,
            "503",
        ),
        // Validators.
        fixed(
            &format!(
                "IDX10214: Audience validation failed. Audiences: 'api://{API}'. Did not match: validationParameters.ValidAudience: '{API}' or validationParameters.ValidAudiences: 'null'."
            ),
            Code::AudienceNotAccepted,
            "both are names of one registration",
        ),
        fixed(
            "IDX10214: Audience validation failed. Audiences: '00000003-0000-0000-c000-000000000000'. Did not match: validationParameters.ValidAudience: 'api://c0ffee00-1111-2222-3333-444444444444' or validationParameters.ValidAudiences: 'null'.",
            Code::AudienceWrong,
            "api://c0ffee00-1111-2222-3333-444444444444/.default",
        ),
        fixed(
            "IDX10205: Issuer validation failed. Issuer: 'https://sts.windows.net/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/'. Did not match: validationParameters.ValidIssuer: 'https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0'",
            Code::VersionMismatch,
            "sts.windows.net",
        ),
        fixed(
            "IDX10511: Signature validation failed. Keys tried: 'x'",
            Code::SignatureRefused,
            "keys",
        ),
        fixed(
            "JsonWebTokenError: jwt audience invalid. expected: api://c0ffee00-1111-2222-3333-444444444444\n{\"aud\": \"https://graph.microsoft.com\", \"iss\": \"https://sts.windows.net/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/\", \"exp\": 4102444800}",
            Code::AudienceWrong,
            "api://c0ffee00-1111-2222-3333-444444444444",
        ),
        // One's own API.
        own(
            format!(
                "POST https://mcp.fabrikam.example/mcp\nAuthorization: Bearer {graph}\nHTTP/1.1 401 Unauthorized"
            ),
            Code::AudienceWrong,
            "no service of Microsoft's",
        ),
        own(
            format!(
                "curl https://orders-api.azurewebsites.net/api/orders -H 'Authorization: Bearer {arm}'\n< HTTP/1.1 401\n< WWW-Authenticate: Bearer realm=\"orders-api.azurewebsites.net\" authorization_uri=\"https://login.windows.net/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/oauth2/authorize\" resource_id=\"{API}\""
            ),
            Code::AudienceWrong,
            "api://11112222-bbbb-3333-cccc-4444dddd5555/.default",
        ),
        own(
            format!("http://localhost:3001/mcp answers 401 to {foundry}"),
            Code::AudienceWrong,
            "Microsoft Foundry",
        ),
        fixed(
            "{\"type\":\"openapi\",\"openapi\":{\"name\":\"orders\",\"spec\":{\"servers\":[{\"url\":\"https://orders-api.azurewebsites.net/api\"}]},\"auth\":{\"type\":\"managed_identity\",\"security_scheme\":{\"audience\":\"https://orders-api.azurewebsites.net\"}}}}",
            Code::AudienceNotRegistered,
            "the address of the site itself",
        ),
        fixed(
            "My agent's OpenAPI tool fails with a vague error and the Function App's invocation count is 0.",
            Code::InvocationsNone,
            "http",
        ),
        fixed(
            "zero invocations; AppServiceHTTPLogs shows POST /api/orders 401 Unauthorized",
            Code::InvocationsNone,
            "allowedAudiences",
        ),
        fixed(
            "never invoked; the HTTP log shows 403 Forbidden for each call",
            Code::InvocationsNone,
            "allowedApplications",
        ),
        // Agents.
        own(
            format!(
                "In my hosted agent I want to exchange the token on behalf of the user: {agent}"
            ),
            Code::TokenWithoutUser,
            "no user is in it",
        ),
        fixed(
            "Published to Teams. The card says: Waiting for Foundry login to complete ... and nothing happens.",
            Code::PublishedAgentSilent,
            "BotServiceRbac",
        ),
        fixed(
            "https://swedencentral.api.azureml.ms/agent-oauth/v1.0/redirect: Authentication code has already been redeemed. Please re-login.",
            Code::CodeRedeemedTwice,
            "nothing in the customer's registration",
        ),
        fixed(
            "Application\tAzure AI Studio App\nApplication ID\tcb2ff863-7f30-4ced-ab89-a00194bcf6d9\nResource\tAzure Resource Manager\nStatus\tSuccess\nConditional Access\tSuccess\nAuthentication code has already been redeemed",
            Code::CodeRedeemedTwice,
            "Agent Application (legacy)",
        ),
        fixed(
            "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://swedencentral.api.azureml.ms/agent-oauth/v1.0/redirect?code=0.AAAAAAAAAAAAAAAAAAAAAAAAAAAA&state=1\"},\"response\":{\"status\":302}},{\"request\":{\"url\":\"https://swedencentral.api.azureml.ms/agent-oauth/v1.0/redirect?code=0.AAAAAAAAAAAAAAAAAAAAAAAAAAAA&state=1\"},\"response\":{\"status\":400}}]}}",
            Code::RedirectTwice,
            "2 times",
        ),
        fixed(
            "https://fabrikam.services.ai.azure.com/projects/p1/agents/a answers 404",
            Code::PathNearMiss,
            "/api/projects/p1/agents/a",
        ),
        fixed(
            "{\"identityProvider\":\"aad\",\"userId\":\"d75b260a64504067bfc5b2905e3b8182\",\"userDetails\":\"x\",\"userRoles\":[\"anonymous\",\"authenticated\"]}",
            Code::PrincipalWithoutTenant,
            "neither tenant nor object id",
        ),
        fixed(
            "it does not work, please help",
            Code::NothingRecognized,
            "1 lines",
        ),
        fixed(
            "I get a 403 Forbidden, no idea why",
            Code::RefusalUnexplained,
            "403",
        ),
        fixed(
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=c0ffee00-1111-2222-3333-444444444444&response_type=code&scope=tasks.read&redirect_uri=http%3A%2F%2Flocalhost%3A6274%2Fcb",
            Code::McpScopeUnqualified,
            "/tasks.read",
        ),
        fixed(
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=c0ffee00-1111-2222-3333-444444444444&response_type=code&scope=api%3A%2F%2Fx1%2Fread&resource=https%3A%2F%2Fmcp.fabrikam.example",
            Code::McpResourceMismatch,
            "https://mcp.fabrikam.example",
        ),
        fixed(
            "Client address is not authorized and caller is not a trusted service. Vault: fabrikam-kv;location=westeurope",
            Code::NetworkClosed,
            "virtual network",
        ),
        fixed(
            "Login failed for user '<token-identified principal>'. fabrikam.database.windows.net",
            Code::RoleMissing,
            "FROM EXTERNAL PROVIDER",
        ),
        own(
            format!(
                "Operation returned an invalid status 'Forbidden' from https://fabrikam.search.windows.net/indexes/i/docs/search with {}",
                jwt("https://search.azure.com", &json!({}))
            ),
            Code::RoleMissing,
            "Search Index Data Reader",
        ),
        own(
            format!(
                "[{{\"access_token\":\"{graph}\",\"provider_name\":\"aad\",\"user_claims\":[{{\"typ\":\"aud\",\"val\":\"{API}\"}}]}}]"
            ),
            Code::SiteLoginScopeGraph,
            "loginParameters",
        ),
        fixed(
            "AADSTS700016: Application with identifier 'c0ffee00-1111-2222-3333-444444444444' was not found in the directory 'Bot Framework'.",
            Code::BotTenant,
            "MicrosoftAppTenantId",
        ),
        fixed(
            "Is on-behalf-of with agent identities supported in Foundry, and is there a demo with an MCP tool?",
            Code::UserInAgent,
            "identity passthrough",
        ),
        fixed(
            "Azure OpenAI works with the API key, and with managed identity I get a 401 error",
            Code::AudienceUnchecked,
            "Cognitive Services OpenAI User",
        ),
        fixed(
            "-32007 HTTP_401 from the toolbox",
            Code::McpServerForbids,
            "audience",
        ),
        fixed(
            "eyJ0eXAiOiJKV1QiLCJhbG...fQ.Zk9w",
            Code::TokenUnreadable,
            "shortened",
        ),
    ]
}
