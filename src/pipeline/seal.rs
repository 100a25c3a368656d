//! One compliant device on its way into an image: render, fill, read back, seal.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::clean_groups::CleanGroups;
use crate::dialect::ini::container;
use crate::dialect::origins;
use crate::finding::{Finding, codes};
use crate::image::{
    Core, Digest, Entropy, FingerprintKey, Firmware, Holder, Part, PartKind, Plain, SealedImage, SecretSpan, seal,
};
use crate::model::facts::{Value, each_value};
use crate::model::paths::{
    ASSET_MAC, ASSET_SERIAL, EXPORTED_CONFIG_ENCRYPTED, EXPORTED_CONFIG_PASSWORD, PLATFORM_MODEL, VENDOR_SETTINGS_LINE,
};
use crate::native::{FillError, Filled, Fingerprint, Form, NativeConfig, NativeText, Reading};
use crate::pipeline::certificates::{self, CertificateFile, CertificateFiles, Named};
use crate::platform;
use crate::policy::Compliant;
use crate::policy::analysis::header;
use crate::secret::{SecretRef, SecretValue, Secrets};
use crate::site::SiteDevice;
use crate::site::secrets::FINGERPRINT_KEY;

/// One device, rendered and read back: all that its image will hold, and what is public of it.
pub struct Prepared {
    /// What is sealed.
    pub plain: Plain,
    /// What the image says of itself. The revision is not known yet: it stands at 1.
    pub core: Core,
    /// Redacted machine form, where the platform has one.
    pub machine: Option<String>,
    /// Redacted sheet, where anything is set by hand.
    pub sheet: Option<String>,
    /// Digest of the redacted text, fingerprints blanked.
    pub structure: Digest,
    /// What was rendered, for the public file and reports.
    pub native: NativeConfig,
}

/// The part that is the file for a device in the device's own encryption.
pub const VENDORS_OWN: &str = "native.dec";

/// What an image says of its build.
pub struct Stamp<'a> {
    /// The site's name.
    pub site: &'a str,
    /// Whose passphrase it is sealed with: the site's name unless groups are declared.
    pub group: &'a str,
    /// Whether the site is a demo.
    pub demo: bool,
}

/// Renders, fills and reads back one device. Takes a [`Compliant`], so nothing that failed its rules gets here.
///
/// # Errors
/// Findings: a secret that is missing or does not fit, a limit of the device, a read-back that differs, a part that
/// can't be sealed.
pub fn render_and_read_back(
    compliant: &Compliant<'_>,
    base: Option<&Reading>,
    secrets: &Secrets,
    certificates: &CertificateFiles,
    stamp: &Stamp<'_>,
) -> Result<Prepared, Vec<Finding>> {
    let device = compliant.device();
    let key = fingerprint_key(device, secrets)?;
    let fingerprint = |path: &str, value: &SecretValue| Some(key.as_ref()?.told(stamp.site, &device.name, path, value));
    let fill = |text: &NativeText| fill(text, device, secrets, &fingerprint);
    let Composed { native, names, plain } = compose(device, base, &fill, secrets, certificates)?;
    // what reviewers read is what `open` will redact, by construction
    let shown = |name: Option<String>| String::from_utf8(plain.redacted(&name?)?).ok();
    let [machine, sheet] = names.map(shown);
    let not_after = compliant.not_after().map(core_time).unwrap_or_default();
    let core = core(device, not_after, stamp, plain.review());
    Ok(Prepared { core, machine, sheet, structure: plain.structure(), native, plain })
}

