//! The public files of a device on their way into the output folder: each is looked through for secrets, then staged.

use super::device::Trouble;
use super::leaks::Leaks;
use crate::finding::{Finding, codes};
use crate::image::Digest;
use crate::ledger::IndexPack;
use crate::native::{Form, NativeConfig};
use crate::pipeline::certificates::{self, Certificate, CertificateFiles};
use crate::pipeline::public::{About, Public, SheetDigests};
use crate::pipeline::seal::core_time;
use crate::pipeline::why::Why;
use crate::pipeline::{ReadySite, folder, sheet};
use crate::policy::Evaluation;
use crate::report::{Written, WrittenKind};
use crate::secret::{SecretValue, Secrets};
use crate::site::SiteDevice;
use crate::site::output::{Access, OutDir, OutProblem};

/// The output folder, and what the public files of all devices are made from.
pub(super) struct Folder<'a> {
    pub(super) ready: &'a ReadySite,
    pub(super) out: &'a OutDir,
    pub(super) leaks: Leaks<'a>,
    pub(super) packs: Vec<IndexPack>,
    pub(super) certificates: &'a CertificateFiles,
    why: Why,
}

impl<'a> Folder<'a> {
    pub(super) fn of(
        ready: &'a ReadySite,
        secrets: &'a Secrets,
        passphrases: &'a [(String, SecretValue)],
        out: &'a OutDir,
    ) -> Folder<'a> {
        let (packs, certificates, why) = (ready.index_packs().to_vec(), ready.certificates(), Why::of(ready));
        Folder { ready, out, leaks: Leaks::of(secrets, passphrases), packs, certificates, why }
    }
}

/// Files of a device on their way into the output folder.
pub(super) struct Files<'a> {
    pub(super) folder: &'a Folder<'a>,
    pub(super) written: Vec<Written>,
}

impl Files<'_> {
    /// What everybody may read of a device: its texts, secrets blanked, with the digest of both, the facts, the sheet,
    /// and what a person uploads. Gives the digests of the public facts and of the files of the sheet.
    pub(super) fn stage_public(
        &mut self,
        evaluation: &Evaluation<'_>,
        native: &NativeConfig,
        (texts, redacted): (&[(Form, &str)], Digest),
        revision: u32,
    ) -> Result<(Digest, SheetDigests), Trouble> {
        let Folder { ready, packs, certificates, why, .. } = self.folder;
        let device = evaluation.judged.device;
        let name = &*device.name;
        let not_after = evaluation.not_after.map(core_time).unwrap_or_default();
        let stamp = sheet::Stamp { review: redacted, revision, not_after: &not_after };
        let sheets = sheet::files(&sheet::of(ready, evaluation, native, &stamp, why));
        let digests = sheets.each_ref().map(|bytes| Digest::of(bytes));
        let certificates = certificates::of(device, certificates);
        let (site, demo) = (&*ready.site.name, ready.site.demo);
        let about = About { site, demo, packs, redacted, sheets: digests, certificates: &certificates };
        let public = Public::of(ready, evaluation, native, &about).to_bytes();
        let refused = |why: String| vec![Finding::new(codes::image::PUBLIC, device.loc, why).device(name)];
        let public = public.map_err(|error| refused(error.to_string()))?;
        self.stage(folder::public(name), WrittenKind::Public, &public)?;
        for (form, text) in texts {
            self.stage(folder::redacted(name, *form), WrittenKind::Redacted, text.as_bytes())?;
        }
        for (path, bytes) in folder::sheets(name).into_iter().zip(&sheets) {
            self.stage(path, WrittenKind::Sheet, bytes)?;
        }
        self.upload(device, &certificates)?;
        Ok((Digest::of(&public), digests))
    }

    /// What a person uploads: it is the site's, whatever stays of the build before.
    pub(super) fn upload(&mut self, device: &SiteDevice, certificates: &[Certificate<'_>]) -> Result<(), OutProblem> {
        certificates.iter().try_for_each(|certificate| {
            let path = folder::certificate(&device.name, &certificate.name);
            self.stage(path, WrittenKind::Certificate, certificate.bytes)
        })
    }

    fn stage(&mut self, path: String, kind: WrittenKind, bytes: &[u8]) -> Result<(), OutProblem> {
        self.folder.leaks.look(&path, bytes);
        let fresh = self.folder.out.keep_or_add(&path, bytes, Access::Everyone)?;
        self.staged(path, kind, fresh);
        Ok(())
    }

    /// Notes a file for the report.
    pub(super) fn staged(&mut self, path: String, kind: WrittenKind, fresh: bool) {
        self.written.push(Written { path, kind, fresh });
    }
}
