//! A merged device as KDL, with the origin of every line beside it.

use super::escape;
use super::layout::{pad, width};
use super::paint::{Ink, View};
use crate::model::Facts;
use crate::model::facts::{Fact, Group, Setting, Value};
use crate::model::shape::{At, FieldShape, Shape};
use crate::site::SiteDevice;
use crate::source::{LayerKind, Origin, SourceMap};

/// Columns from which origins are no longer aligned.
const WIDEST: usize = 72;

/// What is shown of a device.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The device; its layers name the origins.
    pub device: &'a SiteDevice,
    /// The facts to show: what people said, or all that is judged.
    pub facts: &'a Facts,
}

/// The device as KDL that would be read as the same settings. Origins stand in comments.
pub fn show(shown: Shown<'_>, sources: &SourceMap, view: &View) -> String {
    let mut writer = Writer { shape: shown.facts.shape, device: shown.device, sources, lines: Vec::new() };
    let header = format!("device {}", escape::line(&crate::model::facts::quote(&shown.device.name)));
    let origin = writer.place(Origin::new(shown.device.loc)).unwrap_or_default();
    writer.block(&header, origin, &shown.facts.root, 0);
    let column = writer.lines.iter().map(|(code, _)| width(code)).filter(|w| *w <= WIDEST).max().unwrap_or(0) + 2;
    let mut out = String::new();
    for (code, origin) in &writer.lines {
        if origin.is_empty() {
            out.push_str(code);
        } else {
            out.push_str(&pad(code, column.max(width(code) + 2)));
            out.push_str(&view.ink(Ink::Faint, &format!("// {origin}")));
        }
        out.push('\n');
    }
    out
}

struct Writer<'a> {
    shape: &'static Shape,
    device: &'a SiteDevice,
    sources: &'a SourceMap,
    lines: Vec<(String, String)>,
}

impl Writer<'_> {
    /// A node with a block, unless nothing stands in it.
    fn block(&mut self, head: &str, origin: String, group: &Group, depth: usize) {
        let indent = "    ".repeat(depth);
        let at = self.lines.len();
        self.lines.push((format!("{indent}{head} {{"), origin));
        self.children(group, depth + 1);
        if self.lines.len() == at + 1 {
            self.lines[at].0 = format!("{indent}{head}");
            return;
        }
        self.lines.push((format!("{indent}}}"), String::new()));
    }

    fn children(&mut self, group: &Group, depth: usize) {
        let shape = self.shape.group(group.shape);
        let indent = "    ".repeat(depth);
        for (ix, setting) in group.iter() {
            let field = shape.at(ix);
            match setting {
                // the name of the device itself, and what stands on its parent's line
                Setting::Value(_) if field.key || field.at != At::Child => {}
                Setting::Value(fact) => {
                    let origin = self.origin(fact.origin);
                    self.lines.push((format!("{indent}{} {}", field.name, value(field, fact)), origin));
                }
                Setting::Group(inner) => self.node(field, inner, depth),
                Setting::Items(items) if items.items.is_empty() => {
                    let origin = self.origin(items.origin);
                    self.lines.push((format!("{indent}{} none", field.name), origin));
                }
                Setting::Items(items) => items.items.iter().for_each(|item| self.node(field, &item.group, depth)),
            }
        }
    }

    /// A node: arguments and properties on its line, the rest in its block.
    fn node(&mut self, field: &FieldShape, group: &Group, depth: usize) {
        let shape = self.shape.group(group.shape);
        let mut head = field.name.to_owned();
        let mut said: Vec<(&str, Origin)> = Vec::new();
        for at in [At::Arg, At::Prop] {
            for (ix, setting) in group.iter() {
                let (field, Setting::Value(fact)) = (shape.at(ix), setting) else { continue };
                if field.at != at {
                    continue;
                }
                let text = value(field, fact);
                head.push_str(&if at == At::Arg { format!(" {text}") } else { format!(" {}={text}", field.name) });
                said.push((field.name, fact.origin));
            }
        }
        let origin = self.origins(group.origin, &said);
        self.block(&head, origin, group, depth);
    }

    /// The place that most of a line comes from, and the parts that come from elsewhere.
    fn origins(&self, of_node: Origin, said: &[(&str, Origin)]) -> String {
        let main = said.first().map_or(of_node, |(_, o)| *o);
        let main = self.origin(main);
        let mut out = main.clone();
        for (name, origin) in said {
            let here = self.origin(*origin);
            if here != main && !here.is_empty() {
                out.push_str(&format!("; {name}: {here}"));
            }
        }
        out
    }

    fn origin(&self, origin: Origin) -> String {
        let place = self.place(origin);
        // a profile is named by its file, as the device is
        let beneath = |kind| matches!(kind, LayerKind::Factory | LayerKind::Base);
        let layer = self.device.layer(origin).filter(|l| beneath(l.kind)).map(|l| escape::line(&l.name));
        [place, layer].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn place(&self, origin: Origin) -> Option<String> {
        super::check::place(self.sources, origin.loc())
    }
}

