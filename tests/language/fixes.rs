//! Fixes as edits: applied to the files that they name they mend what they are offered for, and touch nothing else.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::path::Path;

use fieldlock::embedded::POLICIES;
use fieldlock::finding::{Class, Edit, Finding};
use fieldlock::pipeline::{self, ReadySite};
use fieldlock::policy::Packs;
use fieldlock::secret::Secrets;
use fieldlock::source::SourceMap;
use fieldlock::syntax;

use crate::common::{self, plot::Plot, project};

/// More rounds than any of the sites needs.
const ROUNDS: usize = 24;

/// What a finding is known by where the lines move.
type Key = (String, Vec<String>, String);

fn key(finding: &Finding) -> Key {
    let devices = finding.devices().map(str::to_owned).collect();
    (finding.code.to_string(), devices, finding.path.clone().unwrap_or_default())
}

fn judged(site: &Path) -> (ReadySite, Vec<Finding>) {
    let ready = common::ready(site, None);
    let mut findings = pipeline::check(&ready, &Secrets::Placeholder, &common::selection("")).findings;
    findings.retain(Finding::is_open);
    (ready, findings)
}

/// What an edit puts in begins with.
fn word(edit: &Edit) -> &str {
    edit.text.split([' ', ';', '{', '=', '\n']).find(|word| !word.is_empty()).unwrap_or_default()
}

/// Whether two edits can't both be made: they touch, or say the same thing at one place.
fn clash(a: &Edit, b: &Edit) -> bool {
    let apart = a.at.span.end < b.at.span.start || b.at.span.end < a.at.span.start;
    // a node has one block: who opens it puts in what the other would
    let opens = |edit: &Edit| edit.text.trim_start().starts_with('{');
    let both_put_in = a.at.span == b.at.span && a.at.span.is_empty() && !(opens(a) && opens(b));
    a != b && a.at.file == b.at.file && !apart && !(both_put_in && word(a) != word(b))
}

/// As many of the fixes as can be made together: those they mend, and the edits by file.
fn together(findings: &[Finding]) -> (Vec<&Finding>, Vec<&Edit>) {
    let (mut mended, mut edits): (Vec<&Finding>, Vec<&Edit>) = (Vec::new(), Vec::new());
    for finding in findings {
        let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) else { continue };
        if !fix.edits.iter().any(|new| edits.iter().any(|old| clash(old, new))) {
            mended.push(finding);
            edits.extend(&fix.edits);
        }
    }
    edits.sort_by_key(|edit| (edit.at, edit.text.clone()));
    edits.dedup();
    (mended, edits)
}

fn apply(site: &Path, sources: &SourceMap, edits: &[&Edit]) {
    for (file, source) in sources.files() {
        let mut of_file = edits.iter().filter(|edit| edit.at.file == file).peekable();
        if of_file.peek().is_none() {
            continue;
        }
        let before = source.text();
        let (mut after, mut at) = (String::new(), 0);
        for edit in of_file {
            after.push_str(&before[at..edit.at.span.range().start]);
            after.push_str(&edit.text);
            at = edit.at.span.range().end;
        }
        after.push_str(&before[at..]);
        let kept = |text: &str| {
            let comments = syntax::comments(text).iter().map(|c| text[c.range()].to_owned()).collect::<Vec<_>>();
            (comments, text.lines().filter(|line| line.trim().is_empty()).count())
        };
        assert_eq!(kept(before), kept(&after), "{}", source.name());
        let path = site.join(source.name());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), **before, "an edit counts the bytes of the file");
        std::fs::write(path, after).unwrap();
    }
}

