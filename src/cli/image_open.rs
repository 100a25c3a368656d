//! `image open`: what is in an image, secrets masked; or, into a new folder, all of it.

use std::path::Path;

use fieldlock::image::{self, Derivations, Expected, Opened, Origin, PartKind, Plain, Proof, Unlock};
use fieldlock::report::escape;
use fieldlock::site::output::write_private_folder;

use super::args::{Format, OpenArgs};
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::{clock, image_file, machine, passphrase, terminal};

pub(crate) fn run(args: OpenArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, None, false);
    let file = image_file::read(&args.file)?;
    let refused = |error| image_file::refused(&args.file, &error);
    // what can be told without a key is told before anybody is asked for one
    let inspection = image::inspect(&file).map_err(refused)?;
    let group = inspection.core.as_ref().map_or("", |core| &core.group);
    let passphrase = passphrase::read(&args.passphrase, &format!("passphrase of {}: ", escape::line(group)))?;
    let derivations = Derivations::new();
    let expected = Expected {
        site: args.site.as_deref(),
        device: args.device.as_deref(),
        origin: Origin::NoSigners,
        seen: None,
        now: clock::now(),
        ceiling: machine::ceiling(),
    };
    let unlock = Unlock::Passphrase { passphrase: &passphrase, derivations: &derivations };
    let opened = image::open(&file, &unlock, &expected).map_err(refused)?;
    if let Some(folder) = &args.to {
        write_all(&opened.plain, folder)?;
        let count = opened.plain.parts().len();
        let told = format!("{count} files, secrets in clear, in {}\n", folder.display());
        terminal::complain(&escape::block(&told));
    }
    let mut rows = inspection.rows();
    if let Some(origin) = rows.iter_mut().find(|(name, _)| *name == "origin") {
        origin.1 = proof(&opened.proof);
    }
    output.text(&match output.format() {
        Format::Json => json(&rows, &opened),
        format => image_file::rows(&rows, format) + &texts(&opened),
    })?;
    Ok(Exit::Done)
}

fn proof(proof: &Proof) -> String {
    match proof {
        Proof::Signature { signer } => format!("proved: {signer} signed for exactly this"),
        Proof::Passphrase => "proved: somebody with the passphrase sealed exactly this".to_owned(),
        Proof::UnlockCode => "proved: somebody with the unlock code sealed exactly this".to_owned(),
        Proof::DemoPassphrase => "not proved: everybody knows the demo passphrase".to_owned(),
    }
}

/// The native texts with their secrets masked; other files by name and size.
fn texts(opened: &Opened) -> String {
    let mut out = String::new();
    for part in opened.plain.parts() {
        let secrets = part.secrets.len();
        let bytes = part.bytes.len();
        out.push_str(&format!("\n{} ({bytes} bytes, {secrets} masked)\n", escape::line(&part.name)));
        if part.kind == PartKind::Native {
            out.push_str(&escape::block(&redacted(&opened.plain, &part.name)));
            if !out.ends_with('\n') {
                out.push('\n');
            }
        }
    }
    out
}

fn json(rows: &[(&str, String)], opened: &Opened) -> String {
    let about: serde_json::Value = serde_json::from_str(&image_file::rows(rows, Format::Json)).unwrap_or_default();
    let parts = opened.plain.parts().iter().map(|part| {
        let text = (part.kind == PartKind::Native).then(|| redacted(&opened.plain, &part.name));
        serde_json::json!({
            "name": part.name,
            "bytes": part.bytes.len(),
            "masked": part.secrets.len(),
            "text": text,
        })
    });
    let parts: Vec<serde_json::Value> = parts.collect();
    escape::json(&format!("{:#}\n", serde_json::json!({ "about": about, "parts": parts })))
}

fn redacted(plain: &Plain, name: &str) -> String {
    String::from_utf8_lossy(&plain.redacted(name).unwrap_or_default()).into_owned()
}

fn write_all(plain: &Plain, folder: &Path) -> Result<(), Problem> {
    let files: Vec<(&str, &[u8])> = plain.parts().iter().map(|p| (&*p.name, p.bytes.expose())).collect();
    write_private_folder(folder, &files).map_err(|problem| {
        Problem::invalid(problem.to_string())
            .help("give a folder that does not exist yet with --to")
            .state("nothing of the image was written")
    })
}
