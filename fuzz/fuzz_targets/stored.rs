//! libFuzzer on [`fuzz::stored`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::stored(data));
