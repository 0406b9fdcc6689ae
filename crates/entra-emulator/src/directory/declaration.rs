//! Directories as TOML and JSON text.

use std::fmt;

use serde::de::DeserializeOwned;

use super::{Directory, DirectoryError};

/// Why a declared directory is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeclarationError {
    /// The text is not TOML or JSON, or not of a directory's shape.
    #[error("{path}{reason}", path = At(path))]
    Shape {
        /// Where: `tenants[0].apps[2].client_id`; empty for the whole text.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// The directory contradicts itself.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

struct At<'a>(&'a str);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => Ok(()),
            path => write!(f, "{path}: "),
        }
    }
}

impl Directory {
    /// Reads a directory from TOML, and checks it. Unknown members are refused.
    ///
    /// # Errors
    ///
    /// The text is not of a directory's shape, or the directory contradicts itself.
    ///
    /// ```
    /// use entra_emulator::Directory;
    ///
    /// let text = r#"
    ///     [[tenants]]
    ///     id = "0a1b2c3d-0000-4000-8000-000000000000"
    ///     display_name = "Contoso"
    ///     domains = ["contoso.example"]
    ///
    ///     [[tenants.apps]]
    ///     client_id = "0a1b2c3d-0000-4000-8000-0000000000a1"
    ///     display_name = "Orders API"
    ///     identifier_uris = ["api://orders"]
    ///     token_version = "v2"
    ///     scopes = ["orders.read"]
    ///     secrets = [{ value = "a demo secret" }]
    /// "#;
    /// let directory = Directory::from_toml(text)?;
    /// assert_eq!(directory.tenants().count(), 1);
    ///
    /// let wrong = Directory::from_toml(&text.replace("scopes", "scoops")).unwrap_err();
    /// assert!(wrong.to_string().starts_with("tenants[0].apps[0].scoops: unknown field"));
    /// # Ok::<(), entra_emulator::DeclarationError>(())
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, DeclarationError> {
        let toml = toml::Deserializer::parse(text).map_err(|error| DeclarationError::Shape {
            path: String::new(),
            reason: error.to_string().trim_end().to_owned(),
        })?;
        let directory: Self = read(toml, |error: &toml::de::Error| error.message().to_owned())?;
        directory.check()?;
        Ok(directory)
    }

    /// Reads a directory from JSON, and checks it: the members are those of
    /// [`from_toml`](Self::from_toml).
    ///
    /// # Errors
    ///
    /// The text is not of a directory's shape, or the directory contradicts itself.
    pub fn from_json(text: &str) -> Result<Self, DeclarationError> {
        let mut json = serde_json::Deserializer::from_str(text);
        let directory: Self = read(&mut json, ToString::to_string)?;
        json.end().map_err(|error| DeclarationError::Shape {
            path: String::new(),
            reason: error.to_string(),
        })?;
        directory.check()?;
        Ok(directory)
    }

    /// A directory in TOML with every member that there is, and a comment on each.
    ///
    /// ```
    /// use entra_emulator::Directory;
    ///
    /// assert!(Directory::from_toml(Directory::example_toml()).is_ok());
    /// ```
    #[must_use]
    pub fn example_toml() -> &'static str {
        include_str!("example.toml")
    }

    /// The JSON Schema (2020-12) of directories, for editors.
    #[must_use]
    pub fn json_schema() -> &'static str {
        include_str!("schema.json")
    }

    /// The directory as JSON, secrets and all, which [`from_json`](Self::from_json) reads
    /// back.
    ///
    /// ```
    /// use entra_emulator::Directory;
    ///
    /// let text = Directory::demo().to_json().to_string();
    /// let again = Directory::from_json(&text)?;
    /// assert_eq!(again.to_json().to_string(), text);
    /// # Ok::<(), entra_emulator::DeclarationError>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        // Nothing in a directory has keys that are not strings, which is all that can fail.
        serde_json::to_value(self).unwrap_or_default()
    }
}

fn read<'de, D: serde::Deserializer<'de>, T: DeserializeOwned>(
    from: D,
    text: impl Fn(&D::Error) -> String,
) -> Result<T, DeclarationError> {
    serde_path_to_error::deserialize(from).map_err(|error| {
        let path = error.path().to_string();
        let mut reason = text(error.inner());
        if let Some(spelling) = spelling(&path, &reason) {
            reason = format!("{reason}; it is {spelling}");
        }
        DeclarationError::Shape {
            path: if path == "." { String::new() } else { path },
            reason,
        }
    })
}

/// The members that are one of several words, some with more to say: how each is written.
const SPELLINGS: [(&str, &str); 3] = [
    (
        "agent",
        "\"none\", \"blueprint\", \"single-instance\", \"local\" or { identity = { blueprint = \"<client id>\" } }",
    ),
    (
        "managed_identity",
        "\"system-assigned\" or { user-assigned = { resource_id = \"<resource id>\" } }",
    ),
    (
        "requirement",
        "\"mfa\", \"conditions\", \"block\", \"compliant-device\", \"external-challenge\", \
         \"security-policy\" or { sign-in-frequency = { seconds = 3600 } }",
    ),
];

/// How a member is written that has the wrong form: `unit variant` helps nobody.
pub(crate) fn spelling(path: &str, reason: &str) -> Option<&'static str> {
    let about_form = ["invalid type", "unknown variant", "wanted", "expected"];
    if !about_form.iter().any(|word| reason.contains(word)) {
        return None;
    }
    let mut parts = path.rsplit('.');
    parts.find_map(|part| {
        let name = part.split('[').next().unwrap_or(part);
        let found = SPELLINGS.iter().find(|(member, _)| *member == name);
        found.map(|(_, spelling)| *spelling)
    })
}
