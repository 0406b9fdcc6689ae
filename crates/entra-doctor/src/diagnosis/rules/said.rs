//! Texts of services that name one cause.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};

struct Said(Code, &'static [&'static str], &'static str, &'static str);

/// Code, phrases of which one is there (`*` for anything between), what to change, source.
const SAID: &[Said] = &[
    Said(
        Code::EndpointKeyOnly,
        &["please provide a custom subdomain"],
        "give the resource a custom subdomain and use `https://<subdomain>.cognitiveservices.azure.com`",
        "Foundry Tools doc \"Authentication\"",
    ),
    Said(
        Code::KeysDisabled,
        &[
            "authenticationtypedisabled",
            "key based authentication is disabled",
        ],
        "send a token of Entra ID (`Authorization: Bearer`) instead of a key: keys were switched off on purpose",
        "Foundry Tools doc \"Disable local authentication\"",
    ),
    Said(
        Code::KeyRequired,
        &[
            "ocp-apim-subscription-key*is missing",
            "ocp-apim-subscription-key is missing",
        ],
        "send the key: this preview takes no token",
        "Azure-Samples/openai issue 179",
    ),
    Said(
        Code::KeyOfOtherService,
        &["incorrect api key provided"],
        "match the client and its key: a key of OpenAI goes to api.openai.com, one of Azure to the Azure resource",
        "reports of openai users",
    ),
    Said(
        Code::GatewayKeyMissing,
        &["missing subscription key"],
        "send `Ocp-Apim-Subscription-Key`, or switch `subscriptionRequired` off",
        "API Management doc \"Subscriptions\"",
    ),
    Said(
        Code::FunctionKeyMissing,
        &["mcp_extension"],
        "send the system key `mcp_extension` in `x-functions-key`, or set `webhookAuthorizationLevel` to Anonymous",
        "Functions doc \"MCP bindings\"",
    ),
    Said(
        Code::NetworkClosedHosted,
        &[
            "403*public access is disabled*hosted",
            "500 (403: public access is disabled",
        ],
        "add a private endpoint from the agent's managed network to the account",
        "azure-skills, private network",
    ),
    Said(
        Code::NetworkClosed,
        &[
            "public access is disabled",
            "public network access is disabled",
            "publicnetworkaccessdisabled",
            "virtual network/firewall rules",
            "client address is not authorized",
            "caller is not a trusted service",
            "forbiddenbyfirewall",
            "forbiddenbyconnection",
            "<code>authorizationfailure</code>",
            "ip address is not allowed",
            "not allowed to access server",
        ],
        "call from the virtual network (and check its DNS zones), or allow the address",
        "Foundry Tools doc \"Virtual networks\"",
    ),
    Said(
        Code::ApiVersionOnV1,
        &["api-version query parameter is not allowed"],
        "use the plain OpenAI client with `/openai/v1/`, without `api-version`",
        "Foundry doc \"API version lifecycle\"",
    ),
    Said(
        Code::ApiVersionMissing,
        &["missing*api-version", "api-version*is required"],
        "append `?api-version=v1`",
        "azure-skills, MCP protocol",
    ),
    Said(
        Code::DeploymentNotFound,
        &["deploymentnotfound"],
        "give the name of the deployment and not of the model",
        "Azure OpenAI doc \"Deployments\"",
    ),
    Said(
        Code::ConversationGone,
        &["conversation*not found"],
        "start a new conversation and session",
        "agent-framework, hosted toolbox sample",
    ),
    Said(
        Code::ClientRefusesCloud,
        &["is not a recognized foundry host"],
        "use the REST API or an SDK in this cloud",
        "azure-dev, project endpoint",
    ),
    Said(
        Code::AgentEndpointForm,
        &["path must match /api/projects/"],
        "use the URL that `azd ai agent show` prints",
        "azure-dev, agent endpoint",
    ),
    Said(
        Code::EndpointConnectionString,
        &["invalid connection string"],
        "give the project endpoint as `endpoint=`; connection strings are for hubs",
        "foundry-samples issue 150",
    ),
    Said(
        Code::ToolConsentRequired,
        &["consent_required", "-32006"],
        "open the link in the answer in the user's browser, then repeat the call",
        "azure-skills, toolbox endpoint",
    ),
    Said(
        Code::McpServerForbids,
        &["http_403"],
        "set WEBSITE_AUTH_PRM_DEFAULT_WITH_SCOPES to `<identifier URI>/user_impersonation` at the server",
        "azure-skills, toolbox endpoint",
    ),
    Said(
        Code::McpServerForbids,
        &["http_401"],
        "set the `audience` of the connection to the identifier URI of the MCP server's registration (`api://<client id>`), through the API or azd: the portal does not keep it",
        "azure-skills, toolbox endpoint",
    ),
    Said(
        Code::RoleMissing,
        &["login failed for user*token-identified principal"],
        "create a user for the identity in the database, signed in as its Entra administrator: `CREATE USER [<name of the identity>] FROM EXTERNAL PROVIDER`, and give it a role there; Azure roles do not let anybody into a database",
        "Azure SQL doc \"Microsoft Entra authentication\"",
    ),
    Said(
        Code::AuthorizationMissing,
        &["must be logged in to the server"],
        "the Kubernetes API server took no token: get the kubeconfig again (`az aks get-credentials`) and convert it (`kubelogin convert-kubeconfig -l azurecli`); AKS wants a token for its server application, 6dae42f8-4368-4678-94ff-3960e28e3630",
        "AKS doc \"Use kubelogin to authenticate users\"",
    ),
    Said(
        Code::KeyWrong,
        &["signature did not match"],
        "the call was signed with a key or a shared access signature, and not sent with a token: make a new signature with the key as it is now (permissions, times and resource are part of it), or send a token of Entra ID and leave the signature out",
        "Azure Storage doc \"Troubleshoot 403 errors\"",
    ),
    Said(
        Code::GraphRefusesClient,
        &["unsupported app only token"],
        "SharePoint takes an application's own token only if the client proved itself with a certificate: use a certificate in place of the secret, or Microsoft Graph",
        "SharePoint doc \"Granting access via Entra app-only\"",
    ),
    Said(
        Code::NotAMember,
        &["apponly accesspolicy", "applicationaccesspolicy"],
        "Exchange Online restricts which mailboxes the application may open: have its administrator add the mailbox to the scope of the application access policy (or the RBAC for Applications assignment); permissions in Entra ID do not help",
        "Exchange Online doc \"Limit application permissions to specific mailboxes\"",
    ),
    Said(
        Code::McpServerNotFound,
        &["http_404"],
        "deploy the MCP server at the target: Functions serve it at /runtime/webhooks/mcp",
        "azure-skills, toolbox endpoint",
    ),
    Said(
        Code::McpHostUntrusted,
        &["untrusted mcp endpoint"],
        "use an OAuth application of your own, or a key: Microsoft tokens go to trusted hosts only",
        "azure-devops-mcp issue 1273",
    ),
    Said(
        Code::AgentIdentityNeedsAgent,
        &["agentinstanceclientid"],
        "call through the deployed agent, or test with the project's managed identity",
        "azure-skills, agent identity",
    ),
    Said(
        Code::ConsentTestUsersOnly,
        &[
            "the user may not be registered",
            "global-test.consent.azure-apim.net",
        ],
        "nothing on the client's side: the connector's application is a test one",
        "azure-skills, tool catalog",
    ),
    Said(
        Code::HostedAgentNotReady,
        &["session_not_ready"],
        "repeat after 15 to 30 seconds; then check the model deployment and the agent identity's role",
        "azure-skills, deploy",
    ),
    Said(
        Code::ConnectionAuthType,
        &[
            "agenticidentity*discriminator",
            "discriminator*agenticidentity",
            "unsupported authtype",
        ],
        "use AgenticIdentityToken, or CustomKeys in place of ApiKey",
        "azure-dev, connection schema",
    ),
    Said(
        Code::EnvironmentMissing,
        &["neither foundry_project_endpoint nor"],
        "set FOUNDRY_PROJECT_ENDPOINT",
        "agent-framework, hosted toolbox sample",
    ),
    Said(
        Code::McpNoRegistration,
        &["dynamic client registration"],
        "register the client beforehand and configure its id: Entra ID has no dynamic registration",
        "RFC 7591; Entra ID's metadata",
    ),
    Said(
        Code::McpNoPkceAdvertised,
        &[
            "code_challenge_methods_supported",
            "does not support code challenge method",
        ],
        "serve metadata that advertises S256, as mcp-auth's `facade` does",
        "MCP specification, authorization",
    ),
    Said(
        Code::AudienceNotAccepted,
        &["idx10214", "audience validation failed"],
        "accept the client id and every identifier URI of the API",
        "Entra doc \"Secure applications and APIs by validating claims\"",
    ),
    Said(
        Code::CloudShellAudience,
        &["audiencenotsupported"],
        "run `az login` inside Cloud Shell",
        "azure-search-openai-demo issue 629",
    ),
    Said(
        Code::ManagedIdentityNotFound,
        &["identity not found", "managed identity*not found"],
        "name the user-assigned identity: `AZURE_CLIENT_ID`, or the credential's `client_id`",
        "azure-identity troubleshooting guide",
    ),
];