/// What stands against sealing a device and can be told without a secret: all that [`render_and_read_back`] refuses,
/// with a value in the place of each secret that every place takes. Of any device, compliant or not; nothing of what is
/// rendered is kept.
pub(super) fn refusals(
    device: &SiteDevice,
    base: Option<&Reading>,
    certificates: &CertificateFiles,
    stamp: &Stamp<'_>,
    clean: &CleanGroups,
) -> Vec<Finding> {
    // what tables alone make reads back, as tests prove; lines of a device's own file or of people between them may not
    let over_a_file = platform::at(device).machine == Some(Form::Ini);
    let foreign = over_a_file || device.own.items(VENDOR_SETTINGS_LINE).is_some();
    let composed =
        if foreign { with_stand_ins(device, base, certificates) } else { outline(device, base, certificates, clean) };
    let described = composed.and_then(|Composed { native, plain, .. }| {
        core(device, String::new(), stamp, plain.review()).check().map_err(|error| refused(device, &error))?;
        Ok(unplaced(device, &native.unplaced))
    });
    described.unwrap_or_else(|findings| findings)
}

/// Letters and digits, as many as every place takes.
const STAND_IN: &[u8] = b"StandIn7";

/// The whole of it, without a secret.
fn with_stand_ins(
    device: &SiteDevice,
    base: Option<&Reading>,
    certificates: &CertificateFiles,
) -> Result<Composed, Vec<Finding>> {
    let mut stand_ins = BTreeMap::new();
    each_value(&device.own, &mut |_, fact| {
        if let Value::Secret(name) = &fact.value
            && let Ok(name) = SecretRef::new(name)
        {
            stand_ins.insert(name, SecretValue::copy_of(STAND_IN));
        }
    });
    let stand_ins = Secrets::Loaded(stand_ins);
    let fill = |text: &NativeText| fill(text, device, &stand_ins, &|_, _| None);
    compose(device, base, &fill, &Secrets::Absent, certificates)
}

/// The same without its texts being written out: thousands of devices are checked at each push.
fn outline(
    device: &SiteDevice,
    base: Option<&Reading>,
    certificates: &CertificateFiles,
    clean: &CleanGroups,
) -> Result<Composed, Vec<Finding>> {
    let empty = |text: &NativeText| Filled { form: text.form, text: Zeroizing::default(), spans: Vec::new() };
    let on = &platform::at(device);
    // what a base adds to a line is no other device's
    let rest = if base.is_none() { clean.rest(device) } else { None };
    let looked_at = rest.as_ref().unwrap_or(&device.own);
    let mut native = on.judge(device, looked_at, base)?;
    if base.is_none() && native.unplaced.is_empty() {
        clean.remember(device, looked_at);
    }
    if rest.is_some() && native.machine.is_none() && native.sheet.is_none() {
        native = on.judge(device, &device.own, base)?;
    }
    let texts = [&native.machine, &native.sheet].map(|text| text.as_ref().map(empty));
    let (names, plain) = whole(device, texts, None, certificates, |_| SecretValue::new(Vec::new()))?;
    Ok(Composed { native, names, plain })
}

/// Settings that neither the machine form nor the sheet has a place for: they are judged, and never set.
pub(super) fn unplaced(device: &SiteDevice, paths: &[String]) -> Vec<Finding> {
    let origins = origins(&device.own, paths.iter().map(String::as_str));
    let finding = |path: &String| {
        let origin = origins.get(&**path).copied().unwrap_or(header(device));
        let message = format!("no table has a place for `{path}` on {}", device.platform.word());
        let finding =
            Finding::new(codes::platform::UNPLACED, origin.loc(), message).device(&*device.name).path(path.clone());
        Finding { trail: device.trail(origin), ..finding }
    };
    paths.iter().map(finding).collect()
}

/// A device's texts, and what its image will hold.
struct Composed {
    native: NativeConfig,
    names: [Option<String>; 2],
    plain: Plain,
}

