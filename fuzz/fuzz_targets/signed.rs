//! libFuzzer on [`fuzz::signed`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::signed(data));
