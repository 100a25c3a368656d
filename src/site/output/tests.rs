use super::*;
use crate::site::files::FileProblem;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

fn build(path: &Path, files: &[(&str, &str)]) -> Result<Written, OutProblem> {
    let out = OutDir::open(path)?;
    for (name, text) in files {
        out.add(name, text.as_bytes(), Access::Everyone)?;
    }
    out.commit()
}

/// All files beneath a folder with their content, our lock left out.
fn state(path: &Path) -> BTreeMap<String, String> {
    fn visit(base: &Path, at: &Path, all: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(base).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                all.insert(format!("{name}/"), String::new());
                visit(base, &path, all);
            } else if name != LOCK {
                all.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = BTreeMap::new();
    visit(path, path, &mut all);
    all
}

fn failing_at(write: usize, rename: usize) -> Steps {
    let (writes, renames) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Steps {
        write: Box::new(move |file, bytes| {
            if writes.fetch_add(1, Ordering::Relaxed) == write {
                file.write_all(&bytes[..bytes.len() / 2])?;
                return Err(io::ErrorKind::StorageFull.into());
            }
            file.write_all(bytes)
        }),
        rename: Box::new(move |from, to| {
            if renames.fetch_add(1, Ordering::Relaxed) == rename {
                return Err(io::ErrorKind::StorageFull.into());
            }
            fs::rename(from, to)
        }),
    }
}

#[test]
fn a_build_replaces_the_one_before_and_removes_what_no_longer_belongs() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("a/out");
    let first = build(&out, &[("images/a.flk", "1"), ("images/b.flk", "1"), ("sheets/b.md", "1")]).unwrap();
    assert_eq!(first.written, ["images/a.flk", "images/b.flk", "sheets/b.md"]);
    let second = build(&out, &[("images/a.flk", "2"), ("index.json", "2")]).unwrap();
    assert_eq!(second.removed, ["images/b.flk", "sheets/b.md"]);
    let expected = [(LIST, "images/a.flk\nindex.json\n"), ("images/", ""), ("images/a.flk", "2"), ("index.json", "2")];
    assert_eq!(state(&out), expected.map(|(n, t)| (n.to_owned(), t.to_owned())).into());
}

#[test]
fn a_file_that_is_kept_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), &[("images/a.flk", "1"), ("b", "1")]).unwrap();
    let out = OutDir::open(dir.path()).unwrap();
    out.keep("images/a.flk").unwrap();
    assert!(matches!(out.keep("images/none.flk"), Err(OutProblem::NothingToKeep { .. })));
    assert_eq!(out.commit().unwrap(), Written { written: vec![], removed: vec!["b".to_owned()] });
    assert_eq!(fs::read_to_string(dir.path().join("images/a.flk")).unwrap(), "1");
    build(dir.path(), &[]).unwrap();
    assert!(!dir.path().join("images").exists());
}

#[test]
#[cfg(unix)]
fn the_same_bytes_are_not_written_again() {
    use std::os::unix::fs::MetadataExt;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("out");
    build(&folder, &[("images/a.flk", "1"), ("b", "1"), ("c", "1"), ("d", "1")]).unwrap();
    let file = |name: &str| fs::metadata(folder.join(name)).unwrap().ino();
    let before = ["images/a.flk", "b"].map(file);
    fs::write(folder.join("c"), "2").unwrap();
    // a link to a file of the same bytes is not the file
    fs::rename(folder.join("d"), dir.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), folder.join("d")).unwrap();

    let out = OutDir::open(&folder).unwrap();
    assert_eq!(out.read("images/a.flk", 10), Some(b"1".to_vec()));
    assert_eq!((out.read("images/a.flk", 0), out.read("none", 10), out.read("d", 10)), (None, None, None));
    let fresh = |name: &str, text: &str| out.settle(name, text.as_bytes(), Access::Everyone).unwrap();
    assert_eq!(["images/a.flk", "b", "c", "d", "e"].map(|name| fresh(name, "1")), [false, false, true, true, true]);
    assert!(matches!(out.settle("b", b"1", Access::Everyone), Err(OutProblem::Taken { .. })));
    let written = out.commit().unwrap();
    assert_eq!((written.written, written.removed), (vec!["c".into(), "d".into(), "e".into()], vec![]));
    assert_eq!(["images/a.flk", "b"].map(file), before);
    assert!(fs::symlink_metadata(folder.join("d")).unwrap().is_file());
}

