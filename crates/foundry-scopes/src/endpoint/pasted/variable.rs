//! Settings lines: `NAME=value` of a shell or `.env` file, `"NAME": "value"` of JSON.

use super::Pasted;
use crate::cloud::KnownCloud;
use crate::endpoint::Endpoint;
use crate::endpoint::error::{Corrections, EndpointReason as Reason};
use crate::endpoint::kind::EndpointKind as Kind;
use crate::endpoint::note::Note;
use crate::endpoint::note::NoteCode;
use crate::endpoint::raw::starts_with;

/// The form of address that a variable's readers want.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::endpoint) enum Wants {
    /// Scheme and host.
    Bare,
    /// `.../openai/v1/`
    V1,
    /// `.../api/projects/<project>`
    Project,
    /// `.../models` or `.../openai/v1`
    Models,
    Anthropic,
    Toolbox,
    /// The name of the resource alone.
    AnthropicResource,
    Anything,
}

use Wants::{Anthropic, AnthropicResource, Anything, Bare, Models, Project, Toolbox, V1};

/// The variables of the known SDKs and tools: openai, azure-ai-projects and its samples,
/// azd, agent-framework, langchain-azure-ai, anthropic, azure-search-documents.
const KNOWN: &[(&str, Wants)] = &[
    ("AZURE_OPENAI_ENDPOINT", Bare),
    ("AZURE_OPENAI_BASE_URL", V1),
    ("OPENAI_BASE_URL", V1),
    ("OPENAI_API_BASE", Anything),
    ("AZURE_AI_OPENAI_ENDPOINT", V1),
    ("AZURE_AI_INFERENCE_ENDPOINT", Models),
    ("AZURE_INFERENCE_ENDPOINT", Models),
    ("FOUNDRY_MODELS_ENDPOINT", Models),
    ("FOUNDRY_PROJECT_ENDPOINT", Project),
    ("AZURE_AI_PROJECT_ENDPOINT", Project),
    ("AZURE_FOUNDRY_PROJECT_ENDPOINT", Project),
    ("AZURE_AI_FOUNDRY_PROJECT_ENDPOINT", Project),
    ("AZURE_AIPROJECT_ENDPOINT", Project),
    ("PROJECT_ENDPOINT", Project),
    ("PROJECT_ENDPOINT_URL", Project),
    ("FOUNDRY_ENDPOINT", Anything),
    ("AZURE_FOUNDRY_ENDPOINT_BFL", Anything),
    ("AZURE_AI_PROJECT_ID", Project),
    ("AZURE_EXISTING_AIPROJECT_ENDPOINT", Project),
    ("AZURE_EXISTING_AIPROJECT_RESOURCE_ID", Project),
    ("PROJECT_CONNECTION_STRING", Anything),
    ("AIPROJECT_CONNECTION_STRING", Anything),
    ("AZURE_AIPROJECT_CONNECTION_STRING", Anything),
    ("AZURE_AI_PROJECT_CONNECTION_STRING", Anything),
    ("ANTHROPIC_FOUNDRY_BASE_URL", Anthropic),
    ("ANTHROPIC_FOUNDRY_RESOURCE", AnthropicResource),
    ("TOOLBOX_ENDPOINT", Toolbox),
    ("FOUNDRY_TOOLBOX_ENDPOINT", Toolbox),
    ("FOUNDRY_AGENT_TOOLSET_ENDPOINT", Toolbox),
    ("AZURE_CONTENTUNDERSTANDING_ENDPOINT", Bare),
    ("AZURE_SEARCH_ENDPOINT", Bare),
    ("AZURE_AI_SEARCH_ENDPOINT", Bare),
    ("AZURE_SEARCH_SERVICE_ENDPOINT", Bare),
    ("AZURE_AI_SERVICES_ENDPOINT", Bare),
    ("AZURE_COGNITIVE_SERVICES_ENDPOINT", Bare),
    ("AZURE_KEY_VAULT_ENDPOINT", Bare),
    ("AZURE_STORAGE_CONNECTION_STRING", Anything),
];

/// A line that names something.
pub(super) struct Line<'t> {
    name: &'t str,
    value: &'t str,
}

/// Whether the text is nothing but the name of a variable, as it is or as a shell would
/// replace it.
pub(super) fn is_name(text: &str) -> bool {
    let bare = text
        .trim_start_matches("$env:")
        .trim_start_matches(['$', '%', '{']);
    let bare = bare.trim_end_matches(['}', '%']);
    known(bare).is_some()
}

fn known(name: &str) -> Option<&'static (&'static str, Wants)> {
    KNOWN.iter().find(|(known, _)| *known == name)
}