/// A value as KDL. What acts on a terminal is written as the KDL escape of the same meaning.
fn value(field: &FieldShape, fact: &Fact) -> String {
    match &fact.value {
        Value::Bad => "/* not readable */".to_owned(),
        Value::Foreign(foreign) => {
            format!("/* native: {}; {} */", escape::line(&foreign.raw.replace("*/", "* /")), foreign.why)
        }
        Value::Held => "/* a secret */".to_owned(),
        known => escape::line(&known.to_kdl_at(field)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::device::PlatformKind;
    use crate::model::shape;
    use crate::site::Layer;
    use crate::source::{FileId, Loc};
    use crate::syntax;

    fn device(text: &str) -> (SiteDevice, SourceMap) {
        let mut sources = SourceMap::new();
        let file = sources.add("devices/np07.kdl", text);
        let tree = syntax::parse(file, text).tree.unwrap();
        let node = &tree.nodes[0];
        let facts = shape::check(Shape::device(), file, node).facts;
        let layer = Layer { kind: LayerKind::Device, name: "device".into(), trail: Vec::new() };
        let device = SiteDevice {
            name: "np07".into(),
            loc: Loc::new(FileId(0), node.header),
            platform: PlatformKind::Nport6000G2,
            platform_loc: Loc::NONE,
            model: None,
            firmware: None,
            accepts: None,
            zone: None,
            own: facts,
            factory: None,
            read: None,
            unjudged: std::sync::Arc::default(),
            layers: vec![layer],
        };
        (device, sources)
    }

    const TEXT: &str = r#"device "np07" {
    platform "nport-6000-g2" firmware="1.1"
    login { auto-logout never; lockout on after=3 for="15 min"; banner "a \"b\"\u{202e}c\n" }
    services { https on { tls-min "1.2" }; telnet off }
    allowlist on { host "10.20.0.10" purpose="engineering station" }
    time { ntp none }
    accounts { account "admin" removed; account "ot-admin" role="administrator" password=(stored)"np07/ot-admin" }
}"#;

    #[test]
    fn what_is_shown_reads_as_the_same_settings() {
        let (first, sources) = device(TEXT);
        let text = show(Shown { device: &first, facts: &first.own }, &sources, &View::default());
        let (second, _) = device(&text);
        assert_eq!(first.own, second.own, "{text}");
        assert!(text.contains("lockout on after=3 for=\"15 min\""), "{text}");
        assert!(text.contains("account \"admin\" removed"), "{text}");
        assert!(text.lines().any(|l| l.contains("telnet off") && l.ends_with("// devices/np07.kdl:4")), "{text}");
        assert!(!text.contains(|c| escape::acts(c) && c != '\n'), "{text}");
    }
}
