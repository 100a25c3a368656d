//! What is asked of lists: of each entry, of some, of how many there are, of what they name.

use super::super::{Pattern, Refers, Toward};
use super::{Compiler, Target};
use crate::finding::codes;
use crate::model::shape::{FieldIx, GroupId, Kind, ScalarKind};
use crate::syntax::{Entry, Node};

impl Compiler<'_> {
    pub(super) fn quantifier(&mut self, group: GroupId, node: &Node) -> Option<Pattern> {
        let mut args = node.args();
        let Some((entry, name)) = args.next().and_then(|e| e.text().map(|t| (e, t))) else {
            let help = format!("`{} account {{ ... }}`", node.name);
            self.report(codes::pack::NO_LIST, node.header, format!("`{}` does not say of which list", node.name), help);
            return None;
        };
        if let Some(extra) = args.next() {
            self.report(codes::pack::EXTRA, extra.span, "one list at a time", "write the conditions in the block");
        }
        let target = self.field(group, name, entry.value_span)?;
        match &target.field.kind {
            Kind::Groups(id) => self.over_items(target, *id, node),
            Kind::Scalars(_) => self.over_values(target, node),
            _ => {
                let message = format!("`{name}` is no list");
                self.report(
                    codes::pack::NO_LIST,
                    entry.value_span,
                    message,
                    format!("write `{name} ...` as a setting"),
                );
                None
            }
        }
    }

    /// `refers account by="group" among="group"`.
    pub(super) fn refers(&mut self, group: GroupId, node: &Node) -> Option<Pattern> {
        const HELP: &str = "`refers account by=\"group\" among=\"group\"`: the list, the setting of its entries that \
                            names something, the list that is to have it";
        self.only_props(node, &["by", "among"]);
        let words = [node.arg(0), node.prop("by"), node.prop("among")];
        let (Some(list), Some(by), Some(among)) = (words[0], words[1], words[2]) else {
            self.report(codes::pack::NO_LIST, node.header, "`refers` does not say what names what", HELP);
            return None;
        };
        let (list_path, item) = self.list_at(group, list)?;
        let text = by.text().unwrap_or("");
        let by_path = self.shape.fields_from(item, text).filter(|path| {
            let field = self.shape.field_below(item, path);
            field.is_some_and(|f| matches!(&f.kind, Kind::Scalar(of) | Kind::Scalars(of) if *of != ScalarKind::Secret))
        });
        let Some(by_path) = by_path else {
            self.report(
                codes::pack::MISFIT,
                by.span,
                format!("`{text}` is no setting of an entry that names one"),
                HELP,
            );
            return None;
        };
        let (among_path, target) = self.list_at(group, among)?;
        let mut keys = self.shape.group(target).keys();
        let (Some((key, _)), None) = (keys.next(), keys.next()) else {
            self.report(codes::pack::MISFIT, among.span, "its entries have no single key", HELP);
            return None;
        };
        let words = [list, by, among].map(|entry| entry.text().unwrap_or("").into());
        let (mut entry, mut named) = (None, None);
        for child in node.children() {
            let (place, of) = match &*child.name {
                "entry" => (&mut entry, item),
                "named" => (&mut named, target),
                _ => {
                    let help = "its block takes `entry { }`, which entries are asked, and `named { }`, what holds of \
                                those that they name";
                    self.report(codes::pack::MISPLACED, child.name_span, "this can't stand in `refers`", help);
                    continue;
                }
            };
            self.only_conditions(child);
            *place = Some(Box::new(self.block(of, child.children())));
        }
        let (list, among) = (list_path, among_path);
        Some(Pattern::Refers(Refers { list, by: by_path, among, key, words, entry, named, negated: false }))
    }

    /// A list of entries by its dotted path below a group, with what its entries are.
    fn list_at(&mut self, group: GroupId, entry: &Entry) -> Option<(Vec<FieldIx>, GroupId)> {
        let path = self.shape.fields_from(group, entry.text().unwrap_or(""));
        let found = path.and_then(|path| match self.shape.field_below(group, &path)?.kind {
            Kind::Groups(id) => Some((path, id)),
            _ => None,
        });
        if found.is_none() {
            let message = format!("`{}` is no list of entries here", entry.text().unwrap_or(""));
            self.report(codes::pack::NO_LIST, entry.value_span, message, "write its path below this group");
        }
        found
    }

    fn over_items(&mut self, target: Target<'static>, id: GroupId, node: &Node) -> Option<Pattern> {
        let field = target.ix;
        let word = &*node.name;
        self.only_props(
            node,
            match word {
                "count" => &["at-least", "at-most", "adjustable"],
                "unique" => &["by"],
                _ => &[],
            },
        );
        if word == "unique" {
            let Some(entry) = node.prop("by") else {
                self.report(codes::pack::NO_LIST, node.header, "`unique` does not say by what", "add `by=\"...\"`");
                return None;
            };
            let by = self.field(id, entry.text().unwrap_or(""), entry.value_span)?;
            if !matches!(by.field.kind, Kind::Scalar(_)) || by.field.kind == Kind::Scalar(ScalarKind::Secret) {
                self.report(
                    codes::pack::MISFIT,
                    entry.span,
                    "entries can't be compared by this",
                    "name a plain setting",
                );
                return None;
            }
            return Some(Pattern::Unique { field, by: by.ix, negated: false });
        }
        if word != "each"
            && let Some(guard) = node.child("when")
        {
            let help = "write the condition beside the others: all of them must hold of one entry";
            self.report(codes::pack::MISPLACED, guard.name_span, format!("`when` has no meaning in `{word}`"), help);
        }
        if node.children().is_empty() && !matches!(word, "count" | "any" | "none") {
            let message = format!("`{word}` has no conditions");
            self.report(codes::pack::EMPTY, node.header, message, "write what holds of an entry in its block");
            return None;
        }
        let inner = Box::new(self.block(id, node.children()));
        Some(match word {
            "each" => Pattern::Each { field, inner },
            "any" => Pattern::Some { field, inner },
            "none" => Pattern::Each { field, inner: Box::new(self.opposite(*inner, node)) },
            "only" => Pattern::All(vec![
                Pattern::Count { field, filter: None, min: 1, max: usize::MAX, adjustable: None },
                Pattern::Each { field, inner },
            ]),
            "last" => {
                if !target.field.ordered {
                    let message = format!("the order of `{}` means nothing", target.field.name);
                    self.report(codes::pack::MISFIT, node.header, message, "use `any` or `each`");
                }
                Pattern::Last { field, inner, empty: false }
            }
            _ => {
                let (min, max) = self.counts(node)?;
                let filter = (!node.children().is_empty()).then_some(inner);
                Pattern::Count { field, filter, min, max, adjustable: self.moves(node, min, max) }
            }
        })
    }

    fn over_values(&mut self, target: Target<'static>, node: &Node) -> Option<Pattern> {
        let field = target.ix;
        if &*node.name == "count" {
            self.only_props(node, &["at-least", "at-most", "adjustable"]);
            if let Some(child) = node.children().first() {
                self.report(
                    codes::pack::MISPLACED,
                    child.name_span,
                    "values are counted without conditions",
                    "remove it",
                );
            }
            let (min, max) = self.counts(node)?;
            let adjustable = self.moves(node, min, max);
            return Some(Pattern::Count { field, filter: None, min, max, adjustable });
        }
        let (some, opposite) = match &*node.name {
            "each" | "only" => (false, false),
            "any" => (true, false),
            "none" => (true, true),
            _ => {
                let message =
                    format!("`{}` needs a list of blocks, `{}` is a list of values", node.name, target.field.name);
                self.report(codes::pack::MISFIT, node.header, message, "use each, any, none or count");
                return None;
            }
        };
        let words: Vec<&Node> = node.children().iter().collect();
        let props: Vec<&Entry> = node.entries.iter().filter(|e| e.name.is_some()).collect();
        let tests = self.element_tests(target, &props, &words)?;
        let pattern = Pattern::Values { field, some, tests };
        Some(match &*node.name {
            _ if opposite => pattern.negated(),
            "only" => Pattern::All(vec![
                Pattern::Count { field, filter: None, min: 1, max: usize::MAX, adjustable: None },
                pattern,
            ]),
            _ => pattern,
        })
    }

    fn counts(&mut self, node: &Node) -> Option<(usize, usize)> {
        let mut read = |name: &str, or: usize| match node.prop(name) {
            None => Some(or),
            Some(entry) => match entry.value {
                crate::syntax::Scalar::Int(n) if n >= 0 => usize::try_from(n).ok(),
                _ => {
                    self.report(
                        codes::pack::BAD_VALUE,
                        entry.value_span,
                        "this is no number of entries",
                        "write a whole number",
                    );
                    None
                }
            },
        };
        let (min, max) = (read("at-least", 0)?, read("at-most", usize::MAX)?);
        if node.prop("at-least").is_none() && node.prop("at-most").is_none() {
            self.report(codes::pack::EMPTY, node.header, "`count` has no limit", "add `at-least=` or `at-most=`");
            return None;
        }
        Some((min, max))
    }

    /// The adjustable that moves a limit of a count; its default must be the limit written.
    fn moves(&mut self, node: &Node, min: usize, max: usize) -> Option<(Box<str>, Toward)> {
        let entry = node.prop("adjustable")?;
        let name = entry.text().unwrap_or("");
        let Some((default, toward)) = self.adjustables.get(name) else {
            let help = "declare it in `pack.kdl`: `adjustable \"name\" 2 toward=\"less\"`";
            let message = format!("the pack has no adjustable `{name}`");
            self.report(codes::pack::UNKNOWN_ADJUSTABLE, entry.value_span, message, help);
            return None;
        };
        let (limit, written) = match toward {
            Toward::More => ("at-least", min),
            Toward::Less => ("at-most", max),
        };
        if node.prop(limit).is_none() || default.parse() != Ok(written) {
            let help = format!("write `{limit}={default}`, as the pack says");
            self.report(codes::pack::ADJUSTABLE, entry.span, "the adjustable moves no limit written here", help);
            return None;
        }
        Some((name.into(), *toward))
    }
}
