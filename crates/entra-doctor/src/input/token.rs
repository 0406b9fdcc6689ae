//! Token sources, and what people paste around a token.

use std::path::PathBuf;

use clap::Args;

use super::{InputError, Source};
use crate::cli::{Session, Stop};

/// Twice the longest token that is decoded, for what people paste around it.
const LIMIT: u64 = 64 * 1024;

/// Where a token may come from. The command's own argument for it is called `token`.
#[derive(Args)]
pub(crate) struct TokenSource {
    /// Read the token from this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["token", "token_env"])]
    token_file: Option<PathBuf>,
    /// Read the token from this environment variable
    #[arg(long, value_name = "NAME", conflicts_with = "token")]
    token_env: Option<String>,
}

impl TokenSource {
    /// The token, if the command line names one. `argument` is what stands on the command
    /// line itself: `-` for standard input, or a token, which is taken with a warning.
    pub(crate) fn read(
        &self,
        argument: Option<&str>,
        session: &mut Session<'_>,
    ) -> Result<Option<String>, Stop> {
        let source = match (argument, &self.token_file, &self.token_env) {
            (Some("-"), ..) => Source::Stdin,
            (Some(token), ..) => {
                // A blank one holds no secret: a shell variable was not set.
                if !token.trim().is_empty() {
                    session.warn(
                        "A token on the command line stays in the shell's history and the process list. This keeps it out: printf %s \"$TOKEN\" | entra-doctor ... -",
                    )?;
                }
                return Ok(Some(token.to_owned()));
            }
            (None, Some(path), _) => Source::of_path(path),
            (None, None, Some(name)) => Source::Variable(name.clone()),
            (None, None, None) => return Ok(None),
        };
        Ok(Some(source.read(session, LIMIT)?))
    }

    /// The token on standard input.
    pub(crate) fn stdin(session: &mut Session<'_>) -> Result<String, InputError> {
        Source::Stdin.read(session, LIMIT)
    }
}

/// The token in what was pasted: without blanks, quotes, `Authorization:` and `Bearer`.
pub(crate) fn bare(text: &str) -> &str {
    let mut text = text;
    loop {
        let before = text;
        text = text.trim().trim_matches(['"', '\'', ',']).trim();
        for prefix in ["authorization:", "bearer "] {
            let start = text.get(..prefix.len());
            if start.is_some_and(|start| start.eq_ignore_ascii_case(prefix)) {
                text = text.get(prefix.len()..).unwrap_or_default();
            }
        }
        if text == before {
            return text;
        }
    }
}

/// Blanks or line breaks within: tokens that were joined, or one that was folded.
pub(crate) fn has_blanks(bare: &str) -> bool {
    bare.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_paste_around_a_token_is_dropped() {
        for pasted in [
            "a.b.c",
            " a.b.c\n",
            "Bearer a.b.c",
            "bearer   a.b.c",
            "Authorization: Bearer a.b.c\r\n",
            "\"a.b.c\"",
            "'Bearer a.b.c',",
            "authorization:\tBEARER a.b.c",
        ] {
            assert_eq!(bare(pasted), "a.b.c", "{pasted:?}");
        }
        assert_eq!(bare("  "), "");
        assert_eq!(bare("bearer"), "bearer");
    }
}
