//! What a build's folder proves, and to whom: every rung of `verify`, with a clock of ours, and what was tried against
//! it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use fieldlock::image::{Expected, Holder, KdfCeiling, KdfParams, Origin, Passphrase, Unlock, open, rekey};
use fieldlock::ledger::seen::{Reason, SeenRevisions};
use fieldlock::ledger::signature::AllowedSigners;
use fieldlock::pipeline::Sign;
use fieldlock::pipeline::verify::{
    DeviceFiles, ListingProblem, Source, SourceSite, Task, Values, Verified, listing, verify,
};
use fieldlock::report::View;
use fieldlock::report::verify::{self as report, Ending, Rung, RungAnswer};
use fieldlock::secret::Secrets;
use fieldlock::site::files::Root;

use crate::common::plot::{Plot, forge_sheet};
use crate::common::signer::Signer;
use crate::common::{self, DERIVATIONS, copy, files, now, own_passphrase, passphrase, ready, secrets};

/// How somebody looks at a folder.
#[derive(Clone, Copy)]
struct Look<'a> {
    folder: &'a Path,
    signers: Option<&'a AllowedSigners>,
    passphrase: Option<&'a Passphrase>,
    site: Option<&'a Plot>,
    rebuild: bool,
    memory: &'a SeenRevisions,
    rollback: bool,
    now: jiff::Timestamp,
    device: Option<&'a str>,
    between: Option<&'a (dyn Fn() + Sync)>,
    take: Option<&'a (dyn Fn(&DeviceFiles) + Sync)>,
}

impl<'a> Look<'a> {
    fn at(folder: &'a Path, memory: &'a SeenRevisions) -> Look<'a> {
        Look {
            folder,
            signers: None,
            passphrase: None,
            site: None,
            rebuild: false,
            memory,
            rollback: false,
            now: now(),
            device: None,
            between: None,
            take: None,
        }
    }

    fn read(self) -> Result<Verified, ListingProblem> {
        let folder = Root::open(self.folder).unwrap();
        let listing = listing(&folder, self.signers, self.now)?;
        let (loaded, values, judgement);
        let source = match self.site {
            None => Source::Absent("nobody asked".to_owned()),
            Some(plot) => {
                loaded = ready(&plot.site(), None);
                values = match self.rebuild {
                    true => secrets(&plot.site(), &loaded, Some(&plot.dir.path().join("secrets"))),
                    false => Secrets::Placeholder,
                };
                judgement = loaded.judge(&values, listing.index.judged_at.parse().unwrap());
                Source::Here(Box::new(SourceSite::new(
                    &loaded,
                    &judgement,
                    (&values, Values::Own),
                    &listing.index,
                    "the site".into(),
                )))
            }
        };
        let unlock = |_: &str| Some(Unlock::Passphrase { passphrase: self.passphrase?, derivations: &DERIVATIONS });
        Ok(verify(&Task {
            folder: &folder,
            listing: &listing,
            devices: &|name| self.device.is_none_or(|device| device == name),
            source: &source,
            unlock: &unlock,
            rebuild: self.rebuild,
            seen: self.memory,
            rollback: self.rollback,
            now: self.now,
            ceiling: KdfCeiling(u32::MAX),
            progress: self.between,
            take: self.take.map(|take| move |_: &_, files: &_| take(files)).as_ref().map(|take| take as _),
        }))
    }

    fn ending(self) -> Ending {
        self.read().unwrap().ladder.ending()
    }

    fn said(self, rung: Rung, device: &str) -> RungAnswer {
        let ladder = self.read().unwrap().ladder;
        let device_rungs = ladder.devices.iter().find(|d| d.device == device).unwrap();
        ladder.said(rung, device_rungs).clone()
    }
}

/// A signed build, and whose signature it is.
fn signed() -> Option<(Plot, Signer)> {
    let (plot, ci) = (Plot::new(), Signer::new("ci@example")?);
    let sign: &Sign<'_> = &|index| ci.sign(index);
    plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    Some((plot, ci))
}

