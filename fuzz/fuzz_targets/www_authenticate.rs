//! libFuzzer on [`fuzz::www_authenticate`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::www_authenticate(data));