/// Mends a site until no edit is offered; how many findings it mended.
fn mend(name: &str, site: &Path) -> usize {
    let (mut ready, mut before) = judged(site);
    let (mut mended, mut wrong) = (0, Vec::new());
    for round in 0..ROUNDS {
        let (of, edits) = together(&before);
        if of.is_empty() {
            assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
            return mended;
        }
        mended += of.len();
        apply(site, &ready.sources, &edits);
        let (then, after) = judged(site);
        let left: BTreeSet<Key> = after.iter().map(key).collect();
        let told =
            |finding: &Finding| format!("round {round}: {:?} {} {:?}", key(finding), finding.message, finding.fix);
        wrong.extend(of.iter().filter(|f| left.contains(&key(f))).map(|f| format!("still there: {}", told(f))));
        let known: BTreeSet<Key> = before.iter().map(key).collect();
        let worst = of.iter().map(|finding| finding.severity).max().unwrap();
        for finding in after.iter().filter(|f| !known.contains(&key(f))) {
            let refused = finding.code.class() == Class::Input || finding.is_refused();
            if finding.severity > worst || refused {
                wrong.push(format!("came: {}", told(finding)));
            }
        }
        (ready, before) = (then, after);
    }
    panic!("{name}: edits are offered again and again:\n{}", wrong.join("\n"));
}

#[test]
fn an_edit_mends_what_it_is_offered_for() {
    let mut mended = 0;
    for example in std::fs::read_dir(project("examples")).unwrap() {
        let (example, copy) = (example.unwrap().path(), tempfile::tempdir().unwrap());
        common::copy(&example, copy.path());
        mended += mend(&example.display().to_string(), copy.path());
    }
    assert!(mended > 80, "{mended} findings mended");
}

#[test]
fn an_edit_mends_the_small_sites_too() {
    let mut mended = 0;
    for case in std::fs::read_dir(project("tests/cases/check")).unwrap() {
        let case = case.unwrap().path();
        let own = case.join("site.kdl").is_file();
        let plot = if own { Plot { dir: tempfile::tempdir().unwrap() } } else { Plot::new() };
        for (name, bytes) in common::files(&case) {
            plot.put(&name.strip_prefix("given/").map_or(name.clone(), |name| format!("../secrets/{name}")), &bytes);
        }
        mended += mend(&case.display().to_string(), &plot.site());
    }
    assert!(mended > 10, "{mended} findings mended");
}

