//! `index.json.sig`.
#![no_main]

use fieldlock::ledger::signature::{rewritten, verify_by_itself};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(again) = rewritten(bytes) {
        assert!(again == bytes, "a signature is written back as it was");
    }
    assert!(verify_by_itself(br#"{"format":"fieldlock-index.v1"}"#, bytes).is_err(), "nobody signed this");
});
