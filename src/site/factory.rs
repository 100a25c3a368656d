//! Factory settings: what a platform does before anybody set anything, per firmware, with grade and source.
//!
//! They are written in the device language (`schema/factory/*.kdl`). Only what is `confirmed` becomes a fact; the
//! rest stays in the files for people to read, and is unknown to rules.

use crate::embedded;
use crate::finding::{Finding, codes};
use crate::model::device::PlatformKind;
use crate::model::facts::overlay;
use crate::model::shape::check;
use crate::model::value::{Version, VersionRange};
use crate::model::{Facts, Shape};
use crate::native::Grade;
use crate::source::{FileId, Loc, SourceMap};
use crate::syntax::{self, Node};

/// The confirmed factory settings of a platform with a firmware, and what is wrong with their file (never anything,
/// for those that the binary carries). The file enters the map once, so that findings can show its lines.
///
/// `None` where nothing is confirmed for that firmware; without a firmware only what holds for all of them counts.
pub fn facts(kind: PlatformKind, firmware: Option<Version>, map: &mut SourceMap) -> (Option<Facts>, Vec<Finding>) {
    let file = format!("{}.kdl", kind.word());
    let Some((_, text)) = embedded::FACTORY.iter().find(|(name, _)| *name == file) else { return (None, Vec::new()) };
    let name = format!("schema/factory/{file}");
    let id = map.find(&name).unwrap_or_else(|| map.add(name, *text));
    let (blocks, findings) = read(kind, id, text);
    let mut all: Option<Facts> = None;
    let holds = |b: &Block| b.range.is_none_or(|range| firmware.is_some_and(|f| range.contains(f)));
    for block in blocks.into_iter().filter(|b| b.grade == Grade::Confirmed).filter(holds) {
        match &mut all {
            None => all = Some(block.facts),
            Some(under) => {
                overlay(under.shape, &mut under.root, &block.facts.root);
            }
        }
    }
    (all, findings)
}

/// One `factory` node.
struct Block {
    range: Option<VersionRange>,
    grade: Grade,
    facts: Facts,
}

fn read(kind: PlatformKind, file: FileId, text: &str) -> (Vec<Block>, Vec<Finding>) {
    let parsed = syntax::parse(file, text);
    let mut findings = parsed.findings;
    let mut blocks = Vec::new();
    for node in parsed.tree.iter().flat_map(|t| &t.nodes) {
        match head(kind, file, node) {
            Ok((range, grade)) => {
                let device = Node { name: "device".into(), entries: Vec::new(), ..node.clone() };
                let checked = check(Shape::device(), file, &device);
                findings.extend(checked.findings);
                blocks.push(Block { range, grade, facts: checked.facts });
            }
            Err(finding) => findings.push(*finding),
        }
    }
    (blocks, findings)
}

fn head(kind: PlatformKind, file: FileId, node: &Node) -> Result<(Option<VersionRange>, Grade), Box<Finding>> {
    let wrong = |message: String| Box::new(Finding::new(codes::site::FACTORY, Loc::new(file, node.header), message));
    if &*node.name != "factory" || node.arg(0).and_then(|e| e.text()) != Some(kind.word()) {
        return Err(wrong(format!("this is no block of factory settings of {}", kind.word())));
    }
    let prop = |name: &str| node.prop(name).and_then(|e| e.text());
    let grade = prop("grade").and_then(Grade::from_word).ok_or_else(|| wrong("the grade is missing".to_owned()))?;
    if prop("source").is_none_or(str::is_empty) {
        return Err(wrong("the source is missing".to_owned()));
    }
    let range = prop("firmware").map(str::parse).transpose().map_err(wrong)?;
    Ok((range, grade))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;
    use crate::model::facts::leaves;

    fn of(kind: PlatformKind, firmware: &str) -> Option<Facts> {
        let (facts, findings) = facts(kind, firmware.parse().ok(), &mut SourceMap::new());
        assert_eq!(findings, []);
        facts
    }

    #[test]
    fn a_block_without_grade_or_source_is_none() {
        let block = r#"factory "mx-ros" firmware="3.0 to 3.99" grade="confirmed" source="a manual" { }"#;
        assert_eq!(read(PlatformKind::MxRos, FileId::NONE, block).1, []);
        let slips = [
            (r#" grade="confirmed""#, ""),
            (r#"grade="confirmed""#, r#"grade="sure""#),
            (r#" source="a manual""#, ""),
            ("a manual", ""),
            ("3.0 to 3.99", "new"),
            ("mx-ros", "mx-nos"),
        ];
        for (right, wrong) in slips {
            let (blocks, findings) = read(PlatformKind::MxRos, FileId::NONE, &block.replace(right, wrong));
            assert!(
                blocks.is_empty() && findings.len() == 1 && findings[0].code == "site.factory",
                "{wrong}: {findings:?}"
            );
        }
    }

    #[test]
    fn every_file_loads_and_is_read_once() {
        let mut map = SourceMap::new();
        for kind in PlatformKind::ALL {
            for firmware in [None, "1.0".parse().ok(), "3.14".parse().ok()] {
                assert_eq!(facts(kind, firmware, &mut map).1, [], "{}", kind.word());
            }
        }
        assert_eq!(map.files().count(), 4);
    }

    #[test]
    fn defaults_go_with_the_firmware() {
        let telnet =
            |firmware| of(PlatformKind::MxRos, firmware).unwrap().value("services.telnet").unwrap().value.clone();
        assert_eq!(telnet("2.0"), Value::Switch(true));
        assert_eq!(telnet("3.14"), Value::Switch(false));
        assert!(of(PlatformKind::MxRos, "1.0").is_none());
        assert!(facts(PlatformKind::MxRos, None, &mut SourceMap::new()).0.is_none());
    }

    #[test]
    fn what_is_not_confirmed_is_no_fact() {
        let ros = of(PlatformKind::MxRos, "3.14").unwrap();
        assert!(ros.value("services.snmp").is_none());
        assert!(ros.group("accounts.account[admin]").is_none());
        assert!(of(PlatformKind::Nport6000, "2.3").is_none());
        let nos = of(PlatformKind::MxNos, "3.2").unwrap();
        assert_eq!(nos.value("login.lockout").unwrap().value, Value::Switch(false));
    }

    #[test]
    fn an_empty_list_is_said() {
        let g2 = of(PlatformKind::Nport6000G2, "1.1").unwrap();
        let path = crate::model::facts::Path::parse(g2.shape, "accounts.account").unwrap();
        assert!(matches!(g2.at(&path), Some(crate::model::Setting::Items(items)) if items.items.is_empty()));
        assert_eq!(g2.value("services.https.tls-min").unwrap().value.plain(), "1.2");
        assert!(leaves(&g2).all(|l| l.fact.origin.loc().is_some()));
    }

    #[test]
    fn a_block_without_grade_or_source_is_told() {
        for text in [
            r#"factory "mx-ros" source="x" { }"#,
            r#"factory "mx-ros" grade="confirmed" { }"#,
            r#"factory "mx-nos" grade="confirmed" source="x" { }"#,
            r#"factory "mx-ros" grade="confirmed" source="x" firmware="new" { }"#,
        ] {
            assert_eq!(read(PlatformKind::MxRos, FileId(0), text).1.len(), 1, "{text}");
        }
    }
}
