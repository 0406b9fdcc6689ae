//! Verifiers of signed user contexts in Python and TypeScript, on the vectors that ours is held to as well.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::passes;
use crate::program::{Program, interop};

fn context_crate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/agent-user-context")
}

fn vectors() -> (&'static str, OsString) {
    (
        "VECTORS",
        context_crate().join("vectors/contexts.json").into(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PyJWT; cargo xtask test"]
async fn python_verifier_of_user_contexts() {
    let program =
        Program::new(interop().join("python/bin/python")).arg("python/context_vectors.py");
    let verifier = context_crate().join("verifiers/python").into();
    passes(
        "contexts in Python",
        program.with(vec![vectors(), ("PYTHONPATH", verifier)]),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs jose and a Node.js that reads TypeScript; cargo xtask test"]
async fn typescript_verifier_of_user_contexts() {
    // It stands beside the packages, where Node.js looks for them.
    let name = "verify_user_context.ts";
    let source = context_crate().join("verifiers/typescript").join(name);
    std::fs::copy(source, interop().join("node").join(name)).unwrap();
    let program = Program::newer_node().node_script("context_vectors.mjs");
    passes("contexts in TypeScript", program.with(vec![vectors()])).await;
}
