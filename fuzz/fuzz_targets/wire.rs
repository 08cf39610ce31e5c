#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| clinik_guard::invariants::wire(data));
