//! Commands to paste, written for the shell that they are pasted into.

/// The shell that commands to paste are written for.
///
/// ```
/// use entra_doctor::{Case, Shell};
///
/// let diagnosis = Case::new()
///     .paste("my function has 0 invocations")
///     .diagnose()
///     .for_shell(Shell::PowerShell);
/// let command = diagnosis.findings()[0].changes()[0].paste().unwrap_or_default();
/// assert!(command.ends_with("--name '<site>' --resource-group '<group>'"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shell {
    /// `sh`, `bash`, `zsh`.
    #[default]
    Posix,
    /// PowerShell 7, on any system.
    PowerShell,
}

/// What a quote that is open is closed by.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Nothing,
    Single,
    Double,
    /// `$(...)`, in which quotes start anew.
    Expression,
}

/// A command of a POSIX shell with its placeholders in quotes: pasted as it is, `<name>` would
/// read a file, and what follows `>` would be written.
pub(super) fn posix(command: &str) -> String {
    rewritten(command, '\\')
}

/// The same as PowerShell takes it: escapes and line ends with a backtick.
pub(super) fn powershell(command: &str) -> String {
    rewritten(command, '`')
}

fn rewritten(command: &str, escape: char) -> String {
    let mut out = String::with_capacity(command.len() + 16);
    let mut open = vec![Inside::Nothing];
    let mut chars = command.chars().peekable();
    while let Some(char) = chars.next() {
        let inside = open.last().copied().unwrap_or(Inside::Nothing);
        let quoted = matches!(inside, Inside::Single | Inside::Double);
        match char {
            '\\' if inside != Inside::Single => match chars.next() {
                Some(escaped) => {
                    out.push(escape);
                    out.push(escaped);
                }
                None => out.push('\\'),
            },
            '\'' if inside != Inside::Double => {
                if inside == Inside::Single {
                    open.pop();
                } else {
                    open.push(Inside::Single);
                }
                out.push(char);
            }
            '"' if inside != Inside::Single => {
                if inside == Inside::Double {
                    open.pop();
                } else {
                    open.push(Inside::Double);
                }
                out.push(char);
            }
            '$' if inside != Inside::Single && chars.peek() == Some(&'(') => {
                chars.next();
                open.push(Inside::Expression);
                out.push_str("$(");
            }
            ')' if inside == Inside::Expression => {
                open.pop();
                out.push(char);
            }
            '<' if !quoted => {
                out.push_str("'<");
                for char in chars.by_ref() {
                    out.push(char);
                    if char == '>' {
                        break;
                    }
                }
                out.push('\'');
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_in_quotes() {
        for (command, expected) in [
            (
                "az login --tenant <tenant id>",
                "az login --tenant '<tenant id>'",
            ),
            ("az a --b \"<c>\" --d '<e>'", "az a --b \"<c>\" --d '<e>'"),
            (
                "az a --scope \"$(az acr show --name <registry> --query '[0].id')\" \\\n  --c <d>",
                "az a --scope \"$(az acr show --name '<registry>' --query '[0].id')\" \\\n  --c '<d>'",
            ),
        ] {
            assert_eq!(posix(command), expected);
        }
    }

    #[test]
    fn commands_are_rewritten_for_powershell() {
        for (posix, expected) in [
            (
                "az login --tenant <tenant id>",
                "az login --tenant '<tenant id>'",
            ),
            ("az a --scope \"<ARM id>\"", "az a --scope \"<ARM id>\""),
            (
                "az a --scope \"$(az b --query \"[?x=='c'].id | [0]\" -o tsv)/projects/p\"",
                "az a --scope \"$(az b --query \"[?x=='c'].id | [0]\" -o tsv)/projects/p\"",
            ),
            (
                "az a --scope \"$(az acr show --name <registry> --query '[0].id')\"",
                "az a --scope \"$(az acr show --name '<registry>' --query '[0].id')\"",
            ),
            ("az a \\\n  --b \"x\\\"y\"", "az a `\n  --b \"x`\"y\""),
            ("az a --b 'c\\d'", "az a --b 'c\\d'"),
        ] {
            assert_eq!(powershell(posix), expected);
        }
    }
}
