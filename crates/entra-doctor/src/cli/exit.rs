//! How it went.

/// How it went, as the process tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "documented exit codes")]
pub enum Exit {
    /// 0: nothing is wrong as far as can be seen.
    Fine,
    /// 1: it was looked at, and something is wrong or not known.
    SomethingWrong,
    /// 2: it could not be read, or the command line was not understood.
    CannotRead,
}

impl Exit {
    pub(crate) fn of(is_fine: bool) -> Self {
        if is_fine {
            Self::Fine
        } else {
            Self::SomethingWrong
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0_u8,
            Exit::SomethingWrong => 1,
            Exit::CannotRead => 2,
        })
    }
}
