//! Firmware with holes that somebody published: `schema/advisories/known.kdl`, data with grade and source for every
//! line, with a version and a date of its own. A newer one takes its place where somebody vouches for it whom the
//! person trusts; nothing of it comes from a site.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use super::pattern::Truth;
use crate::embedded;
use crate::model::device::PlatformKind;
use crate::model::value::{Date, Sha256, Version};
use crate::native::Grade;
use crate::site::models;
use crate::source::FileId;
use crate::syntax::{self, Entry, Node, Scalar};

/// A list of known holes.
#[derive(Debug)]
pub struct Advisories {
    /// Its version: a higher one takes its place.
    pub version: u32,
    /// The day up to which records were looked through.
    pub date: Date,
    /// Who vouches for it, by a signature; `None` where the program came with it.
    pub signer: Option<Box<str>>,
    /// The digest of its text.
    pub sha256: Sha256,
    holes: Vec<Hole>,
}

/// The largest list, in bytes.
pub const MAX_LEN: usize = 1 << 20;

/// What an advisory says of models and their firmware.
#[derive(Debug)]
pub struct Hole {
    /// The advisory.
    pub advisory: Arc<str>,
    /// Its CVE records.
    pub cves: Arc<[Box<str>]>,
    /// The first firmware without it, where one is named.
    pub fixed: Option<Version>,
    /// How sure that is.
    pub grade: Grade,
    /// From where it is known.
    pub source: Box<str>,
    platform: PlatformKind,
    /// None: every one of the platform.
    models: Vec<Box<str>>,
    to: Option<Version>,
}

impl Advisories {
    /// Those that the program came with.
    pub fn shipped() -> Arc<Advisories> {
        static SHIPPED: OnceLock<Arc<Advisories>> = OnceLock::new();
        // a test reads the file; without it every verdict on firmware would be no more than unknown
        let none = || Advisories {
            version: 0,
            date: Date(jiff::civil::Date::ZERO),
            signer: None,
            sha256: Sha256::of(b""),
            holes: Vec::new(),
        };
        let read = || Advisories::read(Advisories::shipped_text()).unwrap_or_else(|_| none());
        Arc::clone(SHIPPED.get_or_init(|| Arc::new(read())))
    }

