//! libFuzzer on [`fuzz::cloud`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::cloud(data));
