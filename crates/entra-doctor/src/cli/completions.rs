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
        session.out.write_all(&script)?;
        Ok(Exit::Fine)
    }
}
