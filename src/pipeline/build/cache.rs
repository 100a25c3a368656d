//! What a build keeps, so that the next one renders a device anew only where something that decides its files is
//! another.
//!
//! Whether an image stays is the same with a cache and without one: `tests/sealed/remembering.rs` holds both side by
//! side. A device is read, judged and proved compliant in every build; what the cache saves is rendering it to find the
//! same.
//!
//! A cache belongs to the person who builds: it is handed in and given back, and never lies with what was built. Many
//! have the passphrase who may not say what is built; a cache that they wrote could.

use std::collections::{BTreeMap, HashSet};

use super::carry::File;
use super::lock::Lock;
use super::previous::Previous;
use crate::embedded;
use crate::image::digest::Fields;
use crate::image::{Digest, MAX_FILE_LEN, Tag, TagKey, canonical};
use crate::ledger::build_cache::FORMAT;
use crate::ledger::{BuildCache, CachedDevice, IndexImage, parse_build_cache};
use crate::native::Form;
use crate::pipeline::public::{PublicLists, SheetDigests, Verdicts};
use crate::pipeline::seal::Stamp;
use crate::pipeline::{CertificateFile, ReadySite, folder};
use crate::policy::{Compliant, Evaluation};
use crate::report::{NativeReport, WrittenKind};
use crate::secret::Secrets;
use crate::site::SiteDevice;
use crate::site::secrets::{FINGERPRINT_KEY, wanted};
use crate::source::FileId;

/// What the tags of all devices have in common, and the cache of an earlier build.
pub(super) struct Cache<'a> {
    before: Option<BuildCache>,
    common: Digest,
    /// Of the groups that a passphrase alone opens, by name.
    keys: BTreeMap<&'a str, TagKey>,
    secrets: &'a Secrets,
}

/// A device as the build before left it: nothing that decides its files is another.
pub(super) struct Unchanged {
    pub(super) entry: IndexImage,
    pub(super) cached: CachedDevice,
    pub(super) native: NativeReport,
    pub(super) files: Vec<File>,
}

/// What came of a device: what of it the cache says and what its tag is over.
pub(super) struct Made<'a> {
    pub(super) entry: &'a IndexImage,
    pub(super) native: &'a NativeReport,
    pub(super) secrets: usize,
    /// Its redacted texts, the machine form first.
    pub(super) redacted: &'a [(Form, Digest)],
    pub(super) sheets: SheetDigests,
}

