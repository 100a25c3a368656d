//! OSCAL 1.1.3, for tools of auditors: the assessment results of a run, and its devices as components with the rules
//! that speak of them.
//!
//! Requirements are named by their numbers only: the text of the standard is nobody's to give away. What is the same in
//! two runs has the same UUID in both, made of names (version 5); a document has one of its own content.

mod component;
mod results;

pub use component::components;
pub use results::results;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Report, documents, escape};
use super::entries::Entry;
use crate::model::value::Moment;
use crate::policy::requirements::{Requirement, requirement, requirements};

/// Whose words the names of our properties are.
const NAMESPACE: &str = "https://fieldlock.invalid/ns/oscal";
/// What a resource is called that stands for the standard.
const STANDARD: &str = "IEC 62443-4-2, by numbers; its text is not here";

/// Names of one site: the same name is the same UUID in every run.
struct Names(Uuid);

impl Names {
    fn of(report: &Report) -> Names {
        let root = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
        Names(Uuid::new_v5(&root, site(report).as_bytes()))
    }

    fn uuid(&self, kind: &str, name: &str) -> String {
        // a kind holds no NUL: names of two kinds are never the same text
        Uuid::new_v5(&self.0, format!("{kind}\0{name}").as_bytes()).to_string()
    }

    /// A resource at the end of the document that others point to.
    fn resource(&self, title: &str) -> (String, Value) {
        let uuid = self.uuid("resource", title);
        (format!("#{uuid}"), json!({ "uuid": uuid, "title": title }))
    }
}

fn site(report: &Report) -> &str {
    report.site.as_ref().map_or("-", |site| &site.name)
}

/// A whole document under its name; `body` is all of it but UUID and metadata.
fn document(report: &Report, names: &Names, kind: &str, body: Value) -> String {
    let title = match kind {
        "component-definition" => "Devices and the rules that speak of them, site",
        _ => "What fieldlock found, site",
    };
    let metadata = json!({
        "title": format!("{title} {}", escape::prose(site(report))),
        "last-modified": time(&report.judged_at),
        "version": report.commit.as_ref().map_or("-", |commit| &commit.id),
        "oscal-version": "1.1.3",
        "props": properties([
            ("tool", format!("fieldlock {}", report.version)),
            ("packs", report.packs.iter().map(|p| format!("{} {}", p.name, p.version)).collect::<Vec<_>>().join(", ")),
        ]),
        "remarks": "supports an assessment; it is no certificate",
    });
    let uuid = names.uuid(kind, &format!("{metadata}{body}"));
    let mut whole = json!({ "uuid": uuid, "metadata": metadata });
    if let (Value::Object(whole), Value::Object(body)) = (&mut whole, body) {
        whole.extend(body);
    }
    documents::text(&json!({ kind: whole }))
}

/// Properties of ours that say something; their values are of one line.
fn properties<const N: usize>(rows: [(&str, String); N]) -> Value {
    let row = |(name, value): (&str, String)| {
        let value = escape::line(&value);
        let value = value.trim();
        (!value.is_empty()).then(|| json!({ "name": name, "ns": NAMESPACE, "value": value }))
    };
    rows.into_iter().filter_map(row).collect()
}

/// A moment as people read it, as OSCAL has it: with zone; the beginning of all time where it is none.
fn time(said: &str) -> String {
    moment(said).map_or(jiff::Timestamp::UNIX_EPOCH, Moment::begins).to_string()
}

fn moment(said: &str) -> Option<Moment> {
    said.parse().ok()
}

/// `CR 1.7 RE1` as an identifier: `cr-1.7.1`; none of what is no requirement of the standard.
fn control(supports: &str) -> Option<String> {
    requirement(supports)?;
    let (number, enhancement) = supports.split_once(" RE").map_or((supports, None), |(n, re)| (n, Some(re)));
    let enhancement = enhancement.map(|number| format!(".{number}")).unwrap_or_default();
    let token = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    let is_number = enhancement.chars().skip(1).all(|c| c.is_ascii_digit());
    is_number.then(|| number.chars().map(token).collect::<String>() + &enhancement)
}

/// Where a requirement stands in the list of all, so that they are told in its order.
fn place(supports: &str) -> usize {
    let row = requirement(supports);
    let same = |other: &Requirement| row.is_some_and(|row| row.id == other.id);
    requirements().iter().position(same).unwrap_or(usize::MAX)
}

/// The requirements that a row supports, each once.
fn supported<'a>(entry: &Entry<'a>) -> impl Iterator<Item = &'a str> {
    let all = entry.finding.map(|finding| &finding.supports[..]).unwrap_or_default();
    all.iter().enumerate().filter(|(at, id)| !all[..*at].contains(id)).map(|(_, id)| &**id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_identifiers() {
        assert_eq!(control("CR 1.7 RE1").as_deref(), Some("cr-1.7.1"));
        assert_eq!(control("EDR/NDR 2.4").as_deref(), Some("edr-ndr-2.4"));
        for none in ["guide 3.2", "CR 99.1", "CR 1.7 REx", ""] {
            assert_eq!(control(none), None, "{none}");
        }
    }

    #[test]
    fn one_name_is_one_uuid() {
        let names = Names::of(&Report::new("check", "0"));
        assert_eq!(names.uuid("device", "np07"), names.uuid("device", "np07"));
        assert_ne!(names.uuid("device", "np07"), names.uuid("rule", "np07"));
        assert_eq!(time("2026-03-09 14:10 UTC"), "2026-03-09T14:10:00Z");
    }
}
