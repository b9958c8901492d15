//! Fuzzes `rescue_fuzz::image`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rescue_fuzz::image(data));
