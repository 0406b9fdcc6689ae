//! The input of a diagnosis: token, endpoint, answer, documents, pasted text.

use std::sync::Arc;

use entra_claims::UnverifiedToken;
use foundry_scopes::{Cloud, TenantId};

use super::answer::Answer;
use super::answer::cut;
use crate::document::Document;
use crate::input;
use crate::reading::Reading;
use crate::reading::single;
use crate::reading::token::{self, Form, FoundToken, Place};

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
    pub(super) audience: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) answer: Answer,
    pub(super) tenant: Option<TenantId>,
    pub(super) documents: Vec<Document>,
    pub(super) as_user: bool,
    pub(super) failed_at: Option<i64>,
    pub(super) pastes: Vec<Reading>,
}

/// What was given as a token.
#[derive(Clone)]
pub(crate) enum Credential {
    Token(Arc<UnverifiedToken>, Form, Place),
    Unreadable(String),
    /// An ellipsis stands where a part was.
    Shortened,
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

    /// The present time, in Unix seconds: the time of the failure unless
    /// [`failed_at`](Self::failed_at) or the text says another.
    #[must_use]
    pub fn at(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    /// When the call failed, in Unix seconds. A token that has expired since is no cause.
    ///
    /// ```
    /// use entra_doctor::{Case, Code};
    ///
    /// # let token = concat!(
    /// #     "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.",
    /// #     "eyJhdWQiOiJodHRwczovL2FpLmF6dXJlLmNvbSIsImV4cCI6MTcwMDAwMDAwMH0.",
    /// #     "c2lnbmF0dXJl"
    /// # );
    /// let case = || Case::new().at(1_800_000_000).token(token);
    /// let codes = |case: Case| case.diagnose().findings().iter().map(|it| it.code()).collect::<Vec<_>>();
    /// assert!(codes(case()).contains(&Code::Expired));
    /// assert!(!codes(case().failed_at(1_699_999_000)).contains(&Code::Expired));
    /// ```
    #[must_use]
    pub fn failed_at(mut self, time: i64) -> Self {
        self.failed_at = Some(time);
        self
    }

    /// Any text that was pasted: logs, transcripts, error texts, JSON, code, several tokens.
    /// Tokens, addresses, codes, header fields, settings and times are found in it.
    ///
    /// ```
    /// use entra_doctor::{Case, Code};
    ///
    /// let diagnosis = Case::new()
    ///     .paste("curl https://contoso.openai.azure.com/openai/v1/models\n\
    ///             {\"error\":{\"code\":\"401\",\"message\":\"Access token is missing, invalid, audience \
    ///             is incorrect (https://cognitiveservices.azure.com), or have expired.\"}}")
    ///     .diagnose();
    /// assert_eq!(diagnosis.findings()[0].code(), Code::AudienceUnchecked);
    /// ```
    #[must_use]
    pub fn paste(mut self, text: &str) -> Self {
        self.pastes.push(Reading::of(text));
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
        self.credential = Some(Credential::of(text));
        self
    }

    /// The audience or scope that the token is requested with, where there is no token.
    #[must_use]
    pub fn requested(mut self, audience_or_scope: &str) -> Self {
        self.requested = Some(audience_or_scope.trim().to_owned());
        self
    }

    /// The audience that the API accepts, where it is an API of one's own: the client id or an
    /// identifier URI of its registration.
    ///
    /// ```
    /// use entra_doctor::{Case, Code};
    ///
    /// let diagnosis = Case::new()
    ///     .endpoint("https://mcp.contoso.example/mcp")
    ///     .audience("api://11112222-bbbb-3333-cccc-4444dddd5555")
    ///     .requested("https://ai.azure.com/.default")
    ///     .diagnose();
    /// let first = &diagnosis.findings()[0];
    /// assert_eq!(first.code(), Code::AudienceWrong);
    /// assert!(first.changes()[0].text().contains("api://11112222-bbbb-3333-cccc-4444dddd5555/.default"));
    /// ```
    #[must_use]
    pub fn audience(mut self, accepted: &str) -> Self {
        self.audience = Some(accepted.trim().to_owned());
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

impl Credential {
    /// The credential in a text that should be one.
    pub(crate) fn of(text: &str) -> Self {
        let bare = input::bare(text);
        if let Some(found) = single::one(text) {
            return Self::found(&found);
        }
        if token::is_shortened(text) {
            Self::Shortened
        } else if bare.starts_with("sk-") {
            Self::OpenAiKey
        } else if !bare.contains('.') && !bare.is_empty() && !bare.contains(char::is_whitespace) {
            Self::Key
        } else {
            match UnverifiedToken::decode(bare) {
                Ok(token) => Self::Token(Arc::new(token), Form::Whole, Place::Elsewhere),
                Err(error) => Self::Unreadable(error.to_string()),
            }
        }
    }

    /// A token that was found in a text.
    pub(crate) fn found(found: &FoundToken) -> Self {
        match UnverifiedToken::decode(&found.text) {
            Ok(token) => Self::Token(Arc::new(token), found.form, found.place),
            Err(_) if found.form == Form::Shortened => Self::Shortened,
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }

    pub(crate) fn token(&self) -> Option<&UnverifiedToken> {
        match self {
            Self::Token(token, ..) => Some(token),
            _ => None,
        }
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
