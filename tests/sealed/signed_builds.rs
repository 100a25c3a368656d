//! Builds that are signed, and builds on top of signed ones. `ssh-keygen` makes the signatures, as it does in life;
//! where it is missing the tests are not run.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;
use std::process::Command;

use fieldlock::image::Digest;
use fieldlock::ledger::signature::{AllowedSigners, SignatureError, verify_index};
use fieldlock::pipeline::{Before, BuildError, Sign};
use fieldlock::report::Signed;

use crate::common::plot::{DEVICES, Plot, fresh, index, revisions, sealed};
use crate::common::signer::Signer;
use crate::common::{self, passphrase};

fn holds(out: &Path, signer: &Signer) -> Result<(), SignatureError> {
    let read = |name: &str| std::fs::read(out.join(name)).unwrap();
    verify_index(&read("index.json"), &read("index.json.sig"), &signer.allowed, common::now()).map(drop)
}

#[test]
fn an_index_is_signed_with_its_build_and_stays_signed_while_nothing_changes() {
    let (plot, Some(ci)) = (Plot::new(), Signer::new("ci@example")) else { return };
    let sign: &Sign<'_> = &|index| ci.sign(index);
    let report = plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    let Some(Signed { signer, key }) = &report.sealing.signed else { panic!("not signed") };
    assert!(signer.as_deref() == Some("ci@example") && key.starts_with("SHA256:"));
    holds(&plot.out(), &ci).unwrap();
    // a signature is made only for what changed
    let never: &Sign<'_> = &|_| panic!("signed again");
    let again = plot.build_as(|with| {
        (with.sign, with.signer, with.signers) = (Some(never), Some(ci.public()), Some(&ci.allowed));
    });
    assert_eq!((fresh(&again), &again.sealing.signed), (vec![], &report.sealing.signed));
    // a key of which nobody knows whose it is signs again, the same
    let again = plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    assert_eq!((fresh(&again), &again.sealing.signed), (vec![], &report.sealing.signed));
    // and one that does not sign is told though nothing changed
    let broken: &Sign<'_> = &|_| None;
    let failed = plot.try_build(&plot.out(), |with| (with.sign, with.signers) = (Some(broken), Some(&ci.allowed)));
    assert!(matches!(failed, Err(BuildError::NotSigned)));
    // whose signature it was can't be told: the list is one of this build, and signed anew
    let report = plot.build_as(|with| with.sign = Some(sign));
    // its page says which list it follows
    assert_eq!(fresh(&report), ["index.json", "index.json.sig", "review.md", "review.html"]);
    assert!(report.sealing.signed.is_some_and(|s| s.signer.is_none()));
    holds(&plot.out(), &ci).unwrap();
}

/// M5: taking the signature away is no way back to believing anybody; nor is an old one beside a new index.
#[test]
fn m5_where_signers_are_trusted_the_build_before_has_to_be_signed() {
    let (plot, Some(ci), Some(other)) = (Plot::new(), Signer::new("ci@example"), Signer::new("other@example")) else {
        return;
    };
    let sign: &Sign<'_> = &|index| ci.sign(index);
    plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    let signature = plot.out().join("index.json.sig");
    let genuine = std::fs::read(&signature).unwrap();

    std::fs::remove_file(&signature).unwrap();
    let stripped = plot.try_build(&plot.out(), |with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    assert!(matches!(stripped, Err(BuildError::PreviousUnsigned)));
    std::fs::write(&signature, &genuine).unwrap();
    let unknown = plot.try_build(&plot.out(), |with| with.signers = Some(&other.allowed));
    assert!(matches!(unknown, Err(BuildError::PreviousForged(SignatureError::Signer { .. }))));

    let list = plot.out().join("index.json");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replacen("\"revision\":1", "\"revision\":7", 1)).unwrap();
    let forged = plot.try_build(&plot.out(), |with| with.signers = Some(&ci.allowed));
    assert!(matches!(forged, Err(BuildError::PreviousForged(SignatureError::Forged { .. }))));
    std::fs::write(&list, &text).unwrap();

    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    // without a key the signed list would be gone, and the next build would believe nobody
    let unsigned = plot.try_build(&plot.out(), |with| with.signers = Some(&ci.allowed));
    assert!(matches!(unsigned, Err(BuildError::Unsigning)));
    assert!(std::fs::read(&signature).unwrap() == genuine, "it is as it was");
    let anew = plot.try_build(&plot.out(), |with| (with.signers, with.before) = (Some(&ci.allowed), Before::Nothing));
    assert!(matches!(anew, Err(BuildError::Unsigning)));
    // a signature that somebody took away was there
    std::fs::remove_file(&signature).unwrap();
    let taken = plot.try_build(&plot.out(), |_| {});
    assert!(matches!(taken, Err(BuildError::Unsigning)));
    std::fs::write(&signature, &genuine).unwrap();
    let report = plot.build_as(|with| {
        (with.sign, with.signers, with.before) = (Some(sign), Some(&ci.allowed), Before::Nothing);
    });
    assert_eq!(sealed(&report), DEVICES);
    holds(&plot.out(), &ci).unwrap();
}

