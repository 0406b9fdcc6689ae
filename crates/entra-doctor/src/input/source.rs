//! Texts from standard input, files and the environment.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::InputError;
use crate::cli::Session;

/// Where a text comes from.
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
    Variable(String),
}

impl Source {
    /// What a path on the command line means: `-` is standard input.
    pub(crate) fn of_path(path: &Path) -> Self {
        if path.as_os_str() == "-" {
            Self::Stdin
        } else {
            Self::File(path.to_owned())
        }
    }

    /// The bytes, as they come.
    pub(crate) fn open<'a>(
        &self,
        session: &mut Session<'a>,
    ) -> Result<Box<dyn Read + 'a>, InputError> {
        match self {
            Self::Stdin => Ok(Box::new(session.stdin()?)),
            Self::File(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(self.unreadable(error)),
            },
            Self::Variable(name) => match std::env::var(name) {
                Ok(text) => Ok(Box::new(std::io::Cursor::new(text))),
                Err(error) => Err(self.unreadable(error)),
            },
        }
    }

    /// The whole text, of at most `limit` bytes, without a byte order mark.
    pub(crate) fn read(&self, session: &mut Session<'_>, limit: u64) -> Result<String, InputError> {
        let mut bytes = Vec::new();
        self.open(session)?
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| self.unreadable(error))?;
        if bytes.len() as u64 > limit {
            return Err(InputError::TooLong {
                from: self.to_string(),
                limit,
            });
        }
        if let Some(text) = utf16(&bytes) {
            return Ok(text);
        }
        let text = String::from_utf8(bytes).map_err(|error| self.unreadable(error.utf8_error()))?;
        Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        })
    }

    fn unreadable(&self, reason: impl fmt::Display) -> InputError {
        InputError::Unreadable {
            from: self.to_string(),
            reason: reason.to_string(),
        }
    }
}

/// What Windows PowerShell writes with `>`: UTF-16 with a byte order mark.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (rest, little) = match bytes {
        [0xff, 0xfe, rest @ ..] if !rest.is_empty() => (rest, true),
        [0xfe, 0xff, rest @ ..] if !rest.is_empty() => (rest, false),
        _ => return None,
    };
    let units = rest.chunks_exact(2).filter_map(|pair| {
        let pair: [u8; 2] = pair.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    });
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .ok()
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut stdin: impl Read, limit: u64) -> Result<String, InputError> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut session = Session::new(false, &mut stdin, &mut out, &mut err, 0);
        Source::Stdin.read(&mut session, limit)
    }

    #[test]
    fn what_is_read_is_bounded() {
        assert_eq!(read(&b"abc"[..], 3).unwrap(), "abc");
        assert_eq!(read(&b"abcd"[..], 3).unwrap_err().code(), "too_long");
        assert_eq!(read(&b"\xff\xfe"[..], 3).unwrap_err().code(), "unreadable");
        assert_eq!(read("\u{feff}a".as_bytes(), 9).unwrap(), "a");
        assert_eq!(read(&b"\xff\xfea\0b\0"[..], 9).unwrap(), "ab");
    }

    #[test]
    fn standard_input_is_read_once() {
        let (mut stdin, mut out, mut err) = (&b"abc"[..], Vec::new(), Vec::new());
        let mut session = Session::new(false, &mut stdin, &mut out, &mut err, 0);
        assert!(
            Source::of_path(Path::new("-"))
                .read(&mut session, 9)
                .is_ok()
        );
        assert_eq!(
            Source::Stdin.read(&mut session, 9),
            Err(InputError::StdinTwice)
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
        assert_eq!(read(Endless(0), 1024).unwrap_err().code(), "too_long");
    }
}