impl<'a> Cache<'a> {
    /// Of this build. A cache that can't be read is none.
    pub(super) fn of(
        ready: &ReadySite,
        cache: &[u8],
        locks: &'a BTreeMap<String, Lock>,
        secrets: &'a Secrets,
    ) -> Cache<'a> {
        // recipients never keep an image, so nothing is to be remembered of theirs
        let alone = locks.iter().filter(|(_, lock)| lock.recipients.is_none());
        let keys = alone.filter_map(|(group, lock)| Some((&**group, lock.key.as_ref()?.tags()))).collect();
        Cache { before: parse_build_cache(cache).ok(), common: common(ready), keys, secrets }
    }

    /// Of a device that this build was not asked for.
    pub(super) fn carried(&self, device: &str) -> Option<CachedDevice> {
        self.before.as_ref()?.device(device).cloned()
    }

    /// The tag of a device over all that decides its files; `None` where no passphrase vouches for them.
    ///
    /// The text of its own files stands for what is read from them and from them alone; what is judged, for all devices
    /// and the clock. Nothing else may enter what [`build`](super::device::build) makes of a device.
    pub(super) fn inputs(
        &self,
        ready: &ReadySite,
        evaluation: &Evaluation<'_>,
        compliant: &Compliant<'_>,
        stamp: &Stamp<'_>,
    ) -> Option<Tag> {
        let device = compliant.device();
        let verdicts = canonical::write(&Verdicts::of(evaluation)).ok()?;
        let not_after = compliant.not_after().map(|t| t.to_string()).unwrap_or_default();
        let mut tag = self.keys.get(stamp.group)?.tag();
        for field in [FORMAT, stamp.site, stamp.group, &device.name, &not_after] {
            tag.put(field.as_bytes());
        }
        tag.put(&[u8::from(stamp.demo)]);
        tag.put(self.common.as_bytes());
        tag.put(&verdicts);
        let own = own_files(ready, device);
        tag.count(own.len());
        for file in own {
            let file = ready.sources.get(file)?;
            tag.put(file.name().as_bytes());
            tag.put(file.text().as_bytes());
        }
        let mut names: Vec<String> = wanted([device]).into_iter().map(|wanted| wanted.name.to_string()).collect();
        names.push(FINGERPRINT_KEY.to_owned());
        names.dedup();
        tag.count(names.len());
        for name in names {
            let value = self.secrets.get(&name);
            tag.put(name.as_bytes());
            tag.count(usize::from(value.is_some()));
            value.into_iter().for_each(|value| tag.secret(value));
        }
        Some(tag)
    }

    /// What the build before left of a device, if its tag says that these inputs give these files.
    pub(super) fn unchanged(&self, previous: &Previous<'_>, device: &SiteDevice, inputs: &Tag) -> Option<Unchanged> {
        let cached = self.before.as_ref()?.device(&device.name)?;
        let entry = previous.entry(&device.name)?;
        let files = files(previous, cached)?;
        let digests: Vec<Digest> = files.iter().map(|(_, _, bytes)| Digest::of(bytes)).collect();
        let [image, public, beside @ ..] = &digests[..] else { return None };
        let (redacted, sheets) = beside.split_last_chunk()?;
        let named = *image == entry.file && *public == entry.public;
        if !named || !whole(inputs.clone(), entry, cached, redacted, sheets).is(&cached.tag) {
            return None;
        }
        let native = native(cached, &files)?;
        Some(Unchanged { entry: entry.clone(), cached: cached.clone(), native, files })
    }
}

/// What this build remembers; `None` where that is nothing, and the next one takes longer.
pub(super) fn written(mut devices: Vec<CachedDevice>) -> Option<Vec<u8>> {
    devices.sort_by(|a, b| a.device.cmp(&b.device));
    let cache = BuildCache { devices, format: FORMAT.to_owned() };
    cache.to_bytes().ok().filter(|_| !cache.devices.is_empty())
}

/// What is remembered of a device: the tag is over its inputs, its files and all else that is said here.
pub(super) fn keep(inputs: Tag, made: &Made<'_>) -> Option<CachedDevice> {
    let count = |n: usize| u32::try_from(n).ok();
    let native = made.native;
    let [unknown, site, likely, confirmed] = native.grades.map(count);
    let cached = CachedDevice {
        device: made.entry.device.clone(),
        forms: made.redacted.iter().map(|(form, _)| *form).collect(),
        grades: [unknown?, site?, likely?, confirmed?],
        lists: !(native.omitted.is_empty() && native.unmodelled.is_empty() && native.unplaced.is_empty()),
        machine: count(native.machine)?,
        secrets: count(made.secrets)?,
        tag: Digest::from_bytes([0; 32]),
    };
    let redacted: Vec<Digest> = made.redacted.iter().map(|(_, digest)| *digest).collect();
    let tag = whole(inputs, made.entry, &cached, &redacted, &made.sheets).finish();
    Some(CachedDevice { tag, ..cached })
}

/// The files of a device as the build before left them: image, public file, redacted texts in their order, sheet.
fn files(previous: &Previous<'_>, cached: &CachedDevice) -> Option<Vec<File>> {
    let name = &cached.device;
    let redacted = cached.forms.iter().map(|form| folder::redacted(name, *form));
    let paths = [(folder::image(name), WrittenKind::Image), (folder::public(name), WrittenKind::Public)]
        .into_iter()
        .chain(redacted.map(|path| (path, WrittenKind::Redacted)))
        .chain(folder::sheets(name).map(|path| (path, WrittenKind::Sheet)));
    paths.map(|(path, kind)| previous.read(&path, MAX_FILE_LEN).map(|bytes| (path, kind, bytes))).collect()
}

