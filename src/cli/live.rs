//! What runs on devices, read from them: what `capture`, `drift` and `doctor` share. Where the program was built
//! without the part that talks to devices, it says so.

use std::path::PathBuf;

use fieldlock::report::documents::RefusedFile;

/// What a device said, or why it said nothing.
pub(crate) type Said = Result<String, RefusedFile>;

/// Reading from devices themselves.
#[derive(Debug, clap::Args)]
pub(crate) struct LiveArgs {
    /// Read it from the device itself, over SSH; its host key has to be described (`reach { host-key ... }`)
    #[arg(long, help_heading = "Devices that answer")]
    pub(crate) live: bool,
    #[command(flatten)]
    pub(crate) lab: LabFileArgs,
    /// As many devices are read at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256),
        help_heading = "Devices that answer")]
    at_once: u16,
}

/// Devices of a lab in place of the real ones.
#[derive(Debug, clap::Args)]
pub(crate) struct LabFileArgs {
    /// Speak to devices to rehearse on: the file that `fieldlock lab --write FILE` wrote
    #[arg(id = "lab", long = "lab", value_name = "FILE", help_heading = "Devices that answer")]
    file: Option<PathBuf>,
}

#[cfg(feature = "device")]
pub(crate) use with_network::{password, reach, read};

#[cfg(feature = "device")]
mod with_network {
    use fieldlock::device::Reach;
    use fieldlock::device::cli::Patience;
    use fieldlock::device::lab::shipped;
    use fieldlock::device::live::{self, Asked, LiveError};
    use fieldlock::report::documents::{LabDevices, RefusedFile};
    use fieldlock::secret::{SecretValue, Secrets};
    use fieldlock::site::SiteDevice;

    use super::{LabFileArgs, LiveArgs, Said};
    use crate::cli::problem::Problem;
    use crate::cli::progress::Progress;
    use crate::cli::{file, passphrase, terminal};

    /// Where the password of the account that reads is.
    const NO_PASSWORD: &str = "`fieldlock secret set` keeps it in the store, which --passphrase-file FILE opens; or give a folder \
                               of secrets with --secrets DIR";

    /// Longest file of a lab.
    const LONGEST: usize = 8 << 20;

    /// Reads devices: the name of each, and what it said or why it said nothing.
    pub(crate) fn read(
        devices: &[&SiteDevice],
        secrets: &Secrets,
        args: &LiveArgs,
    ) -> Result<Vec<(String, Said)>, Problem> {
        let lab = args.lab.read()?;
        let mut ready = Vec::new();
        let mut all = Vec::new();
        for device in devices {
            let name = device.name.to_string();
            let asked = reach(device, lab.as_ref()).and_then(|reach| {
                let password = password(&reach, secrets, lab.is_some())?;
                Ok(Asked { reach, password })
            });
            match asked {
                Ok(asked) => ready.push(asked),
                Err(problem) => all.push((name.clone(), Err(unread(name, problem.message, problem.help)))),
            }
        }
        let progress = Progress::new("reading devices");
        let texts = live::many(&ready, args.at_once.into(), Patience::default(), &|| progress.tick());
        progress.done();
        for (asked, text) in ready.into_iter().zip(texts) {
            let name = asked.reach.name;
            let told = |why: LiveError| unread(name.clone(), why.to_string(), Some(why.help()));
            let of = |text: String| match devices.iter().find(|device| *device.name == *name) {
                Some(device) => live::is_of(device, &text).map(|_| text),
                None => Ok(text),
            };
            all.push((name.clone(), text.and_then(of).map_err(told)));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(all)
    }

    /// How a device is reached: as it is described, or in a lab.
    pub(crate) fn reach(device: &SiteDevice, lab: Option<&LabDevices>) -> Result<Reach, Problem> {
        let found = lab.map(|lab| lab.devices.iter().find(|known| *known.name == *device.name));
        let at = found.flatten().map(|known| known.address);
        let reach = Reach::of(device, at).map_err(|why| Problem::invalid(why.to_string()).help(why.help()));
        let mut reach = reach?;
        match found {
            Some(Some(known)) => reach.keys = vec![known.host_key.clone()],
            Some(None) => {
                return Err(Problem::invalid(format!("the lab has no device `{}`", device.name))
                    .help("start it with this device: `fieldlock lab SITE --device NAME`"));
            }
            None => {}
        }
        Ok(reach)
    }

    /// The password of the account that reads: a secret of the site, on a device of a lab the one that such a device is
    /// shipped with, or typed.
    pub(crate) fn password(reach: &Reach, secrets: &Secrets, in_lab: bool) -> Result<SecretValue, Problem> {
        let known = reach.password.as_ref().and_then(|name| secrets.get(name.as_str()));
        let known = known.map(|value| SecretValue::copy_of(value.expose()));
        let shipped = || shipped(reach.speech, &reach.account).filter(|_| in_lab);
        match known.or_else(shipped) {
            Some(value) => Ok(value),
            None => {
                let prompt = format!("password of {} on {}: ", reach.account, reach.name);
                let what = format!("password of `{}`", reach.account);
                if !terminal::can_ask() {
                    return Err(
                        Problem::invalid(format!("no {what} was given, and there is no terminal")).help(NO_PASSWORD)
                    );
                }
                passphrase::typed(&prompt, &what, "--secrets")
            }
        }
    }

    impl LabFileArgs {
        /// The lab that is meant, where one is.
        pub(crate) fn read(&self) -> Result<Option<LabDevices>, Problem> {
            let Some(path) = &self.file else { return Ok(None) };
            let told = |why: &dyn std::fmt::Display| {
                Problem::invalid(format!("--lab {}: {why}", path.display()))
                    .help("give the file that `fieldlock lab SITE --write FILE` wrote, while it runs")
            };
            let text = file::read_text(path, LONGEST).map_err(|error| told(&error))?;
            let lab: LabDevices = serde_json::from_slice(&text).map_err(|error| told(&error))?;
            if lab.devices.iter().any(|device| !device.address.ip().is_loopback()) {
                return Err(told(&"it names an address that is not of this machine"));
            }
            Ok(Some(lab))
        }
    }

    fn unread(file: String, message: String, help: Option<String>) -> RefusedFile {
        RefusedFile { file, message, help }
    }
}

#[cfg(not(feature = "device"))]
pub(crate) fn read(
    _: &[&fieldlock::site::SiteDevice],
    _: &fieldlock::secret::Secrets,
    _: &LiveArgs,
) -> Result<Vec<(String, Said)>, super::problem::Problem> {
    Err(without())
}

/// The words of a verb that this build does not have.
#[cfg(not(feature = "device"))]
#[derive(Debug, clap::Args)]
pub(crate) struct Without {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _words: Vec<std::ffi::OsString>,
}

#[cfg(not(feature = "device"))]
pub(crate) fn without() -> super::problem::Problem {
    super::problem::Problem::invalid("this program was built without the part that talks to devices")
        .help("build it with the cargo feature `device`, or take what devices exported with --from")
}