/// Invariant 15: whole or not at all, wherever the disk fails.
#[test]
fn invariant_15_whatever_step_fails_everything_stays_as_it_was() {
    let new = [("images/a.flk", "2"), ("images/c.flk", "2"), ("new/folder/d", "2"), ("index.json", "2")];
    let attempt = |path: &Path, steps: Steps| {
        let out = OutDir::open_with(path, steps)?;
        new.iter().try_for_each(|(name, text)| out.add(name, text.as_bytes(), Access::Owner))?;
        out.commit()
    };
    let mut failures = 0;
    for (write, rename) in (0..8).map(|n| (n, usize::MAX)).chain((0..14).map(|n| (usize::MAX, n))) {
        for first_build in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            if !first_build {
                build(dir.path(), &[("images/a.flk", "1"), ("images/b.flk", "1"), ("index.json", "1")]).unwrap();
            }
            let before = state(dir.path());
            match attempt(dir.path(), failing_at(write, rename)) {
                Ok(_) => assert!(state(dir.path()).contains_key("new/folder/d")),
                Err(problem) => {
                    failures += 1;
                    assert!(problem.to_string().contains("the disk is full"), "{problem}");
                    assert_eq!(problem.state(), "nothing in the output folder was changed");
                    assert_eq!(state(dir.path()), before, "write {write}, rename {rename}");
                }
            }
        }
    }
    assert!(failures > 20, "only {failures} steps failed");
}

#[test]
fn a_build_that_was_killed_is_put_back_by_the_next() {
    for rename in 0..12 {
        let dir = tempfile::tempdir().unwrap();
        build(dir.path(), &[("images/a.flk", "1"), ("images/b.flk", "1")]).unwrap();
        let before = state(dir.path());
        let panics = Steps {
            write: Box::new(|f, b| f.write_all(b)),
            rename: {
                let count = AtomicUsize::new(0);
                Box::new(move |from, to| {
                    assert!(count.fetch_add(1, Ordering::Relaxed) != rename, "killed");
                    fs::rename(from, to)
                })
            },
        };
        let path = dir.path().to_owned();
        let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let out = OutDir::open_with(&path, panics).unwrap();
            out.add("images/a.flk", b"2", Access::Owner).unwrap();
            out.add("images/c.flk", b"2", Access::Owner).unwrap();
            out.commit().unwrap();
        }));
        drop(OutDir::open(dir.path()).unwrap());
        if killed.is_err() {
            assert_eq!(state(dir.path()), before, "killed at rename {rename}");
        } else {
            assert_eq!(fs::read_to_string(dir.path().join("images/c.flk")).unwrap(), "2");
        }
    }
}