#[test]
fn a_signature_that_nobody_would_believe_ends_the_build() {
    let (plot, Some(ci), Some(other)) = (Plot::new(), Signer::new("ci@example"), Signer::new("other@example")) else {
        return;
    };
    let wrong: [&Sign<'_>; 3] = [&|_| None, &|_| Some(b"no signature".to_vec()), &|index| ci.sign(&index[1..])];
    for sign in wrong {
        let failed = plot.try_build(&plot.out(), |with| with.sign = Some(sign));
        assert!(matches!(failed, Err(BuildError::NotSigned | BuildError::Signature(_))));
    }
    let sign: &Sign<'_> = &|index| ci.sign(index);
    let stranger = plot.try_build(&plot.out(), |with| (with.sign, with.signers) = (Some(sign), Some(&other.allowed)));
    assert!(matches!(stranger, Err(BuildError::Signature(SignatureError::Signer { .. }))));
    assert!(!plot.out().join("index.json").exists());
}

/// A verified list vouches for images that the passphrase at hand doesn't open.
#[test]
fn a_signed_list_carries_over_what_the_passphrase_does_not_open() {
    let (plot, Some(ci)) = (Plot::new(), Signer::new("ci@example")) else { return };
    let sign: &Sign<'_> = &|index| ci.sign(index);
    plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    let old = plot.index();
    let some = |signers, before| {
        plot.try_build(&plot.out(), |with| {
            with.devices = &|device| &*device.name == "np07";
            with.passphrase = passphrase("another passphrase than before");
            (with.sign, with.signers, with.before) = (Some(sign), signers, before);
        })
    };
    assert!(matches!(some(None, Before::Out), Err(BuildError::Partial(lost)) if lost.len() == 3));
    assert!(some(Some(&ci.allowed), Before::Out).unwrap().wrote);
    let new = index(&plot.out());
    assert_eq!(revisions(&new), [("np02", 1), ("np07", 2), ("ps7-router", 1), ("sw04", 1)]);
    assert_eq!(new.image("sw04"), old.image("sw04"));
    assert_eq!(new.previous, Digest::of(&old.to_bytes().unwrap()).to_string());
}

/// A sheet that is carried over is the one that was listed: nobody signs for another.
#[test]
fn a_sheet_that_was_changed_is_not_carried_into_a_signed_list() {
    let (plot, Some(ci)) = (Plot::new(), Signer::new("ci@example")) else { return };
    let sign: &Sign<'_> = &|index| ci.sign(index);
    plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    // the source moved on, so that the sheet is not made again
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    let sheet = plot.out().join("sheets/sw04.sheet.md");
    let genuine = std::fs::read_to_string(&sheet).unwrap();
    let some = || {
        plot.try_build(&plot.out(), |with| {
            with.devices = &|device| &*device.name == "np07";
            (with.sign, with.signers) = (Some(sign), Some(&ci.allowed));
        })
    };
    std::fs::write(&sheet, genuine.replace("ot-admin", "ot-thief")).unwrap();
    assert!(matches!(some(), Err(BuildError::Partial(lost)) if lost == ["sw04"]));
    std::fs::remove_file(&sheet).unwrap();
    assert!(matches!(some(), Err(BuildError::Partial(lost)) if lost == ["sw04"]));
    std::fs::write(&sheet, &genuine).unwrap();
    assert!(some().unwrap().wrote);
}

/// The text that a signed list vouches for is compared though nobody has the passphrase that it was sealed with.
#[test]
fn a_signed_list_lets_secrets_be_compared_without_the_passphrase() {
    let (plot, Some(ci)) = (Plot::new(), Signer::new("ci@example")) else { return };
    let sign: &Sign<'_> = &|index| ci.sign(index);
    plot.put("../secrets/site/fingerprint-key", "5c".repeat(32).as_bytes());
    plot.build_as(|with| (with.sign, with.signers) = (Some(sign), Some(&ci.allowed)));
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    let report = plot.build_as(|with| {
        with.passphrase = passphrase("another passphrase than before");
        (with.sign, with.signers) = (Some(sign), Some(&ci.allowed));
    });
    let count = report.device("sw04").and_then(|d| d.image.as_ref()).unwrap().secrets;
    assert_eq!((count.new, count.changed, count.unchanged, count.cannot_compare), (0, 1, 1, 0));
}

/// The command line: a key by flag, signers by flag or from the person's own folder; what is not authentic is refused
/// with 5, and the folder stays as it is.
#[test]
fn the_build_before_is_believed_as_flags_and_the_own_folder_say() {
    let (plot, Some(ci)) = (Plot::new(), Signer::new("ci@example")) else { return };
    let config = plot.dir.path().join("config/fieldlock");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(plot.dir.path().join("passphrase"), "weir sluice penstock tailrace\n").unwrap();
    let public = std::fs::read_to_string(ci.dir.path().join("key.pub")).unwrap();
    std::fs::write(ci.dir.path().join("signers"), format!("ci@example {public}")).unwrap();
    let build = |more: &[&std::ffi::OsStr]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        common::alone(&mut command).arg("build").arg(plot.site()).env_remove("SSH_AUTH_SOCK");
        if !more.contains(&"--out".as_ref()) {
            command.arg("--out").arg(plot.out());
        }
        command.arg("--secrets").arg(plot.dir.path().join("secrets"));
        command.arg("--passphrase-file").arg(plot.dir.path().join("passphrase")).args(more);
        let output = common::configured(&mut command, config.parent().unwrap()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let (key, signers) = (ci.key(), ci.dir.path().join("signers"));
    let sign = ["--sign-key".as_ref(), key.as_os_str()];
    let trust = ["--allowed-signers".as_ref(), signers.as_os_str()];

    let (code, said) = build(&[sign, trust].concat());
    assert!(code == Some(0) && said.contains("signed  ci@example SHA256:"), "{said}");
    assert!(said.contains("sealed for  pump-station (passphrase, 1 derivation)"), "{said}");
    holds(&plot.out(), &ci).unwrap();
    let (code, said) = build(&trust);
    assert!(code == Some(0) && said.contains("4 unchanged, kept") && said.contains("signed  ci@example"), "{said}");

    // from now on the person trusts this signer, whatever flags say
    std::fs::copy(&signers, config.join("allowed_signers")).unwrap();
    std::fs::remove_file(plot.out().join("index.json.sig")).unwrap();
    let before = common::files(&plot.out());
    let (code, said) = build(&sign);
    assert!(code == Some(5) && said.contains("is not signed") && said.contains("--previous none"), "{said}");
    assert!(said.contains("nothing in the output folder was changed") && before == common::files(&plot.out()));
    let (code, said) = build(&[&sign[..], &["--previous".as_ref(), "none".as_ref()]].concat());
    assert!(code == Some(0) && said.contains("4 new images"), "{said}");

    // a slip in the key's name is told though nothing changed, and a build that forgot it takes no signature away
    let (code, said) = build(&["--sign-key".as_ref(), "nowhere".as_ref()]);
    assert!(code == Some(2) && said.contains("the key to sign with can't be read from `nowhere`"), "{said}");
    plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    let (code, said) = build(&[]);
    assert!(code == Some(5) && said.contains("this one would not be") && said.contains("--sign-key"), "{said}");
    // nor does one that begins anew, or that builds on another folder
    common::copy(&plot.out(), &plot.dir.path().join("last"));
    let last = plot.dir.path().join("last");
    std::fs::remove_file(last.join("index.json.sig")).unwrap();
    let before = common::files(&plot.out());
    for previous in ["none".as_ref(), last.as_os_str()] {
        std::fs::remove_file(config.join("allowed_signers")).unwrap();
        let (code, said) = build(&["--previous".as_ref(), previous]);
        assert!(code == Some(5) && said.contains("this one would not be"), "{said}");
        std::fs::copy(&signers, config.join("allowed_signers")).unwrap();
    }
    assert!(before == common::files(&plot.out()));
    let beside = plot.dir.path().join("beside");
    let (code, said) = build(&["--out".as_ref(), beside.as_os_str()]);
    assert!(code == Some(0) && said.contains("not signed: whoever trusts signers refuses these images"), "{said}");
    let (code, said) = build(&["--sign-key".as_ref(), signers.as_os_str(), "--previous".as_ref(), "none".as_ref()]);
    assert!(code == Some(2) && said.contains("the index was not signed with"), "{said}");
}

/// Signing is handed over while nothing changes: the images stay, and whoever signs now signs a list of this run. What
/// another wrote into the old one, its time or the list before, gets no signature of theirs.
#[test]
fn another_key_signs_a_list_of_its_own() {
    let (plot, Some(ana)) = (Plot::new(), Signer::new("ana@example")) else { return };
    let Some(ben) = Signer::new("ben@example") else { return };
    let both = std::fs::read_to_string(ana.file()).unwrap() + &std::fs::read_to_string(ben.file()).unwrap();
    let (both, _) = AllowedSigners::parse(both.as_bytes());
    let (by_ana, by_ben): (&Sign<'_>, &Sign<'_>) = (&|index| ana.sign(index), &|index| ben.sign(index));
    let build = |sign, of: &Signer| {
        plot.build_as(|with| (with.sign, with.signer, with.signers) = (Some(sign), Some(of.public()), Some(&both)))
    };
    build(by_ana, &ana);
    let list = |name: &str| std::fs::read(plot.out().join(name)).unwrap();
    let text = String::from_utf8(list("index.json")).unwrap();
    let forged = text.replacen("\"judged_at\":\"2026-11-22T12:00:00Z\"", "\"judged_at\":\"2019-01-01T00:00:00Z\"", 1);
    let forged = forged.replacen("\"previous\":\"\"", &format!("\"previous\":\"{}\"", "ab".repeat(32)), 1);
    assert!(forged != text && forged.contains("abab"));
    std::fs::write(plot.out().join("index.json"), &forged).unwrap();
    std::fs::write(plot.out().join("index.json.sig"), ana.sign(forged.as_bytes()).unwrap()).unwrap();

    let report = build(by_ben, &ben);
    assert!(sealed(&report).is_empty() && fresh(&report).contains(&"index.json"), "{:?}", fresh(&report));
    assert_eq!(report.sealing.signed.unwrap().signer.as_deref(), Some("ben@example"));
    let new = plot.index();
    assert_eq!((&*new.judged_at, &new.previous), ("2026-11-22T12:00:00Z", &Digest::of(forged.as_bytes()).to_string()));
    holds(&plot.out(), &ben).unwrap();
    // a key of which nobody knows whose it is, as of a token, is asked, and signs a list of its own too
    let report = plot.build_as(|with| (with.sign, with.signers) = (Some(by_ana), Some(&both)));
    assert_eq!(report.sealing.signed.unwrap().signer.as_deref(), Some("ana@example"));
    assert_eq!(plot.index().previous, Digest::of(&new.to_bytes().unwrap()).to_string());
    holds(&plot.out(), &ana).unwrap();
}
