//! How a platform's command line talks: `schema/sessions/`, data with grade and source.

use std::sync::LazyLock;

use crate::embedded::SESSIONS;
use crate::model::device::PlatformKind;
use crate::native::Grade;
use crate::source::FileId;
use crate::syntax::{self, Entry, Node};

/// What a session sends, and what it gets back.
#[derive(Debug, Clone)]
pub struct Speech {
    /// Whose it is.
    pub platform: PlatformKind,
    /// The least grade of its lines.
    pub grade: Grade,
    /// The first line after a login, with places `{model}` and `{firmware}`.
    pub greeting: Option<String>,
    /// The prompt of a device without a host name; `{model}` may stand in it.
    pub prompt: String,
    /// What stands in brackets in the prompt of the configuration; those of its parts begin with it.
    pub mode: String,
    /// Commands that begin to configure; the first one is sent.
    pub enter: Vec<String>,
    /// The command that leaves one level.
    pub leave: String,
    /// The command that switches the pager off.
    pub unpaged: String,
    /// What the pager shows while it waits.
    pub more: String,
    /// The command that shows what runs.
    pub running: String,
    /// The command that shows what is started with.
    pub startup: String,
    /// Commands by which a device tells of itself, with the rows of their answers.
    pub about: Vec<(String, Vec<(String, String)>)>,
    /// Commands that save what runs; the first one is sent.
    pub save: Vec<String>,
    /// What is shown meanwhile, and what says that it is saved; `None` where no source shows it.
    pub saving: Vec<String>,
    /// The line that says that it is saved.
    pub saved: Option<String>,
    /// Commands that ask back, and what they ask.
    pub asks: Vec<(String, String)>,
    /// Asks for the account.
    pub name: String,
    /// Asks for the password.
    pub password: String,
    /// Says that the login is refused.
    pub wrong: String,
    /// What an unknown command is answered with.
    pub refusal: String,
    /// Lines that are in force before anybody set anything.
    pub factory: Vec<String>,
    /// What a refusal begins with.
    pub begins: Vec<String>,
    /// What a refusal holds.
    pub contains: Vec<String>,
}

impl Speech {
    /// Those of all platforms that have a command line that is known.
    pub fn all() -> &'static [Speech] {
        // a test reads the files
        static ALL: LazyLock<Vec<Speech>> =
            LazyLock::new(|| SESSIONS.iter().filter_map(|(_, text)| read(text).ok()).collect());
        &ALL
    }

    /// That of a platform; `None` where it has no command line that is known.
    pub fn of(platform: PlatformKind) -> Option<&'static Speech> {
        Speech::all().iter().find(|speech| speech.platform == platform)
    }

    /// Whether a line of an answer refuses what was sent.
    pub fn refuses(&self, line: &str) -> bool {
        let line = line.trim_start();
        self.begins.iter().any(|begin| line.starts_with(&**begin))
            || self.contains.iter().any(|part| line.contains(&**part))
    }
}

fn read(text: &str) -> Result<Speech, String> {
    let tree = syntax::parse(FileId::NONE, text).tree.ok_or("it is no KDL")?;
    let [root] = tree.nodes.as_slice() else { return Err("a file is one `session` node".to_owned()) };
    let platform = root.arg(0).and_then(Entry::text).and_then(PlatformKind::from_word).ok_or("of no platform")?;
    let mut grade = Grade::Confirmed;
    for node in root.children() {
        let said = node.prop("grade").and_then(Entry::text).and_then(Grade::from_word);
        let known = said.zip(node.prop("source").and_then(Entry::text));
        grade = grade.min(known.ok_or_else(|| format!("`{}` has no grade or no source", node.name))?.0);
    }
    let nodes = |name: &'static str| root.children().iter().filter(move |node| *node.name == *name);
    let text = |name: &'static str| {
        let found = nodes(name).find_map(|node| node.arg(0).and_then(Entry::text)).map(str::to_owned);
        found.ok_or_else(|| format!("there is no `{name}`"))
    };
    let words = |name: &'static str| nodes(name).flat_map(all).collect::<Vec<String>>();
    let prop = |name: &str| -> Vec<String> {
        nodes("refused").filter_map(|node| node.prop(name).and_then(Entry::text)).map(str::to_owned).collect()
    };
    let pair = |node: &Node| Some((node.arg(0)?.text()?.to_owned(), node.arg(1)?.text()?.to_owned()));
    let below = |parent: &'static str, name: &'static str| {
        let found = nodes(parent).flat_map(Node::children).filter(move |node| *node.name == *name);
        found.flat_map(all).collect::<Vec<String>>()
    };
    let about = nodes("about")
        .filter_map(|node| Some((node.arg(0)?.text()?.to_owned(), node.children().iter().filter_map(pair).collect())));
    Ok(Speech {
        platform,
        grade,
        greeting: text("greeting").ok(),
        prompt: text("prompt")?,
        mode: text("mode")?,
        enter: Some(words("enter")).filter(|all| !all.is_empty()).ok_or("there is no `enter`")?,
        leave: text("leave")?,
        unpaged: text("unpaged")?,
        more: text("more")?,
        running: text("running")?,
        startup: text("startup")?,
        about: about.collect(),
        save: Some(words("save")).filter(|all| !all.is_empty()).ok_or("there is no `save`")?,
        saving: below("save", "answer"),
        saved: below("save", "saved").into_iter().next(),
        asks: nodes("ask").filter_map(pair).collect(),
        name: text("name")?,
        password: text("password")?,
        wrong: text("wrong")?,
        refusal: text("refusal")?,
        factory: words("factory"),
        begins: prop("begins"),
        contains: prop("contains"),
    })
}

fn all(node: &Node) -> Vec<String> {
    node.args().filter_map(Entry::text).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_whole_and_each_line_has_a_grade_and_a_source() {
        for (name, text) in SESSIONS {
            let speech = read(text).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(speech.refuses(&speech.refusal), "{name}: what it answers is a refusal");
            assert!(speech.refuses(&speech.wrong) && !speech.refuses("hostname r"), "{name}");
            assert!(speech.saved.is_none_or(|saved| !saved.is_empty()), "{name}");
        }
        assert_eq!(Speech::of(PlatformKind::MxRos).map(|s| s.grade), Some(Grade::Confirmed.min(Grade::Likely)));
        assert!(Speech::of(PlatformKind::Nport6000).is_none(), "its command line is in no source");
        assert!(read("session \"mx-ros\" { prompt \"x\" grade=\"likely\" }").is_err());
    }
}