/// Renders a device, fills its texts, reads them back against the secrets that are known, and puts the parts together.
fn compose(
    device: &SiteDevice,
    base: Option<&Reading>,
    fill: &dyn Fn(&NativeText) -> Result<Filled, Vec<Finding>>,
    known: &Secrets,
    certificates: &CertificateFiles,
) -> Result<Composed, Vec<Finding>> {
    let on = &platform::at(device);
    let native = on.render(device, base)?;
    let machine = native.machine.as_ref().map(fill).transpose()?;
    let sheet = native.sheet.as_ref().map(fill).transpose()?;
    for filled in machine.iter().chain(&sheet) {
        platform::read_back(on, device, &native, filled, base, known)?;
    }
    let own = vendors_own(device, machine.as_ref(), known)?;
    let (names, plain) = whole(device, [machine, sheet], own, certificates, SecretValue::copy_of)?;
    Ok(Composed { native, names, plain })
}

/// The file for a device in the device's own encryption, beside the plain one: where it is described to export so, it
/// has that key. It protects little, and whoever takes it out of the image is told so.
fn vendors_own(device: &SiteDevice, machine: Option<&Filled>, known: &Secrets) -> Result<Option<Part>, Vec<Finding>> {
    let said = |path: &str| device.own.value(path);
    let asked = said(EXPORTED_CONFIG_ENCRYPTED).is_some_and(|fact| fact.value == Value::Switch(true));
    let Some(file) = machine.filter(|file| asked && file.form == Form::Ini) else { return Ok(None) };
    let Some(fact) = said(EXPORTED_CONFIG_PASSWORD) else { return Ok(None) };
    let Value::Secret(name) = &fact.value else { return Ok(None) };
    let Some(key) = known.get(name) else { return Ok(None) };
    match container::close(file.text.as_bytes(), key.expose()) {
        Ok(bytes) => {
            let bytes = SecretValue::new(bytes);
            Ok(Some(Part { kind: PartKind::Other, name: VENDORS_OWN.to_owned(), bytes, secrets: Vec::new() }))
        }
        Err(error) => {
            let finding = Finding::new(codes::image::SECRET, fact.origin.loc(), format!("`{name}`: {error}"));
            Err(vec![finding.device(&*device.name).path(EXPORTED_CONFIG_PASSWORD)])
        }
    }
}

/// The parts of an image: texts, the same in the device's own encryption, and the certificates that settings name.
fn whole(
    device: &SiteDevice,
    texts: [Option<Filled>; 2],
    own: Option<Part>,
    certificates: &CertificateFiles,
    content: impl Fn(&[u8]) -> SecretValue,
) -> Result<([Option<String>; 2], Plain), Vec<Finding>> {
    let named = certificates::named(&device.own);
    let strangers = certificates::refused(device, &named, certificates);
    if !strangers.is_empty() {
        return Err(strangers);
    }
    let names = texts.each_ref().map(|filled| filled.as_ref().map(name));
    let mut parts: Vec<Part> = texts.into_iter().flatten().map(part).collect();
    parts.extend(own);
    parts.extend(files(&named, certificates, content));
    if parts.is_empty() {
        return Err(refused(device, &"nothing is described that could be written to the device"));
    }
    let plain = Plain::new(parts).map_err(|error| refused(device, &error))?;
    Ok((names, plain))
}

