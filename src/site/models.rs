//! Models and the ports that they have: `schema/models/*.kdl`, data with grade and source.

use std::sync::OnceLock;

use crate::embedded;
use crate::model::device::PlatformKind;
use crate::native::Grade;
use crate::source::FileId;
use crate::syntax::{self, Node, Scalar};

/// A model of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its name as labels begin.
    pub name: Box<str>,
    /// The same in the spelling that labels are compared in.
    bare: String,
    /// How many Ethernet ports it has, where the table says.
    pub ethernet: Option<u32>,
    /// How many serial ports it has, where the table says.
    pub serial: Option<u32>,
    /// How an Ethernet port is named, `{n}` for its number; `None` where no source says.
    pub port_name: Option<Box<str>>,
    /// How sure that is.
    pub grade: Grade,
    /// From where it is known.
    pub source: Box<str>,
}

/// The model of a platform that a label names. One that is another platform's is none of it.
pub fn find(kind: PlatformKind, label: &str) -> Option<&'static Model> {
    known(label).filter(|(of, _)| *of == kind).map(|(_, model)| model)
}

/// The model that a label names, and whose it is: the longest name that it begins with, as far as it goes on with no
/// digit.
pub fn known(label: &str) -> Option<(PlatformKind, &'static Model)> {
    let label = bare(label);
    let all = PlatformKind::ALL.into_iter().flat_map(|kind| of(kind).iter().map(move |m| (kind, m)));
    all.filter(|(_, m)| goes_on(&m.bare, &label)).max_by_key(|(_, m)| m.name.len())
}

/// Whether a label names a model, as [`known`] reads it.
pub fn is_named(model: &str, label: &str) -> bool {
    goes_on(&bare(model), &bare(label))
}

/// Whether a label is a model's name with nothing or something else than a digit behind it.
fn goes_on(model: &str, label: &str) -> bool {
    label.strip_prefix(model).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The number of the port that is named so, after a pattern.
pub fn number(pattern: &str, name: &str) -> Option<u32> {
    let (before, after) = pattern.split_once("{n}")?;
    let digits = name.strip_prefix(before)?.strip_suffix(after)?;
    digits.parse().ok().filter(|_| !digits.starts_with(['0', '+']))
}

/// Capital letters, no blanks, `NP` for `NPort`: exports say `NP6250`, labels `NPort 6250`. Digits alone are an
/// NPort's.
fn bare(label: &str) -> String {
    let upper: String = label.to_uppercase().split_whitespace().collect();
    match upper.strip_prefix("NPORT") {
        Some(rest) => format!("NP{rest}"),
        None if upper.starts_with(|c: char| c.is_ascii_digit()) => format!("NP{upper}"),
        None => upper,
    }
}

/// All known models of a platform.
pub fn of(kind: PlatformKind) -> &'static [Model] {
    static TABLES: [OnceLock<Vec<Model>>; 4] = [const { OnceLock::new() }; 4];
    let at = PlatformKind::ALL.iter().position(|k| *k == kind).unwrap_or(0);
    TABLES[at].get_or_init(|| {
        let file = format!("{}.kdl", kind.word());
        let text = embedded::MODELS.iter().find(|(name, _)| *name == file).map(|(_, text)| *text);
        text.and_then(|text| read(kind, text).ok()).unwrap_or_default()
    })
}

/// The models of a file.
///
/// # Errors
/// What is wrong with it: a file that the binary carries has no mistake, a test reads them all.
fn read(kind: PlatformKind, text: &str) -> Result<Vec<Model>, String> {
    let tree = syntax::parse(FileId::NONE, text).tree.ok_or("no KDL")?;
    let [root] = tree.nodes.as_slice() else { return Err("a file is one `models` node".to_owned()) };
    if &*root.name != "models" || root.arg(0).and_then(|e| e.text()) != Some(kind.word()) {
        return Err(format!("these are no models of {}", kind.word()));
    }
    root.children().iter().map(|node| model(root, node)).collect()
}

fn model(root: &Node, node: &Node) -> Result<Model, String> {
    let name = node.arg(0).and_then(|e| e.text()).ok_or("a model without a name")?;
    let text = |what: &str| node.prop(what).or_else(|| root.prop(what)).and_then(|e| e.text());
    let count = |what: &str| match node.prop(what).map(|e| &e.value) {
        Some(Scalar::Int(n)) => u32::try_from(*n).ok(),
        _ => None,
    };
    let (ethernet, serial) = (count("ethernet"), count("serial"));
    let grade = text("grade").and_then(Grade::from_word).filter(|_| ethernet.or(serial).is_some());
    let (grade, source) = grade.zip(text("source")).ok_or_else(|| format!("`{name}` has no ports, grade or source"))?;
    Ok(Model {
        name: name.into(),
        bare: bare(name),
        ethernet,
        serial,
        port_name: text("name").map(Into::into),
        grade,
        source: source.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_loads() {
        assert_eq!(embedded::MODELS.len(), PlatformKind::ALL.len());
        for kind in PlatformKind::ALL {
            let (_, text) = embedded::MODELS.iter().find(|(n, _)| *n == format!("{}.kdl", kind.word())).unwrap();
            assert_eq!(read(kind, text).map(|m| m.len()), Ok(of(kind).len()));
            assert!(!of(kind).is_empty());
        }
        for wrong in ["models \"mx-nos\" { }", "models \"mx-ros\" { model \"X\" ethernet=1 }", "model"] {
            assert!(read(PlatformKind::MxRos, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_port_is_told_by_its_number() {
        for (pattern, name, number_of) in [
            ("1/{n}", "1/12", Some(12)),
            ("{n}", "3", Some(3)),
            ("G{n}T", "G2T", Some(2)),
            ("1/{n}", "1/03", None),
            ("1/{n}", "1/+3", None),
            ("1/{n}", "2/3", None),
            ("1/{n}", "1/", None),
            ("{n}", "3T", None),
        ] {
            assert_eq!(number(pattern, name), number_of, "{name}");
        }
    }

    #[test]
    fn a_label_says_its_model() {
        use PlatformKind::{MxNos, MxRos, Nport6000, Nport6000G2};
        let ports = |kind, label: &str| find(kind, label).and_then(|m| m.ethernet.or(m.serial));
        for (kind, label, count) in [
            (MxRos, "EDR-G9010-VPN-2MGSFP-T", Some(10)),
            (MxRos, "OnCell G4302-LTE4", Some(2)),
            (MxNos, "MDS-G4012-L3-4XGS", Some(12)),
            (MxNos, "EDS-G4008", Some(8)),
            (Nport6000G2, "NPort 6250-G2", Some(2)),
            (Nport6000, "NP6650-16", Some(16)),
            (Nport6000, "6610-8", Some(8)),
            (Nport6000, "NPort 5110", None),
            (Nport6000, "6650", None),
            (Nport6000, "61500", None),
            (Nport6000G2, "NPort 6450-G2", None),
            (Nport6000G2, "NPort 6250", None),
            (Nport6000, "NPort 6250-G2", None),
            (MxNos, "EDR-G9010", None),
            (MxRos, "TN-4908", None),
            (MxNos, "EDS-40081", None),
            (MxRos, "", None),
        ] {
            assert_eq!(ports(kind, label), count, "{label}");
        }
    }
}
