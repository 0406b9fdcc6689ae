//! Codes of findings, stable, in the order of equally likely findings.

use std::fmt;

use serde::{Serialize, Serializer};

/// One list: the variant, its code, and the sentence that documents it here and in
/// `docs/troubleshooting.md`.
macro_rules! codes {
    ($($variant:ident => $code:literal, $summary:literal;)*) => {
        /// What a finding is about: stable, for machines.
        ///
        /// The order is the order in which equally likely findings are told: what stands
        /// in the way first comes first.
        ///
        /// ```
        /// use entra_doctor::Code;
        ///
        /// assert_eq!(Code::AudienceWrong.as_str(), "audience_wrong");
        /// assert!(Code::Expired < Code::RoleMissing);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code, for machines.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// What it stands for, in one sentence.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Self::$variant => $summary,)*
                }
            }
        }
    };
}

codes! {
    // What was sent as a credential.
    TokenUnreadable => "token_unreadable", "What was given as a token cannot be decoded as one.";
    BearerDoubled => "bearer_doubled", "The scheme `Bearer` was sent twice.";
    AuthorizationMissing => "authorization_missing", "No token reached the service.";
    HeaderTooLarge => "header_too_large", "The token is larger than the server takes in a header.";
    CredentialUnavailable => "credential_unavailable", "No credential of the SDK got a token.";
    TokenAsKey => "token_as_key", "A token was sent in the header that is for keys.";
    KeyAsToken => "key_as_token", "A key was sent as a bearer token.";
    KeyOfOtherService => "key_of_other_service", "A key of OpenAI itself was sent to Azure, or the other way round.";
    PasswordInsteadOfToken => "password_instead_of_token", "The database wants an access token in the place of the password.";
    SessionWanted => "session_wanted", "The site looks at its own session and at no bearer token.";
    KeyWrong => "key_wrong", "The key belongs to another resource or region.";
    KeyRequired => "key_required", "The service takes a key here and no token.";
    KeysDisabled => "keys_disabled", "The resource takes no keys, only tokens.";
    GatewayKeyMissing => "gateway_key_missing", "A gateway in front wants its subscription key.";
    FunctionKeyMissing => "function_key_missing", "The Functions host wants the system key of its MCP extension.";
    SpeechCompositeToken => "speech_composite_token", "Speech wants the token in a composite form.";
    ExchangeToken => "exchange_token", "A token that is a credential for an exchange was sent to an API.";
    IdToken => "id_token", "An ID token was sent where an access token is needed.";
    ProofOfPossession => "proof_of_possession", "The envelope of a proof of possession was sent as a bearer token.";
    BoundToken => "bound_token", "The token is bound to a key and no bearer token.";
    Unsigned => "unsigned", "The token is unsigned.";
    Algorithm => "algorithm", "The token's algorithm is none that Entra ID uses for APIs.";
    SignatureForm => "signature_form", "The token's signature is not base64url.";
    SignatureLength => "signature_length", "The token's signature has an unusual length.";

    // Where it was sent.
    EndpointKeyOnly => "endpoint_key_only", "The host takes keys only.";
    EndpointPortal => "endpoint_portal", "The address is a page of a portal.";
    EndpointBrowserPage => "endpoint_browser_page", "The address is a page for a user's browser.";
    PathNearMiss => "path_near_miss", "The path is nearly one that is known.";
    EndpointMisspelt => "endpoint_misspelt", "The host is spelled as in some documentation, and does not exist.";
    EndpointConnectionString => "endpoint_connection_string", "The text is a connection string of an older SDK.";
    EndpointOtherCloud => "endpoint_other_cloud", "The host belongs to another cloud.";
    EndpointRetired => "endpoint_retired", "The address is of a retired kind.";
    EndpointGateway => "endpoint_gateway", "The host is a gateway, whose audience is its policy's.";
    EndpointCustomApi => "endpoint_custom_api", "The host is somebody's own app, whose audience is its registration's.";
    EndpointRefused => "endpoint_refused", "The address is none that a token may be sent to.";
    ClientRefusesCloud => "client_refuses_cloud", "The client program knows the public cloud only.";

    // When, and from where.
    Expired => "expired", "The token expired.";
    NotYetValid => "not_yet_valid", "The token is not valid yet.";
    NoExpiry => "no_expiry", "The token has no `exp`.";
    NoIssuer => "no_issuer", "The token has no `iss`.";
    TenantMismatch => "tenant_mismatch", "The token contradicts itself about its tenant.";
    AudienceOtherCloud => "audience_other_cloud", "The audience belongs to another cloud than the endpoint.";
    IssuerOtherCloud => "issuer_other_cloud", "The token was issued in another cloud than the endpoint's.";
    IssuerUnknown => "issuer_unknown", "The token's issuer is none of a known cloud.";

    // For whom.
    AudienceNotRegistered => "audience_not_registered", "The audience that is asked for is no identifier of the app registration.";
    ExchangeNeeded => "exchange_needed", "The token is for another API, which has to exchange it.";
    AudienceWrong => "audience_wrong", "The token is for another audience than the endpoint accepts.";
    AudienceSlash => "audience_slash", "The audience differs from the registered one by a slash at the end.";
    ResourceHasScopeSuffix => "resource_has_scope_suffix", "A scope was given where the bare resource belongs.";
    CloudShellAudience => "cloud_shell_audience", "Cloud Shell's identity endpoint serves a fixed list of audiences.";
    AudienceNotAccepted => "audience_not_accepted", "The API accepts another spelling of its own audience.";
    SignatureRefused => "signature_refused", "The API cannot verify the token's signature.";
    SiteAudienceNotAllowed => "site_audience_not_allowed", "The site does not allow the audience that the token carries.";
    SettingHoldsValue => "setting_holds_value", "A value stands where the name of a setting belongs.";
    SiteClientMismatch => "site_client_mismatch", "The site and the app registration name different applications.";
    SiteClientNotAllowed => "site_client_not_allowed", "The site does not allow the calling application.";
    SitePrincipalNotAllowed => "site_principal_not_allowed", "The site does not allow the calling identity.";
    SiteTenantNotAllowed => "site_tenant_not_allowed", "The site does not allow the caller's tenant.";
    ConnectionAudienceMissing => "connection_audience_missing", "The tool's connection names no audience.";
    AudienceDisputed => "audience_disputed", "Sources disagree on whether the endpoint accepts this audience.";
    AudienceUnchecked => "audience_unchecked", "No token was given: this is the audience it must have.";

    // Of which tenant and version.
    TenantWrong => "tenant_wrong", "The token is of another tenant than the resource.";
    BotTenant => "bot_tenant", "The bot's token is of the wrong tenant for its kind.";
    ActivityToken => "activity_token", "The token is the Bot Framework's, for activities between a bot and its channel.";
    SiteTenantUnchecked => "site_tenant_unchecked", "The site checks no tenant.";
    VersionMismatch => "version_mismatch", "The API's tokens have another version than the one that is accepted.";
    VersionPersonalAccounts => "version_personal_accounts", "An API for personal accounts must use version 2 tokens.";

    // What Entra ID refused.
    McpResourceMismatch => "mcp_resource_mismatch", "The `resource` parameter of an MCP client is not the identifier of the scopes.";
    McpResourceRefused => "mcp_resource_refused", "Entra ID refused the `resource` parameter of an MCP client.";
    McpScopeUnqualified => "mcp_scope_unqualified", "A short scope name was requested, and Entra ID read it as Microsoft Graph's.";
    McpScopeAbsent => "mcp_scope_absent", "The sign-in asked for no scope.";
    McpNoRegistration => "mcp_no_registration", "The client wants to register itself, which Entra ID does not offer.";
    McpNoPkceAdvertised => "mcp_no_pkce_advertised", "The client misses PKCE in Entra ID's metadata.";
    McpAdminApproval => "mcp_admin_approval", "The client's `prompt=consent` asks for an administrator.";
    ResourceMisspelt => "resource_misspelt", "The name of the requested resource is misspelt, or a scope stands in its place.";
    ScopeInvalid => "scope_invalid", "The requested scopes do not go together.";
    ScopeUnknown => "scope_unknown", "The requested resource has no scope of this name.";
    ParameterMissing => "parameter_missing", "The request to Entra ID lacks a parameter.";
    TokenForItself => "token_for_itself", "An application asks for a token for itself by the wrong name.";
    ApplicationNotFound => "application_not_found", "The tenant has no application with the client id of the request.";
    PermissionNotListed => "permission_not_listed", "The client's registration does not list the requested resource.";
    UserNotInTenant => "user_not_in_tenant", "The user is not in the tenant that was asked.";
    UserNotAssigned => "user_not_assigned", "The application demands an assignment, and the caller has none.";
    ResourceNotFound => "resource_not_found", "The tenant has no resource of the requested name.";
    ServicePrincipalMissing => "service_principal_missing", "The requested service has no service principal in the tenant.";
    RedirectMismatch => "redirect_mismatch", "The redirect URI is not registered.";
    RedirectPlatform => "redirect_platform", "The redirect URI is registered for another platform.";
    SecretRefused => "secret_refused", "The client's secret or certificate was refused.";
    TwoCredentials => "two_credentials", "The client sent more than one credential.";
    SecretOfPublicClient => "secret_of_public_client", "Entra ID wants a secret, since the redirect URI is registered for the Web platform.";
    CodeRedeemedTwice => "code_redeemed_twice", "A sign-in code was redeemed a second time.";
    AssertionAudience => "assertion_audience", "The user's token was not issued to the application that exchanges it.";
    AgentGrantRefused => "agent_grant_refused", "The grant is none that an agent identity may use.";
    FederationMismatch => "federation_mismatch", "No federated credential matches the presented assertion.";
    ConditionalAccess => "conditional_access", "A Conditional Access policy wants more, or forbids it.";
    ConsentMissing => "consent_missing", "Nobody has consented to the permission.";
    ManagedIdentityNotFound => "managed_identity_not_found", "The managed identity was not found where it was asked for.";
    EntraError => "entra_error", "Entra ID answered with an error of its catalogue.";
    SignInNotYours => "sign_in_not_yours", "The sign-in log shows an application of Microsoft's.";

    // Who calls, and what they may do.
    TokenWithoutUser => "token_without_user", "No user is in the token, so nothing can be done as one.";
    ScopeMissing => "scope_missing", "The delegated scope that the service asks for is not in the token.";
    PermissionMissing => "permission_missing", "The token lacks a permission that the operation needs.";
    DelegatedOnly => "delegated_only", "The operation works for a signed-in user only.";
    FeatureOff => "feature_off", "The service took the token and has the feature switched off.";
    AgentAuthorization => "agent_authorization", "An agent's endpoint takes tokens for Foundry or for the agent's blueprint.";
    GraphRefusesClient => "graph_refuses_client", "Microsoft Graph refuses this client for agent identities.";
    AgentIdentityAbsent => "agent_identity_absent", "The token is the blueprint's and not the agent identity's.";
    PrincipalDiffers => "principal_differs", "The identity that was refused is not the one in the token.";
    ImpersonationRoleMissing => "impersonation_role_missing", "Acting for another user needs a data action of its own.";
    ControlPlaneRoleMissing => "control_plane_role_missing", "A role of the control plane is missing.";
    RegistryRoleMissing => "registry_role_missing", "The container registry refuses the push or pull.";
    ProjectIdentityRoleMissing => "project_identity_role_missing", "The project's own identity misses a role.";
    RoleNotCarriedOver => "role_not_carried_over", "Roles of the project's identity do not carry over to the published agent.";
    RoleMissing => "role_missing", "The caller has no role with the data action.";
    RoleNotPropagated => "role_not_propagated", "A new role assignment has not arrived yet.";
    SearchKeysOnly => "search_keys_only", "The search service may be set to keys only.";

    NotAMember => "not_a_member", "The service keeps its own list of users, and the caller is not on it.";
    BotApplication => "bot_application", "The connector's token is of another application than the bot's.";
    RouteRoleMissing => "route_role_missing", "The route of the static site wants a role that the caller lacks.";
    ProviderNotRegistered => "provider_not_registered", "The subscription has not registered the resource provider.";
    ControlPlaneForbids => "control_plane_forbids", "A policy or a lock of Azure forbids the change.";

    // Which network and which address.
    NetworkClosedHosted => "network_closed_hosted", "The hosted agent's network has no way to the account.";
    NetworkClosed => "network_closed", "The resource is closed to the caller's network.";
    Unreachable => "unreachable", "The machine does not reach Entra ID, or does not trust its certificate.";
    Throttled => "throttled", "The service limits the rate of calls.";
    ServiceFailed => "service_failed", "The service itself failed.";
    ApiVersionOnV1 => "api_version_on_v1", "The v1 API refuses `api-version`.";
    ApiVersionMissing => "api_version_missing", "The API wants an `api-version`.";
    PathDoubled => "path_doubled", "The client adds a path that the endpoint already has.";
    V1BaseInAzureClient => "v1_base_in_azure_client", "The v1 address was given to a client for the classic API.";
    ModelsPathMissing => "models_path_missing", "The model inference client wants `/models` in its endpoint.";
    AnthropicInProject => "anthropic_in_project", "Claude is served by the account and not by a project.";
    ProjectPathMissing => "project_path_missing", "The project is missing in the path.";
    OpenAiPathMissing => "openai_path_missing", "The OpenAI API of a project is below `/openai/v1`.";
    AgentEndpointForm => "agent_endpoint_form", "The client wants the endpoint of an agent's protocol.";
    SearchMcpPath => "search_mcp_path", "The MCP address of a knowledge base is another one.";
    DeploymentNotFound => "deployment_not_found", "No deployment has this name.";
    ConversationGone => "conversation_gone", "The conversation is of an earlier deployment.";

    CrossOriginRefused => "cross_origin_refused", "The browser withholds the answer from the page: no cross-origin call is allowed there.";

    // Tools, connections, agents.
    ToolConsentRequired => "tool_consent_required", "A user has to consent to the tool's connection.";
    ConsentTestUsersOnly => "consent_test_users_only", "The connector's sign-in is a test application.";
    McpServerForbids => "mcp_server_forbids", "The MCP server behind the toolbox forbids the call after consent.";
    McpServerNotFound => "mcp_server_not_found", "The MCP server is not at the address of the connection.";
    McpHostUntrusted => "mcp_host_untrusted", "Foundry does not hand Microsoft tokens to this host.";
    McpTransport => "mcp_transport", "The MCP transport refuses the request, and not the token.";
    AgentIdentityNeedsAgent => "agent_identity_needs_agent", "An agent identity exists only inside a deployed agent.";
    HostedAgentNotReady => "hosted_agent_not_ready", "The hosted agent's session is not ready.";
    InvocationsNone => "invocations_none", "The site was never invoked.";
    PublishedAgentSilent => "published_agent_silent", "A published agent does not answer in its channel.";
    RedirectTwice => "redirect_twice", "A browser fetched the redirect of one sign-in twice.";
    HostedAgentToolbox => "hosted_agent_toolbox", "One failing tool keeps the whole hosted agent from answering.";
    AgentNotProvisioned => "agent_not_provisioned", "The agent has no identity of its own.";
    AgentIdentityUnused => "agent_identity_unused", "The token is of another identity than the agent's own.";
    AgentCardAnonymous => "agent_card_anonymous", "The agent card is fetched without credentials.";
    ConnectionAuthType => "connection_auth_type", "The connection's kind of authentication is none that is accepted.";
    ConnectionManagedIdentity => "connection_managed_identity", "Connections with the project's identity lose audience and query.";
    ConnectionScopeUnqualified => "connection_scope_unqualified", "The connection's scopes do not name their resource.";
    ConnectionNoOfflineAccess => "connection_no_offline_access", "The connection gets no refresh token.";
    ConnectionUserToken => "connection_user_token", "Connections with the user's token do not work in every channel.";
    EnvironmentReserved => "environment_reserved", "An environment variable has a name that the platform overwrites.";
    EnvironmentMissing => "environment_missing", "An environment variable that the library reads is not set.";
    MetadataNotServed => "metadata_not_served", "The host does not serve the metadata of protected resources.";

    // What documents say by themselves.
    IdentifierUriMissing => "identifier_uri_missing", "The registration has no identifier URI.";
    VersionBeforeHttpsUri => "version_before_https_uri", "An https identifier URI goes with version 2 tokens.";
    PreauthorizedScopeUnknown => "preauthorized_scope_unknown", "A pre-authorized client has a permission that does not exist.";
    ScopeDisabled => "scope_disabled", "A scope of the registration is switched off.";
    OptionalClaimsMissing => "optional_claims_missing", "Claims that tell kinds of callers apart are not asked for.";
    MappedClaimsForeign => "mapped_claims_foreign", "Foreign tenants may shape claims of this API.";
    AppRolesMissing => "app_roles_missing", "Applications cannot be told apart without app roles.";
    ClientNotPreauthorized => "client_not_preauthorized", "The client is not pre-authorized for the API.";
    SiteAuthOff => "site_auth_off", "The site lets anonymous requests through.";
    SiteRedirectsCallers => "site_redirects_callers", "The site sends callers to a sign-in page instead of answering 401.";
    SiteLoginScopeGraph => "site_login_scope_graph", "The site's sign-in gets a token for Microsoft Graph.";
    SitePathsExcluded => "site_paths_excluded", "Some paths of the site are not authenticated.";

    // Good to know.
    Unclear => "unclear", "The claims do not settle what kind of caller it is.";
    AppWithoutRole => "app_without_role", "An application's token carries no role.";
    GraphToken => "graph_token", "Only Microsoft Graph can check this token's signature.";
    GroupsOverage => "groups_overage", "The caller is in more groups than a token holds.";
    UserInAgent => "user_in_agent", "How a user's identity reaches what is behind an agent.";
    ConsentShared => "consent_shared", "All users of the calling application share its consent.";
    PrincipalWithoutTenant => "principal_without_tenant", "The caller of Static Web Apps names no tenant and no object.";
    AnotherToken => "another_token", "Another token of the paste fits better.";
    RefusalUnexplained => "refusal_unexplained", "It was refused, and nothing that was given says why.";
    NothingRecognized => "nothing_recognized", "Nothing in the text was recognized.";
    MoreNeeded => "more_needed", "More input would make this surer.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_one_word_of_its_own_and_one_sentence() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
            let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            assert!(code.as_str().bytes().all(word), "{code}");
            assert!(code.summary().ends_with('.'), "{code}");
        }
    }
}
