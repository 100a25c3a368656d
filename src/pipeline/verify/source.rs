//! Rung 4: the redacted text follows from the site's own files, rendered again with its secrets blanked and judged as
//! of the time of the build. The index's time counts here and nowhere else.

use std::collections::HashMap;

use super::files::DeviceFiles;
use crate::dialect::SiteTables;
use crate::finding::{Finding, Severity};
use crate::image::redact::blank_fingerprints;
use crate::image::{Core, Digest, Opened};
use crate::ledger::{Index, IndexImage};
use crate::model::paths::{ASSET_MAC, ASSET_SERIAL, PLATFORM_MODEL};
use crate::native::{Form, NativeConfig};
use crate::pipeline::folder::{self, redacted};
use crate::pipeline::public::{About, Public};
use crate::pipeline::seal::{Stamp, render_and_read_back};
use crate::pipeline::why::Why;
use crate::pipeline::{CertificateFiles, ReadySite, certificates, gather, sheet, tables};
use crate::platform;
use crate::policy::{Evaluation, Judgement, NotCompliant};
use crate::report::verify::RungAnswer;
use crate::secret::Secrets;
use crate::site::SiteDevice;

/// Where the site's own files are.
pub enum Source<'a> {
    /// Nobody asked, or they are not here: why.
    Absent(String),
    /// They are asked for and can't be read: why.
    Unreadable(String),
    /// Here they are.
    Here(Box<SourceSite<'a>>),
}

/// Whose values of secrets a source is rendered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Those that the build had, as far as anybody can tell.
    Own,
    /// Those of a later time: where they give what was sealed, they are the same; where not, that tells nothing.
    Later,
    /// Nobody's: they can't be had, and why.
    Locked(String),
}

/// A site's own files, judged as of the time of a build.
pub struct SourceSite<'a> {
    ready: &'a ReadySite,
    evaluations: HashMap<&'a str, &'a Evaluation<'a>>,
    block_on: Severity,
    secrets: &'a Secrets,
    values: Values,
    certificates: &'a CertificateFiles,
    why: Why,
    broken: Option<String>,
    packs: Vec<String>,
    words: String,
}

impl<'a> SourceSite<'a> {
    /// Of a site and its judgement as of the index's `judged_at`, with its secrets or with placeholders. `words` says
    /// where the files are from: `commit 3e90d77`.
    pub fn new(
        ready: &'a ReadySite,
        judgement: &'a Judgement<'a>,
        (secrets, values): (&'a Secrets, Values),
        index: &Index,
        words: String,
    ) -> SourceSite<'a> {
        let broken = ready.findings.iter().find(|f| f.device.is_none() && f.is_input_error());
        let ours = ready.index_packs();
        let theirs = &index.packs;
        let of_both = ours.iter().chain(theirs).filter(|p| !(ours.contains(p) && theirs.contains(p)));
        let mut packs: Vec<String> = of_both.map(|p| p.name.clone()).collect();
        packs.sort();
        packs.dedup();
        SourceSite {
            ready,
            evaluations: judgement.by_name(),
            block_on: gather::block_on(ready),
            secrets,
            values,
            certificates: ready.certificates(),
            why: Why::of(ready),
            broken: broken.map(|f| f.message.clone()),
            packs,
            words,
        }
    }

    /// A device that can be rendered, or what stands against it.
    fn device(&self, name: &str, index: &Index) -> Result<(&'a SiteDevice, &'a Evaluation<'a>), RungAnswer> {
        if let Some(broken) = &self.broken {
            return Err(RungAnswer::Unreadable(format!("the site's files can't be read: {broken}")));
        }
        if *self.ready.site.name != *index.site {
            let other = &self.ready.site.name;
            return Err(RungAnswer::Differs(format!(
                "the source is of the site `{other}`, the index of `{}`",
                index.site
            )));
        }
        let found = self.ready.site.device(name).zip(self.evaluations.get(name).copied());
        let Some((device, evaluation)) = found else {
            return Err(RungAnswer::Differs(format!("{} has no device `{name}`", self.words)));
        };
        if !self.ready.site.is_sound(name) {
            return Err(RungAnswer::Unreadable(format!(
                "the files of `{name}` can't be read: `fieldlock check` says why"
            )));
        }
        Ok((device, evaluation))
    }

    /// Whether the rules hold, as far as they can be judged here.
    fn judged(&self, evaluation: &Evaluation<'_>) -> Result<String, RungAnswer> {
        let packs = match &self.packs[..] {
            [] => String::new(),
            packs => format!("; judged by another version of {} than the build was", packs.join(", ")),
        };
        match evaluation.compliant(self.block_on) {
            Ok(_) => Ok(packs),
            Err(NotCompliant::Open(_)) => Ok(format!("; rules on secrets wait for them{packs}")),
            Err(NotCompliant::Broken(rules)) => Err(RungAnswer::Differs(format!(
                "it could not have been sealed: {} {}{packs}",
                rules.join(", "),
                fail(&rules)
            ))),
            Err(NotCompliant::NoRules) => Err(RungAnswer::Differs(format!("no rule applies to it{packs}"))),
        }
    }

