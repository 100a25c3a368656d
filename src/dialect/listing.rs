//! What a table says, place by place, for whoever looks: read off its text, in which each entry says it once.

use super::load_with_own;
use crate::embedded::DIALECTS;
use crate::native::Grade;
use crate::source::FileId;
use crate::syntax::{Entry, Node, parse};

/// A native place of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativePlace {
    /// The setting; entries of lists without their keys.
    pub path: String,
    /// The key in its section, the line, the field on its page.
    pub native: String,
    /// How sure it is.
    pub grade: Grade,
    /// Where it is known from.
    pub source: String,
    /// Whether a site says it.
    pub own: bool,
}

/// The names of the tables that ship: `mx-ros.cli`.
pub fn names() -> impl Iterator<Item = &'static str> {
    DIALECTS.iter().filter_map(|(file, _)| file.strip_suffix(".kdl"))
}

/// All places of a table, those of the site's part last; nothing for a name that no table has. Of a part with a mistake
/// nothing counts.
pub fn places(name: &str, own: Option<&str>) -> Vec<NativePlace> {
    let file = format!("{name}.kdl");
    let Some((_, shipped)) = DIALECTS.iter().find(|(known, _)| *known == file) else { return Vec::new() };
    let own = own.filter(|text| load_with_own(&file, FileId::NONE, text).is_ok());
    let mut found = Vec::new();
    for (text, own) in [(*shipped, false)].into_iter().chain(own.map(|text| (text, true))) {
        let grade = if own { Grade::Site } else { Grade::Unknown };
        let around = Around { path: String::new(), native: String::new(), grade, source: String::new(), own };
        let tree = parse(FileId::NONE, text).tree;
        tree.iter().flat_map(|tree| &tree.nodes).for_each(|root| {
            let around = around.within(root, &[]);
            root.children().iter().for_each(|node| collect(node, &around, &mut found));
        });
    }
    found
}

/// What the nodes around one say.
#[derive(Clone)]
struct Around {
    path: String,
    native: String,
    grade: Grade,
    source: String,
    own: bool,
}

impl Around {
    fn within(&self, node: &Node, natives: &[&str]) -> Around {
        let text = |name: &str| node.prop(name).and_then(Entry::text);
        let grade = text("grade").and_then(Grade::from_word).unwrap_or(self.grade);
        let mut native = self.native.clone();
        if !natives.is_empty() {
            let said = natives.join(", ");
            let said = if &*node.name == "section" { format!("[{said}]") } else { said };
            native = if native.is_empty() { said } else { format!("{native} > {said}") };
        }
        Around {
            path: self.path.clone(),
            native,
            grade: if self.own { grade.min(Grade::Site) } else { grade },
            source: text("source").map_or_else(|| self.source.clone(), str::to_owned),
            own: self.own,
        }
    }
}

/// Nodes that are a native place of the list or setting that stands around them.
const PARTS: [&str; 5] = ["line", "switch", "member", "reads", "values"];

fn collect(node: &Node, around: &Around, found: &mut Vec<NativePlace>) {
    let args: Vec<&str> = node.args().filter_map(Entry::text).collect();
    let prop = |name: &str| node.prop(name).and_then(Entry::text);
    let listed = matches!(&*node.name, "each" | "members") && prop("at").is_none();
    let said = prop("at").or(prop("each")).or(args.first().copied().filter(|_| listed));
    let natives = match &*node.name {
        _ if listed => &[],
        // what follows is the word of the model
        "member" => &args[..args.len().min(1)],
        _ => &args[..],
    };
    if matches!(&*node.name, "show" | "hidden" | "hide" | "secret" | "keep" | "told" | "fixed" | "word") {
        return;
    }
    let mut here = around.within(node, natives);
    if let Some(said) = said {
        here.path = if around.path.is_empty() { said.to_owned() } else { format!("{}.{said}", around.path) };
    }
    let is_place = prop("at").is_some() || PARTS.contains(&&*node.name);
    if is_place && !natives.is_empty() && !here.path.is_empty() {
        let Around { path, native, grade, source, own } = here.clone();
        found.push(NativePlace { path, native, grade, source, own });
    }
    node.children().iter().for_each(|child| collect(child, &here, found));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shape::Shape;

    #[test]
    fn each_place_of_each_table_is_of_a_setting_and_has_its_source() {
        let bare = |path: &str| crate::model::facts::without_keys(path);
        for name in names() {
            let places = places(name, None);
            assert!(places.len() > 8, "{name}: {}", places.len());
            for place in places {
                assert!(!place.source.is_empty() && !place.own, "{name}: {place:?}");
                assert!(Shape::device().fields(&bare(&place.path)).is_some(), "{name}: {place:?}");
            }
        }
    }

    #[test]
    fn a_site_says_its_own_of_grade_site() {
        let own = r#"dialect "nport-6000-g2" form="sheet" source="np07" {
            page "Security > Services" { field "Telnet" at="services.telnet" as="bool" grade="confirmed" }
        }"#;
        let of_site: Vec<NativePlace> =
            places("nport-6000-g2.sheet", Some(own)).into_iter().filter(|p| p.own).collect();
        let [place] = &of_site[..] else { panic!("{of_site:?}") };
        assert_eq!((&*place.path, &*place.native), ("services.telnet", "Security > Services > Telnet"));
        assert_eq!((place.grade, &*place.source), (Grade::Site, "np07"));
        assert!(places("nport-6000-g2.sheet", Some("dialect {")).iter().all(|place| !place.own));
        assert!(places("edr.cli", None).is_empty());
    }
}
