#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gfxlint_fuzz::rules(data));