/// Takes a line apart, if it is one.
pub(super) fn line(text: &str) -> Option<Line<'_>> {
    let mut rest = text;
    for prefix in ["export ", "set ", "$env:", "$Env:"] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    let quoted = rest.starts_with('"');
    let rest = rest.strip_prefix('"').unwrap_or(rest);
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let rest = if quoted {
        rest.strip_prefix('"')?
    } else {
        rest
    };
    let rest = rest.trim_start_matches(' ');
    let with_colon = rest.starts_with(':');
    let value = rest.strip_prefix(['=', ':'])?.trim_start_matches(' ');
    if name.is_empty() || (with_colon && known(name).is_none()) {
        return None;
    }
    let value = unquoted(value.strip_suffix([',', ';']).unwrap_or(value));
    // A connection string begins like a line.
    let is_line = known(name).is_some()
        || is_secret(name)
        || (starts_with(value, "http") && !value.contains(';'));
    is_line.then_some(Line { name, value })
}

fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner;
        }
    }
    value
}

fn is_secret(name: &str) -> bool {
    let upper = name.chars().all(|c| !c.is_ascii_lowercase());
    upper
        && ["KEY", "TOKEN", "SECRET"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// The address in a line.
pub(super) fn value<'t>(
    line: &Line<'t>,
    cloud: Option<KnownCloud>,
    corrections: &mut Corrections,
) -> Result<Pasted<'t>, Reason> {
    let Some((name, wants)) = known(line.name) else {
        if is_secret(line.name) {
            return Err(Reason::Secret);
        }
        return assigned(line.value, corrections);
    };
    let mut pasted = if *wants == AnthropicResource && super::label(line.value).is_some() {
        let url = super::foundry_url(line.value, None, cloud.ok_or(Reason::CustomCloud)?);
        Pasted::new(
            format!("{url}/anthropic/"),
            vec![super::resource_id::derived()],
        )
    } else if line.value.is_empty() {
        return Err(Reason::Empty);
    } else if let Some(inner) = self::line(line.value) {
        // One level of wrapping: a value is no line of its own.
        return assigned(inner.value, corrections);
    } else {
        super::address(line.value, cloud, corrections)?
    };
    let note = Note::new(
        NoteCode::EnvironmentVariable,
        format!("the address was taken out of the line of `{name}`"),
    );
    pasted.notes.insert(0, note);
    pasted.variable = Some((name, *wants));
    Ok(pasted)
}

/// The address after a name that no known SDK reads.
fn assigned<'t>(value: &'t str, corrections: &mut Corrections) -> Result<Pasted<'t>, Reason> {
    let start = value.find("http").ok_or(Reason::Assignment)?;
    corrections.record(Reason::Assignment);
    Ok(Pasted::new(
        value.get(start..).unwrap_or_default(),
        Vec::new(),
    ))
}

impl Wants {
    /// What to say if the address is of another form than the variable's readers want.
    pub(in crate::endpoint) fn advice(self, name: &str, endpoint: &Endpoint) -> Option<Note> {
        let kind = endpoint.kind();
        let cut = endpoint
            .notes()
            .iter()
            .any(|note| note.code() == NoteCode::PathRemoved);
        let (fits, form) = match self {
            Bare => (
                !cut && !matches!(
                    kind,
                    Kind::OpenAiV1
                        | Kind::FoundryProject
                        | Kind::ProjectOpenAi
                        | Kind::ModelInference
                        | Kind::Anthropic
                        | Kind::FoundryAgent
                        | Kind::FoundryToolbox
                ),
                "scheme and host without a path",
            ),
            V1 => (
                matches!(
                    kind,
                    Kind::OpenAiV1 | Kind::ProjectOpenAi | Kind::FoundryAgent
                ),
                "an address that ends in `/openai/v1/`",
            ),
            Project => (
                kind == Kind::FoundryProject,
                "the address of a project, `https://<resource>.services.ai.azure.com/api/projects/<project>`",
            ),
            Models => (
                matches!(kind, Kind::ModelInference | Kind::OpenAiV1),
                "an address that ends in `/models` or `/openai/v1/`",
            ),
            Anthropic | AnthropicResource => (
                kind == Kind::Anthropic,
                "an address that ends in `/anthropic/`",
            ),
            Toolbox => (
                kind == Kind::FoundryToolbox,
                "the address of a toolbox, which ends in `/mcp`",
            ),
            Anything => (true, ""),
        };
        (!fits).then(|| {
            Note::new(
                NoteCode::VariableForm,
                format!("the readers of `{name}` want {form}"),
            )
        })
    }
}
