//! What a build makes of the one before: images stay only where they prove to be what would be sealed now, revisions
//! count on, and each index names the one before.

use fieldlock::finding::{Finding, Severity};
use fieldlock::image::{Derivations, Digest, inspect};
use fieldlock::pipeline::{Before, BuildError, Built};
use fieldlock::report::{FailOn, Outcome, Report};
use fieldlock::secret::SecretValue;
use fieldlock::site::files::Root;
use fieldlock::site::secrets::{SecretSource, collect};

use crate::common::plot::{DEVICES, Plot, fresh, identities, index, own_pack, revisions, sealed};
use crate::common::{self, With, build_with, copy, files, passphrase};
use crate::generate;

/// M1: what an image holds says nothing of the run, so that it can stay.
#[test]
fn an_unchanged_site_rewrites_nothing() {
    let plot = Plot::new();
    assert_eq!(sealed(&plot.build()), DEVICES);
    let before = identities(&plot.out());
    // another day, another process: the salt comes from the images
    let derivations = Derivations::new();
    let report = plot.build_as(|with| {
        (with.now, with.fresh_salt) = ("2026-11-22T18:00:00Z".parse().unwrap(), [8; 16]);
        with.derivations = &derivations;
    });
    assert_eq!(fresh(&report), Vec::<&str>::new());
    assert_eq!(sealed(&report), Vec::<&str>::new());
    let after = identities(&plot.out());
    assert_eq!(before, after);
    assert_eq!(derivations.runs(), 1);
}

/// Two certificates of one name keep apart, one that nothing names any more goes, and what is no certificate never
/// comes.
#[test]
fn d4_certificates_come_along_and_keys_do_not() {
    let plot = Plot::new();
    let genuine = std::fs::read(plot.site().join("certs/ot-ca.pem")).unwrap();
    let other = [b"of the historian\n", &genuine[..]].concat();
    plot.put("new/OT-CA.pem", &other);
    let (old, new) = ("command-port=966 secure=\"encrypted-authenticated\" ca=\"certs/ot-ca.pem\"", "new/OT-CA.pem");
    plot.edit("devices/np07.kdl", old, &old.replace("certs/ot-ca.pem", new));
    plot.build();
    let certs = || -> Vec<(String, Vec<u8>)> {
        files(&plot.out()).into_iter().filter(|(name, _)| name.starts_with("certs/np07/")).collect()
    };
    let named = |name: &str, bytes: &[u8]| (format!("certs/np07/{name}"), bytes.to_vec());
    // the device's own comes along, the authority that it goes back to does not
    let own = std::fs::read(plot.site().join("certs/np07.pem")).unwrap();
    let own = || named("np07.pem", &own);
    assert_eq!(certs(), [named("OT-CA-2.pem", &other), own(), named("ot-ca.pem", &genuine)]);
    let sheet = std::fs::read_to_string(plot.out().join("sheets/np07.sheet.md")).unwrap();
    assert!(["`certs/np07/ot-ca.pem`", "`certs/np07/OT-CA-2.pem`"].iter().all(|name| sheet.contains(name)), "{sheet}");
    plot.edit("devices/np07.kdl", new, "certs/ot-ca.pem");
    plot.build();
    assert_eq!(certs(), [own(), named("ot-ca.pem", &genuine)]);

    for label in ["PRIVATE KEY", "X509 CRL"] {
        let block = format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
        plot.put("certs/ot-ca.pem", &[&genuine[..], block.as_bytes()].concat());
        for keep_going in [false, true] {
            let built = plot.try_build(&plot.out(), |with| with.keep_going = keep_going);
            let found = match &built {
                Ok(built) => built.report.findings.iter().any(|f| f.code == "image.certificate" && f.path.is_some()),
                Err(BuildError::Failing(_)) => true,
                Err(error) => panic!("{error}"),
            };
            assert!(found, "{label}");
            assert_eq!(certs(), [own(), named("ot-ca.pem", &genuine)], "{label}");
        }
    }
}

/// A flag may ask for more than the site does: what fails the run is not built.
#[test]
fn what_fails_the_run_is_not_built() {
    let plot = Plot::new();
    plot.edit("profiles/nport-baseline.kdl", "port=6514 tls=on ca=\"certs/ot-ca.pem\"", "port=514 tls=off");
    let build = |severity, keep_going| {
        let fail_on = FailOn { severity, ..FailOn::default() };
        plot.try_build(&plot.out(), |with| (with.fail_on, with.keep_going) = (fail_on, keep_going)).unwrap()
    };
    let built = build(Severity::Medium, false);
    assert!(!built.wrote && built.report.outcome() == Outcome::Fails, "{:?}", built.report.findings);
    assert!(!plot.out().exists(), "not even begun");
    let built = build(Severity::Medium, true);
    assert_eq!((built.wrote, sealed(&built.report)), (true, vec!["np02", "ps7-router", "sw04"]));
    let built = build(Severity::High, false);
    assert!(built.wrote && built.report.outcome() == Outcome::Clean);
    assert_eq!(sealed(&built.report), ["np07"]);
    // a flag never loosens what the site asks for: the report says what the run ends with
    plot.edit("devices/sw04.kdl", "services {", "services { telnet on;");
    let built = build(Severity::Critical, false);
    assert_eq!((built.wrote, built.report.outcome()), (false, Outcome::Fails));
}