/// What reports say of the native text. Its lines stand in the public file alone, which may have thousands.
fn native(cached: &CachedDevice, files: &[File]) -> Option<NativeReport> {
    let grades = cached.grades.map(|n| n as usize);
    let machine = cached.machine as usize;
    let by_hand = grades.iter().sum::<usize>().saturating_sub(machine);
    let mut native = NativeReport { grades, machine, by_hand, ..NativeReport::default() };
    if cached.lists {
        let (_, _, public) = files.iter().find(|(_, kind, _)| *kind == WrittenKind::Public)?;
        PublicLists::of(public)?.tell(&mut native);
    }
    Some(native)
}

/// The tag over inputs and over everything that came of them.
fn whole(mut tag: Tag, entry: &IndexImage, cached: &CachedDevice, redacted: &[Digest], sheets: &SheetDigests) -> Tag {
    let IndexImage { device, file, image, public, revision, structure } = entry;
    let CachedDevice { device: _, forms, grades, lists, machine, secrets, tag: _ } = cached;
    tag.put(device.as_bytes());
    for digest in [file, image, public, structure].into_iter().chain(sheets) {
        tag.put(digest.as_bytes());
    }
    for number in [revision, machine, secrets].into_iter().chain(grades) {
        tag.put(&number.to_be_bytes());
    }
    tag.put(&[u8::from(*lists)]);
    tag.count(forms.len());
    for (form, digest) in forms.iter().zip(redacted) {
        tag.put(form.ending().as_bytes());
        tag.put(digest.as_bytes());
    }
    tag
}

/// The files that speak of one device and of no other: its description, its captures with their texts, and the texts
/// of its state where a person handed that in.
fn own_files(ready: &ReadySite, device: &SiteDevice) -> Vec<FileId> {
    let mut files = vec![device.loc.file];
    files.extend(ready.site.captures_of(&device.name).iter().flat_map(|capture| [capture.loc.file, capture.file]));
    let read = ready.states.get(&device.name).into_iter().flat_map(|state| state.texts()).map(|text| text.file);
    let handed: Vec<FileId> = read.filter(|file| !files.contains(file)).collect();
    files.extend(handed);
    let receipts = ready.receipts.get(&device.name).into_iter().flatten();
    let confirmed = receipts.filter_map(|one| one.confirmed.as_ref()).map(|(file, _)| *file);
    let confirmed: Vec<FileId> = confirmed.filter(|file| !files.contains(file)).collect();
    files.extend(confirmed);
    files
}

