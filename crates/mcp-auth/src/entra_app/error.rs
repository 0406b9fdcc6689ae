//! Mistakes in the settings of an `EntraApp`, all at once.

use std::fmt;

use crate::guard::GuardError;

/// What is wrong with the settings of an [`EntraApp`](crate::EntraApp): every mistake, each with the
/// setting that it is in and what to write instead. No value of a secret is in it.
///
/// `Debug` prints the same text as `Display`, since a program whose `main` returns an error shows that.
///
/// ```
/// use mcp_auth::EntraApp;
///
/// let error = EntraApp::from_variables([("AZURE_TENANT_ID", "organizations")]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "2 settings of the app registration are wrong\n  \
///      AZURE_TENANT_ID: `organizations` names no single tenant; use the tenant's id, a GUID (Entra admin center, Overview)\n  \
///      AZURE_CLIENT_ID: missing; the application (client) id of the API's app registration, a GUID",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct EntraAppError {
    mistakes: Vec<SettingMistake>,
}

/// One wrong setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingMistake {
    setting: String,
    problem: String,
}

impl EntraAppError {
    pub(crate) fn one(setting: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            mistakes: vec![SettingMistake::new(setting, problem)],
        }
    }

    /// A guard that is not built.
    pub(crate) fn guard(error: GuardError) -> Self {
        Self::one("guard", error.to_string())
    }

    /// `Err` if there are mistakes.
    pub(super) fn unless_empty(mistakes: Vec<SettingMistake>) -> Result<(), Self> {
        match mistakes.is_empty() {
            true => Ok(()),
            false => Err(Self { mistakes }),
        }
    }

    /// The mistakes, in the order of the settings in the documentation of
    /// [`EntraApp::from_env`](crate::EntraApp::from_env).
    pub fn mistakes(&self) -> impl Iterator<Item = &SettingMistake> {
        self.mistakes.iter()
    }
}

impl SettingMistake {
    pub(super) fn new(setting: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            setting: setting.into(),
            problem: problem.into(),
        }
    }

    /// The variable (`AZURE_TENANT_ID`), the path in a file (`entra.tenant`) or the argument.
    #[must_use]
    pub fn setting(&self) -> &str {
        &self.setting
    }

    /// What is wrong, and what to write instead.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for EntraAppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.mistakes.as_slice() {
            return only.fmt(f);
        }
        write!(
            f,
            "{} settings of the app registration are wrong",
            self.mistakes.len()
        )?;
        self.mistakes
            .iter()
            .try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl fmt::Debug for EntraAppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SettingMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.problem)
    }
}

impl std::error::Error for EntraAppError {}
