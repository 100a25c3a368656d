use super::*;
use std::fs;

fn site() -> (tempfile::TempDir, Root) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("devices/west")).unwrap();
    fs::write(dir.path().join("site.kdl"), "site \"x\"\n").unwrap();
    fs::write(dir.path().join("devices/b.kdl"), "b").unwrap();
    fs::write(dir.path().join("devices/west/a.kdl"), "a").unwrap();
    fs::write(dir.path().join("devices/notes.txt"), "n").unwrap();
    fs::write(dir.path().join("devices/.b.kdl"), "editor").unwrap();
    let root = Root::open(dir.path()).unwrap();
    (dir, root)
}

fn problem(root: &Root, name: &str) -> FileProblem {
    let problem = root.read_text(name).unwrap_err();
    assert!(!problem.help().is_empty() && problem.code().starts_with("site."));
    problem
}

#[test]
fn reads_and_lists_what_is_beneath() {
    let (_dir, root) = site();
    assert_eq!(&*root.read_text("site.kdl").unwrap(), "site \"x\"\n");
    assert_eq!(&*root.read_text("devices/west/a.kdl").unwrap(), "a");
    assert_eq!(root.list("devices", "kdl").unwrap(), ["devices/b.kdl", "devices/west/a.kdl"]);
    assert_eq!(root.list("", "kdl").unwrap(), ["devices/b.kdl", "devices/west/a.kdl", "site.kdl"]);
    assert_eq!(root.list("profiles", "kdl").unwrap(), Vec::<String>::new());
    assert!(matches!(root.list("site.kdl", "kdl"), Err(FileProblem::NotAFolder { .. })));
}

/// Invariant 15, by name.
#[test]
fn invariant_15_no_name_leads_out_of_the_site() {
    let (_dir, root) = site();
    assert!(matches!(problem(&root, "/etc/hostname"), FileProblem::Absolute { .. }));
    assert!(matches!(problem(&root, "C:/temp"), FileProblem::Absolute { .. }));
    assert!(matches!(problem(&root, "../x.kdl"), FileProblem::Dots { .. }));
    assert!(matches!(problem(&root, "devices/../site.kdl"), FileProblem::Dots { .. }));
    assert!(matches!(problem(&root, "./site.kdl"), FileProblem::Dots { .. }));
    assert!(matches!(problem(&root, "devices//b.kdl"), FileProblem::EmptyPart { .. }));
    assert!(matches!(problem(&root, ""), FileProblem::EmptyPart { .. }));
    assert!(matches!(problem(&root, "devices/"), FileProblem::EmptyPart { .. }));
    assert!(matches!(problem(&root, "devices\\b.kdl"), FileProblem::Backslash { .. }));
    assert!(matches!(problem(&root, "site.kdl\0"), FileProblem::ControlCharacter { code: 0, .. }));
    assert!(matches!(problem(&root, "C:\temp"), FileProblem::ControlCharacter { code: 9, .. }));
    for name in ["con", "devices/COM1.kdl", "a.", "a ", "ab:c", "devices/x?.kdl"] {
        assert!(matches!(problem(&root, name), FileProblem::NotPortable { .. }), "{name}");
    }
    assert_eq!(problem(&root, "../x.kdl").code(), "site.path");
    let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert_eq!(FileProblem::of_io("site.kdl".to_owned(), &denied).code(), "site.unreadable-file");
    assert!(matches!(problem(&root, "devices"), FileProblem::IsFolder { .. }));
    assert!(matches!(problem(&root, "site.kdl/x"), FileProblem::NotAFolder { .. }));
    assert!(matches!(problem(&root, "devices/none.kdl"), FileProblem::Missing { .. }));
}

#[cfg(unix)]
#[test]
fn invariant_15_links_pipes_and_devices_are_refused_and_show_nothing() {
    use std::os::unix::fs::symlink;
    let (dir, root) = site();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x.kdl"), "hunter2-canary").unwrap();
    symlink(outside.path().join("x.kdl"), dir.path().join("devices/link.kdl")).unwrap();
    symlink("b.kdl", dir.path().join("devices/inner.kdl")).unwrap();
    symlink(outside.path(), dir.path().join("far")).unwrap();
    symlink("/dev/zero", dir.path().join("devices/zero.kdl")).unwrap();
    let fifo = dir.path().join("devices/fifo.kdl");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("devices/socket.kdl")).unwrap();
    for name in ["devices/link.kdl", "devices/inner.kdl", "devices/zero.kdl"] {
        assert_eq!(problem(&root, name), FileProblem::Link { name: name.to_owned(), at: name.to_owned() });
    }
    let through = problem(&root, "far/x.kdl");
    assert_eq!(through.to_string(), "`far` is a link");
    assert!(!format!("{through:?}").contains("hunter2"));
    assert!(matches!(root.list("far", "kdl"), Err(FileProblem::Link { .. })));
    for name in ["devices/fifo.kdl", "devices/socket.kdl"] {
        assert!(matches!(problem(&root, name), FileProblem::NotAFile { .. }), "{name}");
    }
    // listed, so that reading them says what is wrong; what a linked folder holds is not
    let listed = root.list("", "kdl").unwrap();
    assert!(listed.contains(&"devices/link.kdl".to_owned()) && !listed.iter().any(|n| n.starts_with("far")));
}

