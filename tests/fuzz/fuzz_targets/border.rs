//! Fuzzes `rescue_fuzz::border`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rescue_fuzz::border(data));
