//! libFuzzer on [`fuzz::user_context`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::user_context(data));