#[test]
fn a_signed_build_holds_on_every_rung() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory, words) = (plot.out(), SeenRevisions::default(), own_passphrase());
    let look = Look { signers: Some(&ci.allowed), ..Look::at(&out, &memory) };
    let verified = look.read().unwrap();
    assert_eq!(verified.ladder.ending(), Ending::Holds);
    assert_eq!(verified.sightings.len(), 4);
    for device_rungs in &verified.ladder.devices {
        assert!(device_rungs.whole.holds() && device_rungs.reviewed.holds(), "{device_rungs:?}");
        assert!(
            matches!((&device_rungs.source, &device_rungs.content), (RungAnswer::Open(_), RungAnswer::Open(_))),
            "{device_rungs:?}"
        );
    }
    let with_source = Look { site: Some(&plot), ..look };
    assert!(with_source.read().unwrap().ladder.devices.iter().all(|c| c.source.holds()));
    let all = Look { passphrase: Some(&words), rebuild: true, ..with_source };
    let ladder = all.read().unwrap().ladder;
    assert_eq!(ladder.ending(), Ending::Holds, "{ladder:?}");
    assert!(ladder.devices.iter().all(|c| c.source.holds() && c.content.holds()), "{ladder:?}");
    // another group's, or a slip: that accuses nobody
    let wrong = passphrase("not the one that it is");
    let ladder = Look { passphrase: Some(&wrong), ..look }.read().unwrap().ladder;
    assert_eq!((ladder.ending(), ladder.falls()), (Ending::Unreadable, false));
    assert!(
        ladder.proved.is_some() && report::plain(&ladder).contains("origin  proved by the signature of ci@example")
    );
}

#[test]
fn without_a_signer_the_passphrase_proves_the_images_and_nothing_else_does() {
    let (plot, memory, words) = (Plot::new(), SeenRevisions::default(), own_passphrase());
    plot.build();
    let out = plot.out();
    let look = Look::at(&out, &memory);
    let ladder = look.read().unwrap().ladder;
    assert_eq!((ladder.ending(), ladder.proved), (Ending::Refused, None));
    let opened = Look { passphrase: Some(&words), ..look };
    let ladder = opened.read().unwrap().ladder;
    assert_eq!(ladder.ending(), Ending::Holds);
    assert!(ladder.proved.as_ref().unwrap().contains("passphrase"));
    // whoever can write there can write another sheet, and list it
    forge_sheet(&out, "np07", "`6514`", "`6515`");
    let last = |look: Look<'_>| report::plain(&look.read().unwrap().ladder).lines().last().unwrap().to_owned();
    assert!(last(opened).starts_with("the images hold; nobody vouches for the sheets"), "{}", last(opened));
    // the source does
    let with_source = Look { site: Some(&plot), ..opened };
    assert_eq!(with_source.ending(), Ending::Differs);
    plot.build();
    assert_eq!(last(with_source), "all that was asked holds");
    // and that somebody with the passphrase sealed it stays proved where it can't be compared
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    let ladder = Look { rebuild: true, ..with_source }.read().unwrap().ladder;
    assert_eq!((ladder.ending(), ladder.proved.is_some()), (Ending::Differs, true), "{ladder:?}");
}

/// What is uploaded to a device lies beside its sheet, under the name that the sheet gives, and nothing else does.
#[test]
fn d4_certificates_are_vouched_for_and_none_lies_beside_them() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory) = (plot.out(), SeenRevisions::default());
    let look = Look { signers: Some(&ci.allowed), ..Look::at(&out, &memory) };
    let (name, bytes) = ("certs/np07/ot-ca.pem", std::fs::read(plot.site().join("certs/ot-ca.pem")).unwrap());
    assert_eq!(std::fs::read(out.join(name)).unwrap(), bytes);
    let sheet = std::fs::read_to_string(out.join("sheets/np07.sheet.md")).unwrap();
    let row = format!("the file `{name}`, SHA-256 `{}`", fieldlock::image::Digest::of(&bytes));
    assert_eq!((sheet.matches(&row).count(), sheet.contains("`certs/ot-ca.pem`")), (1, false), "{sheet}");

    let said = |words: &str| {
        let said = look.said(Rung::Whole, "np07");
        assert!(matches!(&said, RungAnswer::Failed(why) if why.contains(words)), "{words}: {said:?}");
        assert_eq!(look.ending(), Ending::Refused);
    };
    std::fs::write(out.join(name), [&bytes[..], b"\n"].concat()).unwrap();
    said("`certs/np07/ot-ca.pem` is not the one that `public/np07.public.json` names: upload it nowhere");
    std::fs::remove_file(out.join(name)).unwrap();
    said("`certs/np07/ot-ca.pem` is not here");
    std::fs::write(out.join(name), &bytes).unwrap();
    for other in ["certs/np07/new-ca.pem", "certs/np07/sub/ot-ca.pem", "certs/np07/ot-ca.CRT", "certs/np07/a.der"] {
        std::fs::create_dir_all(out.join(other).parent().unwrap()).unwrap();
        std::fs::write(out.join(other), &bytes).unwrap();
        said(&format!("`{other}` is none that `public/np07.public.json` names"));
        std::fs::remove_file(out.join(other)).unwrap();
    }
    assert_eq!(look.ending(), Ending::Holds);
}

