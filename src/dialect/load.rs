//! What all forms of table have in common when they are loaded: head, places, targets, codecs.

use std::sync::Arc;

use super::codec::{Alphabet, Codec, CodecKind, NativeWord, TextRules};
use super::{Dialect, Newline, Target};
use crate::finding::{Code, Finding, codes};
use crate::model::facts::Value;
use crate::model::shape::{GroupId, ScalarKind, Shape, closest, parse_scalar};
use crate::native::{Form, Grade, Touches};
use crate::source::{FileId, Loc, Span};
use crate::syntax::{Entry, Node, Scalar};

/// Where a mapping is known from.
#[derive(Debug, Clone)]
pub struct Place {
    /// How sure.
    pub grade: Grade,
    /// From where.
    pub source: Arc<str>,
    /// The entry's line in its table.
    pub loc: Loc,
}

/// A table being loaded: collects what is wrong with it.
pub struct Loader {
    /// The table's file.
    pub file: FileId,
    /// Its form.
    pub form: Form,
    /// Highest grade that counts.
    pub limit: Grade,
    /// The site's own part of the table.
    own: Option<Own>,
    /// What is wrong so far.
    pub findings: Vec<Finding>,
}

/// What a site adds to a table: its text behind the table's own, in one source.
struct Own {
    /// Where its text begins.
    from: u32,
    /// What its head says for its entries.
    place: Option<Place>,
}

/// Reads one table.
pub(super) fn load(file: FileId, text: &str, limit: Grade) -> Result<Dialect, Vec<Finding>> {
    let parsed = crate::syntax::parse(file, text);
    let mut loader = Loader { file, form: Form::Ini, limit, own: None, findings: parsed.findings };
    let Some(tree) = parsed.tree else { return Err(loader.findings) };
    let [root] = tree.nodes.as_slice() else {
        let span = tree.nodes.get(1).map_or(Span::default(), |n| n.header);
        loader.tell(codes::dialect::ROOT, span, "a table is one `dialect` node");
        return Err(loader.findings);
    };
    let dialect = loader.dialect(root);
    match dialect {
        Some(dialect) if loader.findings.is_empty() => Ok(dialect),
        _ => Err(loader.findings),
    }
}

/// Reads a table that ships with what a site adds to it: one table, in which each key and line still has one meaning.
///
/// # Errors
/// Each mistake of the site's part, at its line.
pub(super) fn load_with_own(shipped: &str, file: FileId, text: &str) -> Result<Dialect, Vec<Finding>> {
    let from = shipped.len() as u32 + 1;
    let parsed = crate::syntax::parse(FileId::NONE, &format!("{shipped}\n{text}"));
    let own = Own { from, place: None };
    let mut loader = Loader {
        file: FileId::NONE,
        form: Form::Ini,
        limit: Grade::Confirmed,
        own: Some(own),
        findings: parsed.findings,
    };
    let mut nodes = parsed.tree.map(|tree| tree.nodes).unwrap_or_default().into_iter();
    let dialect = nodes.next().and_then(|mut root| {
        loader.form = Form::of(root.prop("form").and_then(Entry::text)?)?;
        nodes.for_each(|own| loader.add(&mut root, own));
        loader.dialect(&root)
    });
    let mut findings = loader.findings;
    for finding in &mut findings {
        let at = |loc: Loc| match loc.span.start.checked_sub(from) {
            Some(start) => Loc::new(file, Span { start, end: loc.span.end.saturating_sub(from) }),
            None => Loc::new(file, Span::default()),
        };
        finding.loc = at(finding.loc);
        finding.related.retain(|note| note.loc.span.start >= from);
        finding.related.iter_mut().for_each(|note| note.loc = at(note.loc));
    }
    dialect.filter(|_| findings.is_empty()).ok_or(findings)
}

/// Nodes of a table that hold entries, and are the same where their arguments are.
const HOLDERS: [&str; 3] = ["section", "page", "block"];