    /// What was compared, and whether the sheet was.
    fn follows(
        &self,
        files: &DeviceFiles,
        core: &Core,
        entry: &IndexImage,
        index: &Index,
    ) -> Result<(String, bool), RungAnswer> {
        let (device, evaluation) = self.device(&entry.device, index)?;
        let more = self.judged(evaluation)?;
        let native = platform::at(device)
            .render(device, self.ready.under(device))
            .map_err(|found| RungAnswer::Differs(first(&found)))?;
        let ours = texts(&native);
        for (form, text) in &ours {
            same(&redacted(&entry.device, *form), files.text(*form), text)?;
        }
        if let Some((form, _)) = files.redacted.iter().find(|(form, _)| !ours.iter().any(|(ours, _)| ours == form)) {
            return Err(RungAnswer::Differs(format!("the source gives no `{}`", redacted(&entry.device, *form))));
        }
        if Digest::of_pieces(ours.iter().map(|(_, text)| &text[..])) != entry.structure {
            return Err(RungAnswer::Differs("the source gives another structure than the index names".to_owned()));
        }
        let said = |path: &str| device.own.value(path).map(|f| f.value.plain()).unwrap_or_default();
        for (what, ours, theirs) in [
            ("model", said(PLATFORM_MODEL), &core.model),
            ("serial number", said(ASSET_SERIAL), &core.serial),
            ("MAC address", said(ASSET_MAC), &core.mac),
            ("platform", device.platform.word().to_owned(), &core.platform),
            ("group", self.ready.site.group(&device.name).to_owned(), &core.group),
        ] {
            if ours != *theirs {
                return Err(RungAnswer::Differs(format!(
                    "the image is for the {what} `{theirs}`, the source says `{ours}`"
                )));
            }
        }
        // which rules look at a row is in it: other packs, other rows
        let printed = self.packs.is_empty() && files.sheets.iter().all(Option::is_some);
        if printed {
            let ours = self.sheets(evaluation, &native, core);
            for ((name, theirs), ours) in folder::sheets(&entry.device).iter().zip(&files.sheets).zip(&ours) {
                same(name, theirs.as_deref(), ours)?;
            }
        }
        for ours in certificates::of(device, self.certificates) {
            let path = folder::certificate(&entry.device, &ours.name);
            same(&path, files.certificate(&ours.name), ours.bytes)?;
        }
        let tables = tables_of(index, &self.ready.site.tables);
        let dirty = if index.dirty { "; the build had changes that are in no commit" } else { "" };
        Ok((format!("rendered again from {}, secrets blanked{more}{tables}{dirty}", self.words), printed))
    }

    /// The files of the sheet that the source gives.
    fn sheets(
        &self,
        evaluation: &Evaluation<'_>,
        native: &NativeConfig,
        core: &Core,
    ) -> [Vec<u8>; folder::SHEETS.len()] {
        let stamp = sheet::Stamp { review: core.review, revision: core.revision, not_after: &core.not_after };
        sheet::files(&sheet::of(self.ready, evaluation, native, &stamp, &self.why))
    }

    /// Rung 5 with everything: rendered again with its secrets, it is what the image holds, byte for byte.
    pub(super) fn rebuilt(&self, opened: &Opened, entry: &IndexImage, index: &Index) -> RungAnswer {
        if let Values::Locked(why) = &self.values {
            return RungAnswer::Unreadable(why.clone());
        }
        match self.rebuild(opened, entry, index) {
            Err(RungAnswer::Differs(why)) if self.values == Values::Later => RungAnswer::Unreadable(format!(
                "the passphrase does not open the sealed secrets of {}, and with those of now it can't be told: {why}",
                self.words
            )),
            Err(RungAnswer::Differs(why)) => {
                RungAnswer::Differs(format!("{why}{}", tables_of(index, &self.ready.site.tables)))
            }
            Ok(said) | Err(said) => said,
        }
    }

