use super::*;
use crate::site::files::FileProblem;
use std::fs;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What all tests of this program remember: each has folders of its own.
pub(super) fn state() -> Option<&'static Path> {
    static STATE: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    Some(STATE.path())
}

fn open(path: &Path) -> Result<OutDir, OutProblem> {
    OutDir::open(path, state())
}

fn build(path: &Path, files: &[(&str, &str)]) -> Result<Committed, OutProblem> {
    let out = open(path)?;
    for (name, text) in files {
        out.add(name, text.as_bytes(), Access::Everyone)?;
    }
    out.commit()
}

/// All files beneath a folder with their content, ours for git left out.
pub(super) fn there(path: &Path) -> BTreeMap<String, String> {
    fn visit(base: &Path, at: &Path, all: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(base).unwrap().to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                all.insert(format!("{name}/"), String::new());
                visit(base, &path, all);
            } else if ![".gitignore", ".gitattributes"].contains(&&*name) {
                all.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = BTreeMap::new();
    visit(path, path, &mut all);
    all
}

fn once(at: usize, then: impl Fn() -> io::Result<()> + Send + Sync + 'static) -> Step {
    let count = AtomicUsize::new(0);
    Box::new(move || if count.fetch_add(1, Ordering::Relaxed) == at { then() } else { Ok(()) })
}

/// The disk is full at the n-th file, or at the n-th move.
pub(super) fn failing_at(write: usize, rename: usize) -> Steps {
    let full = || Err(io::ErrorKind::StorageFull.into());
    Steps { write: once(write, full), rename: once(rename, full) }
}

/// Killed before the n-th move: nothing of what is under way is taken back.
pub(super) fn killed_at(rename: usize) -> Steps {
    Steps { rename: once(rename, || panic!("killed")), ..Steps::default() }
}

#[test]
fn a_build_replaces_the_one_before_and_removes_what_no_longer_belongs() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("a/out");
    let first = build(&out, &[("images/a.flk", "1"), ("images/b.flk", "1"), ("sheets/b.md", "1")]).unwrap();
    assert_eq!(first.written, ["images/a.flk", "images/b.flk", "sheets/b.md"]);
    let second = build(&out, &[("images/a.flk", "2"), ("index.json", "2")]).unwrap();
    assert_eq!(second.removed, ["images/b.flk", "sheets/b.md"]);
    let expected = [("images/", ""), ("images/a.flk", "2"), ("index.json", "2")];
    assert_eq!(there(&out), expected.map(|(n, t)| (n.to_owned(), t.to_owned())).into());
}

#[test]
fn a_file_that_is_kept_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), &[("images/a.flk", "1"), ("b", "1")]).unwrap();
    let out = open(dir.path()).unwrap();
    out.keep("images/a.flk").unwrap();
    assert!(matches!(out.keep("images/none.flk"), Err(OutProblem::NothingToKeep { .. })));
    assert_eq!(out.commit().unwrap(), Committed { written: vec![], removed: vec!["b".to_owned()] });
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

    let out = open(&folder).unwrap();
    assert_eq!(out.read("images/a.flk", 10), Ok(b"1".to_vec()));
    assert!(matches!(out.read("images/a.flk", 0), Err(FileProblem::TooLarge { .. })));
    assert!(matches!(out.read("none", 10), Err(FileProblem::Missing { .. })) && out.read("d", 10).is_err());
    let fresh = |name: &str, text: &str| out.keep_or_add(name, text.as_bytes(), Access::Everyone).unwrap();
    assert_eq!(["images/a.flk", "b", "c", "d", "e"].map(|name| fresh(name, "1")), [false, false, true, true, true]);
    assert!(matches!(out.keep_or_add("b", b"1", Access::Everyone), Err(OutProblem::Taken { .. })));
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
        let out = OutDir::open_with(path, state(), steps)?;
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
            let before = there(dir.path());
            match attempt(dir.path(), failing_at(write, rename)) {
                Ok(_) => assert!(there(dir.path()).contains_key("new/folder/d")),
                Err(problem) => {
                    failures += 1;
                    assert!(problem.to_string().contains("the disk is full"), "{problem}");
                    assert_eq!(problem.state(), "nothing in the output folder was changed");
                    assert_eq!(there(dir.path()), before, "write {write}, rename {rename}");
                }
            }
        }
    }
    assert!(failures > 20, "only {failures} steps failed");
}