/// Puts nodes behind those that are there, and into those of the same name.
fn merge(into: &mut Vec<Node>, nodes: Vec<Node>) {
    for node in nodes {
        let same = |there: &&mut Node| {
            HOLDERS.contains(&&*there.name)
                && there.name == node.name
                && there.args().map(|e| &e.value).eq(node.args().map(|e| &e.value))
        };
        match into.iter_mut().find(same) {
            Some(there) if node.props().next().is_none() => {
                merge(there.children.get_or_insert_default(), node.children.unwrap_or_default());
            }
            _ => {
                let is_exec = |node: &Node| node.prop("mode").and_then(Entry::text) == Some("exec");
                into.insert(into.iter().position(is_exec).unwrap_or(into.len()), node);
            }
        }
    }
}

impl Loader {
    /// Adds what a site says of a table.
    fn add(&mut self, root: &mut Node, own: Node) {
        self.known_props(&own, &["form", "grade", "source"]);
        let same =
            |of: &Node| (of.name.clone(), of.arg(0).map(|e| e.value.clone()), of.prop("form").map(|e| e.value.clone()));
        if same(root) != same(&own) {
            let (name, form) = (root.arg(0).and_then(Entry::text).unwrap_or_default(), self.form.ending());
            let help = format!(
                "a file is called like its table: `dialects/{name}.{form}.kdl` begins `dialect \"{name}\" form=\"{form}\"`"
            );
            return self.report(
                codes::dialect::ROOT,
                own.header,
                "this is not the table that the file is called like",
                help,
            );
        }
        let place = self.place_if_said(&own, None);
        self.own.iter_mut().for_each(|said| said.place = place.clone());
        merge(root.children.get_or_insert_default(), own.children.unwrap_or_default());
    }

    /// Whether a place in the table is of the site's part.
    pub fn is_own(&self, span: Span) -> bool {
        self.own.as_ref().is_some_and(|own| span.start >= own.from)
    }

    fn dialect(&mut self, root: &Node) -> Option<Dialect> {
        if &*root.name != "dialect" {
            self.report(codes::dialect::ROOT, root.name_span, "a table is one `dialect` node", "name it `dialect`");
            return None;
        }
        self.known_props(root, &["form", "firmware", "newline", "secrets", "grade", "source"]);
        let name = self.arg(root, 0, "the platform's name")?.to_owned();
        let form = Form::of(self.required(root, "form")?);
        let Some(form) = form else {
            self.tell(codes::dialect::FORM, root.header, "no such form");
            return None;
        };
        self.form = form;
        let firmware = self.required(root, "firmware")?.parse();
        let Ok(firmware) = firmware else {
            self.tell(codes::dialect::FIRMWARE, root.header, "this is no range of versions");
            return None;
        };
        let newline = match root.prop("newline").and_then(Entry::text) {
            None | Some("lf") => Newline::Lf,
            Some("crlf") => Newline::Crlf,
            Some(_) => {
                self.tell(codes::dialect::NEWLINE, root.header, "no such line break");
                return None;
            }
        };
        let table = super::Table::load(self, form, root)?;
        Some(Dialect { name: name.into(), form, firmware, newline, table })
    }

    /// A place in the table.
    pub fn loc(&self, span: Span) -> Loc {
        Loc::new(self.file, span)
    }

    /// Tells what is wrong.
    pub fn tell(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.findings.push(Finding::new(code, self.loc(span), message));
    }