/// What fails is not built, and what was built of it before is not lost: its image stays where a verified list names
/// it, and nothing is built where none does. Its revision counts on.
#[test]
fn a_device_that_fails_loses_neither_its_image_nor_its_revision() {
    let (plot, Some(ci)) = (Plot::new(), common::signer::Signer::new("ci@example")) else { return };
    let sign: &fieldlock::pipeline::Sign<'_> = &|index| ci.sign(index);
    let build = |severity, signers| {
        plot.try_build(&plot.out(), |with| {
            (with.sign, with.signers, with.keep_going) = (Some(sign), signers, true);
            with.fail_on = FailOn { severity, ..FailOn::default() };
        })
    };
    build(Severity::High, Some(&ci.allowed)).unwrap();
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    build(Severity::High, Some(&ci.allowed)).unwrap();
    let old = plot.index();
    assert_eq!(old.image("sw04").unwrap().revision, 2);

    let device = "devices/sw04.kdl";
    let good = std::fs::read(plot.site().join(device)).unwrap();
    for (what, from, to, severity) in [
        ("a rule", "services {", "services { telnet on;", Severity::High),
        ("a flag", "identity {", "asset { location \"moved\" }\n    identity {", Severity::Info),
        ("a slip", "identity {", "identiti { }\n    identity {", Severity::High),
    ] {
        plot.edit(device, from, to);
        let before = files(&plot.out());
        let lost = build(severity, None);
        let names = match &lost {
            Err(BuildError::Failing(names)) => names.join(" "),
            Ok(built) => format!("wrote {}: {:?}", built.wrote, built.report.findings.first()),
            Err(other) => format!("{other:?}"),
        };
        assert!(names.contains("sw04"), "{what}: {names}");
        assert!(before == files(&plot.out()), "{what}");
        let kept = build(severity, Some(&ci.allowed)).unwrap();
        assert!(kept.wrote && !sealed(&kept.report).contains(&"sw04"), "{what}: {:?}", kept.report.findings);
        assert_eq!(plot.index().image("sw04"), old.image("sw04"), "{what}");
        let left: Vec<(&str, u64)> = kept.report.left.iter().map(|left| (&*left.device, left.revision)).collect();
        assert_eq!(left, [("sw04", 2)], "{what}");
        let page = std::fs::read_to_string(plot.out().join("review.md")).unwrap();
        assert!(page.contains("## Not built, left as it was\n\n`sw04` (revision 2)"), "{what}: {page}");
        plot.put(device, &good);
    }
    // in a build that nobody signs the passphrase vouches for it, and no other does
    let beside = plot.dir.path().join("beside");
    let unsigned = |passphrase: Option<&str>| {
        plot.try_build(&beside, |with| {
            with.keep_going = true;
            with.passphrase = passphrase.map_or_else(common::own_passphrase, common::passphrase);
        })
    };
    unsigned(None).unwrap();
    plot.edit(device, "services {", "services { telnet on;");
    assert!(matches!(unsigned(Some("another passphrase than before")), Err(BuildError::Failing(_))));
    assert_eq!(unsigned(None).unwrap().report.left.len(), 1);
    plot.put(device, &good);
    // a file of which nothing can be read could be any device's
    for (from, to) in [("identity {", "identity {{"), ("device \"sw04\"", "device")] {
        plot.edit(device, from, to);
        build(Severity::High, Some(&ci.allowed)).unwrap();
        assert_eq!(plot.index().image("sw04"), old.image("sw04"), "{from}");
        plot.put(device, &good);
    }
    plot.put("../secrets/sw04/ot-admin", b"A-third-6-value-of-it!\n");
    build(Severity::High, Some(&ci.allowed)).unwrap();
    assert_eq!(plot.index().image("sw04").unwrap().revision, 3);
}

/// One derivation for a fleet, and none of its files is touched by the second build.
#[test]
fn a_fleet_takes_one_derivation_and_a_second_build_rewrites_none_of_it() {
    const COUNT: usize = 150;
    let dir = tempfile::tempdir().unwrap();
    let (site, out) = (dir.path().join("site"), dir.path().join("out"));
    std::fs::create_dir(&site).unwrap();
    generate::fleet(&site, COUNT, generate::Purpose::Build);
    let build = |at: &str, fresh_salt: u8, derivations: &Derivations| {
        let ready = common::ready(&site, None);
        let map = SecretValue::new(generate::secrets(COUNT).into_bytes());
        let root = Root::open(&site).unwrap();
        let secrets = collect(&root, &ready.site, &ready.site.devices, SecretSource::Json(&map)).secrets;
        let mut with = With::of(&ready);
        (with.now, with.derivations) = (at.parse().unwrap(), derivations);
        with.fresh_salt = [fresh_salt; 16];
        let built = build_with(&ready, &secrets, &out, &with).unwrap();
        assert!(built.wrote, "{:?}", built.report.findings.first());
        assert_eq!(derivations.runs(), 1);
        built.report
    };
    assert_eq!(sealed(&build("2026-11-01T12:00:00Z", 7, &Derivations::new())).len(), COUNT);
    let before = identities(&out);
    assert_eq!(fresh(&build("2026-11-01T13:00:00Z", 8, &Derivations::new())), Vec::<&str>::new());
    assert_eq!(identities(&out), before);
    assert_eq!(before.keys().filter(|name| name.starts_with("images/")).count(), COUNT);
}