/// Wherever a build is killed: before the switch nothing is changed, from then on the next one finishes it. Whoever
/// only reads is told.
#[test]
fn a_build_that_was_killed_is_finished_by_the_next() {
    let (mut finished, mut unchanged) = (0, 0);
    let new: BTreeMap<String, String> =
        [("images/", ""), ("images/a.flk", "2"), ("images/c.flk", "2"), ("n/", ""), ("n/x", "2")]
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into();
    for rename in 0..12 {
        let dir = tempfile::tempdir().unwrap();
        build(dir.path(), &[("images/a.flk", "1"), ("images/b.flk", "1"), ("o/y", "1")]).unwrap();
        let before = there(dir.path());
        let path = dir.path().to_owned();
        let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let out = OutDir::open_with(&path, state(), killed_at(rename)).unwrap();
            ["images/a.flk", "images/c.flk", "n/x"].iter().for_each(|n| out.add(n, b"2", Access::Owner).unwrap());
            out.commit().unwrap();
        }));
        let seen = left(&path, state());
        let next = open(&path).unwrap();
        let interrupted = next.found().interrupted;
        assert!(next.found().litter.is_empty() && seen.litter.is_empty());
        assert_eq!(seen.between.is_some(), interrupted.is_some());
        drop(next);
        match (killed.is_err(), interrupted) {
            (true, None) => {
                assert_eq!(there(&path), before, "killed at move {rename}");
                unchanged += 1;
            }
            (true, Some(how)) => {
                assert_eq!(how, Interrupted::Finished);
                let now = there(&path);
                assert_eq!(now, new, "killed at move {rename}");
                finished += 1;
            }
            (false, found) => assert_eq!(found, None),
        }
        assert_eq!(left(&path, state()), Left::default());
        // and it is a folder of ours like any other
        build(&path, &[("images/a.flk", "3")]).unwrap();
        assert_eq!(there(&path).len(), 2, "{:?}", there(&path));
    }
    assert!(finished > 5 && unchanged > 0, "{finished} and {unchanged}");
}

#[test]
fn what_can_not_be_finished_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let out = OutDir::open_with(&path, state(), killed_at(2)).unwrap();
        ["a", "b"].iter().for_each(|n| out.add(n, b"1", Access::Owner).unwrap());
        out.commit().unwrap();
    }));
    fs::remove_dir_all(path.join(".fieldlock-new-1")).unwrap();
    assert_eq!(open(&path).unwrap().found().interrupted, Some(Interrupted::Lost));
    build(&path, &[("a", "2"), ("b", "2")]).unwrap();
    assert_eq!(there(&path).len(), 2);
}