/// The devices that shipped rules fail, each as one of a site.
#[test]
fn an_edit_mends_what_shipped_rules_fail() {
    let (packs, _) = Packs::load(&Packs::shipped_names(POLICIES), POLICIES, &[], &mut SourceMap::new());
    let site = tempfile::tempdir().unwrap();
    let put = |name: &str, text: String| {
        let path = site.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let names: Vec<String> = packs.packs.iter().map(|pack| format!("\"{}\"", pack.name)).collect();
    put(
        "site.kdl",
        format!(
            "site \"s\" {{\n    packs {}\n    zone \"control\" sl-t=2 {{ subnet \"10.20.0.0/16\" }}\n    \
             station \"eng-07\" address=\"10.20.0.77\" zone=\"control\"\n    log-server \"10.20.0.8\"\n}}\n",
            names.join(" ")
        ),
    );
    let mut count = 0;
    for rule in packs.packs.iter().flat_map(|pack| &pack.rules) {
        for sample in rule.fails.iter().filter(|sample| sample.with.is_empty()) {
            let platform = rule.platforms[0].word();
            let head =
                if sample.kdl.contains("platform ") { String::new() } else { format!("platform \"{platform}\"\n") };
            count += 1;
            put(
                &format!("devices/d{count}.kdl"),
                format!("device \"d{count}\" {{\n    {head}    {}\n}}\n", sample.kdl),
            );
        }
    }
    let mended = mend("samples", site.path());
    assert!(count > 200 && mended > 1000, "{mended} findings of {count} devices mended");
}

/// A rule whose fix names the device.
const OURS: &str = "rule \"OUR-1\" severity=\"low\" family=\"ours.message\" moment=\"describe\" {
    title \"A refused login says where\"
    why \"people try the wrong device\"
    source \"our handbook\"
    require { login { failure-message contains=\"this is\" } }
    fix { login { failure-message \"this is {device}\" } }
    passes { login { failure-message \"this is np07\" } }
    fails \"silent\" { login { failure-message \"no\" } }
}
";

/// A site of one device and a profile that it may use: what its files say after the edits of one rule.
fn after(rule: &str, device: &str, profile: &str) -> Option<String> {
    let site = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = site.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("site.kdl", "site \"s\" { packs \"nport-6000-g2\" \"ours\"; station \"eng\" address=\"10.20.0.10\" }\n");
    put("packs/ours/pack.kdl", "pack \"ours\" version=\"1.0.0\" { title \"Ours\"; platforms \"nport-6000-g2\" }\n");
    put("packs/ours/OUR-1.kdl", OURS);
    put("profiles/base.kdl", &format!("profile \"base\" {{\n{profile}}}\n"));
    let head = "device \"d\" {\n    platform \"nport-6000-g2\" firmware=\"1.1\"; use \"base\"\n";
    put("devices/d.kdl", &format!("{head}{device}}}\n"));
    let (ready, findings) = judged(site.path());
    let finding = findings
        .iter()
        .find(|finding| finding.rules.iter().any(|r| r.id == rule))
        .unwrap_or_else(|| panic!("no {rule}"));
    let edits: Vec<&Edit> = finding.fix.as_ref()?.edits.iter().collect();
    if edits.is_empty() {
        return None;
    }
    apply(site.path(), &ready.sources, &edits);
    let read = |name: &str| std::fs::read_to_string(site.path().join(name)).unwrap();
    let (device, profile) = (read("devices/d.kdl"), read("profiles/base.kdl"));
    let inner = |text: &str| text[text.find("{\n").unwrap() + 2..text.rfind('}').unwrap()].to_owned();
    Some(format!("{}|{}", inner(&profile), inner(&device).split_once('\n').unwrap().1))
}

#[test]
fn an_edit_stands_where_the_setting_does() {
    let is = |rule: &str, device: &str, profile: &str, expected: &str| {
        assert_eq!(after(rule, device, profile).as_deref(), Some(expected), "{rule}");
    };
    // the value that somebody wrote, in the file that it stands in
    is("NP6-SES-002", "  login { auto-logout never } // why\n", "", "|  login { auto-logout \"5 min\" } // why\n");
    is("NP6-SES-002", "", "  login { auto-logout never }\n", "  login { auto-logout \"5 min\" }\n|");
    is(
        "NP6-ACC-003",
        "  password-policy { must-contain \"digit\"; }\n",
        "",
        "|  password-policy { must-contain \"digit\"; min-length 12 }\n",
    );
    // a property of a line, an argument behind a name
    is("NP6-SES-001", "  login { lockout on after=3 }\n", "", "|  login { lockout on after=3 for=\"15 min\" }\n");
    // what nobody wrote, indented as the lines around it, with the line break of the file
    is("NP6-SES-002", "", "", "|    login { auto-logout \"5 min\" }\n");
    is(
        "NP6-SES-002",
        "\tlogin {\r\n\t\tbanner \"x\"\r\n\t}\r\n",
        "",
        "|\tlogin {\r\n\t\tbanner \"x\"\r\n\t\tauto-logout \"5 min\"\r\n\t}\r\n",
    );
}

#[test]
fn what_a_person_decides_is_no_edit() {
    // what names one device goes into no profile
    let (rule, login) = ("OUR-1", "  login { failure-message \"no\" }\n");
    let named = "|  login { failure-message \"this is d\" }\n";
    assert_eq!(after(rule, login, "").as_deref(), Some(named));
    assert_eq!(after(rule, "", login), None);
    // what is dropped on purpose; an entry beside `none`
    let inherited = "  allowlist { host \"10.20.0.10\" }\n";
    for host in ["(drop)host \"10.20.0.10\"; host \"10.20.0.11\"", "host none"] {
        let device = format!("  allowlist on {{ {host} }}\n");
        assert_eq!(after("NP6-ACL-004", &device, inherited), None, "{device}");
    }
}

/// Who asks for no edits is told the same otherwise.
#[test]
fn without_edits_everything_else_is_as_it_is() {
    let ready = common::ready(&project("examples/02-findings"), None);
    let with = pipeline::check(&ready, &Secrets::Absent, &common::selection("")).findings;
    let selection = pipeline::Selection { edits: false, ..common::selection("") };
    let without = pipeline::check(&ready, &Secrets::Absent, &selection).findings;
    let mut stripped = with.clone();
    stripped.iter_mut().filter_map(|finding| finding.fix.as_mut()).for_each(|fix| fix.edits.clear());
    assert_ne!(with, stripped, "some fixes are edits");
    assert_eq!(stripped, without);
}