impl Prepared {
    /// Seals it.
    ///
    /// # Errors
    /// A finding: a value that an image's description can't hold, too large, no randomness.
    pub fn seal(
        &self,
        device: &SiteDevice,
        revision: u32,
        holders: &[Holder<'_>],
        entropy: &mut dyn Entropy,
    ) -> Result<SealedImage, Vec<Finding>> {
        let core = Core { revision, ..self.core.clone() };
        seal(&self.plain, &core, holders, entropy).map_err(|error| refused(device, &error))
    }

    /// The redacted texts by their form, the machine form first.
    pub fn redacted(&self) -> impl Iterator<Item = (Form, &str)> {
        let machine = self.native.machine.as_ref().map(|t| t.form).zip(self.machine.as_deref());
        machine.into_iter().chain(self.sheet.as_deref().map(|text| (Form::Sheet, text)))
    }
}

/// The key of fingerprints, where it is among the secrets; without it texts have none.
fn fingerprint_key(device: &SiteDevice, secrets: &Secrets) -> Result<Option<FingerprintKey>, Vec<Finding>> {
    let Some(value) = secrets.get(FINGERPRINT_KEY) else { return Ok(None) };
    match FingerprintKey::new(value) {
        Some(key) => Ok(Some(key)),
        None => {
            let message = format!("`{FINGERPRINT_KEY}` is no key: it is 64 hexadecimal digits");
            Err(vec![Finding::new(codes::image::FINGERPRINT_KEY, device.loc, message).device(&*device.name)])
        }
    }
}

fn fill(
    text: &NativeText,
    device: &SiteDevice,
    secrets: &Secrets,
    fingerprint: Fingerprint<'_>,
) -> Result<Filled, Vec<Finding>> {
    text.fill_with(secrets, fingerprint).map_err(|error| {
        let (FillError::Missing { path, .. } | FillError::Characters { path, .. }) = &error;
        let loc = device.own.value(path).map_or(device.loc, |f| f.origin.loc());
        let help = match &error {
            FillError::Missing { name, .. } => format!("put it into the secrets as `{}`", name.as_str()),
            FillError::Characters { .. } => "choose one of printable characters that the device takes".to_owned(),
        };
        let finding = Finding::new(codes::image::SECRET, loc, error.to_string());
        vec![finding.help(help).device(&*device.name).path(path.clone())]
    })
}

fn name(filled: &Filled) -> String {
    format!("native.{}", filled.form.ending())
}

fn part(filled: Filled) -> Part {
    let spans = filled.spans.iter();
    let secrets = spans.map(|s| SecretSpan { length: s.length, offset: s.offset, token: s.token.clone() }).collect();
    Part { kind: PartKind::Native, name: name(&filled), bytes: SecretValue::copy_of(filled.text.as_bytes()), secrets }
}

/// Certificates that settings name travel in the image: the laptop in the plant has no site.
fn files(named: &Named<'_>, certificates: &CertificateFiles, content: impl Fn(&[u8]) -> SecretValue) -> Vec<Part> {
    let there = named.keys().filter_map(|path| Some((path, certificates.get(*path)?)));
    let part = |(path, file): (&&str, &CertificateFile)| {
        let name: String = path.to_lowercase().chars().map(|c| if c == '/' { '-' } else { c }).collect();
        Part { kind: PartKind::Other, name, bytes: content(&file.bytes), secrets: Vec::new() }
    };
    let mut parts: Vec<Part> = there.map(part).collect();
    // two paths that give one name are refused with the parts: none is left out
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    parts
}

fn core(device: &SiteDevice, not_after: String, stamp: &Stamp<'_>, review: Digest) -> Core {
    let said = |path: &str| device.own.value(path).map(|f| f.value.plain()).unwrap_or_default();
    let firmware = match (device.accepts, device.firmware) {
        (Some(range), _) => Firmware { min: range.min.to_string(), max: range.max.to_string() },
        (None, Some(version)) => Firmware::exactly(&version.to_string()),
        (None, None) => Firmware::exactly(""),
    };
    Core {
        demo: stamp.demo,
        device: device.name.to_string(),
        firmware,
        group: stamp.group.to_owned(),
        kind: "device".to_owned(),
        mac: said(ASSET_MAC),
        model: said(PLATFORM_MODEL),
        not_after,
        platform: device.platform.word().to_owned(),
        review,
        revision: 1,
        serial: said(ASSET_SERIAL),
        site: stamp.site.to_owned(),
    }
}

/// A time as the description of an image says it.
pub(super) fn core_time(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn refused(device: &SiteDevice, error: &dyn std::fmt::Display) -> Vec<Finding> {
    vec![Finding::new(codes::image::REFUSED, device.loc, error.to_string()).device(&*device.name)]
}
