//! `index.json.sig`.
#![no_main]

use fieldlock::image::fuzz_entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_entry::sshsig(bytes));
