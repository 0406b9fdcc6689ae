//! Input errors, with their codes for machines.

use entra_claims::DecodeError;

use crate::document::DocumentError;

/// What could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A file, a variable or standard input failed, or is no text.
    #[error("{from} cannot be read as text: {reason}")]
    #[non_exhaustive]
    Unreadable {
        /// What was read: `standard input`, or the file or variable by name.
        from: String,
        /// What the system said.
        reason: String,
    },
    /// It is longer than anything of its kind.
    #[error("{from} is longer than the {limit} bytes that are read")]
    #[non_exhaustive]
    TooLong {
        /// What was read.
        from: String,
        /// How many bytes are read at most.
        limit: u64,
    },
    /// Two things were to be read from standard input.
    #[error("standard input can be read once only: put one of the two into a file")]
    StdinTwice,
    /// No token came.
    #[error(
        "there is no token: give it on standard input, for example `az account get-access-token --query accessToken -o tsv | entra-doctor decode`"
    )]
    Nothing,
    /// No keys to verify with.
    #[error("there are no keys: give a key set with --jwks, or let --authority fetch them")]
    NoKeys,
    /// A policy or a key set that is none.
    #[error("{reason}")]
    #[non_exhaustive]
    NotConfiguration {
        /// What is wrong with it.
        reason: String,
    },
    /// An authority whose keys cannot be had.
    #[error("the authority {url}: {reason}")]
    #[non_exhaustive]
    Authority {
        /// What was asked for, or was to be.
        url: String,
        /// Why there are no keys.
        reason: String,
    },
    /// What came is no token that can be decoded.
    #[error("this is not a token that can be read: {reason}")]
    #[non_exhaustive]
    NotAToken {
        /// The decoder's words, which never hold any of the token.
        reason: String,
    },
    /// A file is none of the documents that are known.
    #[error("{from}: {error}")]
    #[non_exhaustive]
    Document {
        /// The file.
        from: String,
        /// Why.
        error: DocumentError,
    },
}

impl InputError {
    /// The stable code, for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::TooLong { .. } => "too_long",
            Self::StdinTwice => "stdin_twice",
            Self::Nothing => "nothing",
            Self::NoKeys => "no_keys",
            Self::NotConfiguration { .. } => "not_configuration",
            Self::Authority { .. } => "authority",
            Self::NotAToken { .. } => "not_a_token",
            Self::Document { error, .. } => error.code(),
        }
    }

    pub(crate) fn not_configuration(error: impl std::error::Error) -> Self {
        Self::NotConfiguration {
            reason: error.to_string(),
        }
    }

    pub(crate) fn not_a_token(error: DecodeError) -> Self {
        Self::NotAToken {
            reason: error.to_string(),
        }
    }
}