/// Where nobody signed, whoever has the source finds a certificate that a public file and a list were made to fit.
#[test]
fn d4_a_forged_certificate_is_not_the_sources() {
    let plot = Plot::new();
    plot.build();
    let (out, memory, words) = (plot.out(), SeenRevisions::default(), own_passphrase());
    let look = Look { passphrase: Some(&words), site: Some(&plot), ..Look::at(&out, &memory) };
    assert_eq!(look.ending(), Ending::Holds);
    let digest = |bytes: &[u8]| fieldlock::image::Digest::of(bytes).to_string();
    let change = |name: &str, from: &[u8], to: &[u8]| {
        let old = std::fs::read_to_string(out.join(name)).unwrap();
        let new = old.replacen(&digest(from), &digest(to), 1);
        assert_ne!(old, new);
        std::fs::write(out.join(name), &new).unwrap();
        (old.into_bytes(), new.into_bytes())
    };
    let genuine = std::fs::read(out.join("certs/np07/ot-ca.pem")).unwrap();
    let forged = [&genuine[..], &genuine[..]].concat();
    std::fs::write(out.join("certs/np07/ot-ca.pem"), &forged).unwrap();
    let (old, new) = change("public/np07.public.json", &genuine, &forged);
    change("index.json", &old, &new);
    assert!(look.said(Rung::Whole, "np07").holds());
    let said = look.said(Rung::Source, "np07");
    assert!(matches!(&said, RungAnswer::Differs(why) if why.contains("`certs/np07/ot-ca.pem` is another")), "{said:?}");
}

/// C2: what lies on the stick says nothing on whom to trust.
#[test]
fn c2_a_stick_that_brings_its_own_signers_is_not_believed() {
    let (Some((plot, ci)), Some(thief)) = (signed(), Signer::new("ci@example")) else { return };
    let (out, memory) = (plot.out(), SeenRevisions::default());
    let index = std::fs::read(out.join("index.json")).unwrap();
    std::fs::write(out.join("index.json.sig"), thief.sign(&index).unwrap()).unwrap();
    for name in ["allowed_signers", "config/fieldlock/allowed_signers", "../allowed_signers"] {
        let path = out.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(thief.file(), path).unwrap();
    }
    let look = Look { signers: Some(&ci.allowed), ..Look::at(&out, &memory) };
    assert!(matches!(look.read(), Err(ListingProblem::Signature(_))));
    assert_eq!(Look::at(&out, &memory).ending(), Ending::Refused, "nobody is trusted: nothing is proved");
}

/// M5: taking the signature or the index away is no way back to believing anybody.
#[test]
fn m5_where_signers_are_trusted_an_index_without_a_signature_is_refused() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory, words) = (plot.out(), SeenRevisions::default(), own_passphrase());
    let look = Look { signers: Some(&ci.allowed), passphrase: Some(&words), ..Look::at(&out, &memory) };
    let sig = std::fs::read(out.join("index.json.sig")).unwrap();
    std::fs::remove_file(out.join("index.json.sig")).unwrap();
    assert_eq!(look.read().err(), Some(ListingProblem::NoSignature));
    std::fs::write(out.join("index.json.sig"), &sig).unwrap();
    assert_eq!(look.ending(), Ending::Holds);
    let index = std::fs::read(out.join("index.json")).unwrap();
    std::fs::write(out.join("index.json"), [&index[..], b"\n"].concat()).unwrap();
    assert!(matches!(look.read(), Err(ListingProblem::Signature(_))));
    std::fs::remove_file(out.join("index.json")).unwrap();
    assert_eq!(look.read().err(), Some(ListingProblem::NoIndex));
}

