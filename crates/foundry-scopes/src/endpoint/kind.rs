//! What an endpoint can be.

use std::fmt;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// The stable code, for machines.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

named! {
    /// What an [`Endpoint`](crate::Endpoint) is.
    ///
    /// ```
    /// use foundry_scopes::{Endpoint, EndpointKind};
    ///
    /// let endpoint = Endpoint::parse("https://contoso.services.ai.azure.com/api/projects/p1")?;
    /// assert_eq!(endpoint.kind(), EndpointKind::FoundryProject);
    /// assert_eq!(endpoint.kind().as_str(), "foundry_project");
    /// # Ok::<(), foundry_scopes::EndpointError>(())
    /// ```
    EndpointKind {
        /// `<resource>.openai.azure.com`, the classic API with its `api-version`.
        AzureOpenAi => "azure_openai",
        /// `.../openai/v1/` of an account, the API without `api-version`.
        OpenAiV1 => "openai_v1",
        /// `<resource>.cognitiveservices.azure.com`, any of the Foundry Tools.
        CognitiveServices => "cognitive_services",
        /// The MCP server of the Language service.
        LanguageMcp => "language_mcp",
        /// `<resource>.services.ai.azure.com`, the account without a project.
        FoundryResource => "foundry_resource",
        /// `.../models`, the Azure AI model inference API.
        ModelInference => "model_inference",
        /// `.../anthropic/`, Claude in Foundry.
        Anthropic => "anthropic",
        /// `.../providers/...`, a provider's own API.
        ModelProvider => "model_provider",
        /// `.../api/projects/<project>`
        FoundryProject => "foundry_project",
        /// `.../agents/<agent>`, with or without the protocol it speaks.
        FoundryAgent => "foundry_agent",
        /// `.../applications/<application>`, a published agent of the older model.
        FoundryApplication => "foundry_application",
        /// `.../toolboxes/<toolbox>/mcp`
        FoundryToolbox => "foundry_toolbox",
        /// The Foundry MCP server, `mcp.ai.azure.com`.
        FoundryMcp => "foundry_mcp",
        /// A managed online endpoint of Azure Machine Learning.
        MachineLearning => "machine_learning",
        /// Azure Resource Manager, the control plane.
        ResourceManager => "resource_manager",
        /// The Azure Resource Manager MCP server.
        ResourceManagerMcp => "resource_manager_mcp",
        /// Microsoft Graph.
        Graph => "graph",
        /// An Azure AI Search service.
        Search => "search",
        /// A key vault.
        KeyVault => "key_vault",
        /// A storage account.
        Storage => "storage",
        /// A Cosmos DB account.
        CosmosDb => "cosmos_db",
    }
}

named! {
    /// How a published agent is spoken to.
    AgentProtocol {
        /// The OpenAI Responses protocol.
        Responses => "responses",
        /// Invocations over HTTP.
        Invocations => "invocations",
        /// Invocations over a WebSocket.
        InvocationsWebSocket => "invocations_ws",
        /// Agent to agent.
        AgentToAgent => "a2a",
    }
}

named! {
    /// The stable code of a [`Note`](crate::Note).
    NoteCode {
        /// Scheme and host were put in lower case.
        HostCase => "host_case",
        /// Fixed parts of the path were put in lower case.
        PathCase => "path_case",
        /// `:443` was removed.
        DefaultPort => "default_port",
        /// Repeated slashes became one.
        DuplicateSlash => "duplicate_slash",
        /// A slash at the end was removed.
        TrailingSlash => "trailing_slash",
        /// The `privatelink` label was removed: clients use the public name.
        PrivateLink => "private_link",
        /// The part of the path that clients add themselves was removed.
        PathRemoved => "path_removed",
        /// A path that this service does not document was removed.
        PathUnknown => "path_unknown",
        /// The `api-version` was taken out of the URL.
        ApiVersionRemoved => "api_version_removed",
        /// Other known query parameters were removed.
        QueryRemoved => "query_removed",
        /// The scheme was changed to the one that the protocol needs.
        WebSocket => "web_socket",
        /// The v1 API refuses the `api-version` that was given.
        ApiVersionOnV1 => "api_version_on_v1",
        /// This API refuses requests without `api-version`, and none was given.
        ApiVersionMissing => "api_version_missing",
        /// The audience depends on the path that the client adds.
        AudienceByPath => "audience_by_path",
        /// Sources disagree on the audience; the one given is the documented one.
        AudienceDisputed => "audience_disputed",
        /// This is the control plane; the data plane is elsewhere.
        ControlPlane => "control_plane",
    }
}

impl NoteCode {
    /// Whether the note reports a change to what was given, as opposed to an advice.
    #[must_use]
    pub const fn is_change(self) -> bool {
        !matches!(
            self,
            Self::ApiVersionOnV1
                | Self::ApiVersionMissing
                | Self::AudienceByPath
                | Self::AudienceDisputed
                | Self::ControlPlane
        )
    }
}
