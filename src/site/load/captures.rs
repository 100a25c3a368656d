//! Captures: texts that were read from devices, each with a file beside it that says of which device it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Load, Planned};
use crate::finding::{Finding, codes};
use crate::model::capture::{Capture, CaptureForm};
use crate::model::shape::closest;
use crate::native::Form;
use crate::site::checks::Known;
use crate::site::documents::{Document, Kind};
use crate::site::files::FileProblem;
use crate::site::{SealedCapture, Site, SiteCapture};
use crate::source::{Loc, Span};

impl Load<'_> {
    pub(super) fn captures(&mut self, site: &mut Site, check: bool, files: Vec<(&Planned, Document)>) {
        self.heads(&files);
        let mut first: BTreeMap<(String, &str), Loc> = BTreeMap::new();
        for (planned, document) in files {
            let name = document.name().map(|(name, loc)| (name.to_owned(), loc));
            let told = said_ending(&document);
            // a second form of a device has a file of its own: `np07.sheet.kdl` beside `np07.kdl`
            let of_form =
                name.as_ref().zip(told).is_some_and(|((name, _), ending)| planned.stem() == format!("{name}.{ending}"));
            if !of_form {
                self.misnamed(planned, &document);
            }
            let (Some((name, at)), Document { facts: Some(facts), loc, .. }) = (name, document) else { continue };
            self.required(&facts);
            if check {
                Known::new(&site.typed, &site.facts).people(&facts, &mut self.findings);
            }
            if site.device(&name).is_none() && site.is_sound(&name) {
                self.capture_of_nothing(site, &name, at);
            }
            let Some(typed) = self.typed::<Capture>(&facts, loc) else { continue };
            let Some(said) = typed.form else { continue };
            let (form, ending) = (form(said), ending(said));
            if let Some(twin) = first.insert((name.clone(), ending), at) {
                let message = format!("a second capture of `{name}` in the form `{ending}`");
                let finding =
                    Finding::new(codes::site::TWIN_NAMES, at, message).help("keep the newer one").device(name);
                self.findings.push(finding.related(twin, "the first one"));
                continue;
            }
            let path = text_of(&planned.path, planned.stem() == name, ending);
            let Some(form) = form else {
                self.sealed(site, name, SealedCapture { loc, typed, path });
                continue;
            };
            match self.root.read_native(&path) {
                Ok(text) => {
                    let file = self.sources.add(path, text.clone());
                    let capture = SiteCapture { loc, facts, typed, form, text, file };
                    site.captures.entry(name.into()).or_default().push(Arc::new(capture));
                }
                Err(FileProblem::Missing { .. }) => self.no_text(&path, loc, name),
                Err(problem) => self.findings.push(problem.finding(loc).device(name)),
            }
        }
    }

    /// An export that nobody can read: that it is there is all that can be said without the passphrase.
    fn sealed(&mut self, site: &mut Site, name: String, capture: SealedCapture) {
        let there = self.root.list(Kind::Capture.folder(), SEALED).unwrap_or_default();
        if !there.contains(&capture.path) {
            self.no_text(&capture.path, capture.loc, name.clone());
        }
        site.sealed.insert(name.into(), capture);
    }

    fn no_text(&mut self, path: &str, loc: Loc, device: String) {
        let message = format!("the captured text `{path}` is missing");
        self.findings.push(Finding::new(codes::site::NO_CAPTURE_TEXT, loc, message).device(device));
    }

    /// A text in `captures/` that no file tells of: nobody says whose it is, nor when it was read.
    fn heads(&mut self, files: &[(&Planned, Document)]) {
        let folder = Kind::Capture.folder();
        let texts = Form::ALL.map(|form| (form, self.root.list(folder, form.ending()).unwrap_or_default()));
        let all: BTreeSet<String> = texts.iter().flat_map(|(_, texts)| texts).cloned().collect();
        for (form, texts) in texts {
            for text in texts {
                let Some((stem, _)) = text.rsplit_once('.') else { continue };
                let tells = |(planned, document): &(&Planned, Document)| {
                    let of = |said| said == form || !all.contains(&with(stem, said));
                    // what can't be read is told already, and so is one that says another form than its text has
                    planned.path == format!("{text}.kdl")
                        || planned.path == format!("{stem}.kdl") && said_form(document).is_none_or(of)
                };
                if files.iter().any(tells) {
                    continue;
                }
                let taken = files.iter().any(|(planned, _)| planned.path == format!("{stem}.kdl"));
                let path = if taken { format!("{text}.kdl") } else { format!("{stem}.kdl") };
                let message = format!("nobody says of which device `{text}` is, nor when it was read");
                let help = format!(
                    "write `{path}`: `capture \"...\" form=\"{}\" taken=\"...\" by=\"...\" serial=\"...\"`, or remove the text",
                    form.ending()
                );
                let file = self.sources.add(text, "");
                let loc = Loc::new(file, Span::default());
                self.findings.push(Finding::new(codes::site::CAPTURE_WITHOUT_HEAD, loc, message).help(help));
            }
        }
    }

    fn capture_of_nothing(&mut self, site: &Site, name: &str, at: Loc) {
        let help = match closest(name, site.devices.iter().map(|d| &*d.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "describe the device in `devices/`, or remove the capture".to_owned(),
        };
        let finding = Finding::new(codes::site::CAPTURE_WITHOUT_DEVICE, at, format!("the site has no device `{name}`"));
        self.findings.push(finding.help(help));
    }
}

/// Where the text of a capture lies, by the path of the file that tells of it; `plain` where that is called as the
/// device alone.
fn text_of(path: &str, plain: bool, ending: &str) -> String {
    let stem = path.strip_suffix(".kdl").unwrap_or(path);
    let ending = format!(".{ending}");
    if !plain && stem.ends_with(&ending) { stem.to_owned() } else { format!("{stem}{ending}") }
}

fn with(name: &str, form: Form) -> String {
    format!("{name}.{}", form.ending())
}

/// The form of a text that a file says, as far as it can be read.
fn said_form(document: &Document) -> Option<Form> {
    Form::of(said_ending(document)?)
}

/// The ending of the file that a capture tells of.
fn said_ending(document: &Document) -> Option<&'static str> {
    let said = document.facts.as_ref()?.value("form")?.value.plain();
    Form::of(&said).map(Form::ending).or_else(|| (said == "sealed").then_some(SEALED))
}

/// The ending of a sealed file.
const SEALED: &str = "flk";

fn form(form: CaptureForm) -> Option<Form> {
    match form {
        CaptureForm::Ini => Some(Form::Ini),
        CaptureForm::Cli => Some(Form::Cli),
        CaptureForm::Sheet => Some(Form::Sheet),
        CaptureForm::Sealed => None,
    }
}

fn ending(said: CaptureForm) -> &'static str {
    form(said).map_or(SEALED, Form::ending)
}