    /// The text of those.
    pub fn shipped_text() -> &'static str {
        embedded::ADVISORIES.first().map_or("", |(_, text)| text)
    }

    /// A list that somebody signed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn signed(text: &str, signer: &str) -> Result<Advisories, String> {
        Ok(Advisories { signer: Some(signer.into()), ..Advisories::read(text)? })
    }

    /// Whether it may take the place of another: no list is taken back by an older one, and no version has two texts.
    ///
    /// # Errors
    /// Why it may not.
    pub fn follows(&self, other: &Advisories) -> Result<(), String> {
        let which = |list: &Advisories| format!("list {} of {}", list.version, list.date);
        let (own, before) = (which(self), which(other));
        match self.version.cmp(&other.version) {
            _ if self.sha256 == other.sha256 => Ok(()),
            Ordering::Less => Err(format!("{own} is older than {before}")),
            Ordering::Equal => Err(format!("it is another {own} than the one that is there")),
            Ordering::Greater if self.date < other.date => Err(format!("{own} says less of the time than {before}")),
            Ordering::Greater => Ok(()),
        }
    }

    /// The list of a text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Advisories, String> {
        if text.len() > MAX_LEN {
            return Err(format!("it is larger than {MAX_LEN} bytes"));
        }
        let tree = syntax::parse(FileId::NONE, text).tree.ok_or("it is no KDL")?;
        let [root] = tree.nodes.as_slice() else { return Err("a list is one `advisories` node".to_owned()) };
        let version = match root.prop("version").map(|e| &e.value) {
            Some(Scalar::Int(n)) => u32::try_from(*n).ok().filter(|n| *n > 0),
            _ => None,
        };
        let date = root.prop("date").and_then(Entry::text).and_then(|text| text.parse().ok());
        let (version, date) = version.zip(date).filter(|_| &*root.name == "advisories").ok_or(HEAD)?;
        only(root, &["version", "date"], &["advisory"])?;
        let advisories: Vec<Vec<Hole>> = root.children().iter().map(advisory).collect::<Result<_, _>>()?;
        let holes: Vec<Hole> = advisories.into_iter().flatten().collect();
        if holes.is_empty() {
            Err("it names no hole".to_owned())
        } else {
            Ok(Advisories { version, date, signer: None, sha256: Sha256::of(text.as_bytes()), holes })
        }
    }

    /// What is known of a firmware: each hole that it has, and each that it may have.
    pub fn of(&self, platform: PlatformKind, label: Option<&str>, firmware: Version) -> Vec<(&Hole, Truth)> {
        let holes = self.holes.iter().filter(|hole| hole.platform == platform);
        let of_firmware = holes.map(|hole| (hole, hole.is_in(firmware))).filter(|(_, truth)| *truth != Truth::False);
        let known = label.is_some_and(|label| self.knows(label));
        let said = of_firmware.map(|(hole, truth)| (hole, hole.names(label, known).min(truth)));
        said.filter(|(_, truth)| *truth != Truth::False).collect()
    }

    /// The lowest firmware above one that no hole of its model is known of, of those that bring a fix.
    pub fn clean_above(&self, platform: PlatformKind, label: Option<&str>, firmware: Version) -> Option<Version> {
        self.clean(platform, label).map(|(fixed, _)| fixed).filter(|fixed| *fixed > firmware).min()
    }

    /// The lowest firmware that no hole of a model is known of, of those that bring a fix, and the least sure hole that
    /// it mends.
    pub fn lowest_clean<'a>(&'a self, platform: PlatformKind, label: &'a str) -> Option<(Version, &'a Hole)> {
        self.clean(platform, Some(label)).min_by_key(|(fixed, hole)| (*fixed, hole.grade))
    }

    /// All advisories that name a model, each once, in the order of the list.
    pub fn naming(&self, platform: PlatformKind, label: &str) -> Vec<Arc<str>> {
        let mut named: Vec<Arc<str>> = self.about(platform, Some(label)).map(|h| Arc::clone(&h.advisory)).collect();
        named.dedup();
        named
    }

    fn about<'a>(&'a self, platform: PlatformKind, label: Option<&'a str>) -> impl Iterator<Item = &'a Hole> {
        let known = label.is_some_and(|label| self.knows(label));
        self.holes.iter().filter(move |hole| hole.platform == platform && hole.names(label, known) != Truth::False)
    }

    /// Whether a label is a model that a table or the list itself has: any other may be mistyped, or new.
    fn knows(&self, label: &str) -> bool {
        let named = |hole: &Hole| hole.models.iter().any(|model| models::is_named(model, label));
        models::known(label).is_some() || self.holes.iter().any(named)
    }

    /// Firmware that brings a fix and has no known hole.
    fn clean<'a>(
        &'a self,
        platform: PlatformKind,
        label: Option<&'a str>,
    ) -> impl Iterator<Item = (Version, &'a Hole)> {
        let fixes = self.about(platform, label).filter_map(|hole| Some((hole.fixed?, hole)));
        fixes.filter(move |(fixed, _)| self.of(platform, label, *fixed).is_empty())
    }
}

impl Hole {
    /// Whether a label is one of its models; `known`: whether it is a model that anybody has heard of.
    fn names(&self, label: Option<&str>, known: bool) -> Truth {
        match label {
            _ if self.models.is_empty() => Truth::True,
            Some(label) if self.models.iter().any(|model| models::is_named(model, label)) => Truth::True,
            _ if known => Truth::False,
            _ => Truth::Unknown,
        }
    }

