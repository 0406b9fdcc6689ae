//! libFuzzer on [`fuzz::entra_error`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::entra_error(data));
