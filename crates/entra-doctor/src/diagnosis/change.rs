//! Changes to make: a scope, an endpoint, a role, a setting, a command.

use std::fmt;

use foundry_scopes::RoleId;
use foundry_scopes::catalogue::Role;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::shell::{posix, powershell};

/// One thing to change, with what can be pasted where that is possible.
///
/// In JSON: `{"kind", "text", "paste"?}` and the variant's fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Ask for a token with this scope.
    #[non_exhaustive]
    RequestScope {
        /// As clients take it. A managed identity's endpoint wants it without `/.default`.
        scope: String,
    },
    /// Use this address.
    #[non_exhaustive]
    UseEndpoint {
        /// The whole address.
        url: String,
    },
    /// Assign a role.
    #[non_exhaustive]
    AssignRole {
        /// The role's present name.
        role: &'static str,
        /// The name that it had before it was renamed.
        former_name: Option<&'static str>,
        /// The role definition's GUID, which survives renaming.
        id: RoleId,
        /// Where, in words: the resource or project.
        place: String,
        /// The command for the Azure CLI.
        command: String,
    },
    /// Change a setting.
    #[non_exhaustive]
    Setting {
        /// Which one, and where it is.
        place: String,
        /// Its new value, in words.
        value: String,
        /// What to paste: a command or JSON.
        paste: Option<String>,
    },
    /// Run a command.
    #[non_exhaustive]
    Run {
        /// What for.
        purpose: String,
        /// The command.
        command: String,
    },
    /// Do what the sentence says.
    #[non_exhaustive]
    Advice {
        /// The sentence.
        text: String,
    },
}

impl Change {
    pub(crate) fn scope(scope: impl Into<String>) -> Self {
        Self::RequestScope {
            scope: scope.into(),
        }
    }

    pub(crate) fn endpoint(url: impl Into<String>) -> Self {
        Self::UseEndpoint { url: url.into() }
    }

    pub(crate) fn role(role: &Role, place: String, command: String) -> Self {
        Self::AssignRole {
            role: role.name(),
            former_name: role.former_name(),
            id: role.id(),
            place,
            command: posix(&command),
        }
    }

    pub(crate) fn setting(place: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Setting {
            place: place.into(),
            value: value.into(),
            paste: None,
        }
    }

    pub(crate) fn paste_setting(
        place: impl Into<String>,
        value: impl Into<String>,
        paste: impl Into<String>,
    ) -> Self {
        Self::Setting {
            place: place.into(),
            value: value.into(),
            paste: Some(paste.into()),
        }
    }

    pub(crate) fn run(purpose: impl Into<String>, command: impl Into<String>) -> Self {
        Self::Run {
            purpose: purpose.into(),
            command: posix(&command.into()),
        }
    }

    /// The same with its command written for PowerShell. JSON stays as it is.
    pub(super) fn for_powershell(&mut self) {
        let command = match self {
            Self::AssignRole { command, .. } | Self::Run { command, .. } => command,
            Self::Setting {
                paste: Some(paste), ..
            } if !paste.starts_with(['{', '[']) => paste,
            _ => return,
        };
        *command = powershell(command);
    }

    /// The kind, for machines.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RequestScope { .. } => "request_scope",
            Self::UseEndpoint { .. } => "use_endpoint",
            Self::AssignRole { .. } => "assign_role",
            Self::Setting { .. } => "setting",
            Self::Run { .. } => "run",
            Self::Advice { .. } => "advice",
        }
    }

    /// The change in one sentence.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::RequestScope { scope } => format!("request the scope `{scope}`"),
            Self::UseEndpoint { url } => format!("use the endpoint `{url}`"),
            Self::AssignRole {
                role,
                former_name,
                id,
                place,
                ..
            } => {
                let former = former_name
                    .map(|name| format!(", formerly {name}"))
                    .unwrap_or_default();
                format!("assign the role {role} ({id}{former}) on {place}")
            }
            Self::Setting { place, value, .. } => format!("set {place} to {value}"),
            Self::Run { purpose, .. } => purpose.clone(),
            Self::Advice { text } => text.clone(),
        }
    }

    /// What can be pasted: a command, or the JSON of a setting.
    #[must_use]
    pub fn paste(&self) -> Option<&str> {
        match self {
            Self::AssignRole { command, .. } | Self::Run { command, .. } => Some(command),
            Self::Setting { paste, .. } => paste.as_deref(),
            _ => None,
        }
    }
}

impl From<&str> for Change {
    fn from(text: &str) -> Self {
        Self::Advice {
            text: text.to_owned(),
        }
    }
}

impl From<String> for Change {
    fn from(text: String) -> Self {
        Self::Advice { text }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("kind", self.kind())?;
        map.serialize_entry("text", &self.text())?;
        if let Some(paste) = self.paste() {
            map.serialize_entry("paste", paste)?;
        }
        match self {
            Self::RequestScope { scope } => map.serialize_entry("scope", scope)?,
            Self::UseEndpoint { url } => map.serialize_entry("url", url)?,
            Self::AssignRole {
                role,
                former_name,
                id,
                place,
                ..
            } => {
                map.serialize_entry("role", role)?;
                map.serialize_entry("former_name", former_name)?;
                map.serialize_entry("role_id", &id.to_string())?;
                map.serialize_entry("place", place)?;
            }
            Self::Setting { place, value, .. } => {
                map.serialize_entry("place", place)?;
                map.serialize_entry("value", value)?;
            }
            Self::Run { .. } | Self::Advice { .. } => {}
        }
        map.end()
    }
}