/// A waiver is in the core: an image that stands on one that was renewed is another image, of the same content.
#[test]
fn a_renewed_waiver_seals_its_device_anew() {
    let plot = Plot::new();
    let waiver = |until: &str| {
        let text = format!(
            "waiver \"W-2026-007\" {{\n    rule \"MX-SES-002\"\n    device \"sw04\" setting=\"login.lockout.after\" \
             value=\"6\"\n    from \"2026-01-05\"; until \"{until}\"\n    reason \"shared panel\"; risk \"more guesses\"\n    \
             instead \"locked cabinet\"\n    ticket \"CHG-4102\"\n    owner \"ot-lead\"; approver \"ot-security\"\n}}\n"
        );
        plot.put("waivers/W-2026-007.kdl", text.as_bytes());
    };
    plot.edit("devices/sw04.kdl", "identity {", "login { lockout on after=6 for=\"15 min\" }\n    identity {");
    waiver("2026-12-01");
    plot.build();
    let ends = |device: &str| inspect(&plot.image(device)).unwrap().core.unwrap().not_after;
    assert_eq!((&*ends("sw04"), &*ends("np02")), ("2026-12-02T00:00:00Z", ""));
    let review = inspect(&plot.image("sw04")).unwrap().core.unwrap().review;
    waiver("2026-12-31");
    assert_eq!(sealed(&plot.build()), ["sw04"]);
    assert_eq!(ends("sw04"), "2027-01-01T00:00:00Z");
    assert_eq!(inspect(&plot.image("sw04")).unwrap().core.unwrap().review, review);
    assert_eq!(plot.index().image("sw04").unwrap().revision, 2);
    // what has ended still tells its revision
    let late = plot.try_build(&plot.out(), |with| with.now = "2027-01-02T12:00:00Z".parse().unwrap()).unwrap();
    assert!(!late.wrote);
}

/// M3: waivers are judged by the clock. Neither an old commit nor a clock that is set back makes them good again; what
/// can't be told of a clock is told by what it has not reached.
#[test]
fn m3_an_ended_waiver_stays_ended_whatever_commit_and_clock_say() {
    let plot = Plot::new();
    plot.edit("devices/sw04.kdl", "identity {", "login { lockout on after=6 for=\"15 min\" }\n    identity {");
    let text = "waiver \"W-1\" {\n    rule \"MX-SES-002\"\n    device \"sw04\" setting=\"login.lockout.after\" value=\"6\"\n    \
                from \"2026-01-05\"; until \"2026-12-01\"\n    reason \"shared panel\"; risk \"more guesses\"\n    \
                instead \"locked cabinet\"\n    ticket \"CHG-4102\"\n    owner \"ot-lead\"; approver \"ot-security\"\n}\n";
    plot.put("waivers/W-1.kdl", text.as_bytes());
    let at = |now: &str, commit: &'static str, keep_going| {
        let now = now.parse().unwrap();
        let change = |with: &mut With<'static>| {
            (with.now, with.commit, with.commit_time, with.keep_going) = (now, "3e90d77", commit, keep_going);
        };
        plot.try_build(&plot.out(), change).unwrap()
    };
    let codes = |built: &Built| built.report.findings.iter().map(|f| f.code.to_string()).collect::<Vec<_>>();
    // an old commit, and a new one
    for commit in ["2026-11-01T08:00:00Z", "2027-01-01T08:00:00Z"] {
        let late = at("2027-01-02T12:00:00Z", commit, false);
        assert!(!late.wrote && late.report.outcome() == Outcome::Fails, "{:?}", codes(&late));
    }
    for keep_going in [false, true] {
        let back = at("2026-11-22T12:00:00Z", "2027-01-01T08:00:00Z", keep_going);
        assert!(!back.wrote && codes(&back).contains(&"site.clock".to_owned()), "{:?}", codes(&back));
        assert!(!plot.out().join("index.json").exists());
    }
    assert!(at("2026-11-22T12:00:00Z", "2026-11-23T08:00:00Z", false).wrote, "a day apart is no lie");
    let before = files(&plot.out());
    // no newer commit, but a build that was later
    let earlier = at("2026-11-20T12:00:00Z", "2026-11-19T08:00:00Z", true);
    assert!(!earlier.wrote && codes(&earlier).contains(&"site.clock".to_owned()), "{:?}", codes(&earlier));
    assert!(files(&plot.out()) == before);
}

/// Each group has a passphrase of its own; one that changes leaves the other group's images alone.
#[test]
fn groups_are_kept_apart() {
    let plot = Plot::new();
    plot.edit(
        "site.kdl",
        "station \"eng-01\"",
        "group \"cabinet\" { devices \"np07\" \"sw04\" }\n    station \"eng-01\"",
    );
    plot.build();
    let group = |device: &str| inspect(&plot.image(device)).unwrap().core.unwrap().group;
    assert_eq!(["np02", "np07", "sw04"].map(group), ["pump-station", "cabinet", "cabinet"]);
    let of_cabinet = || ("cabinet", passphrase("the cabinet's own passphrase"));
    assert_eq!(sealed(&plot.build_as(|with| with.of_group = Some(of_cabinet()))), ["np07", "sw04"]);
    assert_eq!(sealed(&plot.build_as(|with| with.of_group = Some(of_cabinet()))), Vec::<&str>::new());
    // an image of the other group's passphrase is not ours
    std::fs::copy(plot.image_path("np02"), plot.image_path("sw04")).unwrap();
    assert_eq!(sealed(&plot.build_as(|with| with.of_group = Some(of_cabinet()))), ["sw04"]);
}