    /// Whether a firmware has it; what no record was sure of, and what lies between the last that has it and the first
    /// that has not, is not known.
    fn is_in(&self, firmware: Version) -> Truth {
        match (self.to, self.fixed) {
            (_, Some(fixed)) if firmware >= fixed => Truth::False,
            (Some(to), None) if firmware > to => Truth::False,
            (Some(to), Some(_)) if firmware > to => Truth::Unknown,
            _ if self.grade < Grade::Confirmed => Truth::Unknown,
            _ => Truth::True,
        }
    }
}

const HEAD: &str = "it begins with `advisories version=2 date=\"2026-12-01\" { ... }`";

/// What is not known may narrow what is: a list of another format is none, and not one that says more than it means.
fn only(node: &Node, props: &[&str], children: &[&str]) -> Result<(), String> {
    let prop = node.props().map(|(name, _)| name).find(|name| !props.contains(name));
    let child = node.children().iter().map(|child| &*child.name).find(|name| !children.contains(name));
    let argument = node.arg(0).filter(|_| &*node.name == "advisories").map(|_| "an argument");
    let Some(unknown) = prop.or(child).or(argument) else { return Ok(()) };
    Err(format!("`{}` with `{unknown}` is of another format than this fieldlock reads", node.name))
}

fn advisory(node: &Node) -> Result<Vec<Hole>, String> {
    let name: Arc<str> = node.arg(0).and_then(Entry::text).ok_or("an advisory without a name")?.into();
    let platform = node.prop("platform").and_then(Entry::text).and_then(PlatformKind::from_word);
    let platform = platform.filter(|_| &*node.name == "advisory");
    let platform = platform.ok_or_else(|| format!("`{name}` is no advisory of a known platform"))?;
    only(node, &["platform"], &["cve", "affected"])?;
    let more = node.args().count() > 1;
    if more || node.children().iter().filter(|child| &*child.name == "cve").count() > 1 {
        return Err(format!("`{name}` has two names, or two lines of CVE records"));
    }
    let cves = node.child("cve").into_iter().flat_map(Node::args).filter_map(Entry::text).map(Into::into).collect();
    let affected: Vec<&Node> = node.children().iter().filter(|child| &*child.name != "cve").collect();
    if affected.is_empty() {
        return Err(format!("`{name}` says of no firmware that it is affected"));
    }
    let hole = Hole {
        advisory: name,
        cves,
        fixed: None,
        grade: Grade::Unknown,
        source: "".into(),
        platform,
        models: Vec::new(),
        to: None,
    };
    affected.into_iter().map(|node| of_line(node, &hole)).collect()
}

