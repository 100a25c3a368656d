//! What the flags on secrets mean. Where they lie enters here: a folder, stdin, a demo site's own folder; never the
//! environment, never a place that the site names.

use std::io::{self, Read};
use std::path::Path;

use fieldlock::image::Passphrase;
use fieldlock::pipeline::Plant;
use fieldlock::secret::{SecretValue, Secrets};
use fieldlock::site::Site;
use fieldlock::site::files::Root;
use fieldlock::site::secrets::{MAX_MAP, SecretSource, collect, demo_passphrase};

use super::args::{PassphrasesArgs, SecretArgs};
use super::problem::Problem;

/// The secrets that the devices name. What is wrong with them joins the plant's findings.
pub(crate) fn load(args: &SecretArgs, plant: &mut Plant, root: &Path) -> Result<Secrets, Problem> {
    let json;
    let source = match args.secrets.as_deref() {
        None => SecretSource::None,
        Some("placeholder") => SecretSource::Placeholder,
        Some("-") => {
            json = stdin()?;
            SecretSource::Json(&json)
        }
        Some(folder) => SecretSource::Folder(Path::new(folder)),
    };
    let collected = collect(&Root::open(root)?, &plant.site, &plant.site.devices, source);
    plant.findings.extend(collected.findings);
    Ok(collected.secrets)
}

fn stdin() -> Result<SecretValue, Problem> {
    let mut text = Vec::with_capacity(64 * 1024);
    let read = io::stdin().lock().take(MAX_MAP as u64 + 1).read_to_end(&mut text);
    let text = SecretValue::new(text);
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(Problem::invalid(format!("the secrets can't be read from stdin: {error}"))),
    }
}

/// A demo site's passphrase: the one that everybody knows, from the site's own folder; any other source is refused.
pub(crate) fn of_demo(args: &PassphrasesArgs, site: &Site, root: &Path) -> Result<Passphrase, Problem> {
    let refused = |message: &str| {
        Problem::refused(message)
            .help("a demo is for trying things out: its passphrase is public and its images are marked")
    };
    if !args.passphrase_file.is_empty() || args.passphrase_fd.is_some() {
        return Err(refused("a demo site takes its passphrase from its own `demo` folder only"));
    }
    match demo_passphrase(&Root::open(root)?, site)? {
        None => Ok(Passphrase::demo()),
        Some(content) => match Passphrase::from_file(&content) {
            Ok(passphrase) if passphrase.is_demo() => Ok(passphrase),
            _ => Err(refused("`demo/passphrase` is not the demo passphrase")),
        },
    }
}
