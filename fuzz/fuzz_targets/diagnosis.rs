//! libFuzzer on [`fuzz::diagnosis`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::diagnosis(data));
