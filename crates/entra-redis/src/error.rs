//! Mistakes in the settings of a Redis store, all at once.

use std::fmt;

/// What is wrong with the settings: every mistake, each with its setting and what to write instead. No password is in it.
///
/// `Debug` prints the same text as `Display`, since a program whose `main` returns an error shows that.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisConfigError {
    mistakes: Vec<RedisMistake>,
}

/// One wrong setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisMistake {
    setting: &'static str,
    problem: String,
}

impl RedisConfigError {
    pub(crate) fn one(setting: &'static str, problem: impl Into<String>) -> Self {
        Self {
            mistakes: vec![RedisMistake::new(setting, problem)],
        }
    }

    pub(crate) fn all(mistakes: Vec<RedisMistake>) -> Self {
        Self { mistakes }
    }

    /// The mistakes.
    pub fn mistakes(&self) -> impl Iterator<Item = &RedisMistake> {
        self.mistakes.iter()
    }
}

impl RedisMistake {
    pub(crate) fn new(setting: &'static str, problem: impl Into<String>) -> Self {
        Self {
            setting,
            problem: problem.into(),
        }
    }

    /// The variable.
    #[must_use]
    pub fn setting(&self) -> &str {
        self.setting
    }

    /// What is wrong, and what to write instead.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for RedisConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mistakes.len() {
            1 => f.write_str("a setting of the Redis store is wrong")?,
            n => write!(f, "{n} settings of the Redis store are wrong")?,
        }
        for mistake in &self.mistakes {
            write!(f, "\n  {}: {}", mistake.setting, mistake.problem)?;
        }
        Ok(())
    }
}

impl fmt::Debug for RedisConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for RedisConfigError {}
