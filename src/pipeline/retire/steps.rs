//! How a device is taken out, step by step: `schema/decommission/steps.kdl`, data with grade and source.

use crate::embedded;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::native::Grade;
use crate::report::documents::Step;
use crate::source::FileId;
use crate::syntax::{self, Entry, Node};

/// The steps of a device of a platform that says this of itself, in their order.
pub(super) fn of(platform: PlatformKind, own: &Facts) -> Vec<Step> {
    // a test reads the file
    let all = embedded::DECOMMISSION.iter().find_map(|(_, text)| read(text).ok()).unwrap_or_default();
    all.into_iter().filter(|(node, _)| is_for(node, platform, own)).map(|(_, step)| step).collect()
}

/// All steps, each with what it is for.
///
/// # Errors
/// The step that has no text, grade or source.
fn read(text: &str) -> Result<Vec<(Node, Step)>, String> {
    let tree = syntax::parse(FileId::NONE, text).tree.ok_or("it is no KDL")?;
    let [root] = tree.nodes.as_slice() else { return Err("a list is one `decommission` node".to_owned()) };
    root.children().iter().map(|node| step(node).map(|step| (node.clone(), step))).collect()
}

fn step(node: &Node) -> Result<Step, String> {
    let text = node.arg(0).and_then(Entry::text).filter(|_| &*node.name == "step").ok_or("a step without a text")?;
    let grade = node.prop("grade").and_then(Entry::text).and_then(Grade::from_word);
    let known = grade.filter(|grade| *grade > Grade::Site).zip(node.prop("source").and_then(Entry::text));
    let (grade, source) = known.ok_or_else(|| format!("`{text}` has no grade or no source"))?;
    Ok(Step { text: text.to_owned(), grade, source: source.to_owned() })
}

fn is_for(node: &Node, platform: PlatformKind, own: &Facts) -> bool {
    let is_named = |names: &Node| names.args().any(|name| name.text() == Some(platform.word()));
    let platform = node.child("platform").is_none_or(is_named);
    let said = |path: &str| own.value(path).map(|fact| fact.value.plain());
    let setting = node.child("setting").is_none_or(|setting| {
        let (path, value) = (setting.arg(0).and_then(Entry::text), setting.arg(1));
        let wanted = value.filter(|value| value.quoted).and_then(Entry::text);
        path.is_some_and(|path| said(path).as_deref() == wanted)
    });
    platform && setting
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shape::{self, Shape};

    fn said(settings: &str) -> Facts {
        let tree = syntax::parse(FileId(0), &format!("device \"d\" {{\n{settings}\n}}")).tree.unwrap();
        shape::check(Shape::device(), FileId(0), &tree.nodes[0]).facts
    }

    #[test]
    fn every_device_has_the_five_steps_of_the_guide() {
        let (_, text) = embedded::DECOMMISSION[0];
        for (node, _) in read(text).unwrap() {
            let path = node.child("setting").and_then(|setting| setting.arg(0)).and_then(Entry::text);
            assert!(path.is_none_or(|path| Shape::device().fields(path).is_some()), "{path:?}");
        }
        for kind in PlatformKind::ALL {
            for settings in ["", "hardware { reset-button \"always\" }", "hardware { reset-button \"after-boot\" }"] {
                assert_eq!(of(kind, &said(settings)).len(), 5, "{} {settings}", kind.word());
            }
        }
        for wrong in ["", "decommission { step \"x\" grade=\"likely\" }", "decommission { step \"x\" source=\"s\" }"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
