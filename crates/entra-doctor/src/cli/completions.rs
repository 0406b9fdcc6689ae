//! `entra-doctor completions`

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::session::{Exit, Session, Stop};

/// Write the completion script of a shell
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    source <(entra-doctor completions bash)\n  \
    entra-doctor completions zsh > ~/.zfunc/_entra-doctor\n  \
    entra-doctor completions fish > ~/.config/fish/completions/entra-doctor.fish")]
pub(super) struct Completions {
    /// The shell it is for
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run<C: CommandFactory>(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        // The generator panics where it cannot write, so it writes to memory.
        let mut script = Vec::new();
        generate(self.shell, &mut C::command(), "entra-doctor", &mut script);
        if matches!(self.shell, Shell::Bash) {
            script = mended(&String::from_utf8_lossy(&script)).into_bytes();
        }
        session.out.write_all(&script)?;
        Ok(Exit::Fine)
    }
}

/// The generator takes the hyphen in the program's name for a step between commands: the
/// script sets `entra__doctor__subcmd__x` and looks for `entra__subcmd__doctor__subcmd__x`
/// (clap#6421).
fn mended(script: &str) -> String {
    script.replace("entra__subcmd__doctor", "entra__doctor")
}
