//! libFuzzer on [`fuzz::key_set`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::key_set(data));
