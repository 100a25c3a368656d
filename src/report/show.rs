//! A merged device as KDL, with the origin of every line beside it.

use super::escape;
use super::layout::{pad, width};
use super::paint::{Ink, View};
use crate::model::Facts;
use crate::model::facts::{Fact, Value, quote};
use crate::model::shape::FieldShape;
use crate::model::write::{Node, nodes};
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
    let Shown { device, facts } = shown;
    let names = Origins { device, sources };
    let line = format!("device {}", escape::line(&quote(&device.name)));
    let block = nodes(facts.shape, &facts.root, &value);
    // the last layer is the device's own description, which its header is of
    let layer = device.layers.len().saturating_sub(1) as u16;
    let node = Node { line, origin: Origin { layer, ..Origin::new(device.loc) }, values: Vec::new(), block };
    let mut lines = Vec::new();
    node.lines(0, &mut |line, node| lines.push((line, node.map(|node| names.of(node)).unwrap_or_default())));
    let column = lines.iter().map(|(code, _)| width(code)).filter(|w| *w <= WIDEST).max().unwrap_or(0) + 2;
    let mut out = String::new();
    for (code, origin) in &lines {
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

/// Origins in words.
struct Origins<'a> {
    device: &'a SiteDevice,
    sources: &'a SourceMap,
}

impl Origins<'_> {
    /// The place that most of a line comes from, and the parts that come from elsewhere.
    fn of(&self, node: &Node) -> String {
        let main = self.origin(node.values.first().map_or(node.origin, |(_, origin)| *origin));
        let mut out = main.clone();
        for (name, origin) in &node.values {
            let here = self.origin(*origin);
            if here != main && !here.is_empty() {
                out.push_str(&format!("; {name}: {here}"));
            }
        }
        out
    }

    fn origin(&self, origin: Origin) -> String {
        let place = super::check::place(self.sources, origin.loc());
        // a profile is named by its file, as the device is
        let beneath = |kind| matches!(kind, LayerKind::Factory | LayerKind::Base);
        let layer = self.device.layer(origin).filter(|l| beneath(l.kind)).map(|l| escape::line(&l.name));
        [place, layer].into_iter().flatten().collect::<Vec<_>>().join(" ")
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
    use crate::model::shape::{self, Shape};
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
        let tables = crate::dialect::Tables::shipped(PlatformKind::Nport6000G2);
        let loc = Loc::new(FileId(0), node.header);
        let device = SiteDevice { loc, layers: vec![layer], ..SiteDevice::alone("np07", tables, facts) };
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
