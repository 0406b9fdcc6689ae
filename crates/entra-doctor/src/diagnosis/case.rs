//! What is known of a failed call.

use entra_claims::UnverifiedToken;
use foundry_scopes::{Cloud, TenantId};

use super::answer::Answer;
use super::answer::cut;
use crate::document::Document;
use crate::input;

/// What is known of a call that fails: as much or as little as there is.
///
/// Nothing is verified and nothing leaves the machine. A key that is given in place of a
/// token is recognized by its form and not kept.
///
/// ```
/// use entra_doctor::{Answer, Case, Code};
///
/// // "It works with a key and answers 401 with Entra ID."
/// let diagnosis = Case::new()
///     .endpoint("https://contoso.openai.azure.com/openai/deployments/gpt-4o")
///     .answer(Answer::new().status(401))
///     .diagnose();
/// let first = &diagnosis.findings()[0];
/// assert_eq!(first.code(), Code::AudienceUnchecked);
/// assert!(first.changes()[0].text().contains("https://cognitiveservices.azure.com/.default"));
/// ```
#[derive(Default)]
pub struct Case {
    pub(super) now: i64,
    pub(super) cloud: Option<Cloud>,
    pub(super) credential: Option<Credential>,
    pub(super) requested: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) answer: Answer,
    pub(super) tenant: Option<TenantId>,
    pub(super) documents: Vec<Document>,
    pub(super) as_user: bool,
}

/// What was given as a token.
pub(super) enum Credential {
    Token(Box<UnverifiedToken>),
    Unreadable(String),
    /// A key of OpenAI itself.
    OpenAiKey,
    /// No dots: a key of some service.
    Key,
}

impl Case {
    /// Nothing known yet; the public cloud, at the beginning of 1970.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// When the call failed, in Unix seconds: tokens expire.
    #[must_use]
    pub fn at(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    /// The cloud that the endpoint should be in.
    #[must_use]
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = Some(cloud);
        self
    }

    /// The token as it was pasted, `Bearer` and quotes included. It is decoded, not verified.
    #[must_use]
    pub fn token(mut self, text: &str) -> Self {
        let bare = input::bare(text);
        self.credential = Some(match UnverifiedToken::decode(bare) {
            Ok(token) => Credential::Token(Box::new(token)),
            Err(_) if bare.starts_with("sk-") => Credential::OpenAiKey,
            Err(_) if !bare.contains('.') && !bare.is_empty() => Credential::Key,
            Err(error) => Credential::Unreadable(error.to_string()),
        });
        self
    }

    /// The audience or scope that the token is requested with, where there is no token.
    #[must_use]
    pub fn requested(mut self, audience_or_scope: &str) -> Self {
        self.requested = Some(audience_or_scope.trim().to_owned());
        self
    }

    /// The endpoint as it was copied.
    #[must_use]
    pub fn endpoint(mut self, url: &str) -> Self {
        self.endpoint = Some(cut(url.trim()).to_owned());
        self
    }

    /// What the service answered.
    #[must_use]
    pub fn answer(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }

    /// The tenant that the resource is in, where it is known.
    #[must_use]
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Settings, manifests, tool definitions, log entries.
    #[must_use]
    pub fn documents(mut self, documents: impl IntoIterator<Item = Document>) -> Self {
        self.documents.extend(documents);
        self
    }

    /// The call should be made as the signed-in user, and not as an application or agent.
    #[must_use]
    pub fn as_the_user(mut self) -> Self {
        self.as_user = true;
        self
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case")
            .field("answer", &self.answer)
            .field("documents", &self.documents)
            .finish_non_exhaustive()
    }
}
