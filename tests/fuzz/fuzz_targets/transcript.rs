#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    everypage_conformance::fuzz::check("transcript", input);
});