/// A signature counts by the clock, never by the time of the build.
#[test]
fn m3_a_signer_whose_time_is_over_is_refused_whenever_the_build_was() {
    let Some(ci) = Signer::allowed("ci@example", ",valid-before=\"20261201Z\"") else { return };
    let (plot, memory) = (Plot::new(), SeenRevisions::default());
    let sign: &Sign<'_> = &|index| ci.sign(index);
    plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    let out = plot.out();
    let look = Look { signers: Some(&ci.allowed), ..Look::at(&out, &memory) };
    assert_eq!(look.ending(), Ending::Holds);
    let late = Look { now: "2026-12-02T00:00:00Z".parse().unwrap(), ..look };
    assert!(matches!(late.read(), Err(ListingProblem::Signature(_))));
    // a clock that is set back makes ended things good again: told, and refused
    let back = Look { now: "2026-11-20T12:00:00Z".parse().unwrap(), ..look }.read().unwrap().ladder;
    assert!(back.clock.is_some());
    assert_eq!(back.ending(), Ending::Refused);
}

/// The commit of a build tells of a clock too, where the build itself was made with a wrong one.
#[test]
fn m3_a_clock_before_the_commit_is_told_though_the_build_was_before_it_too() {
    let Some(ci) = Signer::new("ci@example") else { return };
    let (plot, memory) = (Plot::new(), SeenRevisions::default());
    let sign: &Sign<'_> = &|index| ci.sign(index);
    plot.build_as(|with| {
        (with.sign, with.signers) = (Some(sign), Some(&ci.allowed));
        (with.commit, with.commit_time) = ("3e90d77", "2026-11-23T11:00:00Z");
    });
    let out = plot.out();
    let look = Look { signers: Some(&ci.allowed), ..Look::at(&out, &memory) };
    let at = |now: &str| Look { now: now.parse().unwrap(), ..look }.read().unwrap().ladder;
    assert_eq!((at("2026-11-22T11:30:00Z").clock, at("2026-11-22T11:30:00Z").ending()), (None, Ending::Holds));
    let back = at("2026-11-22T10:30:00Z");
    assert!(back.clock.is_some() && back.ending() == Ending::Refused, "{back:?}");
}

/// One bit of any file, and the rung that finds it.
#[test]
fn every_file_counts() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory) = (plot.out(), SeenRevisions::default());
    let look = Look { signers: Some(&ci.allowed), site: Some(&plot), ..Look::at(&out, &memory) };
    let mut tried = 0;
    for (name, bytes) in files(&out) {
        if ["index.json", "index.json.sig", ".gitignore", ".gitattributes"].contains(&&*name) {
            continue;
        }
        let path = out.join(&name);
        let mut other = bytes.clone();
        let at = other.len() / 2;
        other[at] ^= 1;
        std::fs::write(&path, &other).unwrap();
        // whoever has no source finds it too
        for look in [look, Look { site: None, ..look }] {
            assert_eq!(look.ending(), Ending::Refused, "{name}");
        }
        std::fs::remove_file(&path).unwrap();
        // a bundle has no page, and is whole
        let gone = if name.starts_with("review.") { Ending::Holds } else { Ending::Refused };
        assert_eq!(look.ending(), gone, "{name} is gone");
        std::fs::write(&path, &bytes).unwrap();
        tried += 1;
    }
    assert!(tried >= 16);
    assert_eq!(look.ending(), Ending::Holds);
}

