//! Files that people have where they have no token: settings, manifests, tool definitions,
//! log entries. Foreign bytes: bounded, and read for the members that matter only.

mod error;
mod har;
mod json;
mod principal;
mod registration;
mod sign_in;
mod site;
mod static_site;
mod tool;

pub use error::DocumentError;
pub(crate) use har::Har;
pub(crate) use principal::Principal;
pub(crate) use registration::Registration;
pub(crate) use sign_in::SignIn;
pub(crate) use site::{AppSettings, Site};
pub(crate) use static_site::StaticSite;
pub(crate) use tool::Tool;

use serde_json::Value;

/// What a file was recognized as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentKind {
    /// Authentication settings of an App Service or Functions site (`authsettingsV2`, or
    /// the classic form).
    SiteAuthentication,
    /// Configuration of a Static Web App (`staticwebapp.config.json`).
    StaticSite,
    /// Application settings of a site, as the Azure CLI lists them.
    AppSettings,
    /// The manifest of an app registration, in Microsoft Graph's format or the older one.
    Registration,
    /// A tool of an agent, or a connection of a Foundry project.
    Tool,
    /// An entry of Entra ID's sign-in log.
    SignIn,
    /// An error: JSON or plain text.
    ErrorText,
    /// The traffic of a browser, a HAR file.
    Traffic,
    /// The caller as a site's authentication hands it on.
    Principal,
}

/// One thing that was read from a file. Names of people and addresses are not kept.
///
/// ```
/// use entra_doctor::{Case, Code, Document};
///
/// let manifest = br#"{
///     "appId": "11112222-bbbb-3333-cccc-4444dddd5555",
///     "identifierUris": ["api://11112222-bbbb-3333-cccc-4444dddd5555"],
///     "api": { "requestedAccessTokenVersion": null }
/// }"#;
/// let tool = br#"{"type": "openapi", "openapi": {"name": "orders", "auth": {
///     "type": "managed_identity",
///     "security_scheme": { "audience": "https://orders.azurewebsites.net" }
/// }}}"#;
/// let mut case = Case::new();
/// for file in [manifest.as_slice(), tool.as_slice()] {
///     case = case.documents(Document::read(file)?);
/// }
/// let diagnosis = case.diagnose();
/// assert_eq!(diagnosis.findings()[0].code(), Code::AudienceNotRegistered);
/// # Ok::<(), entra_doctor::DocumentError>(())
/// ```
#[derive(Clone)]
pub struct Document(pub(crate) Parsed);

#[derive(Clone)]
pub(crate) enum Parsed {
    Site(Site),
    AppSettings(AppSettings),
    StaticSite(StaticSite),
    Registration(Registration),
    Tool(Tool),
    SignIn(SignIn),
    Text(String),
    Har(Har),
    Principal(Principal),
}

/// More entries of one file are refused.
const ENTRIES: usize = 100;
/// Larger files are refused.
const BYTES: usize = 1024 * 1024;

impl Document {
    /// Recognizes a file by its members. One file can hold several: a list of log entries,
    /// an agent with its tools.
    ///
    /// # Errors
    ///
    /// Larger than 1 MiB, no UTF-8, broken JSON, YAML, or JSON that is none of
    /// [`DocumentKind`].
    pub fn read(bytes: &[u8]) -> Result<Vec<Self>, DocumentError> {
        if bytes.len() > BYTES {
            return Err(DocumentError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| DocumentError::NotText)?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(DocumentError::Empty);
        }
        if text
            .lines()
            .take(20)
            .any(|line| line.starts_with("openapi:") || line.starts_with("swagger:"))
        {
            return Err(DocumentError::Yaml);
        }
        if !text.starts_with(['{', '[']) {
            return Ok(vec![Self(Parsed::Text(text.to_owned()))]);
        }
        let value: Value = serde_json::from_str(text).map_err(|error| DocumentError::Json {
            line: error.line(),
            column: error.column(),
        })?;
        let found = Self::from_json(&value)?;
        if found.is_empty() {
            return Err(DocumentError::Unrecognized);
        }
        Ok(found)
    }

    /// What is recognized in a value, which may be nothing.
    pub(crate) fn from_json(value: &Value) -> Result<Vec<Self>, DocumentError> {
        let mut found = Vec::new();
        collect(value, &mut found, 0)?;
        Ok(found)
    }

    /// Members of a document, whose others are not known.
    pub(crate) fn piece(value: &Value) -> Vec<Self> {
        let mut found = Self::from_json(value).unwrap_or_default();
        for document in &mut found {
            match &mut document.0 {
                Parsed::Site(site) => site.partial = true,
                Parsed::Registration(app) => app.partial = true,
                _ => {}
            }
        }
        found
    }

    /// What it was recognized as.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        match self.0 {
            Parsed::Site(_) => DocumentKind::SiteAuthentication,
            Parsed::AppSettings(_) => DocumentKind::AppSettings,
            Parsed::StaticSite(_) => DocumentKind::StaticSite,
            Parsed::Registration(_) => DocumentKind::Registration,
            Parsed::Tool(_) => DocumentKind::Tool,
            Parsed::SignIn(_) => DocumentKind::SignIn,
            Parsed::Text(_) => DocumentKind::ErrorText,
            Parsed::Har(_) => DocumentKind::Traffic,
            Parsed::Principal(_) => DocumentKind::Principal,
        }
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({:?})", self.kind())
    }
}

fn collect(value: &Value, found: &mut Vec<Document>, depth: usize) -> Result<(), DocumentError> {
    if found.len() > ENTRIES {
        return Err(DocumentError::TooMany);
    }
    if let Some(settings) = AppSettings::read(value) {
        found.push(Document(Parsed::AppSettings(settings)));
        return Ok(());
    }
    if let Value::Array(list) = value {
        return list
            .iter()
            .try_for_each(|entry| collect(entry, found, depth));
    }
    let one = Registration::read(value)
        .map(Parsed::Registration)
        .or_else(|| Site::read(value).map(Parsed::Site))
        .or_else(|| StaticSite::read(value).map(Parsed::StaticSite))
        .or_else(|| SignIn::read(value).map(Parsed::SignIn))
        .or_else(|| Har::read(value).map(Parsed::Har))
        .or_else(|| Principal::read(value).map(Parsed::Principal))
        .or_else(|| Tool::read(value).map(Parsed::Tool))
        .or_else(|| Registration::read_renamed(value).map(Parsed::Registration));
    let before = found.len();
    if let Some(parsed) = one {
        // Tools of an agent stand inside it.
        let agent = matches!(&parsed, Parsed::Tool(tool) if tool.auth.is_empty());
        found.push(Document(parsed));
        if !agent {
            return Ok(());
        }
    }
    // Lists that the services and tools wrap around what is meant.
    let wraps = [
        "value",
        "records",
        "tools",
        "definition",
        "versions",
        "latest",
        "properties",
        "clientPrincipal",
    ];
    let inner: Vec<_> = wraps
        .iter()
        .filter_map(|name| json::member(value, name))
        .filter(|v| v.is_array() || v.is_object())
        .collect();
    if depth < 6 {
        inner
            .iter()
            .try_for_each(|value| collect(value, found, depth + 1))?;
    }
    if found.len() > before {
        return Ok(());
    }
    if [
        "error",
        "error_description",
        "message",
        "statusCode",
        "code",
    ]
    .iter()
    .any(|name| json::member(value, name).is_some())
    {
        found.push(Document(Parsed::Text(json::all_text(value))));
    }
    Ok(())
}
