//! What is wrong with a call, from whatever is known of it: facts are drawn together once,
//! the rules of each family look at them, and the engine orders what they find.

mod accept;
mod answer;
mod case;
mod challenge;
pub(crate) mod change;
pub(crate) mod code;
mod code_text;
mod engine;
mod facts;
mod paste;
mod phrases;
pub(crate) mod rules;
mod shell;

pub use answer::Answer;
pub use case::Case;
pub use change::Change;
pub use code::Code;
pub(crate) use engine::NOT_VERIFIED;
pub use engine::{Diagnosis, Outcome, Read, RuledOut, Unread};
pub use shell::Shell;