#[test]
fn a_device_that_is_not_here_is_told_and_one_that_nobody_listed_is_refused() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory) = (plot.out(), SeenRevisions::default());
    let look = Look { signers: Some(&ci.allowed), ..Look::at(&out, &memory) };
    for (name, _) in files(&out).iter().filter(|(name, _)| name.contains("/sw04.")) {
        std::fs::remove_file(out.join(name)).unwrap();
    }
    let ladder = look.read().unwrap().ladder;
    assert_eq!((ladder.devices.len(), ladder.listed, ladder.ending()), (3, 4, Ending::Holds));
    for name in [
        "images/np99.flk",
        "redacted/np99.redacted.sheet",
        "public/np99.public.json",
        "sheets/np99.sheet.md",
        "certs/np99/ot-ca.pem",
        "certs/ot-ca.cer",
        "images/sub/np07.flk",
    ] {
        let path = out.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(plot.image_path("np07"), &path).unwrap();
        let ladder = look.read().unwrap().ladder;
        assert_eq!((ladder.ending(), &ladder.strangers[..]), (Ending::Refused, &[name.to_owned()][..]));
        std::fs::remove_file(path).unwrap();
    }
}

/// H8: the reviewed text is the one that is sealed, file by file.
#[test]
fn h8_another_redacted_text_is_not_the_reviewed_one() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory, words) = (plot.out(), SeenRevisions::default(), own_passphrase());
    let look = Look { signers: Some(&ci.allowed), device: Some("ps7-router"), ..Look::at(&out, &memory) };
    assert!(look.said(Rung::Reviewed, "ps7-router").holds());
    let (cli, sheet) = (out.join("redacted/ps7-router.redacted.cli"), out.join("redacted/ps7-router.redacted.sheet"));
    let texts = [&cli, &sheet].map(|path| std::fs::read_to_string(path).unwrap());
    // the same bytes, one line further: the joint digest stays
    let end = texts[0].trim_end().rfind('\n').unwrap() + 1;
    let (left, moved) = texts[0].split_at(end);
    std::fs::write(&cli, left).unwrap();
    std::fs::write(&sheet, format!("{moved}{}", texts[1])).unwrap();
    assert!(matches!(look.said(Rung::Reviewed, "ps7-router"), RungAnswer::Failed(_)));
    // and by whoever opens it
    let opened = Look { passphrase: Some(&words), ..look };
    assert!(matches!(opened.said(Rung::Content, "ps7-router"), RungAnswer::Failed(_)));
    std::fs::write(&cli, texts.concat()).unwrap();
    std::fs::remove_file(&sheet).unwrap();
    assert!(matches!(look.said(Rung::Reviewed, "ps7-router"), RungAnswer::Failed(_)));
    std::fs::write(&cli, &texts[0]).unwrap();
    std::fs::write(&sheet, &texts[1]).unwrap();
    assert!(opened.said(Rung::Content, "ps7-router").holds());
}

/// H13: same device names, same passphrase, same signer, another site.
#[test]
fn h13_an_image_of_another_site_is_not_this_sites() {
    let Some((plot, ci)) = signed() else { return };
    let other = Plot::new();
    other.edit("site.kdl", "site \"pump-station\"", "site \"other-station\"");
    let sign: &Sign<'_> = &|index| ci.sign(index);
    other.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    let (out, memory, words) = (plot.out(), SeenRevisions::default(), own_passphrase());
    for folder in ["images", "redacted", "public"] {
        for (name, bytes) in files(&other.out().join(folder)) {
            std::fs::write(out.join(folder).join(name), bytes).unwrap();
        }
    }
    let look = Look { signers: Some(&ci.allowed), passphrase: Some(&words), ..Look::at(&out, &memory) };
    assert!(matches!(look.said(Rung::Whole, "np07"), RungAnswer::Failed(_)));
    // the whole of the other folder, with its own signature: it is not what this site's source gives
    let theirs = other.out();
    let look = Look { site: Some(&plot), ..Look { folder: &theirs, ..look } };
    assert!(matches!(look.said(Rung::Source, "np07"), RungAnswer::Differs(_)));
    assert_eq!(look.ending(), Ending::Differs);
}