/// What changed is sealed with the next revision; the others keep file and revision, and the index names the one
/// before.
#[test]
fn a_changed_device_is_sealed_anew_and_the_others_stay() {
    let plot = Plot::new();
    plot.build();
    let (before, old) = (identities(&plot.out()), std::fs::read(plot.out().join("index.json")).unwrap());
    plot.edit("devices/np07.kdl", "use \"nport-baseline\"", "use \"nport-baseline\" // said otherwise");
    assert_eq!(sealed(&plot.build()), Vec::<&str>::new(), "a comment is nothing that is sealed");
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    let report = plot.build();
    assert_eq!(sealed(&report), ["sw04"]);
    assert_eq!(revisions(&plot.index()), [("np02", 1), ("np07", 1), ("ps7-router", 1), ("sw04", 2)]);
    assert_eq!(plot.index().previous, Digest::of(&old).to_string());
    let after = identities(&plot.out());
    for (name, identity) in &before {
        // the sheet says which revision it is of, and the public file names the sheet
        let stays = !matches!(
            &**name,
            "index.json" | "review.md" | "review.html" | "images/sw04.flk" | "public/sw04.public.json"
        ) && !name.starts_with("sheets/sw04.sheet.");
        assert_eq!(after.get(name) == Some(identity), stays, "{name}");
    }
}

/// H1: whoever can write where earlier builds are kept gets nothing into an index that is signed.
#[test]
fn h1_files_of_somebody_else_are_sealed_anew_and_never_kept() {
    let plot = Plot::new();
    plot.build();
    let genuine = plot.image("np02");
    let known = plot.index();
    let twisted = |at: usize, repair: bool| {
        let mut bytes = genuine.clone();
        bytes[at] ^= 1;
        if repair {
            let end = bytes.len() - 32;
            let check = Digest::of(&bytes[..end]);
            bytes[end..].copy_from_slice(check.as_bytes());
        }
        bytes
    };
    // sealed by somebody with another passphrase, with the same content and public files
    let other = Plot::new();
    other.build_as(|with| with.passphrase = passphrase("somebody else's, of the same length"));
    let forged = [
        ("damaged", twisted(5_000, false)),
        ("another core", twisted(40, true)),
        ("another payload", twisted(5_000, true)),
        ("another device's", plot.image("np07")),
        ("somebody else's", other.image("np02")),
        ("empty", Vec::new()),
        ("cut short", genuine[..genuine.len() - 1].to_vec()),
        ("longer", [&genuine[..], b"x"].concat()),
    ];
    let mut revision = 1;
    for (what, bytes) in forged {
        std::fs::write(plot.image_path("np02"), &bytes).unwrap();
        let report = plot.build();
        revision += 1;
        assert_eq!(sealed(&report), ["np02"], "{what}");
        let entry = plot.index().image("np02").unwrap().clone();
        let image = plot.image("np02");
        assert_eq!((entry.revision, entry.file), (revision, Digest::of(&image)), "{what}");
        assert!(image != bytes, "{what}");
        let told = report.findings.iter().any(|f| f.code == "image.replaced" && f.device.as_deref() == Some("np02"));
        assert!(told && report.outcome().code() == 0, "{what}");
        assert_eq!(plot.index().image("sw04"), known.image("sw04"), "{what}");
    }
    std::fs::remove_file(plot.image_path("np02")).unwrap();
    assert_eq!(sealed(&plot.build()), ["np02"]);
}

/// A genuine image of an earlier build, put back: it opens, and it is not the one that the index names.
#[test]
fn an_image_of_an_earlier_build_is_not_kept() {
    let plot = Plot::new();
    plot.build();
    let first = plot.image("sw04");
    let value = std::fs::read(plot.dir.path().join("secrets/sw04/ot-admin")).unwrap();
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    plot.build();
    plot.put("../secrets/sw04/ot-admin", &value);
    std::fs::write(plot.image_path("sw04"), &first).unwrap();
    assert_eq!(sealed(&plot.build()), ["sw04"]);
    assert_eq!(plot.index().image("sw04").unwrap().revision, 3);
}

/// M7: two builds from one index give equal revisions with other content. Each names the index before, and the digests
/// differ, which is what a laptop that saw one of them refuses the other by.
#[test]
fn m7_two_builds_from_one_index_give_equal_revisions_and_other_digests() {
    let plot = Plot::new();
    plot.build();
    let before = Digest::of(&std::fs::read(plot.out().join("index.json")).unwrap()).to_string();
    let last = plot.out();
    let fork = |name: &str, secret: &[u8]| {
        plot.put("../secrets/sw04/ot-admin", secret);
        let out = plot.dir.path().join(name);
        let built = plot.try_build(&out, |with| with.before = Before::Folder(&last)).unwrap();
        assert_eq!(sealed(&built.report), ["sw04"]);
        index(&out)
    };
    let (one, two) = (fork("one", b"Another-4-value-of-it!\n"), fork("two", b"Yet-another-5-value!\n"));
    assert_eq!((&one.previous, &two.previous), (&before, &before));
    let (one, two) = (one.image("sw04").unwrap(), two.image("sw04").unwrap());
    assert_eq!((one.revision, two.revision), (2, 2));
    assert!(one.image != two.image);
}