/// Invariant 18: without our own record nothing in a folder is ours, whatever it is called.
#[cfg(unix)]
#[test]
fn invariant_18_what_lies_in_the_folder_is_no_state() {
    let dir = tempfile::tempdir().unwrap();
    let (out, victim) = (dir.path().join("out"), dir.path().join("victim"));
    fs::create_dir(&victim).unwrap();
    build(&out, &[("a", "1")]).unwrap();
    // a copy of it is somebody else's, and so is what takes its place
    for (from, to) in [("out", "copy"), ("copy", "out")] {
        let (from, to) = (dir.path().join(from), dir.path().join(to));
        let _ = fs::remove_dir_all(&to);
        fs::create_dir(&to).unwrap();
        fs::copy(from.join("a"), to.join("a")).unwrap();
        assert!(matches!(open(&to), Err(OutProblem::Foreign { name, .. }) if name == "a"));
    }
    let out = dir.path().join("clone");
    for name in ["previous/x", "staging", "new-1", "done"] {
        fs::create_dir_all(out.join(format!(".fieldlock-{name}"))).unwrap();
    }
    fs::write(out.join(".fieldlock-previous/x/keys"), "theirs").unwrap();
    std::os::unix::fs::symlink(&victim, out.join(".fieldlock-files")).unwrap();
    let before = there(&out);
    let opened = open(&out).unwrap();
    assert_eq!((opened.found().litter.len(), opened.found().interrupted), (5, None));
    opened.add("x/y", b"1", Access::Everyone).unwrap();
    opened.commit().unwrap();
    let mut now = there(&out);
    assert_eq!(now.remove("x/y").as_deref(), Some("1"));
    now.remove("x/");
    assert_eq!(now, before);
    assert_eq!(fs::read_dir(victim).unwrap().count(), 0);
    assert_eq!(left(&out, state()).litter.len(), 5);
}

/// A record names what was written; a folder of ours that was changed behind our back is walked by handles all the
/// same.
#[cfg(unix)]
#[test]
fn a_switch_that_is_finished_follows_no_link() {
    let dir = tempfile::tempdir().unwrap();
    let (out, victim) = (dir.path().join("out"), dir.path().join("victim"));
    fs::create_dir(&victim).unwrap();
    fs::write(victim.join("a.flk"), "theirs").unwrap();
    build(&out, &[("images/a.flk", "1"), ("z", "1")]).unwrap();
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let out = OutDir::open_with(&out, state(), killed_at(1)).unwrap();
        ["images/a.flk", "z"].iter().for_each(|n| out.add(n, b"2", Access::Owner).unwrap());
        out.commit().unwrap();
    }));
    fs::remove_dir_all(out.join("images")).unwrap();
    std::os::unix::fs::symlink(&victim, out.join("images")).unwrap();
    assert!(matches!(open(&out), Err(OutProblem::Halfway { .. })));
    assert_eq!(fs::read_to_string(victim.join("a.flk")).unwrap(), "theirs");
    fs::remove_file(out.join("images")).unwrap();
    assert_eq!(open(&out).unwrap().found().interrupted, Some(Interrupted::Finished));
    assert_eq!(fs::read_to_string(out.join("images/a.flk")).unwrap(), "2");
}

/// Where nothing can be remembered, nothing is ours, and an empty folder can still be built into.
#[test]
fn without_a_place_to_remember_only_an_empty_folder_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let out = OutDir::open(dir.path(), None).unwrap();
    out.add("a", b"1", Access::Everyone).unwrap();
    out.commit().unwrap();
    assert!(matches!(OutDir::open(dir.path(), None), Err(OutProblem::Foreign { .. })));
}

#[test]
fn a_place_that_is_no_folder_of_ours_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(matches!(open(&file), Err(OutProblem::IsFile { .. })));
    assert!(matches!(open(&file.join("below")), Err(OutProblem::CannotCreate { .. })));
    assert!(matches!(open(dir.path()), Err(OutProblem::Foreign { name, .. }) if name == "file"));
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
    let problem = open(Path::new("/proc/fieldlock")).unwrap_err();
    assert!(matches!(problem, OutProblem::CannotCreate { .. }), "{problem}");
    let problem = open(Path::new("/proc/self/fdinfo/out")).unwrap_err();
    assert!(matches!(problem, OutProblem::CannotCreate { .. }), "{problem}");
}

