//! The feature `test-tokens` does not compile in release builds.

use crate::cargo::Cargo;
use crate::report::{Outcome, StepResult};
use crate::workspace::Workspace;

/// What the compiler says then.
const REFUSAL: &str = "makes verified tokens out of nothing";

/// Without debug assertions the feature does not compile, unless a `--cfg` says that it shall.
///
/// Only this crate is compiled anew, in the way of a release build.
pub(super) fn check(workspace: &Workspace) -> StepResult {
    let build = |flags: &[&str]| {
        let words = "rustc --quiet --package entra-claims --lib --profile check \
                     --no-default-features --features test-tokens -- -C debug-assertions=off";
        Cargo::new(workspace.root(), words).args(flags).errors()
    };
    let (fine, errors) = build(&[])?;
    if fine || !errors.contains(REFUSAL) {
        return Err(format!(
            "entra-claims compiles with `test-tokens` and without debug assertions, or fails for another reason:\n{errors}"
        ));
    }
    let (fine, errors) = build(&["--cfg", "entra_claims_test_tokens"])?;
    if !fine {
        return Err(format!(
            "`--cfg entra_claims_test_tokens` does not lift the refusal:\n{errors}"
        ));
    }
    Ok(Outcome::Passed)
}