#[test]
fn another_passphrase_seals_everything_anew_with_another_salt() {
    let plot = Plot::new();
    plot.build();
    let salt = |bytes: &[u8]| format!("{:?}", inspect(bytes).unwrap().slots[0].params);
    let old = salt(&plot.image("np02"));
    let report = plot.build_as(|with| {
        (with.passphrase, with.fresh_salt) = (passphrase("another passphrase than before"), [8; 16]);
    });
    assert_eq!(sealed(&report), DEVICES);
    assert!(plot.index().images.iter().all(|i| i.revision == 2));
    assert!(!report.findings.iter().any(|f| f.code == "image.replaced"));
    assert!(report.findings.iter().any(|f| f.code == "image.passphrase"), "{:?}", report.findings);
    let shared: Vec<String> = DEVICES.iter().map(|d| salt(&plot.image(d))).collect();
    assert!(shared.iter().all(|s| *s == shared[0]));
    assert!(old != shared[0], "a salt belongs to one passphrase");
}

#[test]
fn a_device_that_is_gone_takes_its_image_with_it() {
    let plot = Plot::new();
    plot.build();
    std::fs::remove_file(plot.site().join("devices/sw04.kdl")).unwrap();
    assert_eq!(sealed(&plot.build()), Vec::<&str>::new());
    assert_eq!(plot.index().images.len(), 3);
    assert!(!files(&plot.out()).iter().any(|(name, _)| name.contains("sw04")));
}

/// The list of images is the same, and the index says the new commit.
#[test]
fn another_commit_gives_another_index_over_the_same_images() {
    let plot = Plot::new();
    plot.build_as(|with| with.commit = "3e90d77");
    let old = plot.index();
    std::fs::write(plot.out().join("index.json.sig"), "not one of ours").unwrap();
    let report = plot.build_as(|with| with.commit = "8c1f2ab");
    assert_eq!(fresh(&report), ["index.json", "review.md", "review.html"]);
    let new = plot.index();
    assert_eq!((&*new.commit, &new.images), ("8c1f2ab", &old.images));
    assert!(!new.previous.is_empty());
}

#[test]
fn files_beside_the_images_are_mended_without_a_new_image() {
    let plot = Plot::new();
    plot.build();
    plot.build();
    let before = files(&plot.out());
    for name in ["public/np02.public.json", "redacted/np02.redacted.ini", "sheets/np02.sheet.md", "review.md"] {
        std::fs::write(plot.out().join(name), "something else").unwrap();
        assert_eq!(fresh(&plot.build()), [name]);
    }
    assert!(before == files(&plot.out()));
}

#[test]
fn numbering_begins_anew_only_when_asked() {
    let plot = Plot::new();
    plot.build();
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    plot.build();
    std::fs::write(plot.out().join("index.json"), "{}").unwrap();
    assert!(matches!(plot.try_build(&plot.out(), |_| {}), Err(BuildError::Previous(_))));
    let large = std::fs::File::create(plot.out().join("index.json")).unwrap();
    large.set_len(fieldlock::ledger::index::MAX_INDEX_LEN as u64 + 1).unwrap();
    assert!(matches!(plot.try_build(&plot.out(), |_| {}), Err(BuildError::Previous(_))));
    let report = plot.build_as(|with| with.before = Before::Nothing);
    assert_eq!(sealed(&report), DEVICES);
    assert!(plot.index().images.iter().all(|i| i.revision == 1) && plot.index().previous.is_empty());

    std::fs::remove_file(plot.out().join("index.json")).unwrap();
    assert!(matches!(plot.try_build(&plot.out(), |_| {}), Err(BuildError::Previous(_))));
    plot.build_as(|with| with.before = Before::Nothing);

    let nowhere = plot.dir.path().join("nowhere");
    let missing = plot.try_build(&plot.out(), |with| with.before = Before::Folder(&nowhere));
    assert!(matches!(missing, Err(BuildError::Previous(_))));
    plot.edit("site.kdl", "pump-station", "other-station");
    assert!(matches!(plot.try_build(&plot.out(), |_| {}), Err(BuildError::OtherSite(name)) if name == "pump-station"));
}

/// Whoever can write the list of the build before can bring numbering to its end, and no further.
#[test]
fn where_no_revision_is_left_nothing_is_sealed() {
    let plot = Plot::new();
    plot.build();
    let index = plot.out().join("index.json");
    let text = std::fs::read_to_string(&index).unwrap();
    let last = format!("\"revision\":{}", u32::MAX);
    let raised = text.replace("\"revision\": 1", &last).replace("\"revision\":1", &last);
    assert_ne!(text, raised);
    std::fs::write(&index, raised).unwrap();
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    let built = plot.try_build(&plot.out(), |_| {}).unwrap();
    let told = |f: &&fieldlock::finding::Finding| f.code == "image.revision" && f.device.as_deref() == Some("sw04");
    assert!(!built.wrote && built.report.findings.iter().find(told).is_some(), "{:?}", built.report.findings);
}

