//! Keeps made-up tokens out of programs that go anywhere.
//!
//! Cargo unites the features that anything in a build asks for, so a feature alone is no
//! protection: one crate that lists it under the wrong dependencies is enough. Builds without
//! debug assertions, which is what `--release` makes, therefore do not compile with it.

#[cfg(all(not(debug_assertions), not(entra_claims_test_tokens)))]
compile_error!(
    "the feature `test-tokens` of entra-claims makes verified tokens out of nothing, and this is \
     a build without debug assertions, as of `--release`. List the feature under \
     [dev-dependencies] only. To run tests or benchmarks in release mode, set \
     RUSTFLAGS=\"--cfg entra_claims_test_tokens\"."
);