#[test]
fn two_builds_at_once_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path()).unwrap();
    first.add("a", b"1", Access::Everyone).unwrap();
    let second = open(dir.path()).unwrap_err();
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
    assert!(matches!(open(&out), Err(OutProblem::IsLink { .. })));
    assert!(matches!(open(&out.join("")), Err(OutProblem::IsLink { .. })));
    fs::remove_file(&out).unwrap();
    build(&out, &[("a", "1"), ("images/b", "1")]).unwrap();
    // in a target's place it is replaced
    fs::remove_file(out.join("a")).unwrap();
    symlink(away.path().join("theirs"), out.join("a")).unwrap();
    build(&out, &[("a", "2"), ("images/b", "2")]).unwrap();
    assert!(fs::symlink_metadata(out.join("a")).unwrap().is_file());
    // in place of a folder, of the staging folder: refused or passed by, never entered
    fs::remove_dir_all(out.join("images")).unwrap();
    symlink(away.path(), out.join("images")).unwrap();
    assert!(matches!(build(&out, &[("images/b", "3")]), Err(OutProblem::InTheWay { .. })));
    build(&out, &[("a", "3")]).unwrap();
    symlink(away.path(), out.join(".fieldlock-new-1")).unwrap();
    build(&out, &[("a", "4")]).unwrap();
    let left: Vec<_> = fs::read_dir(away.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["theirs"]);
    assert_eq!(fs::read_to_string(away.path().join("theirs")).unwrap(), "theirs");
    // images are their owner's alone
    let private = tempfile::tempdir().unwrap();
    let dir = open(private.path()).unwrap();
    dir.add("images/a.flk", b"sealed", Access::Owner).unwrap();
    let mode = |path: std::path::PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(private.path().join(".fieldlock-new-1")), 0o700);
    dir.commit().unwrap();
    assert_eq!(mode(private.path().join("images/a.flk")), 0o600);
}

#[test]
fn names_that_lead_elsewhere_or_collide_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let out = open(dir.path()).unwrap();
    let add = |name: &str| out.add(name, b"x", Access::Everyone);
    assert!(matches!(add("../x"), Err(OutProblem::Name(FileProblem::Dots { .. }))));
    assert!(matches!(add("/x"), Err(OutProblem::Name(FileProblem::Absolute { .. }))));
    assert!(matches!(add(".fieldlock-new-1"), Err(OutProblem::Taken { .. })));
    add("images/a.flk").unwrap();
    assert!(matches!(add("images/A.flk"), Err(OutProblem::Taken { .. })));
}

/// W6: what was put into place counts, whatever can't be cleared away behind it.
#[test]
fn a_leftover_that_can_not_be_removed_stops_no_build() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("out");
    build(&path, &[("a", "1"), ("b", "1")]).unwrap();
    // a folder is nothing that a run of ours removes
    fs::create_dir_all(path.join(".fieldlock-new-1/o0")).unwrap();
    for text in ["2", "3"] {
        assert_eq!(build(&path, &[("a", text), ("b", "1")]).unwrap().written, ["a", "b"]);
        assert_eq!(fs::read_to_string(path.join("a")).unwrap(), text);
    }
    let opened = open(&path).unwrap();
    assert_eq!(opened.found().litter, [".fieldlock-new-1"]);
}

/// W4: who stands in the way is told, and everything is as it was.
#[test]
fn a_file_that_another_program_holds_is_named() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("out");
    build(&path, &[("images/np07.flk", "1"), ("review.md", "1")]).unwrap();
    let before = there(&path);
    let count = std::sync::atomic::AtomicUsize::new(0);
    let rename: Step = Box::new(move || match count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        1 => Err(io::ErrorKind::ResourceBusy.into()),
        _ => Ok(()),
    });
    let out = OutDir::open_with(&path, state(), Steps { rename, ..Steps::default() }).unwrap();
    out.add("images/np07.flk", b"2", Access::Owner).unwrap();
    let problem = out.commit().unwrap_err();
    assert_eq!(problem, OutProblem::Held { name: "images/np07.flk".to_owned() });
    assert_eq!(there(&path), before);
}
