//! Environments as text: for a file, for a POSIX shell, for PowerShell.

/// How an environment is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EnvironmentFormat {
    /// `NAME=value`, as environment files have it; shells read it too.
    #[default]
    Dotenv,
    /// `export NAME=value`, for `eval` in a POSIX shell.
    Sh,
    /// `$env:NAME = 'value'`, for `Invoke-Expression` in PowerShell.
    PowerShell,
}

impl EnvironmentFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dotenv, Self::Sh, Self::PowerShell];

    /// The name on the command line and over HTTP.
    ///
    /// ```
    /// use entra_emulator::EnvironmentFormat;
    ///
    /// for format in EnvironmentFormat::ALL {
    ///     assert_eq!(EnvironmentFormat::named(format.name()), Some(format));
    /// }
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Sh => "sh",
            Self::PowerShell => "powershell",
        }
    }

    /// The format of a [`name`](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }

    /// One variable, with the end of the line.
    pub(super) fn line(self, name: &str, value: &str) -> String {
        match self {
            Self::Dotenv => format!("{name}={}\n", quoted(value)),
            Self::Sh => format!("export {name}={}\n", quoted(value)),
            Self::PowerShell => format!("$env:{name} = '{}'\n", value.replace('\'', "''")),
        }
    }
}

/// As a POSIX shell reads it back.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+=".contains(c);
    match !value.is_empty() && value.chars().all(plain) {
        true => value.to_owned(),
        false => format!("'{}'", value.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_values_back() {
        assert_eq!(quoted("https://localhost:1/a"), "https://localhost:1/a");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a b$(c)"), "'a b$(c)'");
        assert_eq!(quoted("it's\n`x`"), "'it'\\''s\n`x`'");
    }

    #[test]
    fn each_format_has_its_own_quotes() {
        let line = |f: EnvironmentFormat| f.line("NAME", "it's $x");
        assert_eq!(line(EnvironmentFormat::Dotenv), "NAME='it'\\''s $x'\n");
        assert_eq!(line(EnvironmentFormat::Sh), "export NAME='it'\\''s $x'\n");
        assert_eq!(
            line(EnvironmentFormat::PowerShell),
            "$env:NAME = 'it''s $x'\n"
        );
    }
}
