//! libFuzzer on [`fuzz::verify`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::verify(data));
