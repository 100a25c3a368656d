//! Lists the data files that the binary carries: packs, dialects, factory settings; and says which program this is.

#![expect(clippy::expect_used, reason = "a build that can't list its data has to stop")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut code = String::new();
    for (name, folder, doc) in [
        ("POLICIES", "policies", "Packs and their rules: path beneath `policies/`, text."),
        ("DIALECTS", "schema/dialects", "Dialect tables: file name, text."),
        ("FACTORY", "schema/factory", "Factory settings: file name, text."),
        ("MODELS", "schema/models", "Models and their ports: file name, text."),
        ("DECOMMISSION", "schema/decommission", "How devices are taken out of operation: file name, text."),
        ("ADVISORIES", "schema/advisories", "Firmware with known holes: file name, text."),
        ("SESSIONS", "schema/sessions", "How command lines talk: file name, text."),
        ("FIRST", "schema/first", "The first files of a site, with places to fill in: file name, text."),
        ("PIPELINES", "ci", "Jobs of a pipeline and what runs them: file name, text."),
    ] {
        println!("cargo::rerun-if-changed={folder}");
        let base = root.join(folder);
        let mut files = Vec::new();
        collect(&base, if ["FIRST", "PIPELINES"].contains(&name) { "" } else { "kdl" }, &mut files);
        files.sort();
        writeln!(code, "/// {doc}\npub static {name}: &[(&str, &str)] = &[").expect("memory");
        for file in files {
            let relative = file.strip_prefix(&base).expect("beneath its folder");
            let relative = relative.to_str().expect("names are ASCII").replace('\\', "/");
            writeln!(code, "    ({relative:?}, include_str!({:?})),", file.to_str().expect("UTF-8")).expect("memory");
        }
        code.push_str("];\n");
    }
    writeln!(code, "/// A digest of sources, data and locked versions: another one means another program.")
        .expect("memory");
    writeln!(code, "pub static PROGRAM: &str = {:?};", program(&root)).expect("memory");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("embedded.rs"), code).expect("the build folder takes files");
}

/// SHA-256 of the sources, the data and the versions of what they use, in hexadecimal.
fn program(root: &Path) -> String {
    let mut files = Vec::new();
    for (folder, ending) in [("src", "rs"), ("policies", "kdl"), ("schema", "kdl"), ("schema", "tsv")] {
        collect(&root.join(folder), ending, &mut files);
    }
    files.extend(["Cargo.toml", "Cargo.lock", "build.rs"].map(|name| root.join(name)));
    files.sort();
    let mut digest = Sha256::new();
    // a package that is used by another has no lock file of its own
    for file in files.iter().filter(|file| file.is_file()) {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(root).expect("beneath the root").to_str().expect("names are ASCII");
        let (name, bytes) = (name.replace('\\', "/"), fs::read(file).expect("a file that was listed"));
        for field in [name.as_bytes(), &bytes] {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn collect(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, ending, files);
        } else if ending.is_empty() || path.extension().is_some_and(|e| e == ending) {
            files.push(path);
        }
    }
}
