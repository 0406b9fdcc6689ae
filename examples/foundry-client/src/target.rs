//! Where to call, and which token to bring: from an endpoint as people paste it.

use std::error::Error;

use foundry_scopes::{Client, Endpoint, Scope};

/// One service, ready to be called.
pub struct Target {
    /// The base address for its requests, without a slash at the end.
    pub url: String,
    /// What to ask Entra ID for.
    pub scope: Scope,
    /// What was changed of the text that was given, in words.
    pub notes: Vec<String>,
}

impl Target {
    /// An Azure OpenAI resource: its classic API wants the audience of Cognitive Services.
    pub fn openai(pasted: &str) -> Result<Self, Box<dyn Error>> {
        Self::of(pasted, Client::AzureOpenAi, "an Azure OpenAI resource")
    }

    /// A Foundry project: it wants the audience of Azure AI, and refuses the other one.
    pub fn project(pasted: &str) -> Result<Self, Box<dyn Error>> {
        Self::of(pasted, Client::AiProjects, "a Foundry project")
    }

    fn of(pasted: &str, client: Client, what: &str) -> Result<Self, Box<dyn Error>> {
        let endpoint = Endpoint::parse(pasted)?;
        let Some(address) = endpoint.for_client(client) else {
            let found = endpoint.kind();
            return Err(format!("{what} is needed, and {pasted} is {found}").into());
        };
        Ok(Self {
            url: address.url().trim_end_matches('/').to_owned(),
            scope: address.scope().clone(),
            notes: endpoint.notes().iter().map(ToString::to_string).collect(),
        })
    }

    /// The same service, served by a stand-in: same path, same audience.
    pub fn served_by(mut self, origin: &str) -> Result<Self, Box<dyn Error>> {
        let path = url::Url::parse(&self.url)?
            .path()
            .trim_end_matches('/')
            .to_owned();
        self.url = format!("{origin}{path}");
        Ok(self)
    }
}
