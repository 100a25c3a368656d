//! Images for recipients: the `age` program wraps one key per build, and the index has to be signed.
//!
//! Needs `age` and `ssh-keygen`. Where one is missing the tests are not run.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fieldlock::image::{self, Expected, GroupKey, KdfCeiling, Opened, Origin, Proof, Unlock, age_files, inspect};
use fieldlock::ledger::signature::{AllowedSigners, VerifiedIndex, verify_index};
use fieldlock::secret::SecretValue;

use crate::common;
use crate::common::plot::{DEVICES, Plot};

const PASSPHRASE: &str = "weir sluice penstock tailrace";

/// A site with a key to sign, and an identity with its recipient.
struct Ci {
    plot: Plot,
}

impl Ci {
    fn new() -> Option<Ci> {
        if !["age", "age-keygen", "ssh-keygen"].into_iter().all(common::needs::program) {
            return None;
        }
        let ci = Ci { plot: Plot::new() };
        run(Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "ci", "-f"])
            .arg(ci.file("ci.key")));
        run(Command::new("age-keygen").arg("-o").arg(ci.file("identity")));
        let public = run(Command::new("age-keygen").arg("-y").arg(ci.file("identity")));
        std::fs::write(ci.file("laptops.txt"), [b"# laptops\n", &public.stdout[..]].concat()).unwrap();
        std::fs::write(ci.file("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
        Some(ci)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.plot.dir.path().join(name)
    }

    fn recipient(&self) -> String {
        std::fs::read_to_string(self.file("laptops.txt")).unwrap().lines().last().unwrap().to_owned()
    }

    /// Runs `build`; words that begin with `@` are files beside the site.
    fn build(&self, more: &[&str]) -> Output {
        let of = |word: &&str| match word.strip_prefix('@') {
            Some(name) => self.file(name).into_os_string(),
            None => word.into(),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        command.arg("build").arg(self.plot.site()).args(["--format", "plain"]);
        command.args(["--out", "@out", "--secrets", "@secrets", "--recipients", "@laptops.txt"].iter().map(of));
        common::alone(&mut command).args(more.iter().map(of)).stdin(Stdio::null());
        common::configured(&mut command, &self.file("config")).output().unwrap()
    }

    fn verified(&self) -> VerifiedIndex {
        let public = std::fs::read_to_string(self.file("ci.key.pub")).unwrap();
        let (signers, _) = AllowedSigners::parse(format!("ci@example {public}").as_bytes());
        let read = |name: &str| std::fs::read(self.plot.out().join(name)).unwrap();
        verify_index(&read("index.json"), &read("index.json.sig"), &signers, jiff::Timestamp::now()).unwrap()
    }

    fn group_key(&self, image: &[u8]) -> GroupKey {
        let [age_file] = &age_files(image).unwrap()[..] else { panic!("not one age file") };
        let mut command = Command::new("age");
        command.args(["-d", "-i"]).arg(self.file("identity")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(age_file).unwrap();
        let plaintext = SecretValue::new(child.wait_with_output().unwrap().stdout);
        GroupKey::opened(&plaintext, age_file.clone()).unwrap_or_else(|problem| panic!("{problem}"))
    }
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn open(bytes: &[u8], unlock: &Unlock<'_>, origin: Origin<'_>) -> Result<Opened, image::OpenError> {
    let now = jiff::Timestamp::now();
    let expected = Expected { site: None, device: None, origin, seen: None, now, ceiling: KdfCeiling(u32::MAX) };
    image::open(bytes, unlock, &expected)
}

fn images(out: &Path) -> Vec<Vec<u8>> {
    DEVICES.iter().map(|device| std::fs::read(out.join(format!("images/{device}.flk"))).unwrap()).collect()
}

#[test]
fn recipients_alone_open_what_a_signed_index_names() {
    let Some(ci) = Ci::new() else { return };
    let unsigned = ci.build(&[]);
    assert_eq!(unsigned.status.code(), Some(2));
    assert!(said(&unsigned).contains("--sign-key") && !ci.plot.out().join("index.json").exists());

    for revision in 1..=2 {
        let built = ci.build(&["--sign-key", "@ci.key"]);
        assert_eq!(built.status.code(), Some(0), "{}", said(&built));
        assert!(said(&built).contains("sealed for the group pump-station: 1 recipient"), "{}", said(&built));
        let verified = ci.verified();
        assert_eq!(verified.index().recipients, [ci.recipient()]);
        // a slot for recipients does not say for whom it is: every build seals anew
        assert!(verified.index().images.iter().all(|image| image.revision == revision));

        let images = images(&ci.plot.out());
        let key = ci.group_key(&images[0]);
        for image in &images {
            assert_eq!(inspect(image).unwrap().slots.len(), 1);
            assert_eq!(age_files(image).unwrap(), age_files(&images[0]).unwrap(), "one age file per build");
            let opened = open(image, &Unlock::Recipient(&key), Origin::Verified(&verified)).unwrap();
            assert!(matches!(opened.proof, Proof::Signature { signer } if signer == "ci@example"));
            assert!(open(image, &Unlock::Recipient(&key), Origin::NoSigners).is_err());
        }
    }
}

#[test]
fn a_passphrase_and_recipients_open_the_same_image() {
    let Some(ci) = Ci::new() else { return };
    let built = ci.build(&["--passphrase-file", "@passphrase"]);
    assert_eq!(built.status.code(), Some(0), "{}", said(&built));
    let passphrase = common::passphrase(PASSPHRASE);
    let unlock = Unlock::Passphrase { passphrase: &passphrase, derivations: &common::DERIVATIONS };
    let image = &images(&ci.plot.out())[0];
    assert_eq!(inspect(image).unwrap().slots.len(), 2);
    assert!(open(image, &unlock, Origin::NoSigners).unwrap().proof == Proof::Passphrase);
    drop(ci.group_key(image));
}

#[test]
fn recipients_that_are_none_are_refused_before_anything_is_written() {
    let Some(ci) = Ci::new() else { return };
    for (text, wanted) in [
        ("", "without recipients"),
        ("AGE-SECRET-KEY-1QYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQS", "private key"),
        ("age1../../../bin/sh", "is no recipient"),
        ("age1qqqqqqqqqqqqqqqq", "`age` did not take the recipients"),
    ] {
        std::fs::write(ci.file("laptops.txt"), text).unwrap();
        let built = ci.build(&["--sign-key", "@ci.key"]);
        let said = said(&built);
        assert_eq!(built.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted) && !said.contains("AGE-SECRET-KEY-1Q"), "{said}");
        assert!(!ci.plot.out().join("index.json").exists());
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    command.arg("build").arg(common::project("examples/01-pump-station")).arg("--out").arg(ci.file("demo"));
    let demo = command.arg("--recipients").arg(ci.file("laptops.txt")).output().unwrap();
    assert!(matches!(demo.status.code(), Some(2 | 5)) && !ci.file("demo").exists());
}

/// As a laptop does it: the `age` program decrypts the slot with the identity, and a trusted signer vouches.
#[test]
fn a_recipient_opens_by_the_identity_where_a_signer_is_trusted() {
    let Some(ci) = Ci::new() else { return };
    let built = ci.build(&["--sign-key", "@ci.key"]);
    assert!(built.status.success(), "{}", said(&built));
    let public = std::fs::read_to_string(ci.file("ci.key.pub")).unwrap();
    std::fs::write(ci.file("signers"), format!("ci@example namespaces=\"fieldlock-index.v1\" {public}")).unwrap();
    let open = |identity: &str, signers: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        command.args(["image", "open"]).arg(ci.plot.out().join("images/np07.flk"));
        command.arg("--identity").arg(ci.file(identity)).stdin(Stdio::null());
        if let Some(name) = signers {
            command.arg("--allowed-signers").arg(ci.file(name));
        }
        common::alone(&mut command).output().unwrap()
    };
    let opened = open("identity", Some("signers"));
    assert!(opened.status.success(), "{}", said(&opened));
    assert!(said(&opened).contains("proved: ci@example signed for exactly this"), "{}", said(&opened));
    for (identity, signers, why) in [
        ("identity", None, "a recipient's key does not prove where the image comes from"),
        ("ci.key", Some("signers"), "`age` did not open the image's key"),
    ] {
        let refused = open(identity, signers);
        assert_eq!(refused.status.code(), Some(5), "{}", said(&refused));
        assert!(said(&refused).contains(why), "{}", said(&refused));
    }
}

/// M6: an age file costs a touch of a token, or more. What nobody signed is refused before `age` is started.
#[cfg(unix)]
#[test]
fn m6_age_is_not_started_for_what_nobody_signed() {
    let Some(ci) = Ci::new() else { return };
    assert!(ci.build(&["--sign-key", "@ci.key"]).status.success());
    let public = std::fs::read_to_string(ci.file("ci.key.pub")).unwrap();
    std::fs::write(ci.file("signers"), format!("ci@example {public}")).unwrap();
    let (bin, log) = (ci.file("bin"), ci.file("started"));
    std::fs::create_dir(&bin).unwrap();
    let script =
        format!("printf '#!/bin/sh\necho \"$@\" >>%s\nexit 1\n' '{}' >\"$0\" && chmod 755 \"$0\"", log.display());
    run(Command::new("/bin/sh").args(["-c", &script]).arg(bin.join("age")));
    let open = |image: &str, signers: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        command.args(["image", "open"]).arg(ci.plot.out().join(image)).arg("--identity").arg(ci.file("identity"));
        if signers {
            command.arg("--allowed-signers").arg(ci.file("signers"));
        }
        command.env("PATH", format!("{}:/usr/bin:/bin", bin.display())).stdin(Stdio::null());
        common::alone(&mut command).output().unwrap()
    };
    // nobody is trusted; and, by a trusted signer, another image than the index names
    let other = std::fs::read(ci.plot.out().join("images/np07.flk")).unwrap();
    assert!(ci.build(&["--sign-key", "@ci.key"]).status.success());
    std::fs::write(ci.plot.out().join("images/np07.flk"), other).unwrap();
    for (image, signers) in [("images/sw04.flk", false), ("images/np07.flk", true)] {
        let refused = open(image, signers);
        assert!(said(&refused).contains("[signature]"), "{}", said(&refused));
        assert!(!log.exists(), "{}", std::fs::read_to_string(&log).unwrap());
    }
    // the log would tell
    let signed = open("images/sw04.flk", true);
    assert!(log.exists(), "{}", said(&signed));
}
