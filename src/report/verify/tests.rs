use super::super::escape;
use super::super::layout::width;
use super::super::paint::View;
use super::print::SHEETS;
use super::*;
use crate::image::Digest;
use crate::report::documents::{Verified, text};

fn device_rungs(device: &str) -> DeviceRungs {
    DeviceRungs {
        applied: RungAnswer::Open("no receipt of it is here".to_owned()),
        device: device.into(),
        revision: 17,
        digest: "91c0-77ab-e2f4".into(),
        whole: RungAnswer::Holds("as it was built".into()),
        reviewed: RungAnswer::Holds(format!("{device}.redacted.sheet")),
        source: RungAnswer::Open("no source here".into()),
        content: RungAnswer::Open("it takes the passphrase".into()),
        opened: false,
        sheet: false,
        rekeyed: None,
        stale: None,
        back: None,
    }
}

fn pack(name: &str, shipped: bool, known: bool) -> JudgedBy {
    let pack = IndexPack { name: name.into(), sha256: Digest::of(b"x"), shipped, version: "1.2.0".into() };
    JudgedBy { pack, known }
}

fn ladder(devices: Vec<DeviceRungs>) -> Ladder {
    Ladder {
        site: "example-west".into(),
        commit: "3e90d77aaaaaaaa".into(),
        judged_at: "2026-03-09T14:10:00Z".into(),
        packs: vec![pack("nport-6000-g2", true, true), pack("fleet", true, false), pack("ours", false, false)],
        listed: devices.len(),
        devices,
        proved: Some("the signature of ci@example".into()),
        ..Ladder::fallen(RungAnswer::Holds("ci@example".into()))
    }
}

/// Whose a pack is says its digest, not what the build says of it.
#[test]
fn a_pack_is_shipped_by_its_digest() {
    let text = verify(&ladder(vec![device_rungs("np07")]), &View::default());
    let rules =
        "rules   nport-6000-g2 1.2.0   fleet 1.2.0 (not as this program brings it)   ours 1.2.0 (the site's own)\n";
    assert!(text.contains(rules), "{text}");
    let digests = |name: &str| text.matches(&format!("        {name}: SHA-256 ")).count();
    assert_eq!((digests("nport-6000-g2"), digests("fleet"), digests("ours")), (0, 1, 1));
}

#[test]
fn what_is_worst_decides() {
    let good = ladder(vec![device_rungs("np07"), device_rungs("sw04")]);
    assert_eq!(good.ending(), Ending::Holds);
    let with = |change: fn(&mut Ladder)| {
        let mut ladder = good.clone();
        change(&mut ladder);
        ladder.ending()
    };
    assert_eq!(with(|l| l.proved = None), Ending::Refused);
    assert_eq!(with(|l| l.devices.clear()), Ending::Refused);
    assert_eq!(with(|l| l.strangers.push("images/x.flk".into())), Ending::Refused);
    assert_eq!(with(|l| l.page = RungAnswer::Failed("another".into())), Ending::Refused);
    assert_eq!(with(|l| l.clock = Some("behind".into())), Ending::Refused);
    assert_eq!(with(|l| l.devices[1].stale = Some("ended".into())), Ending::Refused);
    assert_eq!(with(|l| l.devices[0].source = RungAnswer::Differs("x".into())), Ending::Differs);
    assert_eq!(with(|l| l.devices[0].source = RungAnswer::Unreadable("x".into())), Ending::Unreadable);
    // nobody vouches for it: that is more than a difference
    let nobodys = |l: &mut Ladder| (l.proved, l.devices[0].source) = (None, RungAnswer::Differs("x".into()));
    assert_eq!(with(nobodys), Ending::Refused);
    let both = |l: &mut Ladder| {
        l.devices[0].source = RungAnswer::Differs("x".into());
        l.devices[1].whole = RungAnswer::Failed("x".into());
    };
    assert_eq!(with(both), Ending::Refused);
    assert_eq!(Ladder::fallen(RungAnswer::Failed("x".into())).ending(), Ending::Refused);
}