/// M7 and rollback: what this laptop saw counts.
#[test]
fn m7_an_older_image_and_another_of_the_same_revision_are_refused() {
    let Some((plot, ci)) = signed() else { return };
    let (out, mut memory) = (plot.out(), SeenRevisions::default());
    let first = plot.dir.path().join("first");
    copy(&out, &first);
    let sign: &Sign<'_> = &|index| ci.sign(index);
    let next = |value: &[u8], to: &Path| {
        plot.put("../secrets/sw04/ot-admin", value);
        common::copy_build(&first, to);
        plot.try_build(to, |with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed))).unwrap();
    };
    let (one, two) = (plot.dir.path().join("one"), plot.dir.path().join("two"));
    next(b"Another-4-value-of-it!\n", &one);
    next(b"Another-5-value-of-it!\n", &two);
    let seen = Look { signers: Some(&ci.allowed), ..Look::at(&one, &memory) }.read().unwrap();
    for sighting in &seen.sightings {
        assert_eq!(memory.remember(sighting, None), Ok(true));
    }
    let look = Look { signers: Some(&ci.allowed), ..Look::at(&one, &memory) };
    assert_eq!(look.ending(), Ending::Holds, "the same again");
    for (what, folder) in [("older", &first), ("of the same revision", &two)] {
        let look = Look { folder, ..look };
        let ladder = look.read().unwrap().ladder;
        let stale: Vec<&str> = ladder.devices.iter().filter(|d| d.stale.is_some()).map(|d| &*d.device).collect();
        assert_eq!((ladder.ending(), &stale[..]), (Ending::Refused, &["sw04"][..]), "{what}");
        assert_eq!(Look { rollback: true, ..look }.ending(), Ending::Holds, "{what}, and meant");
    }
    let back = Look { folder: &first, rollback: true, ..look }.read().unwrap();
    let reason = Reason { text: "CHG-4471 taken back", at: now() };
    for sighting in &back.sightings {
        memory.remember(sighting, Some(reason)).unwrap();
    }
    assert_eq!(Look { signers: Some(&ci.allowed), ..Look::at(&first, &memory) }.ending(), Ending::Holds);
    // and it is told every time, not only to whoever allowed it
    let ladder = Look { signers: Some(&ci.allowed), ..Look::at(&first, &memory) }.read().unwrap().ladder;
    assert!(
        report::plain(&ladder).contains("OLDER ON PURPOSE  sw04: revision 1 is older"),
        "{}",
        report::plain(&ladder)
    );
    assert_eq!(Look { signers: Some(&ci.allowed), ..Look::at(&two, &memory) }.ending(), Ending::Refused);
}

/// M3: an ended waiver is over for whoever uses the image, and was in force for whoever looks at the build.
#[test]
fn m3_an_ended_waiver_stops_the_image_and_not_the_proof() {
    let (Some(ci), plot) = (Signer::new("ci@example"), Plot::new()) else { return };
    let memory = SeenRevisions::default();
    plot.edit("devices/sw04.kdl", "services {", "services { telnet on purpose=\"a vendor's laptop\";");
    plot.put(
        "waivers/w1.kdl",
        br#"waiver "W-1" {
            rule "MX-SVC-002" "OT-NET-016"
            device "sw04" setting="services.telnet" value="on"
            from "2026-11-01"; until "2026-11-30"
            reason "a vendor's laptop"; risk "read on the wire"; instead "a cable of its own"
            ticket "CHG-1"; owner "ot-lead"; approver "ot-security"
        }"#,
    );
    let sign: &Sign<'_> = &|index| ci.sign(index);
    let built = plot.try_build(&plot.out(), |with| with.sign = Some(sign)).unwrap();
    let open: Vec<String> =
        built.report.findings.iter().map(|f| format!("{} {} {:?}", f.code, f.message, f.status)).collect();
    assert!(built.wrote, "{open:#?}");
    let out = plot.out();
    let look = Look { signers: Some(&ci.allowed), site: Some(&plot), device: Some("sw04"), ..Look::at(&out, &memory) };
    assert_eq!(look.ending(), Ending::Holds);
    let late = Look { now: "2027-01-05T00:00:00Z".parse().unwrap(), ..look };
    let ladder = late.read().unwrap().ladder;
    assert!(ladder.devices[0].stale.is_some() && ladder.devices[0].source.holds(), "{ladder:?}");
    assert_eq!(ladder.ending(), Ending::Refused);
    let words = own_passphrase();
    let proof = Look { rebuild: true, passphrase: Some(&words), ..late }.read().unwrap().ladder;
    assert_eq!(proof.ending(), Ending::Holds, "{proof:?}");
}

