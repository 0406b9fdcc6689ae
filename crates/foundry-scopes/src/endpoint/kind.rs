//! Kinds of endpoints, and protocols of agents.

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code, for machines.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
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
        /// `.../api/projects/<project>/openai/v1`, the OpenAI API of a project.
        ProjectOpenAi => "project_openai_v1",
        /// `.../agents/<agent>`, with or without the protocol it speaks.
        FoundryAgent => "foundry_agent",
        /// `.../applications/<application>`, an Agent Application (legacy): a published agent of the
        /// older model.
        FoundryApplication => "foundry_application",
        /// `.../toolboxes/<toolbox>/mcp`
        FoundryToolbox => "foundry_toolbox",
        /// The Foundry MCP server, `mcp.ai.azure.com`.
        FoundryMcp => "foundry_mcp",
        /// A managed online endpoint of Azure Machine Learning.
        MachineLearning => "machine_learning",
        /// A hub-based project of the older SDKs on `<region>.api.azureml.ms`; retired.
        HubProject => "hub_project",
        /// The regional API of Azure Machine Learning, `<region>.api.azureml.ms`.
        MachineLearningRegion => "machine_learning_region",
        /// The Translator service on its global host.
        Translator => "translator",
        /// An MCP server of Agent 365, `agent365.svc.cloud.microsoft`.
        Agent365 => "agent_365",
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
        /// A managed HSM.
        ManagedHsm => "managed_hsm",
        /// An App Configuration store.
        AppConfiguration => "app_configuration",
        /// The query API of Log Analytics.
        LogAnalytics => "log_analytics",
        /// The query API of Application Insights.
        ApplicationInsights => "application_insights",
        /// A host that the caller opted in by name: a custom domain, a gateway, an app.
        Custom => "custom",
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
        /// The Model Context Protocol.
        Mcp => "mcp",
    }
}

pub(super) use named;
