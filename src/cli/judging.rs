//! What verbs share that judge a site and write nothing into it: `check`, `diff` and `drift`.

use std::collections::BTreeSet;
use std::sync::Arc;

use fieldlock::pipeline::posture::mark_known;
use fieldlock::pipeline::{self, ReadySite, Running, Selection};
use fieldlock::report::documents::RefusedFile;
use fieldlock::report::{self, FailOn, Report};
use fieldlock::secret::Secrets;
use fieldlock::site::{Site, SiteDevice};

use super::args::{PassphrasesArgs, SecretArgs, SiteArgs};
use super::exit::Exit;
use super::keyring::Keyring;
use super::problem::Problem;
use super::reports::{ReportArgs, Reports};
use super::secrets::{self, ByDefault, Load};
use super::{clock, posture, site};

#[derive(Debug, clap::Args)]
pub(crate) struct JudgingArgs {
    #[command(flatten)]
    pub(crate) site: SiteArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    #[command(flatten)]
    output: ReportArgs,
}

/// What a comparison could not be made with, and why.
#[derive(Default)]
pub(crate) struct Unread {
    /// Files.
    pub(crate) files: Vec<RefusedFile>,
    /// Devices that were spoken to.
    pub(crate) unreached: Vec<RefusedFile>,
}

/// A site with the secrets of the devices that were asked for, for verbs that make no report.
pub(crate) struct AtHand {
    /// The site; what is wrong with its secrets is among its findings.
    pub(crate) ready: ReadySite,
    /// Their values, where they were given.
    pub(crate) secrets: Secrets,
    /// Names of the devices that were asked for.
    pub(crate) chosen: BTreeSet<Arc<str>>,
    /// The site as it was typed.
    pub(crate) argument: String,
}

impl AtHand {
    /// Opens a site. Nobody is asked for a passphrase just to look. `running` is what stands in for captures.
    pub(crate) fn open(
        of: &SiteArgs,
        args: &SecretArgs,
        passphrase: &PassphrasesArgs,
        running: impl FnOnce(&Site) -> Result<Vec<Running>, Problem>,
    ) -> Result<AtHand, Problem> {
        AtHand::open_with(of, args, passphrase, ByDefault::StoreIfPassphrase, |site, _, _| running(site))
    }

    /// The same, where what runs is read from devices that are spoken to.
    #[cfg(feature = "device")]
    pub(crate) fn live(
        of: &SiteArgs,
        args: &SecretArgs,
        passphrase: &PassphrasesArgs,
        running: impl FnOnce(&Site, &Secrets, &BTreeSet<Arc<str>>) -> Result<Vec<Running>, Problem>,
    ) -> Result<AtHand, Problem> {
        AtHand::open_with(of, args, passphrase, ByDefault::Store, running)
    }

    /// The same, where what runs is read with the secrets of the devices.
    fn open_with(
        of: &SiteArgs,
        args: &SecretArgs,
        passphrase: &PassphrasesArgs,
        by_default: ByDefault,
        running: impl FnOnce(&Site, &Secrets, &BTreeSet<Arc<str>>) -> Result<Vec<Running>, Problem>,
    ) -> Result<AtHand, Problem> {
        secrets::refuse_shared_stdin(args, passphrase)?;
        let opened = site::open(of.site.as_deref())?;
        let argument = opened.argument.clone();
        let root = opened.root.path().to_owned();
        let loaded = site::loaded(&opened);
        let site = &loaded.site;
        let chosen = site::chosen(site, of)?;
        let (store, damaged) = secrets::store(site, &root)?;
        let keyring = Keyring::new(passphrase, site, &root, store)?;
        let devices = site.devices.iter().filter(|d| chosen.contains(&d.name));
        let load = Load { args, by_default, keyring: &keyring, damaged };
        let (secrets, findings) = secrets::load(load, site, &root, devices)?;
        let running = running(site, &secrets, &chosen)?;
        let mut ready = site::ready_of(opened, loaded, running)?;
        ready.findings.extend(findings);
        Ok(AtHand { ready, secrets, chosen, argument })
    }
}