/// An index that names a lower revision than an image that opens is forged, or lost: the image counts.
#[test]
fn an_image_that_opens_raises_the_count() {
    let plot = Plot::new();
    plot.build();
    let first = std::fs::read(plot.out().join("index.json")).unwrap();
    for secret in ["Another-4-value-of-it!", "Yet-another-5-value!"] {
        plot.put("../secrets/sw04/ot-admin", secret.as_bytes());
        plot.build();
    }
    std::fs::write(plot.out().join("index.json"), first).unwrap();
    assert_eq!(sealed(&plot.build()), ["sw04"]);
    assert_eq!(plot.index().image("sw04").unwrap().revision, 4);
}

/// A build of some devices leaves the others as they are, where their files prove themselves.
#[test]
fn a_build_of_some_devices_carries_the_others_over() {
    let plot = Plot::new();
    plot.build();
    let (before, old) = (identities(&plot.out()), plot.index());
    plot.put("../secrets/np07/ot-lead", b"Another-4-value-of-it!\n");
    let some = |with: &mut With<'_>| with.devices = &|device| &*device.name == "np07";
    assert_eq!(sealed(&plot.build_as(some)), ["np07"]);
    let new = plot.index();
    for device in DEVICES {
        assert_eq!(new.image(device) == old.image(device), device != "np07", "{device}");
    }
    let after = identities(&plot.out());
    assert_eq!(before.len(), after.len());
    for (name, identity) in before.iter().filter(|(name, _)| name.contains("sw04") || name.contains("np02")) {
        assert_eq!(after.get(name), Some(identity), "{name}");
    }
    // into another folder as well
    let (last, other) = (plot.out(), plot.dir.path().join("other"));
    let built = plot.try_build(&other, |with| {
        some(with);
        with.before = Before::Folder(&last);
    });
    assert!(built.unwrap().wrote);
    assert_eq!(index(&other).images, new.images);
    assert_eq!(std::fs::read(other.join("images/sw04.flk")).unwrap(), plot.image("sw04"));

    let lost = |what: &str, wanted: &[&str]| {
        let refused = plot.try_build(&plot.out(), some);
        assert!(matches!(refused, Err(BuildError::Partial(lost)) if lost == wanted), "{what}");
    };
    for name in ["images/sw04.flk", "public/sw04.public.json", "redacted/sw04.redacted.sheet", "sheets/sw04.sheet.md"] {
        let path = plot.out().join(name);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&bytes[..], b"x"].concat()).unwrap();
        if name == "images/sw04.flk" {
            lost(name, &["sw04"]);
            std::fs::write(&path, bytes).unwrap();
        } else {
            // what follows from the source is made again
            plot.build_as(some);
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}");
        }
    }
    // what is left out is judged and compared like all others
    let secret = plot.dir.path().join("secrets/sw04/ot-admin");
    let before = std::fs::read(&secret).unwrap();
    plot.put("../secrets/sw04/ot-admin", b"Another-5-value-of-it!\n");
    lost("another secret", &["sw04"]);
    plot.put("../secrets/sw04/ot-admin", &before);
    let begun_anew = plot.try_build(&plot.out(), |with| {
        some(with);
        with.before = Before::Nothing;
    });
    assert!(matches!(begun_anew, Err(BuildError::Partial(lost)) if lost == ["np02", "ps7-router", "sw04"]));
}

/// H1: the whole folder of an earlier build, genuine in every file, put back by whoever can write there. A build of one
/// device would put the old password of another into a new list, and its signer would vouch for it.
#[test]
fn h1_an_earlier_build_put_back_gets_into_no_new_list() {
    let plot = Plot::new();
    plot.build();
    let last = plot.dir.path().join("last");
    common::copy(&plot.out(), &last);
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    assert_eq!(sealed(&plot.build()), ["sw04"]);
    common::copy(&last, &plot.out());
    let some = |with: &mut With<'_>| with.devices = &|device| &*device.name == "np07";
    let refused = plot.try_build(&plot.out(), some);
    assert!(matches!(refused, Err(BuildError::Partial(lost)) if lost == ["sw04"]));
    // everything: what is old is sealed anew
    assert_eq!(sealed(&plot.build()), ["sw04"]);
}

/// A build that somebody threw away was seen all the same: what is built now counts on from there, unless numbering is
/// begun anew; and a device that went is told.
#[test]
fn revisions_count_on_from_what_this_computer_saw() {
    let plot = Plot::new();
    plot.build();
    let mut memory = fieldlock::ledger::SeenRevisions::default();
    let core = inspect(&plot.image("sw04")).unwrap().core.unwrap();
    let seen = fieldlock::image::Core { revision: 7, ..core };
    let sighting = fieldlock::ledger::seen::Sighting::of(&seen, Digest::of(b"thrown away"));
    assert_eq!(memory.remember(&sighting, None), Ok(true));
    assert_eq!(sealed(&plot.build_as(|with| with.seen = Some(&memory))), Vec::<&str>::new());
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    plot.build_as(|with| with.seen = Some(&memory));
    assert_eq!(plot.index().image("sw04").unwrap().revision, 8);
    std::fs::remove_dir_all(plot.out()).unwrap();
    plot.build_as(|with| with.seen = Some(&memory));
    assert_eq!(revisions(&plot.index()), [("np02", 1), ("np07", 1), ("ps7-router", 1), ("sw04", 8)]);
    plot.build_as(|with| (with.seen, with.before) = (Some(&memory), Before::Nothing));
    assert_eq!(plot.index().image("sw04").unwrap().revision, 1);
    std::fs::remove_file(plot.site().join("devices/np02.kdl")).unwrap();
    let gone: Vec<(String, u64)> = plot.build().gone.into_iter().map(|gone| (gone.device, gone.revision)).collect();
    assert_eq!(gone, [("np02".to_owned(), 1)]);
    let page = std::fs::read_to_string(plot.out().join("review.md")).unwrap();
    assert!(page.contains("## GONE: no longer in the site\n\n`np02` (revision 1)"), "{page}");
}