/// Rung 4: the source says otherwise.
#[test]
fn what_the_source_does_not_give_differs() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory, words) = (plot.out(), SeenRevisions::default(), own_passphrase());
    let look = Look { signers: Some(&ci.allowed), site: Some(&plot), ..Look::at(&out, &memory) };
    let site = |name: &str| std::fs::read(plot.site().join(name)).unwrap();
    let changes: [(&str, &str, &str); 3] = [
        ("devices/np07.kdl", "serial=\"", "serial=\"X"),
        ("profiles/nport-baseline.kdl", "auto-logout \"", "auto-logout \"1"),
        ("devices/np07.kdl", "device \"np07\"", "device \"np08\""),
    ];
    for (name, from, to) in changes {
        let before = site(name);
        plot.edit(name, from, to);
        let ladder = look.read().unwrap().ladder;
        let device_rungs = ladder.devices.iter().find(|d| d.device == "np07").unwrap();
        assert!(
            matches!(device_rungs.source, RungAnswer::Differs(_) | RungAnswer::Unreadable(_)),
            "{to}: {device_rungs:?}"
        );
        assert!(matches!(ladder.ending(), Ending::Differs | Ending::Unreadable), "{to}");
        plot.put(name, &before);
    }
    let before = site("site.kdl");
    plot.put("site.kdl", b"site \"pump-station\" {\n");
    assert_eq!(look.ending(), Ending::Unreadable);
    plot.put("site.kdl", &before);
    // another secret: the text follows, the content does not
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    let rebuild = Look { rebuild: true, passphrase: Some(&words), device: Some("sw04"), ..look };
    assert!(rebuild.said(Rung::Source, "sw04").holds());
    let said = rebuild.said(Rung::Content, "sw04");
    assert!(matches!(&said, RungAnswer::Differs(text) if !text.contains("Another")), "{said:?}");
    assert_eq!(rebuild.ending(), Ending::Differs);
}

/// Whoever opens an image knows its secrets: none of them stands in what everybody may read, whoever wrote it.
#[test]
fn c4_a_secret_beside_its_image_is_told() {
    let plot = Plot::new();
    plot.build();
    let (out, memory, words) = (plot.out(), SeenRevisions::default(), own_passphrase());
    let value = std::fs::read_to_string(plot.dir.path().join("secrets/sw04/ot-admin")).unwrap();
    let look = Look { passphrase: Some(&words), ..Look::at(&out, &memory) };
    assert!(look.said(Rung::Content, "sw04").holds());
    forge_sheet(&out, "sw04", "Before you begin", &format!("{} Before you begin", value.trim()));
    let RungAnswer::Failed(told) = look.said(Rung::Content, "sw04") else { panic!("not told") };
    assert!(told.starts_with("the value of the secret `sw04/ot-admin` stands in `sheets/sw04.sheet.md`"), "{told}");
    assert!(!told.contains(value.trim()));
    assert_eq!(look.ending(), Ending::Refused);
}

/// Another program may give another text for having other tables: that is said beside the difference.
#[test]
fn other_tables_are_told() {
    let plot = Plot::new();
    plot.build();
    let (out, memory) = (plot.out(), SeenRevisions::default());
    let look = Look { site: Some(&plot), ..Look::at(&out, &memory) };
    let told = |look: Look<'_>| look.said(Rung::Source, "np07").text().to_owned();
    assert!(!told(look).contains("other tables"));
    let index = std::fs::read_to_string(out.join("index.json")).unwrap();
    let other = index.replace(&plot.index().tables.to_string(), &"5c".repeat(32));
    assert_ne!(index, other);
    std::fs::write(out.join("index.json"), other).unwrap();
    assert!(look.said(Rung::Source, "np07").holds() && told(look).contains("; this fieldlock has other tables"));
    plot.edit("profiles/nport-baseline.kdl", "auto-logout \"", "auto-logout \"1");
    assert!(matches!(look.said(Rung::Source, "np07"), RungAnswer::Differs(_)));
    assert!(told(look).contains("; this fieldlock has other tables"), "{}", told(look));
}

