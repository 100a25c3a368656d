//! Two readers, one answer: files with the keys in hand and a few bytes changed in core, table, content or manifest
//! are opened here and by `tests/python/open_image.py`, which has to name the same class for each.

use std::path::Path;
use std::process::Command;

use base64ct::{Base64, Encoding};

use super::forge::*;
use super::parts::{RawPart, parse_parts, unpad, write_parts};

const FILES: usize = 400;

/// What breaks JSON readers, and what breaks lists.
const TOKENS: [&[u8]; 24] = [
    b"0",
    b"1",
    b"-1",
    b"1.0",
    b"1e3",
    b"null",
    b"true",
    b"\"\"",
    b"\\u00e9",
    b"\\u00E9",
    b"\\ud83d\\udd12",
    b"\\udd12",
    b" ",
    b"\n",
    b"[]",
    b"{}",
    b",",
    b":",
    b"\"",
    b"\x7f",
    b"\xc3\xa9",
    b"9007199254740992",
    b"00",
    b"\\/",
];

struct Changes(Repeatable);

impl Changes {
    fn below(&mut self, n: usize) -> usize {
        u32::from_be_bytes(self.0.bytes()) as usize % n
    }

    /// One or two small changes.
    fn change(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..=self.below(2) {
            let at = self.below(out.len());
            let token = TOKENS[self.below(TOKENS.len())];
            let end = (at + self.below(5)).min(out.len());
            match self.below(5) {
                0 => out[at] ^= 1 << self.below(8),
                1 => out[at] = b"0129aZ._-<>\"\\{}[],: "[self.below(20)],
                2 => drop(out.remove(at)),
                3 => drop(out.splice(at..end, token.iter().copied())),
                _ => {
                    let to = self.below(out.len());
                    out.swap(at, to);
                }
            }
        }
        out
    }

    fn file(&mut self, n: usize) -> Vec<u8> {
        let good = Forge::good(5);
        let body = unpad(&good.padded).unwrap().to_vec();
        match n % 4 {
            0 => good.clone().with_core(&self.change(&good.core)).file(),
            1 => {
                let mut pieces = good.pieces();
                let table = pieces.table();
                // The salt stays: each new one would cost the other reader a derivation.
                let (head, tail) = if n % 8 == 1 { (&table[..14], &table[14..]) } else { table.split_at(30) };
                pieces.table = Some(match n % 8 {
                    1 => [&self.change(head), tail].concat(),
                    _ => [head, &self.change(tail)].concat(),
                });
                pieces.join()
            }
            2 => good.with_body(&self.change(&body)).file(),
            _ => {
                let list = parse_parts(&body).ok().unwrap();
                let manifest = self.change(list[0].bytes);
                let part = |part: &RawPart<'_>| (part.kind, part.name.to_owned(), part.bytes.to_vec());
                let mut list: Vec<_> = list.iter().map(part).collect();
                list[0].2 = manifest;
                let raw: Vec<_> = list.iter().map(|(kind, name, bytes)| RawPart { kind: *kind, name, bytes }).collect();
                good.with_body(&write_parts(&raw)).file()
            }
        }
    }
}

#[test]
fn python_names_the_same_class_for_changed_files() {
    if !crate::needs::python("cryptography, argon2") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut changes = Changes(Repeatable::new(42));
    let mut ours = Vec::new();
    for n in 0..FILES {
        let file = changes.file(n);
        let class = class(&file);
        ours.push(format!("{n:04} {}", if class == "opens" { "success" } else { class }));
        let header = format!("passphrase: {PASSPHRASE}\nnow: 2026-03-09T14:05:00Z");
        std::fs::write(
            folder.path().join(format!("{n:04}.flkv")),
            format!("{header}\n\n{}", Base64::encode_string(&file)),
        )
        .unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/open_image.py");
    let output = Command::new("python3").arg(script).arg("--vectors").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8(output.stdout).unwrap();
    let differ: Vec<_> = theirs.lines().zip(&ours).filter(|(theirs, ours)| theirs != ours).collect();
    assert!(differ.is_empty() && theirs.lines().count() == FILES, "{differ:?}");
    for class in ["core", "slots", "slot", "parts", "review", "success"] {
        assert!(ours.iter().any(|line| line.ends_with(class)), "no file reached {class}");
    }
}
