//! libFuzzer on [`fuzz::sealed`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::sealed(data));