/// Of this program and of every text but those of single devices. A text may hold secrets in clear (a state that was
/// handed in): the digest goes into tags and nowhere else.
fn common(ready: &ReadySite) -> Digest {
    let certificates = ready.certificates();
    let own: HashSet<FileId> = ready.site.devices.iter().flat_map(|device| own_files(ready, device)).collect();
    let texts: Vec<_> = ready.sources.files().filter(|(file, _)| !own.contains(file)).map(|(_, file)| file).collect();
    let mut fields = Fields::new();
    fields.put(embedded::PROGRAM.as_bytes());
    fields.count(texts.len());
    for text in texts {
        fields.put(text.name().as_bytes());
        fields.put(text.text().as_bytes());
    }
    fields.count(certificates.len());
    for (path, CertificateFile { bytes, .. }) in certificates {
        fields.put(path.as_bytes());
        fields.put(bytes);
    }
    fields.finish()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::lock::Opens;
    use super::*;
    use crate::image::{Derivations, Entropy, EntropyError, KdfCeiling, KdfParams, Passphrase, PassphraseKey};
    use crate::pipeline::{self, Before, Commit, History, Keys, Request, Selection};
    use crate::site::LoadOptions;
    use crate::site::files::Root;
    use crate::site::output::OutDir;
    use crate::site::secrets::{SecretSource, collect};

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
            out.fill(0);
            Ok(())
        }
    }

    /// Who is recalled from a folder by a build with this key.
    fn recalled(
        ready: &ReadySite,
        request: &Request<'_>,
        folder: &Path,
        cache: &[u8],
        key: PassphraseKey,
    ) -> Vec<String> {
        let out = OutDir::open(folder, Some(&folder.with_extension("state"))).unwrap();
        let previous = Previous::find(request, &ready.site.name, &out).ok().unwrap();
        let group = ready.site.name.to_string();
        let locks = BTreeMap::from([(group, Lock { key: Some(key), recipients: None, opens: Opens::Theirs })]);
        let cache = Cache::of(ready, cache, &locks, request.secrets);
        let judgement = ready.judge(request.secrets, request.selection.now);
        let one = |evaluation: &Evaluation<'_>| {
            let compliant = evaluation.compliant(pipeline::gather::block_on(ready)).ok()?;
            let device = compliant.device();
            let stamp = Stamp { site: &ready.site.name, demo: ready.site.demo, group: ready.site.group(&device.name) };
            let inputs = cache.inputs(ready, evaluation, &compliant, &stamp)?;
            cache.unchanged(&previous, device, &inputs).map(|unchanged| unchanged.entry.device)
        };
        judgement.evaluations.iter().filter_map(one).collect()
    }

    /// Nothing else changes what a build writes, says `tests/sealed/remembering.rs`; here, that the memo is used.
    #[test]
    fn devices_are_recalled_until_a_file_or_the_key_is_another() {
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/01-pump-station");
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("out");
        let ready = pipeline::load(Root::open(&site).unwrap(), &LoadOptions::default(), None);
        let root = Root::open(&site).unwrap();
        let secrets = collect(&root, &ready.site, &ready.site.devices, SecretSource::None).secrets;
        let derivations = Derivations::new();
        let key_of =
            |phrase: &Passphrase| derivations.derive(phrase, KdfParams::LEAST, [7; 16], KdfCeiling(u32::MAX)).unwrap();
        let key = |_: &str, _: Option<[u8; 16]>| Some(key_of(&Passphrase::demo()));
        let request = Request {
            selection: Selection::of(&|_| true, "2026-11-22T12:00:00Z".parse().unwrap()),
            secrets: &secrets,
            keys: Keys {
                passphrase: Some(&key),
                passphrases: &Vec::new,
                recipients: None,
                sign: None,
                signer: None,
                entropy: &|| Box::new(Zeros),
            },
            history: History { before: Before::Out, signers: None, seen: None, cache: &[] },
            out: &|| OutDir::open(&folder, Some(&folder.with_extension("state"))),
            keep_going: false,
            commit: Commit::default(),
            progress: None,
        };
        let cache = pipeline::build(&ready, &request).ok().unwrap().cache.unwrap();
        let now = || recalled(&ready, &request, &folder, &cache, key_of(&Passphrase::demo()));
        assert_eq!(now(), ["np02", "np07", "ps7-router", "sw04"]);
        for (file, left) in [
            ("images/np02.flk", &["np07", "ps7-router", "sw04"][..]),
            ("public/np07.public.json", &["ps7-router", "sw04"]),
            ("redacted/ps7-router.redacted.sheet", &["sw04"]),
            ("sheets/sw04.sheet.md", &[]),
        ] {
            let genuine = std::fs::read(folder.join(file)).unwrap();
            let mut bytes = genuine.clone();
            *bytes.last_mut().unwrap() ^= 1;
            std::fs::write(folder.join(file), bytes).unwrap();
            assert_eq!(now(), left, "{file}");
        }
        let other = Passphrase::new(crate::secret::SecretValue::copy_of(b"another one, of nobody")).unwrap();
        assert!(recalled(&ready, &request, &folder, &cache, key_of(&other)).is_empty());
    }
}