    /// The same, with a more precise help than the code has.
    pub fn report(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::new(code, self.loc(span), message).help(help));
    }

    /// Refuses properties that a node does not have.
    pub fn known_props(&mut self, node: &Node, known: &[&str]) {
        for entry in &node.entries {
            let Some((name, span)) = &entry.name else { continue };
            if !known.contains(&&**name) {
                let help = match closest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", known.join(", ")),
                };
                self.report(codes::dialect::PROPERTY, *span, format!("`{}` has no property `{name}`", node.name), help);
            }
        }
    }

    /// The text of a property, where it is there.
    pub fn prop<'a>(&mut self, node: &'a Node, name: &str) -> Option<&'a str> {
        let entry = node.prop(name)?;
        if entry.text().is_none() {
            self.tell(codes::dialect::VALUE, entry.value_span, format!("`{name}` is a text"));
        }
        entry.text()
    }

    /// The text of a property that must be there.
    pub fn required<'a>(&mut self, node: &'a Node, name: &str) -> Option<&'a str> {
        if node.prop(name).is_none() {
            self.tell(codes::dialect::MISSING, node.header, format!("`{}` needs `{name}=`", node.name));
            return None;
        }
        self.prop(node, name)
    }

    /// The n-th argument, which must be a text.
    pub fn arg<'a>(&mut self, node: &'a Node, index: usize, what: &str) -> Option<&'a str> {
        let text = node.arg(index).and_then(Entry::text);
        if text.is_none() {
            let help = "write it in quotes right after the name";
            self.report(codes::dialect::MISSING, node.header, format!("`{}` needs {what}", node.name), help);
        }
        text
    }

    /// All arguments as texts.
    pub fn args<'a>(&mut self, node: &'a Node) -> Vec<&'a str> {
        let mut texts = Vec::new();
        for entry in node.args() {
            match entry.text() {
                Some(text) => texts.push(text),
                None => self.tell(codes::dialect::VALUE, entry.value_span, "a native word is a text"),
            }
        }
        texts
    }

    /// Grade and source of a node; what it does not say itself it takes from the node around it.
    pub fn place(&mut self, node: &Node, around: Option<&Place>) -> Option<Place> {
        let own = self.is_own(node.header);
        let said = self.own.as_ref().and_then(|own| own.place.clone());
        // what holds the site's entries may be no part of the site's
        let around = if own { around.filter(|place| self.is_own(place.loc.span)).or(said.as_ref()) } else { around };
        let limit = if own { Grade::Site } else { self.limit };
        let grade = match self.prop(node, "grade") {
            Some(word) => match Grade::from_word(word) {
                Some(grade) => Some(grade.min(limit)),
                None => {
                    self.tell(codes::dialect::GRADE, node.header, format!("`{word}` is no grade"));
                    None
                }
            },
            None => around.map(|p| p.grade).or(own.then_some(Grade::Site)),
        };
        let source = self.prop(node, "source").map(Arc::from).or_else(|| around.map(|p| p.source.clone()));
        match (grade, source) {
            (Some(grade), Some(source)) => Some(Place { grade, source, loc: self.loc(node.header) }),
            _ => {
                self.tell(codes::dialect::NO_SOURCE, node.header, "an entry without grade or source");
                None
            }
        }
    }

    /// Grade and source of a node that need not have them.
    pub fn place_if_said(&mut self, node: &Node, around: Option<&Place>) -> Option<Place> {
        let said = (node.prop("grade").is_some() || self.is_own(node.header)) && node.prop("source").is_some();
        if said || around.is_some() { self.place(node, around) } else { None }
    }

    /// The settings that `touches=` names: `"snmp services.snmp"`, or `"none"`. Without it a line may change anything.
    pub fn touches(&mut self, node: &Node) -> Option<Touches> {
        let Some(said) = node.prop("touches") else { return Some(Touches::Anything) };
        let text = self.prop(node, "touches")?;
        let paths: Vec<&str> = text.split_whitespace().filter(|p| *p != "none").collect();
        let known = |path: &&str| Shape::device().fields(path).is_some();
        let unknown = paths.iter().find(|p| !known(p));
        if unknown.is_some() || paths.is_empty() != (text.trim() == "none") {
            let message = format!("`{}` names no setting", unknown.unwrap_or(&text));
            let help = "write settings with a space between them, such as `touches=\"snmp services.snmp\"`, or `none`";
            self.report(codes::dialect::UNKNOWN_PATH, said.value_span, message, help);
            return None;
        }
        Some(Touches::These(paths.into_iter().map(Into::into).collect()))
    }

    /// The target that `at=` names, from a group of the device's shape.
    pub fn target(&mut self, node: &Node, from: GroupId) -> Option<Target> {
        let path = self.required(node, "at")?;
        let target = Target::resolve(from, path);
        if target.is_none() {
            let span = node.prop("at").map_or(node.header, |e| e.value_span);
            let around = Shape::device().group(from).fields.iter().map(|f| f.name);
            let help = match closest(path.split('.').next().unwrap_or(path), around) {
                Some(near) => format!("the settings are those of the device language; near to it: `{near}`"),
                None => "the settings are those of the device language".to_owned(),
            };
            self.report(codes::dialect::UNKNOWN_PATH, span, format!("no setting is called `{path}`"), help);
        }
        target
    }

    /// The codec that `as=` and its properties describe, for a target that holds one value or several. `word`
    /// children give native words: `word "rts-cts" "1"`.
    pub fn codec(&mut self, node: &Node, target: &Target) -> Option<Codec> {
        let Some(scalar) = target.scalar() else {
            let span = node.prop("at").map_or(node.header, |e| e.value_span);
            self.report(codes::dialect::CODEC, span, "this is a list of entries, not one value", "use `slots` for it");
            return None;
        };
        let codec = self.codec_of(node, scalar, target.field.word.filter(|_| !target.is_scalars()))?;
        if *scalar == ScalarKind::Secret && !matches!(codec.kind, CodecKind::Secret(_) | CodecKind::Foreign) {
            self.report(
                codes::dialect::CODEC,
                node.header,
                "a secret needs the codec `secret`",
                "write `as=\"secret\"`",
            );
            return None;
        }
        Some(codec)
    }

    /// The same, for a kind of value. `word` is the model's word beside it.
    pub fn codec_of(&mut self, node: &Node, scalar: &'static ScalarKind, word: Option<&'static str>) -> Option<Codec> {
        let kind = match self.required(node, "as")? {
            "text" => CodecKind::Text(self.text_rules(node, scalar)?),
            "secret" if *scalar == ScalarKind::Secret => CodecKind::Secret(self.text_rules(node, scalar)?),
            "int" => self.int(node, scalar)?,
            "bool" => self.bool(node, scalar)?,
            "enum" => self.words(node, scalar)?,
            "foreign" => CodecKind::Foreign,
            other => {
                let help = "write `text`, `int`, `bool`, `enum`, `secret` or `foreign`; `secret` is for secrets only";
                self.report(codes::dialect::CODEC, node.header, format!("no codec `{other}` for this setting"), help);
                return None;
            }
        };
        Some(Codec { kind, scalar, word })
    }

    /// `alphabet=`, `except=` and `length="0..240"`.
    pub fn text_rules(&mut self, node: &Node, scalar: &ScalarKind) -> Option<TextRules> {
        let alphabet = match self.prop(node, "alphabet") {
            None => Alphabet::Printable,
            Some(word) => match Alphabet::from_word(word) {
                Some(alphabet) => alphabet,
                None => {
                    self.tell(codes::dialect::ALPHABET, node.header, format!("no alphabet `{word}`"));
                    return None;
                }
            },
        };
        // a semicolon may begin a comment in a sectioned file; quotes and `?` mean something to a command line
        let usual = match self.form {
            Form::Ini => ";",
            Form::Cli => "\"?",
            Form::Sheet => "",
        };
        let except = self.prop(node, "except").unwrap_or(usual).into();
        let (low, high) = match scalar {
            ScalarKind::Text { min, max } => (*min as i64, *max as i64),
            _ => (0, 512),
        };
        let (min, max) = self.range(node, "length", low, high)?;
        Some(TextRules { alphabet, except, min: min as usize, max: max as usize })
    }

    /// A range `"4..16"` in a property, within what the model allows.
    pub fn range(&mut self, node: &Node, name: &str, low: i64, high: i64) -> Option<(i64, i64)> {
        let Some(text) = self.prop(node, name) else { return Some((low, high)) };
        let parts = text.split_once("..").map(|(a, b)| (a.parse::<i64>(), b.parse::<i64>()));
        match parts {
            Some((Ok(min), Ok(max))) if 0 <= min && min <= max => Some((min, max)),
            _ => {
                self.tell(codes::dialect::RANGE, node.header, format!("`{text}` is no range"));
                None
            }
        }
    }

    fn int(&mut self, node: &Node, scalar: &ScalarKind) -> Option<CodecKind> {
        match scalar {
            ScalarKind::Int { min, max } => {
                let (min, max) = self.range(node, "range", *min, *max)?;
                Some(CodecKind::Int { min, max })
            }
            ScalarKind::Rate => Some(CodecKind::Rate { never: self.prop(node, "zero") == Some("never") }),
            ScalarKind::Vlan => Some(CodecKind::Int { min: 1, max: 4094 }),
            ScalarKind::Time => {
                let (min, max) = self.range(node, "range", 1, i64::from(u32::MAX))?;
                let unit = match self.required(node, "unit")? {
                    "ms" => 1,
                    "s" => 1_000,
                    "min" => 60_000,
                    "h" => 3_600_000,
                    "d" => 86_400_000,
                    other => {
                        self.tell(codes::dialect::UNIT, node.header, format!("no unit `{other}`"));
                        return None;
                    }
                };
                let never = self.prop(node, "zero") == Some("never");
                Some(CodecKind::Time { unit, min: min.max(1) as u64, max: max.max(1) as u64, never })
            }
            _ => {
                self.report(
                    codes::dialect::CODEC,
                    node.header,
                    "`int` is for numbers and times",
                    "choose another codec",
                );
                None
            }
        }
    }

    fn bool(&mut self, node: &Node, scalar: &ScalarKind) -> Option<CodecKind> {
        if *scalar != ScalarKind::Switch {
            self.report(codes::dialect::CODEC, node.header, "`bool` is for switches", "choose another codec");
            return None;
        }
        let on = self.prop(node, "on").unwrap_or("1");
        let off = self.prop(node, "off").unwrap_or("0");
        let words = [(true, on), (false, off)];
        let words: Vec<NativeWord> = words
            .map(|(on, native)| NativeWord { value: Value::Switch(on), native: native.into(), also: Vec::new() })
            .into();
        self.injective(node, &words)?;
        Some(CodecKind::Words(words))
    }

    /// The `word` children of a node, each a word of the model and its native word, `also=` further native words
    /// that are read as the same.
    pub fn words(&mut self, node: &Node, scalar: &ScalarKind) -> Option<CodecKind> {
        let mut words = Vec::new();
        for child in node.children().iter().filter(|c| &*c.name == "word") {
            self.known_props(child, &["also"]);
            let (Some(model), Some(native)) = (child.arg(0), child.arg(1).and_then(Entry::text)) else {
                let help = "write `word \"rts-cts\" \"1\"`: ours, then the device's";
                self.report(codes::dialect::WORD, child.header, "a word needs its native word", help);
                continue;
            };
            let text = match &model.value {
                Scalar::Text(text) => text.to_string(),
                Scalar::Int(n) => n.to_string(),
                _ => String::new(),
            };
            let Some(value) = parse_scalar(scalar, None, &text) else {
                let help = format!("write {}", scalar.expected());
                self.report(
                    codes::dialect::WORD,
                    model.value_span,
                    format!("`{text}` is no value of this setting"),
                    help,
                );
                continue;
            };
            let also = self.prop(child, "also").map(|a| a.split(' ').map(Into::into).collect()).unwrap_or_default();
            words.push(NativeWord { value, native: native.into(), also });
        }
        if words.is_empty() {
            self.report(codes::dialect::WORD, node.header, "an `enum` without words", "write `word` children");
            return None;
        }
        self.injective(node, &words)?;
        Some(CodecKind::Words(words))
    }

    /// Two values with one native word could not be told apart when read back; two entries for one value neither.
    fn injective(&mut self, node: &Node, words: &[NativeWord]) -> Option<()> {
        for (i, word) in words.iter().enumerate() {
            let natives = |w: &NativeWord| -> Vec<Box<str>> {
                std::iter::once(w.native.clone()).chain(w.also.iter().cloned()).collect()
            };
            for other in &words[..i] {
                let shared = natives(word).into_iter().find(|n| natives(other).contains(n));
                if let Some(native) = shared {
                    let (a, b) = (other.value.plain(), word.value.plain());
                    let message = format!("`{a}` and `{b}` are both written `{native}`");
                    self.tell(codes::dialect::NOT_INJECTIVE, node.header, message);
                    return None;
                }
                if other.value == word.value {
                    let message = format!("`{}` has two native words", word.value.plain());
                    self.report(codes::dialect::TWICE, node.header, message, "put the second one into `also=`");
                    return None;
                }
            }
        }
        Some(())
    }
}