/// Reviewers see what a change makes of a text that was built before, whatever was read from the device; and where
/// nothing proves what the image before held, that is said.
#[test]
fn a_review_tells_what_changed_since_the_image_before() {
    let (plot, Some(ci)) = (Plot::new(), common::signer::Signer::new("ci@example")) else { return };
    let sign: &fieldlock::pipeline::Sign<'_> = &|index| ci.sign(index);
    let page = || std::fs::read_to_string(plot.out().join("review.md")).unwrap();
    let since = |report: &Report| {
        let since = report.device("np07").and_then(|d| d.image.as_ref()).unwrap().since.clone();
        since.map(|since| (since.revision, since.lines.added, since.lines.removed))
    };
    assert_eq!(since(&plot.build()), None);
    assert!(!page().contains("Against the image before:"));
    let to = |from: &str, to: &str| plot.edit("profiles/nport-baseline.kdl", from, to);
    to("lockout on after=3", "lockout on after=2");
    let report = plot.build_as(|with| with.sign = Some(sign));
    assert_eq!(since(&report), Some((1, 1, 1)));
    for line in ["1 line new, 1 gone since revision 1", "threshold\t3\n", "threshold\t2\n"] {
        assert!(page().replace("    ", "\t").contains(line), "{line:?}: {}", page());
    }
    let decided = page();
    let again = plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    assert_eq!(since(&again), None);
    assert_eq!(page(), decided, "built again it stays");
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    plot.build_as(|with| with.sign = Some(sign));
    assert!(page().contains("The image of revision 2 stays: nothing that it holds would be another."));

    // nobody has the passphrase that it was sealed with: a signed list vouches for the text, nothing else does
    to("lockout on after=2", "lockout on after=3");
    let other = || passphrase("another passphrase than before");
    copy(&plot.out(), &plot.dir.path().join("aside"));
    let aside = plot.dir.path().join("aside");
    let report = plot.build_as(|with| {
        (with.sign, with.signers, with.passphrase) = (Some(sign), Some(&ci.allowed), other());
    });
    assert_eq!(since(&report), Some((2, 1, 1)));
    let unproved = plot.try_build(&plot.dir.path().join("new"), |with| {
        (with.before, with.passphrase) = (Before::Folder(&aside), other());
    });
    assert_eq!(since(&unproved.unwrap().report), None);
    let told = std::fs::read_to_string(plot.dir.path().join("new/review.md")).unwrap();
    assert!(told.contains("nothing proves what that one held"), "{told}");
}

/// Who changes the rules decides what all else on the page is worth.
#[test]
fn a_change_of_the_rules_is_told_first() {
    let plot = Plot::new();
    own_pack(&plot.site(), "ours", "ours", "OURS-SES-001");
    plot.edit("site.kdl", "packs \"nport", "packs \"ours\" \"nport");
    plot.build();
    let page = || std::fs::read_to_string(plot.out().join("review.md")).unwrap();
    assert!(page().contains("There is no build before this one.") && !page().contains("touches the rules"));
    let list = Digest::of(&std::fs::read(plot.out().join("index.json")).unwrap()).to_string();
    plot.edit("packs/ours/OURS-SES-001.kdl", "24 h", "23 h");
    plot.build();
    let decided = page();
    let behind_title = decided.split_once("\n\n").unwrap().1;
    let first = "**This change also touches the rules:**\n\n- pack `ours` has another text\n";
    assert!(behind_title.starts_with(first), "{decided}");
    assert!(decided.contains(&format!("Follows the build whose list is `{}-", &list[..4])), "{list}: {decided}");
    plot.build();
    assert_eq!(page(), decided, "built again it stays");
}

/// The list names the page that was decided on. It stays with the list where a build makes nothing anew, and says what
/// a new reading of a device makes of it.
#[test]
fn the_list_names_its_page_and_a_build_of_nothing_new_leaves_both() {
    let plot = Plot::new();
    let page = || std::fs::read_to_string(plot.out().join("review.md")).unwrap();
    let named = || {
        let html = std::fs::read_to_string(plot.out().join("review.html")).unwrap();
        assert_eq!(html, fieldlock::report::page::board(&page()));
        let digests = (plot.index().page, plot.index().page_html);
        assert_eq!(digests, (Digest::of(page().as_bytes()), Some(Digest::of(html.as_bytes()))));
    };
    plot.build();
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    plot.build();
    named();
    assert!(page().contains("Against the image before:"), "{}", page());
    let before = identities(&plot.out());
    assert_eq!(fresh(&plot.build()), Vec::<&str>::new());
    let later = |with: &mut With<'_>| with.now = "2026-11-23T12:00:00Z".parse().unwrap();
    assert_eq!(fresh(&plot.build_as(later)), Vec::<&str>::new());
    let some = |with: &mut With<'_>| with.devices = &|device| &*device.name == "np07";
    assert_eq!(fresh(&plot.build_as(some)), Vec::<&str>::new());
    assert!(before == identities(&plot.out()));

    // no image is another for it
    plot.edit("captures/np02.kdl", "by=\"ot-lead\"", "by=\"ot-security\"");
    let told = plot.build();
    assert_eq!((sealed(&told), fresh(&told)), (vec![], vec!["index.json", "review.md", "review.html"]));
    assert!(page().contains("read by `ot-security`"), "{}", page());
    named();

    // a page that was changed is none to decide on
    std::fs::write(plot.out().join("review.md"), page().replace("ot-security", "ot-lead")).unwrap();
    let told = plot.build();
    assert!(fresh(&told).contains(&"review.md"), "{:?}", fresh(&told));
    assert!(page().contains("read by `ot-security`"));
    named();
}