    fn rebuild(&self, opened: &Opened, entry: &IndexImage, index: &Index) -> Result<RungAnswer, RungAnswer> {
        let (device, evaluation) = self.device(&opened.core.device, index)?;
        let compliant = evaluation.compliant(self.block_on).map_err(|why| match why {
            NotCompliant::Open(rules) => RungAnswer::Unreadable(format!(
                "without its secrets it can't be rendered: {} wait for them",
                rules.join(", ")
            )),
            NotCompliant::Broken(rules) => {
                RungAnswer::Differs(format!("it could not have been sealed: {} {}", rules.join(", "), fail(&rules)))
            }
            NotCompliant::NoRules => RungAnswer::Differs("no rule applies to it".to_owned()),
        })?;
        let core = &opened.core;
        let stamp = Stamp { site: &core.site, demo: core.demo, group: &core.group };
        let base = self.ready.under(device);
        let ours = render_and_read_back(&compliant, base, self.secrets, self.certificates, &stamp)
            .map_err(|found| RungAnswer::Differs(first(&found)))?;
        if ours.plain != opened.plain {
            let differs = |part: &&crate::image::Part| ours.plain.part(&part.name).is_none_or(|own| own != *part);
            let names: Vec<String> =
                opened.plain.parts().iter().filter(differs).map(|part| format!("`{}`", part.name)).collect();
            let what = if names.is_empty() { "the source gives more parts".to_owned() } else { names.join(", ") };
            return Err(RungAnswer::Differs(format!("rendered again with its secrets, this is another: {what}")));
        }
        if (Core { revision: core.revision, ..ours.core }) != *core {
            return Err(RungAnswer::Differs(
                "the source says otherwise what the image is for, or until when".to_owned(),
            ));
        }
        let (site, packs) = (&self.ready.site, &index.packs);
        let sheets = self.sheets(evaluation, &ours.native, core).each_ref().map(|bytes| Digest::of(bytes));
        let certificates = certificates::of(device, self.certificates);
        let about = About {
            site: &site.name,
            demo: site.demo,
            packs,
            redacted: core.review,
            sheets,
            certificates: &certificates,
        };
        let public = Public::of(self.ready, evaluation, &ours.native, &about).to_bytes();
        if self.packs.is_empty() && public.is_ok_and(|public| Digest::of(&public) != entry.public) {
            return Err(RungAnswer::Differs(format!("the source gives another `{}`", folder::public(&entry.device))));
        }
        let (words, later) = (&self.words, if self.values == Values::Later { ", sealed anew since" } else { "" });
        Ok(RungAnswer::Holds(format!("rendered again from {words}, secrets included{later}: the same, byte for byte")))
    }
}

/// What the source says of a device, and whether it gives the very sheet.
pub(super) fn look(
    source: &Source<'_>,
    files: &DeviceFiles,
    core: &Core,
    entry: &IndexImage,
    index: &Index,
) -> (RungAnswer, bool) {
    match source {
        Source::Absent(why) => (RungAnswer::Open(why.clone()), false),
        Source::Unreadable(why) => (RungAnswer::Unreadable(why.clone()), false),
        Source::Here(site) => match site.follows(files, core, entry, index) {
            Ok((text, sheet)) => (RungAnswer::Holds(text), sheet),
            Err(RungAnswer::Differs(mut why)) => {
                why.push_str(tables_of(index, &site.ready.site.tables));
                if index.dirty {
                    why.push_str("; the build had changes that are in no commit: commit the source first, then build");
                }
                (RungAnswer::Differs(why), false)
            }
            Err(said) => (said, false),
        },
    }
}

/// Told where a build was rendered by other tables than this program has: what it gives may be another for that.
fn tables_of(index: &Index, own: &SiteTables) -> &'static str {
    if index.tables == tables::digest(own) {
        ""
    } else {
        "; this fieldlock has other tables than the one that built it"
    }
}

/// The public texts that a rendering gives, secrets as names, fingerprints blanked.
fn texts(native: &NativeConfig) -> Vec<(Form, Vec<u8>)> {
    let texts = [&native.machine, &native.sheet].into_iter().flatten();
    texts.map(|text| (text.form, blank_fingerprints(text.redacted().as_bytes()))).collect()
}

fn same(name: &str, theirs: Option<&[u8]>, ours: &[u8]) -> Result<(), RungAnswer> {
    let Some(theirs) = theirs else {
        return Err(RungAnswer::Differs(format!("the source gives `{name}`, which is not here")));
    };
    let theirs = blank_fingerprints(theirs);
    if theirs == ours {
        return Ok(());
    }
    let lines = |text: &[u8]| text.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (theirs, ours) = (lines(&theirs), lines(ours));
    let at = theirs.iter().zip(&ours).take_while(|(a, b)| a == b).count() + 1;
    Err(RungAnswer::Differs(format!("`{name}` is another from line {at} on than the source gives")))
}

fn first(findings: &[Finding]) -> String {
    findings.first().map_or_else(|| "it can't be rendered".to_owned(), |f| f.message.clone())
}

fn fail(rules: &[std::sync::Arc<str>]) -> &'static str {
    if rules.len() == 1 { "fails" } else { "fail" }
}