fn of_line(node: &Node, of: &Hole) -> Result<Hole, String> {
    let name = &of.advisory;
    only(node, &["to", "fixed", "grade", "source"], &[])?;
    let version = |what: &str| match node.prop(what) {
        Some(entry) => {
            let version = entry.text().and_then(|text| text.parse::<Version>().ok());
            version.map(Some).ok_or_else(|| format!("`{what}` of a line of `{name}` is no firmware"))
        }
        None => Ok(None),
    };
    let (to, fixed) = (version("to")?, version("fixed")?);
    let ordered = to.or(fixed).is_some() && to.zip(fixed).is_none_or(|(to, fixed)| to < fixed);
    if &*node.name != "affected" || !ordered {
        return Err(format!("a line of `{name}` is not `affected \"MODEL\" to=\"3.13\" fixed=\"3.14\"`"));
    }
    let text = |what: &str| node.prop(what).and_then(Entry::text).filter(|text| !text.trim().is_empty());
    let graded = text("grade").and_then(Grade::from_word).filter(|grade| *grade > Grade::Site).zip(text("source"));
    let (grade, source) = graded.ok_or_else(|| format!("a line of `{name}` has no grade or no source"))?;
    let models: Option<Vec<Box<str>>> = node.args().map(|entry| entry.text().map(Into::into)).collect();
    let models = models.ok_or_else(|| format!("a model of `{name}` is no text"))?;
    let (advisory, cves, source) = (Arc::clone(name), Arc::clone(&of.cves), source.into());
    Ok(Hole { advisory, cves, fixed, grade, source, platform: of.platform, models, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(platform: PlatformKind, label: Option<&str>, firmware: &str) -> Vec<(String, Truth)> {
        let shipped = Advisories::shipped();
        let said = shipped.of(platform, label, firmware.parse().unwrap());
        said.into_iter().map(|(hole, truth)| (hole.advisory.to_string(), truth)).collect()
    }

    fn is(name: &str, truth: Truth) -> (String, Truth) {
        (name.to_owned(), truth)
    }

    #[test]
    fn the_shipped_list_loads_and_every_model_is_of_its_platform() {
        for (name, text) in embedded::ADVISORIES {
            let list = Advisories::read(text).unwrap_or_else(|why| panic!("{name}: {why}"));
            for hole in &list.holes {
                for model in &hole.models {
                    let known = models::known(model).map(|(kind, _)| kind);
                    assert!(known.is_none_or(|kind| kind == hole.platform), "{}: {model}", hole.advisory);
                }
            }
        }
        let shipped = Advisories::shipped();
        assert!(shipped.version > 0 && shipped.signer.is_none() && shipped.holes.len() > 20);
        assert_eq!(embedded::ADVISORIES.len(), 1, "one list judges");
    }

    #[test]
    fn the_lowest_firmware_without_a_hole_has_none() {
        let shipped = Advisories::shipped();
        for (kind, model) in
            PlatformKind::ALL.into_iter().flat_map(|kind| models::of(kind).iter().map(move |m| (kind, m)))
        {
            let Some((floor, hole)) = shipped.lowest_clean(kind, &model.name) else { continue };
            assert_eq!(shipped.of(kind, Some(&model.name), floor).len(), 0, "{}", model.name);
            assert!(hole.grade > Grade::Site && !shipped.naming(kind, &model.name).is_empty(), "{}", model.name);
        }
        let floor = |model| {
            shipped.lowest_clean(PlatformKind::MxRos, model).map(|(floor, hole)| (floor.to_string(), hole.grade))
        };
        assert_eq!(floor("EDR-G9010"), Some(("3.24".to_owned(), Grade::Confirmed)));
        assert_eq!(floor("OnCell G4302"), Some(("3.24.1".to_owned(), Grade::Likely)));
        // all before 3.14 have holes, and of the last one no fix is named
        assert_eq!(floor("EDR-G9004"), None);
        assert_eq!(shipped.naming(PlatformKind::MxNos, "MDS-G4012"), []);
    }

    #[test]
    fn firmware_is_judged_up_to_the_last_that_has_a_hole_and_from_the_first_that_has_not() {
        use PlatformKind::{MxNos, MxRos, Nport6000, Nport6000G2};
        let g9010 = Some("EDR-G9010-VPN-2MGSFP-T");
        assert_eq!(says(MxRos, g9010, "3.24"), []);
        assert_eq!(says(MxRos, g9010, "3.23.1"), [is("MPSA-261521", Truth::True)]);
        let between = [is("MPSA-258121", Truth::Unknown), is("MPSA-261521", Truth::True)];
        assert_eq!(says(MxRos, g9010, "3.20"), between);
        assert_eq!(says(MxRos, g9010, "3.14").len(), 3);
        assert_eq!(says(MxRos, Some("TN-4900"), "3.23"), [is("MPSA-261521", Truth::Unknown)]);
        for mistyped in ["EDR-G90100", "EDR G9010"] {
            let said = says(MxRos, Some(mistyped), "3.12");
            assert!(!said.is_empty() && said.iter().all(|(_, truth)| *truth == Truth::Unknown), "{mistyped}");
        }
        assert!(says(MxRos, None, "3.14").iter().all(|(_, truth)| *truth == Truth::Unknown));
        assert_eq!(says(Nport6000, None, "1.21"), [is("MPSA-232905", Truth::True)]);
        assert_eq!(says(Nport6000, Some("NP6250"), "2.0"), []);
        assert_eq!(says(Nport6000G2, Some("NPort 6150-G2"), "1.0"), [is("MPSA-251731", Truth::True)]);
        assert_eq!(says(MxNos, Some("EDS-G4012-8P"), "4.1"), [is("OpenSSH in switches", Truth::Unknown)]);
        assert_eq!(says(MxNos, Some("MDS-G4012"), "3.2"), []);
        let clean = |label, firmware: &str| Advisories::shipped().clean_above(MxRos, label, firmware.parse().unwrap());
        assert_eq!(clean(g9010, "3.12"), "3.24".parse().ok());
        assert_eq!(clean(Some("EDR-G9004"), "3.12"), None);
    }

    #[test]
    fn a_line_without_grade_source_or_order_is_none() {
        let list = |line: &str| {
            let text = format!(
                "advisories version=2 date=\"2026-12-01\" {{ advisory \"A-1\" platform=\"mx-ros\" {{ cve \"C\"\n{line}\n}} }}"
            );
            Advisories::read(&text)
        };
        let good = "affected \"EDR-8010\" to=\"1.0\" fixed=\"1.1\" grade=\"likely\" source=\"s\"";
        assert_eq!(list(good).unwrap().version, 2);
        for (from, to) in [
            (" grade=\"likely\"", ""),
            ("likely", "site"),
            (" source=\"s\"", ""),
            ("=\"s\"", "=\" \""),
            (" to=\"1.0\" fixed=\"1.1\"", ""),
            ("1.1", "1.0"),
            ("\"1.0\"", "1.0"),
            ("\"EDR-8010\"", "8010"),
            ("affected", "effected"),
            (" grade", " hardware=\"2\" grade"),
            ("affected", "unless \"EDR-8010\"\naffected"),
            ("affected", "cve \"D\"\naffected"),
        ] {
            assert!(good.contains(from) && list(&good.replace(from, to)).is_err(), "{from}");
        }
        for text in [
            "",
            "advisories",
            "advisories version=0 date=\"2026-12-01\" { }",
            "advisories version=1 date=\"2026-12-01\"",
        ] {
            assert!(Advisories::read(text).is_err(), "{text}");
        }
        let format =
            format!("advisories version=2 date=\"2026-12-01\" {{ advisory \"A\" platform=\"mx-ros\" {{ {good} }} }}");
        assert!(Advisories::read(&format).is_ok());
        for other in ["format=2 version", "\"x\" version"] {
            let why = Advisories::read(&format.replacen("version", other, 1)).unwrap_err();
            assert!(why.contains("another format"), "{why}");
        }
        assert!(Advisories::read(&" ".repeat(MAX_LEN + 1)).unwrap_err().contains("larger"));
    }

    #[test]
    fn no_list_is_taken_back_by_an_older_one() {
        let list = |version: u32, date: &str, model: &str| {
            let line = format!("affected \"{model}\" to=\"1.0\" grade=\"likely\" source=\"s\"");
            let text = format!(
                "advisories version={version} date=\"{date}\" {{ advisory \"A\" platform=\"mx-ros\" {{ {line} }} }}"
            );
            Advisories::signed(&text, "psirt").unwrap()
        };
        let old = list(2, "2026-12-01", "EDR-8010");
        for (newer, follows) in [
            (list(2, "2026-12-01", "EDR-8010"), true),
            (list(3, "2026-12-01", "EDR-8010"), true),
            (list(3, "2026-11-30", "EDR-8010"), false),
            (list(2, "2026-12-01", "TN-4900"), false),
            (list(2, "2026-12-02", "EDR-8010"), false),
            (list(1, "2027-12-01", "EDR-8010"), false),
        ] {
            assert_eq!(newer.follows(&old).is_ok(), follows, "{} {}", newer.version, newer.date);
        }
    }
}