pub(super) fn said(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    for Said(code, phrases, change, source) in SAID {
        if let Some(phrase) = phrases.iter().find(|phrase| facts.says(phrase)) {
            let seen = format!("the answer says \"{}\"", phrase.replace('*', " ... "));
            let mut finding = Finding::new(*code, Certainty::Certain, seen).change(*change);
            if *code == Code::KeysDisabled
                && let Some((_, scope)) = facts.wanted()
            {
                finding = finding.change(Change::scope(scope));
            }
            found.push(finding.said().source_is(source));
        }
    }
    if facts.says_expired() {
        found.push(
            Finding::new(
                Code::Expired,
                Certainty::Certain,
                "the answer says that the token expired",
            )
            .why("a client that was given the token as a text sends it until it is restarted")
            .change("request a new token; give clients a token provider and not a text")
            .said()
            .source_is("RFC 7519, section 4.1.4; openai-python issue 1526"),
        );
    }
    if facts.says_any(&[
        "idx10222",
        "token is not yet valid",
        "token not yet valid",
        "jwt not active",
    ]) {
        found.push(
            Finding::new(Code::NotYetValid, Certainty::Certain, "the validator says that the token is not valid yet")
                .why("the clock of the validating machine is behind, or no difference of clocks is allowed")
                .change("set the machine's clock by NTP, and allow some minutes of difference in the validation")
                .said()
                .source_is("RFC 7519, section 4.1.5"),
        );
    }
    if facts.says("idx10205") && !facts.says("idx10205*validissuer") {
        found.push(super::site::version("the validator refused the issuer"));
    }
    if facts.status() == Some(424) && !facts.says("session_not_ready") {
        found.push(
            Finding::new(Code::HostedAgentToolbox, Certainty::Likely, "the hosted agent answers 424")
                .why("listing its tools is all or nothing: one tool that fails keeps every call from an answer")
                .change("call `tools/list` of the toolbox with your own token: -32007 names the tool that fails; mend it and redeploy")
                .source_is("agent-framework, hosted toolbox sample"),
        );
    }
    let bare = facts
        .requested()
        .and_then(|text| text.strip_suffix("/.default"));
    // A GUID is no URI, and clients that strip the suffix from URIs leave it on GUIDs.
    let guid = bare.is_some_and(|bare| foundry_scopes::ClientId::parse(bare).is_ok());
    let told = bare.is_some() && facts.says("invalid_resource");
    if told || guid && facts.status() == Some(400) {
        found.push(
            Finding::new(
                Code::ResourceHasScopeSuffix,
                if told { Certainty::Certain } else { Certainty::Likely },
                "a scope was given as `resource`",
            )
            .why("the identity endpoint of a host and Cloud Shell know `resource`, a parameter older than scopes")
            .change("strip `/.default`: a managed identity's endpoint takes the bare resource")
            .source_is("azure-identity, managed identity credential"),
        );
    }
    if facts.status() == Some(404)
        && facts.host.ends_with(".azurecontainerapps.io")
        && facts.path.contains("oauth-protected-resource")
    {
        found.push(
            Finding::new(
                Code::MetadataNotServed,
                Certainty::Certain,
                "Container Apps do not serve the metadata of protected resources",
            )
            .change("serve it yourself: `mcp_auth::ProtectedResource`")
            .source_is("azure-container-apps issue 1736"),
        );
    }
}