/// A passphrase proves images. What is typed from rests on a signature, or on the source.
#[test]
fn sheets_that_nobody_vouches_for_are_told_last() {
    let mut unsigned = ladder(vec![device_rungs("np07"), device_rungs("sw04")]);
    let last = |ladder: &Ladder| plain(ladder).lines().last().unwrap().to_owned();
    assert_eq!(last(&unsigned), "all that was asked holds");
    unsigned.signed = RungAnswer::Open("nobody is trusted here yet".into());
    for device_rungs in &mut unsigned.devices {
        (device_rungs.opened, device_rungs.content) = (true, RungAnswer::Holds("opened".into()));
    }
    assert_eq!((unsigned.ending(), last(&unsigned)), (Ending::Holds, SHEETS.to_owned()));
    assert!(document(&unsigned).contains("\"sheets_vouched_for\": false"));
    unsigned.devices[0].sheet = true;
    assert_eq!(last(&unsigned), SHEETS);
    unsigned.devices[1].sheet = true;
    assert_eq!(last(&unsigned), "all that was asked holds");
}

#[test]
fn tables_of_keys_that_are_not_as_built_are_told_by_what_they_say() {
    let mut devices: Vec<DeviceRungs> = (0..12).map(|n| device_rungs(&format!("np{n:02}"))).collect();
    for (n, device_rungs) in devices.iter_mut().enumerate() {
        device_rungs.rekeyed = (n != 3).then(|| "a passphrase".to_owned());
    }
    (devices[11].rekeyed, devices[11].opened) = (Some("a passphrase, recipients".into()), true);
    let told = tables(&ladder(devices));
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("np00, np01, np02, np04") && told[0].contains("and 2 more; rekeyed, granted, or broken"));
    assert!(told[1].ends_with("np11; somebody who could open it changed who can; it says: a passphrase, recipients"));
}

#[test]
fn one_device_and_many() {
    let one = verify(&ladder(vec![device_rungs("np07")]), &View::default());
    assert!(one.contains("np07   revision 17   image 91c0-77ab-e2f4"), "{one}");
    assert!(one.contains(" 1 the file is whole                                    yes   as it was built\n"), "{one}");
    let mut many: Vec<DeviceRungs> = (0..20).map(|n| device_rungs(&format!("np{n:02}"))).collect();
    for (n, device_rungs) in many[..10].iter_mut().enumerate() {
        device_rungs.whole = RungAnswer::Failed(format!("damaged at {n}"));
        device_rungs.source = RungAnswer::Unreadable("no commit that git could find".into());
    }
    let note = markdown(&ladder(many.clone()));
    assert!(
        note.lines().count() < 60 && note.contains("| 1 | the files are whole | **NO** | np00: damaged at 0 |"),
        "{note}"
    );
    let many = verify(&ladder(many), &View::default());
    assert!(many.contains("10 of 20") && many.contains("np00: damaged at 0") && many.contains("and 2 more"), "{many}");
    assert!(many.contains("UNREADABLE   10 of 20: no commit that git could find"), "{many}");
    assert!(many.lines().all(|l| width(l) <= 110), "{many}");
}

#[test]
fn what_is_not_checked_is_told_by_its_reasons() {
    let mut devices: Vec<DeviceRungs> = (0..3).map(|n| device_rungs(&format!("np{n:02}"))).collect();
    devices[1].applied = RungAnswer::Open("receipt R-91c077ab, 4 rows left".to_owned());
    let told = plain(&ladder(devices));
    for why in ["2 of 3: no receipt of it is here", "1 of 3: receipt R-91c077ab, 4 rows left"] {
        assert!(told.contains(&format!("not checked ({why})")), "{told}");
    }
}

#[test]
fn hostile_names_stay_text() {
    let mut harmless = None;
    for evil in std::iter::once("x".to_owned()).chain(escape::hostile().into_iter().filter(|text| !text.is_empty())) {
        let mut ladder = ladder(vec![device_rungs(&evil), device_rungs("sw04")]);
        ladder.devices[0].whole = RungAnswer::Failed(evil.clone());
        ladder.devices[0].stale = Some(evil.clone());
        ladder.page = RungAnswer::Failed(evil.clone());
        (ladder.site, ladder.signed) = (evil.clone(), RungAnswer::Failed(evil.clone()));
        (ladder.strangers, ladder.clock, ladder.proved) = (vec![evil.clone()], Some(evil.clone()), Some(evil));
        let page = crate::report::page::verified(&ladder);
        for text in
            [verify(&ladder, &View::default()), plain(&ladder), document(&ladder), markdown(&ladder), page.clone()]
        {
            assert!(!text.chars().any(|c| escape::acts(c) && c != '\n'), "{text:?}");
        }
        let tags = |page: &str| page.matches('<').count();
        assert_eq!(tags(&page), *harmless.get_or_insert(tags(&page)), "{page}");
    }
}

fn document(ladder: &Ladder) -> String {
    text(&Verified::of(ladder, "1"))
}