/// The passphrase that a build seals with is looked for in what everybody may read, as the values of its secrets are.
#[test]
fn c4_a_passphrase_in_a_public_file_stops_the_build() {
    let plot = Plot::new();
    plot.edit("devices/np07.kdl", "pump station, cabinet 1", "weir sluice penstock tailrace");
    let built = plot.try_build(&plot.out(), |_| {}).unwrap();
    let found: Vec<&Finding> = built.report.findings.iter().filter(|f| f.code == "image.secret-in-public").collect();
    let [finding] = &found[..] else { panic!("{:?}", built.report.findings) };
    assert!(finding.message.starts_with("the passphrase of the group `pump-station` would stand in `"), "{finding:?}");
    assert!(finding.help.as_deref().unwrap().contains("devices/np07.kdl"), "{finding:?}");
    assert!(!built.wrote && !plot.out().join("index.json").exists());
}

/// Reviewers see that a secret changed, by its fingerprint, and not what it is. A build that would take that away from
/// them is refused.
#[test]
fn secrets_are_compared_by_fingerprints_and_fingerprints_are_not_dropped() {
    let plot = Plot::new();
    let counts = |report: &Report, device: &str| {
        let count = report.device(device).and_then(|d| d.image.as_ref()).unwrap().secrets;
        assert_eq!(count.sealed, 2);
        (count.new, count.changed, count.unchanged, count.cannot_compare)
    };
    let page = || std::fs::read_to_string(plot.out().join("review.md")).unwrap();
    let set = |value: &str| plot.put("../secrets/sw04/ot-admin", value.as_bytes());

    assert_eq!(counts(&plot.build(), "sw04"), (2, 0, 0, 0));
    set("Another-4-value-of-it!\n");
    assert_eq!(counts(&plot.build(), "sw04"), (0, 0, 0, 2));
    assert!(page().contains("2 in the image; against the image before: 2 can't be compared"));

    // with a key every text changes, and is reviewed again
    plot.put("../secrets/site/fingerprint-key", "5c".repeat(32).as_bytes());
    let report = plot.build();
    assert_eq!((sealed(&report).len(), counts(&report, "sw04")), (4, (0, 0, 0, 2)));
    set("Yet-another-5-value!\n");
    let report = plot.build();
    assert_eq!((sealed(&report), counts(&report, "sw04")), (vec!["sw04"], (0, 1, 1, 0)));
    assert!(page().contains("2 in the image; against the image before: 1 changed, 1 unchanged"), "{}", page());
    let structure = plot.index().image("sw04").unwrap().structure;
    assert_eq!(counts(&plot.build(), "sw04"), (0, 0, 2, 0));

    // another passphrase: what was sealed before can't be opened, and nothing proves its text
    let other = || passphrase("another passphrase than before");
    assert_eq!(counts(&plot.build_as(|with| with.passphrase = other()), "sw04"), (0, 0, 0, 2));
    plot.build();

    let key = plot.dir.path().join("secrets/site/fingerprint-key");
    std::fs::remove_file(&key).unwrap();
    let before = files(&plot.out());
    for with_other in [false, true] {
        let change = |with: &mut With<'_>| {
            if with_other {
                with.passphrase = other()
            }
        };
        let dropped = plot.try_build(&plot.out(), change).unwrap();
        let found: Vec<&str> =
            dropped.report.findings.iter().map(|f| &*f.code).filter(|c| c.contains("finger")).collect();
        assert_eq!((dropped.wrote, found.len()), (false, 4), "{found:?}");
        assert!(before == files(&plot.out()));
    }
    // the texts still tell where the images are gone, or are no longer those that the list names
    for device in DEVICES {
        std::fs::write(plot.image_path(device), plot.image("np02")).unwrap();
    }
    std::fs::remove_file(plot.image_path("np02")).unwrap();
    let dropped = plot.try_build(&plot.out(), |_| {}).unwrap();
    let lost = dropped.report.findings.iter().filter(|f| f.code == "image.fingerprints").count();
    assert_eq!((dropped.wrote, lost), (false, 4));
    for (name, bytes) in before.iter().filter(|(name, _)| name.starts_with("images/")) {
        std::fs::write(plot.out().join(name), bytes).unwrap();
    }
    // another key: all texts change, none of them can be compared, and that is allowed
    plot.put("../secrets/site/fingerprint-key", "a7".repeat(32).as_bytes());
    assert_eq!(counts(&plot.build(), "sw04"), (0, 0, 0, 2));
    assert_eq!(plot.index().image("sw04").unwrap().structure, structure);
    let begun_anew = plot.build_as(|with| with.before = Before::Nothing);
    assert_eq!(counts(&begun_anew, "sw04"), (2, 0, 0, 0));
}
