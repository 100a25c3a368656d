//! Lists the data files that the binary carries: packs, dialects, factory settings.

#![expect(clippy::expect_used, reason = "a build that can't list its data has to stop")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut code = String::new();
    for (name, folder, doc) in [
        ("POLICIES", "policies", "Packs and their rules: path beneath `policies/`, text."),
        ("DIALECTS", "schema/dialects", "Dialect tables: file name, text."),
        ("FACTORY", "schema/factory", "Factory settings: file name, text."),
    ] {
        println!("cargo::rerun-if-changed={folder}");
        let base = root.join(folder);
        let mut files = Vec::new();
        collect(&base, &mut files);
        files.sort();
        writeln!(code, "/// {doc}\npub static {name}: &[(&str, &str)] = &[").expect("memory");
        for file in files {
            let relative = file.strip_prefix(&base).expect("beneath its folder");
            let relative = relative.to_str().expect("names are ASCII").replace('\\', "/");
            writeln!(code, "    ({relative:?}, include_str!({:?})),", file.to_str().expect("UTF-8")).expect("memory");
        }
        code.push_str("];\n");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("embedded.rs"), code).expect("the build folder takes files");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "kdl") {
            files.push(path);
        }
    }
}