/// A site with the secrets of the devices that were asked for.
pub(crate) struct Judging {
    /// The site; what is wrong with its secrets is among its findings.
    ready: ReadySite,
    /// Their values, where they were given.
    secrets: Secrets,
    /// Names of the devices that were asked for.
    chosen: BTreeSet<Arc<str>>,
    /// The site as it was typed.
    argument: String,
    output: Reports,
}

impl Judging {
    /// Opens a site. Nobody is asked for a passphrase just to look. `running` is what stands in for captures.
    pub(crate) fn open(
        args: &JudgingArgs,
        running: impl FnOnce(&Site) -> Result<Vec<Running>, Problem>,
    ) -> Result<Judging, Problem> {
        let output = Reports::new(&args.output)?;
        let AtHand { ready, secrets, chosen, argument } =
            AtHand::open(&args.site, &args.secrets, &args.passphrase, running)?;
        Ok(Judging { ready, secrets, chosen, argument, output })
    }

    /// The same, where what runs is read from the devices that were asked for.
    pub(crate) fn live(
        args: &JudgingArgs,
        running: impl FnOnce(&Site, &Secrets, &BTreeSet<Arc<str>>) -> Result<Vec<Running>, Problem>,
    ) -> Result<Judging, Problem> {
        let output = Reports::new(&args.output)?;
        let AtHand { ready, secrets, chosen, argument } =
            AtHand::open_with(&args.site, &args.secrets, &args.passphrase, ByDefault::Store, running)?;
        Ok(Judging { ready, secrets, chosen, argument, output })
    }

    /// Judges it and shows the report; what stood at `since` already fails nothing.
    pub(crate) fn check(self, fail_on: FailOn, since: Option<&str>, by_cause: bool) -> Result<Exit, Problem> {
        let chosen = |device: &SiteDevice| self.chosen.contains(&device.name);
        let selection = Selection { fail_on, texts: None, list: self.output.list(), ..self.selection(&chosen) };
        let mut report = pipeline::check(&self.ready, &self.secrets, &selection);
        if let Some(rev) = since {
            let (before, commit) = posture::at(self.ready.folder(), rev)?;
            let everything = |_: &SiteDevice| true;
            let then = pipeline::check(&before, &self.secrets, &Selection { devices: &everything, ..selection });
            mark_known(&mut report, &then, &format!("stood there at {commit}"));
        }
        let human = if by_cause { report::check_by_cause } else { report::check };
        self.output.show(&mut report, &self.ready, human)?;
        self.ready.leave();
        Ok(report.outcome().into())
    }

    /// Compares it with what runs and shows the differences.
    pub(crate) fn compare(
        self,
        compare: fn(&ReadySite, &Secrets, &Selection<'_>) -> Report,
        exit_code: bool,
        unread: Unread,
    ) -> Result<Exit, Problem> {
        let chosen = |device: &SiteDevice| self.chosen.contains(&device.name);
        let mut report = compare(&self.ready, &self.secrets, &self.selection(&chosen));
        // what rules say of the description is the business of `check`
        report.findings.retain(|finding| finding.is_input_error());
        report.exit_code = exit_code;
        report.unread = unread.files;
        report.unreached(unread.unreached);
        self.output.show(&mut report, &self.ready, report::difference)?;
        self.ready.leave();
        Ok(report.outcome().into())
    }

    fn selection<'a>(&self, devices: &'a (dyn Fn(&SiteDevice) -> bool + Sync)) -> Selection<'a> {
        Selection {
            argument: self.argument.clone(),
            texts: self.output.texts().then(clock::started),
            edits: self.output.edits(),
            ..Selection::of(devices, clock::now())
        }
    }
}
