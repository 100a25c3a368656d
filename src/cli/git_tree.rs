//! The files of a site at a commit, out of git's store: no checkout, so that no filter and no hook of the repository
//! runs, and nothing is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fieldlock::site::files::{Held, MAX_FILES, Root};

use super::git::{Asked, ask_bytes};
use super::problem::Problem;

/// The largest file that is taken, in bytes: larger ones are in no site that loads.
const MAX_FILE: u64 = 16 << 20;
/// Most bytes of a list of files.
const MAX_LIST: usize = 64 << 20;
/// Most bytes of all files.
const MAX_ALL: u64 = 1 << 30;

/// A site at a commit, held in memory. `commit` is from an index: nothing but hexadecimal digits reaches git.
pub(crate) fn at(site: &Path, commit: &str) -> Result<Root, Problem> {
    let whole =
        matches!(commit.len(), 40 | 64) && commit.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
    if !whole {
        return Err(Problem::invalid("the index names no commit that git could find"));
    }
    let short = &commit[..7];
    let missing = || {
        Problem::invalid(format!("the source has no commit {short}"))
            .help("fetch it into the site's repository, or give the clone that has it with --site DIR")
    };
    let kind = ask_bytes(site, &["cat-file", "-t", commit], None, MAX_LIST).map_err(|asked| match asked {
        Asked::NoGit => Problem::invalid("git is not here, so the source at that commit can't be read")
            .help("install git, or verify without --site"),
        Asked::Refused => missing(),
    })?;
    if kind != b"commit\n" {
        return Err(missing());
    }
    let failed = |_| {
        Problem::invalid(format!("the files of commit {short} can't be read from git"))
            .help("`git fsck` says what is wrong with the repository")
    };
    let prefix = ask_bytes(site, &["rev-parse", "--show-prefix"], None, MAX_LIST).map_err(failed)?;
    let prefix = String::from_utf8_lossy(&prefix).trim_end_matches(['\n', '\r']).to_owned();
    let mut list = vec!["ls-tree", "-r", "-z", "-l", "--full-tree", commit];
    if !prefix.is_empty() {
        list.extend(["--", &prefix]);
    }
    let list = ask_bytes(site, &list, None, MAX_LIST).map_err(failed)?;
    let entries = entries(&list, &prefix)?;
    let mut wanted = Vec::new();
    for entry in entries.iter().filter(|e| !e.link) {
        wanted.extend_from_slice(entry.id.as_bytes());
        wanted.push(b'\n');
    }
    let bytes =
        ask_bytes(site, &["cat-file", "--batch"], Some(&wanted), MAX_ALL as usize + MAX_LIST).map_err(failed)?;
    let files = contents(entries, &bytes).ok_or_else(|| failed(Asked::Refused))?;
    Ok(Root::held(&PathBuf::from(format!("commit {short}")), files))
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    id: String,
    link: bool,
}

/// Lines of `ls-tree -l -z`: mode, type, id, size, a tab, and the path from the repository's root.
fn entries(list: &[u8], prefix: &str) -> Result<Vec<Entry>, Problem> {
    let mut found = Vec::new();
    let mut all = 0;
    for line in list.split(|b| *b == 0).filter(|line| !line.is_empty()) {
        // a name that is not UTF-8 is no file of a site
        let Ok(line) = std::str::from_utf8(line) else { continue };
        let Some((head, path)) = line.split_once('\t') else { continue };
        let Some(name) = path.strip_prefix(prefix) else { continue };
        let mut words = head.split_ascii_whitespace();
        let (Some(mode), Some(kind), Some(id), Some(size)) = (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let size = size.parse().unwrap_or(0);
        // a submodule is another repository
        if kind != "blob" || size > MAX_FILE || id.bytes().any(|b| !b.is_ascii_hexdigit()) {
            continue;
        }
        all += size;
        if found.len() >= MAX_FILES || all > MAX_ALL {
            return Err(Problem::invalid("the commit has more files than a site may have")
                .help("a site has at most 100,000 files, and 1 GiB of them"));
        }
        found.push(Entry { name: name.to_owned(), id: id.to_owned(), link: mode == "120000" });
    }
    Ok(found)
}

/// What `cat-file --batch` prints: for each, id, type and size on a line, the content, a line end.
fn contents(entries: Vec<Entry>, mut bytes: &[u8]) -> Option<BTreeMap<String, Held>> {
    let mut files = BTreeMap::new();
    for entry in entries {
        if entry.link {
            files.insert(entry.name, Held::Link);
            continue;
        }
        let end = bytes.iter().position(|b| *b == b'\n')?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let size: usize = head.strip_prefix(&entry.id)?.strip_prefix(" blob ")?.parse().ok()?;
        let content = bytes.get(end + 1..end + 1 + size)?;
        bytes = bytes.get(end + 1 + size..)?.strip_prefix(b"\n")?;
        files.insert(entry.name, Held::File(content.to_vec()));
    }
    bytes.is_empty().then_some(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_lists_is_read_strictly() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let list = format!(
            "100644 blob {a}       3\twest/site.kdl\0120000 blob {b}       9\twest/devices/x.kdl\0160000 commit {b}       \
             -\twest/sub\0100644 blob {b} 99999999\twest/large\0100644 blob {b} 1\teast/site.kdl\0"
        );
        let found = entries(list.as_bytes(), "west/").unwrap();
        let entry = |name: &str, id: &str, link| Entry { name: name.into(), id: id.into(), link };
        assert_eq!(found, [entry("site.kdl", &a, false), entry("devices/x.kdl", &b, true)]);

        let batch = format!("{a} blob 3\na\nb\n");
        let files = contents(found, batch.as_bytes()).unwrap();
        assert_eq!(files["site.kdl"], Held::File(b"a\nb".to_vec()));
        assert_eq!(files["devices/x.kdl"], Held::Link);
        for bad in [
            "",
            &batch[..batch.len() - 1],
            &format!("{batch}x"),
            &batch.replace("blob 3", "blob 4"),
            &batch.replace('a', "c"),
        ] {
            assert!(contents(vec![entry("site.kdl", &a, false)], bad.as_bytes()).is_none(), "{bad:?}");
        }
    }
}