/// Each file is read once: what is put in its place afterwards is neither looked at nor handed on.
#[test]
fn what_was_looked_at_is_what_is_taken() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory, words) = (plot.out(), SeenRevisions::default(), own_passphrase());
    let genuine = files(&out);
    let of = |name: &str| genuine.iter().find(|(n, _)| n == name).map(|(_, bytes)| bytes.clone());
    let swap = || {
        for path in files(&out).into_iter().filter(|(name, _)| name.contains("/np07")).map(|(name, _)| out.join(name)) {
            std::fs::write(path, b"put there between the look and the use").unwrap();
        }
    };
    let taken = Mutex::new(Vec::new());
    let look = Look {
        signers: Some(&ci.allowed),
        passphrase: Some(&words),
        device: Some("np07"),
        between: Some(&swap),
        take: Some(&|files| taken.lock().unwrap().push(files.clone())),
        ..Look::at(&out, &memory)
    };
    assert_eq!(look.ending(), Ending::Holds);
    let handed = std::mem::take(&mut *taken.lock().unwrap());
    let [files] = &handed[..] else { panic!("{}", handed.len()) };
    for (name, bytes) in files.named("np07") {
        assert_eq!(Some(bytes.to_vec()), of(&name), "{name}");
    }
    assert_eq!(files.named("np07").len(), 8);
    assert_eq!(Look { between: None, ..look }.ending(), Ending::Refused);
}

/// Another table, the same body: nothing that was signed changes.
#[test]
fn a_rekeyed_image_is_still_the_signed_one() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory, words) = (plot.out(), SeenRevisions::default(), own_passphrase());
    let file = plot.image("np07");
    let unlock = Unlock::Passphrase { passphrase: &words, derivations: &DERIVATIONS };
    let expected = Expected {
        site: None,
        device: None,
        origin: Origin::NoSigners,
        seen: None,
        now: now(),
        ceiling: KdfCeiling(u32::MAX),
    };
    let opened = open(&file, &unlock, &expected).unwrap();
    let new = passphrase("another one, as long as it has to be");
    let key = DERIVATIONS.derive(&new, KdfParams::LEAST, [9; 16], KdfCeiling(u32::MAX)).unwrap();
    let rekeyed = rekey(&file, &opened, &[Holder::Passphrase(&key)]).unwrap();
    std::fs::write(plot.image_path("np07"), &rekeyed.bytes).unwrap();
    let look = Look { signers: Some(&ci.allowed), device: Some("np07"), ..Look::at(&out, &memory) };
    // among others that were not: each page names it
    let ladder = Look { device: None, ..look }.read().unwrap().ladder;
    let pages = [report::verify(&ladder, &View::default()), report::plain(&ladder)];
    for page in pages {
        assert!(
            page.contains("np07; rekeyed, granted, or broken: only opening it tells; it says: a passphrase"),
            "{page}"
        );
    }
    let opened = Look { passphrase: Some(&new), ..look }.read().unwrap().ladder;
    assert!(report::plain(&opened).contains("np07; somebody who could open it changed who can"));
    assert_eq!(look.ending(), Ending::Holds);
    assert!(look.said(Rung::Content, "np07") != Look { passphrase: Some(&new), ..look }.said(Rung::Content, "np07"));
    assert!(Look { passphrase: Some(&new), ..look }.said(Rung::Content, "np07").holds());
    assert!(matches!(Look { passphrase: Some(&words), ..look }.said(Rung::Content, "np07"), RungAnswer::Unreadable(_)));
}

/// A link on a stick is not followed: it could show any file of this computer.
#[cfg(unix)]
#[test]
fn a_link_is_refused() {
    let Some((plot, ci)) = signed() else { return };
    let (out, memory): (PathBuf, _) = (plot.out(), SeenRevisions::default());
    let look = Look { signers: Some(&ci.allowed), ..Look::at(&out, &memory) };
    let (path, kept) = (out.join("images/np07.flk"), plot.dir.path().join("kept.flk"));
    std::fs::rename(&path, &kept).unwrap();
    std::os::unix::fs::symlink(&kept, &path).unwrap();
    assert!(matches!(look.said(Rung::Whole, "np07"), RungAnswer::Failed(text) if text.contains("link")));
    let (path, kept) = (out.join("index.json"), plot.dir.path().join("kept.json"));
    std::fs::rename(&path, &kept).unwrap();
    std::os::unix::fs::symlink(&kept, &path).unwrap();
    assert!(matches!(look.read(), Err(ListingProblem::File(_))));
}
