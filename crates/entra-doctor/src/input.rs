//! Getting at the token.

use std::io::Read;

use entra_claims::DecodeError;

/// What could not be read at all.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Standard input failed or is no text.
    #[error("standard input cannot be read as text: pipe the token itself into it")]
    Unreadable,
    /// Standard input is longer than any token.
    #[error("standard input is longer than any token: pipe the token alone into it")]
    TooLong,
    /// No token came.
    #[error(
        "there is no token: give it on standard input, for example `az account get-access-token --query accessToken -o tsv | entra-doctor decode`"
    )]
    Nothing,
    /// What came is no token that can be decoded.
    #[error("this is not a token that can be read: {reason}")]
    #[non_exhaustive]
    NotAToken {
        /// The decoder's words, which never hold any of the token.
        reason: String,
    },
}

impl InputError {
    /// The stable code, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLong => "too_long",
            Self::Nothing => "nothing",
            Self::NotAToken { .. } => "not_a_token",
        }
    }

    pub(crate) fn not_a_token(error: DecodeError) -> Self {
        Self::NotAToken {
            reason: error.to_string(),
        }
    }
}

/// Twice the longest token that is decoded, for what people paste around it.
const LIMIT: u64 = 64 * 1024;

/// The token on standard input.
pub(crate) fn from_stdin(stdin: &mut dyn Read) -> Result<String, InputError> {
    let mut bytes = Vec::new();
    stdin
        .take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| InputError::Unreadable)?;
    if bytes.len() as u64 > LIMIT {
        return Err(InputError::TooLong);
    }
    String::from_utf8(bytes).map_err(|_| InputError::Unreadable)
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

    #[test]
    fn standard_input_is_bounded() {
        let fits = vec![b'a'; 64 * 1024];
        assert_eq!(from_stdin(&mut fits.as_slice()).unwrap().len(), fits.len());
        let long = vec![b'a'; 64 * 1024 + 1];
        assert_eq!(from_stdin(&mut long.as_slice()), Err(InputError::TooLong));
        assert_eq!(
            from_stdin(&mut [0xff, 0xfe].as_slice()),
            Err(InputError::Unreadable)
        );
    }

    /// Gives bytes without end; reading a megabyte of them is an error.
    struct Endless(u64);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += buffer.len() as u64;
            if self.0 > 1024 * 1024 {
                return Err(std::io::Error::other("read on and on"));
            }
            buffer.fill(b'a');
            Ok(buffer.len())
        }
    }

    #[test]
    fn an_endless_input_is_not_read_to_its_end() {
        assert_eq!(from_stdin(&mut Endless(0)), Err(InputError::TooLong));
    }
}
