//! A tree of files that is held in memory: a commit, read out of git without a checkout, so that none of the
//! repository's filters and hooks runs and nothing is written.

use std::collections::BTreeMap;

use super::{FileProblem, MAX_FILES, check_name};

/// What stands at a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// A file.
    File(Vec<u8>),
    /// A link: never followed.
    Link,
}

/// Files by name, relative, with `/`.
#[derive(Debug, Default)]
pub(super) struct Tree(BTreeMap<String, Held>);

impl Tree {
    pub(super) fn new(files: BTreeMap<String, Held>) -> Tree {
        Tree(files)
    }

    /// Whether anything stands at a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn read(&self, name: &str, max: usize) -> Result<Vec<u8>, FileProblem> {
        check_name(name)?;
        for (at, _) in name.match_indices('/') {
            match self.0.get(&name[..at]) {
                None => {}
                Some(Held::Link) => return Err(FileProblem::Link { name: name.to_owned(), at: name[..at].to_owned() }),
                Some(Held::File(_)) => return Err(FileProblem::NotAFolder { name: name[..at].to_owned() }),
            }
        }
        match self.0.get(name) {
            Some(Held::File(bytes)) if bytes.len() > max => Err(FileProblem::TooLarge { name: name.to_owned(), max }),
            Some(Held::File(bytes)) => Ok(bytes.clone()),
            Some(Held::Link) => Err(FileProblem::Link { name: name.to_owned(), at: name.to_owned() }),
            None if self.beneath(name).next().is_some() => Err(FileProblem::IsFolder { name: name.to_owned() }),
            None => Err(FileProblem::Missing { name: name.to_owned() }),
        }
    }

    pub(super) fn list(&self, folder: &str, extension: &str) -> Result<Vec<String>, FileProblem> {
        if !folder.is_empty() {
            check_name(folder)?;
            match self.0.get(folder) {
                None => {}
                Some(Held::Link) => return Err(FileProblem::Link { name: folder.to_owned(), at: folder.to_owned() }),
                Some(Held::File(_)) => return Err(FileProblem::NotAFolder { name: folder.to_owned() }),
            }
        }
        let ending = |name: &str| name.rsplit_once('.').is_some_and(|(_, e)| e.eq_ignore_ascii_case(extension));
        let mut found = Vec::new();
        for name in self.beneath(folder) {
            if found.len() >= MAX_FILES {
                return Err(FileProblem::TooManyFiles { name: folder.to_owned() });
            }
            let inside = name.strip_prefix(folder).unwrap_or(name).trim_start_matches('/');
            if ending(inside) && !inside.split('/').any(|part| part.starts_with('.')) {
                found.push(name.to_owned());
            }
        }
        Ok(found)
    }

    fn beneath<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a str> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let from = self.0.range(prefix.clone()..);
        from.map(|(name, _)| &**name).take_while(move |name| name.starts_with(&prefix))
    }
}