/// Invariant 16, by name.
#[test]
fn invariant_16_a_large_file_is_refused_before_it_is_read() {
    let (dir, root) = site();
    let large = fs::File::create(dir.path().join("large.kdl")).unwrap();
    large.set_len(100 << 20).unwrap();
    assert_eq!(problem(&root, "large.kdl").to_string(), "`large.kdl` is larger than 8 MiB");
    assert!(matches!(root.read_bytes("site.kdl", 8), Err(FileProblem::TooLarge { max: 8, .. })));
    assert_eq!(root.read_bytes("site.kdl", 9).unwrap().len(), 9);
}

#[test]
fn what_is_no_utf_8_is_told_with_its_line() {
    let (dir, root) = site();
    let write = |bytes: &[u8]| fs::write(dir.path().join("x.kdl"), bytes).unwrap();
    let utf16 = |mark: Option<u16>| mark.into_iter().chain("site \"x\"\n".encode_utf16());
    write(b"\xef\xbb\xbfa\n");
    assert_eq!(&*root.read_text("x.kdl").unwrap(), "a\n");
    write(&utf16(Some(0xfeff)).flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    assert!(problem(&root, "x.kdl").help().contains("PowerShell"));
    write(&utf16(None).flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    assert!(matches!(problem(&root, "x.kdl"), FileProblem::Utf16 { .. }));
    write(&utf16(None).flat_map(u16::to_be_bytes).collect::<Vec<_>>());
    assert!(matches!(problem(&root, "x.kdl"), FileProblem::Utf16 { .. }));
    write(b"a\nb\ncaf\xe9\n");
    assert!(matches!(problem(&root, "x.kdl"), FileProblem::NotUtf8 { line: 3, .. }));
    write(b"a\nb\0c\n");
    assert!(matches!(problem(&root, "x.kdl"), FileProblem::Nul { line: 2, .. }));
    write(b"");
    assert_eq!(&*root.read_text("x.kdl").unwrap(), "");
}

#[test]
fn a_root_that_is_no_folder_says_so() {
    let (dir, _root) = site();
    assert!(matches!(Root::open(&dir.path().join("site.kdl")), Err(FileProblem::NotAFolder { .. })));
    assert!(matches!(Root::open(&dir.path().join("none")), Err(FileProblem::Missing { .. })));
}

/// What a folder gives, a tree in memory gives.
#[test]
fn a_tree_in_memory_is_read_like_a_folder() {
    let (dir, root) = site();
    let mut files = BTreeMap::from([("linked".to_owned(), Held::Link)]);
    for name in ["site.kdl", "devices/b.kdl", "devices/west/a.kdl", "devices/notes.txt", "devices/.b.kdl"] {
        files.insert(name.to_owned(), Held::File(fs::read(dir.path().join(name)).unwrap()));
    }
    let held = Root::held(dir.path(), files);
    for name in
        ["site.kdl", "devices/west/a.kdl", "devices", "none", "devices/none.kdl", "site.kdl/x", "../x", "", "con"]
    {
        assert_eq!(held.read_text(name), root.read_text(name), "{name}");
        assert_eq!(held.read_bytes(name, 1), root.read_bytes(name, 1), "{name}");
    }
    for folder in ["", "devices", "profiles", "site.kdl", "..", "devices/west"] {
        assert_eq!(held.list(folder, "kdl"), root.list(folder, "kdl"), "{folder}");
    }
    assert!(matches!(problem(&held, "linked"), FileProblem::Link { .. }));
    assert!(matches!(problem(&held, "linked/x"), FileProblem::Link { .. }));
    assert!(!held.open_to_others("site.kdl"));
}

#[cfg(unix)]
#[test]
fn who_else_may_read_a_file() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, root) = site();
    for (mode, open) in [(0o600, false), (0o711, false), (0o640, true), (0o604, true), (0o644, true)] {
        fs::set_permissions(dir.path().join("site.kdl"), fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(root.open_to_others("site.kdl"), open, "{mode:o}");
    }
    assert!(!root.open_to_others("none"));
}
