//! What fuzzing starts from, and what it once found: every seed and every kept input goes through its reader, whole,
//! cut and with a byte changed.

use std::path::Path;

use base64ct::{Base64, Encoding};
use proptest::prelude::*;

use crate::readers;

/// The texts of a folder of `fuzz/`, by name.
fn texts(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let text = |e: &std::fs::DirEntry| std::fs::read_to_string(e.path()).ok();
    let mut found: Vec<_> =
        entries.filter_map(|e| Some((e.file_name().to_string_lossy().into_owned(), text(&e)?))).collect();
    found.sort();
    found
}

#[test]
fn seeds_and_found_inputs_are_read() {
    readers::carried();
    for (target, read) in readers::ALL {
        let seeds = texts(&format!("seeds/{target}"));
        assert!(!seeds.is_empty(), "{target} has a seed");
        for (name, text) in seeds.into_iter().chain(texts(&format!("found/{target}"))) {
            println!("{target} {name}");
            read(&text);
            read("");
        }
    }
}

/// The vectors are files of every kind of fault, and of none.
#[test]
fn image_vectors_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/image");
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap().replace("\r\n", "\n");
        let data: String = text.split_once("\n\n").unwrap().1.split_whitespace().collect();
        let file = Base64::decode_vec(&data).unwrap();
        readers::OF_BYTES.iter().for_each(|read| read(&file));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        readers::OF_BYTES.iter().for_each(|read| read(&bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_seeds_are_read(cut: prop::sample::Index, at: prop::sample::Index, c: char) {
        for (target, read) in readers::ALL {
            for (_, text) in texts(&format!("seeds/{target}")) {
                let mut chars: Vec<char> = text.chars().collect();
                if !chars.is_empty() {
                    let at = at.index(chars.len());
                    chars[at] = c;
                }
                read(&chars.iter().collect::<String>());
                chars.truncate(cut.index(chars.len() + 1));
                read(&chars.iter().collect::<String>());
            }
        }
    }
}