#[test]
fn a_place_that_is_no_folder_of_ours_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(matches!(OutDir::open(&file), Err(OutProblem::IsFile { .. })));
    assert!(matches!(OutDir::open(&file.join("below")), Err(OutProblem::CannotCreate { .. })));
    assert!(matches!(OutDir::open(dir.path()), Err(OutProblem::Foreign { name, .. }) if name == "file"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
    fs::remove_file(&file).unwrap();
    fs::write(dir.path().join(".gitignore"), "*").unwrap();
    build(dir.path(), &[("a", "1")]).unwrap();
    // beside an earlier build, a stranger's file stays, and is not overwritten
    fs::write(dir.path().join("notes"), "mine").unwrap();
    assert!(matches!(build(dir.path(), &[("notes", "2")]), Err(OutProblem::InTheWay { .. })));
    fs::create_dir(dir.path().join("b")).unwrap();
    assert!(matches!(build(dir.path(), &[("b", "2")]), Err(OutProblem::InTheWay { .. })));
    assert!(matches!(build(dir.path(), &[("notes/x", "2")]), Err(OutProblem::InTheWay { .. })));
    build(dir.path(), &[]).unwrap();
    assert_eq!(fs::read_to_string(dir.path().join("notes")).unwrap(), "mine");
}

/// Permissions don't bind root, who runs tests in a container; `/proc` is read-only for anyone.
#[cfg(target_os = "linux")]
#[test]
fn a_read_only_place_is_refused() {
    let problem = OutDir::open(Path::new("/proc/fieldlock")).unwrap_err();
    assert!(matches!(problem, OutProblem::CannotCreate { .. }), "{problem}");
    let problem = OutDir::open(Path::new("/proc/self/fdinfo/out")).unwrap_err();
    assert!(matches!(problem, OutProblem::CannotCreate { .. }), "{problem}");
}

#[test]
fn two_builds_at_once_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let first = OutDir::open(dir.path()).unwrap();
    first.add("a", b"1", Access::Everyone).unwrap();
    let second = OutDir::open(dir.path()).unwrap_err();
    assert!(matches!(second, OutProblem::Busy { .. }) && second.to_string().contains("another build"));
    first.commit().unwrap();
    assert_eq!(fs::read_to_string(dir.path().join("a")).unwrap(), "1");
    build(dir.path(), &[("a", "2")]).unwrap();
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let away = tempfile::tempdir().unwrap();
    fs::write(away.path().join("theirs"), "theirs").unwrap();
    let out = dir.path().join("out");
    symlink(away.path(), &out).unwrap();
    assert!(matches!(OutDir::open(&out), Err(OutProblem::IsLink { .. })));
    assert!(matches!(OutDir::open(&out.join("")), Err(OutProblem::IsLink { .. })));
    fs::remove_file(&out).unwrap();
    build(&out, &[("a", "1"), ("images/b", "1")]).unwrap();
    // in a target's place it is replaced
    fs::remove_file(out.join("a")).unwrap();
    symlink(away.path().join("theirs"), out.join("a")).unwrap();
    build(&out, &[("a", "2"), ("images/b", "2")]).unwrap();
    assert!(fs::symlink_metadata(out.join("a")).unwrap().is_file());
    // in place of a folder, of the staging folder, of the lock: refused or removed, never entered
    fs::remove_dir_all(out.join("images")).unwrap();
    symlink(away.path(), out.join("images")).unwrap();
    assert!(matches!(build(&out, &[("images/b", "3")]), Err(OutProblem::InTheWay { .. })));
    build(&out, &[("a", "3")]).unwrap();
    symlink(away.path(), out.join(STAGING)).unwrap();
    build(&out, &[("a", "4")]).unwrap();
    fs::remove_file(out.join(LOCK)).unwrap();
    symlink(away.path().join("theirs"), out.join(LOCK)).unwrap();
    assert!(matches!(OutDir::open(&out), Err(OutProblem::CannotWrite { .. })));
    let left: Vec<_> = fs::read_dir(away.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["theirs"]);
    assert_eq!(fs::read_to_string(away.path().join("theirs")).unwrap(), "theirs");
    // images are their owner's alone
    let private = tempfile::tempdir().unwrap();
    let dir = OutDir::open(private.path()).unwrap();
    dir.add("images/a.flk", b"sealed", Access::Owner).unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(private.path().join(STAGING)), 0o700);
    dir.commit().unwrap();
    assert_eq!(mode(private.path().join("images/a.flk")), 0o600);
}

#[test]
fn a_list_that_was_tampered_with_removes_nothing_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    fs::write(dir.path().join("precious"), "x").unwrap();
    build(&out, &[("a", "1")]).unwrap();
    let precious = dir.path().join("precious");
    fs::write(out.join(LIST), format!("a\n../precious\n{}\n.fieldlock-lock\n", precious.display())).unwrap();
    build(&out, &[("b", "1")]).unwrap();
    assert!(precious.exists() && out.join(LOCK).exists() && !out.join("a").exists());
}

#[test]
fn names_that_lead_elsewhere_or_collide_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let out = OutDir::open(dir.path()).unwrap();
    let add = |name: &str| out.add(name, b"x", Access::Everyone);
    assert!(matches!(add("../x"), Err(OutProblem::Name(FileProblem::Dots { .. }))));
    assert!(matches!(add("/x"), Err(OutProblem::Name(FileProblem::Absolute { .. }))));
    assert!(matches!(add(LIST), Err(OutProblem::Taken { .. })));
    add("images/a.flk").unwrap();
    assert!(matches!(add("images/A.flk"), Err(OutProblem::Taken { .. })));
}
