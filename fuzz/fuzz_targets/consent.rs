//! libFuzzer on [`fuzz::consent`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::consent(data));
