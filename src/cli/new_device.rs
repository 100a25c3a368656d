//! What is said of a device that begins, by flags or at the terminal.

use fieldlock::model::device::PlatformKind;
use fieldlock::model::value::{Address, Name, Network, Version};
use fieldlock::pipeline::first::{AddressSaid, NewDevice, ZoneSaid, baseline, interface};
use fieldlock::site::{models, reserved};

use super::asking::ask;
use super::init::zone_of;
use super::problem::Problem;

/// What a device is.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct DeviceFlags {
    /// Its model, as the label says it: the platform follows from it
    #[arg(long, help_heading = "First device")]
    model: Option<String>,
    /// Its firmware
    #[arg(long, value_name = "VERSION", help_heading = "First device")]
    firmware: Option<Version>,
    /// Its address with the length of the network: 10.20.7.7/16
    #[arg(long, value_name = "ADDRESS/LENGTH", value_parser = interface, help_heading = "First device")]
    address: Option<Network>,
    /// The way to elsewhere
    #[arg(long, value_name = "ADDRESS", requires = "address", help_heading = "First device")]
    gateway: Option<Address>,
    /// The serial number on its label
    #[arg(long, value_name = "NUMBER", help_heading = "First device")]
    serial: Option<String>,
}

/// Refuses a name that no device can have.
pub(crate) fn can_be_called(name: &Name) -> Result<(), Problem> {
    reserved(name.as_str())
        .map_or(Ok(()), |(message, help)| Err(Problem::invalid(message).help(help).state("nothing was written")))
}

impl DeviceFlags {
    /// The platform of its model, where that is known.
    pub(crate) fn platform(&self) -> Option<PlatformKind> {
        self.model.as_deref().and_then(models::known).map(|(kind, _)| kind)
    }

    /// Its address.
    pub(crate) fn net(&self) -> Option<Network> {
        self.address
    }

    /// Whether any of it was said.
    pub(crate) fn is_given(&self) -> bool {
        self.model.is_some() || self.firmware.is_some() || self.address.is_some() || self.serial.is_some()
    }

    /// Its platform: by its model, or the only one that there is.
    pub(crate) fn platform_among(&self, platforms: &[PlatformKind]) -> Result<PlatformKind, Problem> {
        let label = self.model.as_deref().unwrap_or_default();
        match (self.platform(), platforms) {
            (Some(kind), _) if platforms.is_empty() || platforms.contains(&kind) => Ok(kind),
            (Some(kind), _) => Err(Problem::invalid(format!("`{label}` is a model of `{}`", kind.word()))
                .help(format!("add --platform {}", kind.word()))),
            (None, [one]) => Ok(*one),
            (None, _) if label.is_empty() => Err(Problem::invalid("which platform the device is was not said")
                .help("add --model, as its label says it, or --platform; `fieldlock models` lists them")),
            (None, _) => Err(Problem::invalid(format!("no model that is known is called `{label}`"))
                .help("add --platform; `fieldlock models` lists what is known")),
        }
        .map_err(|problem| problem.state("nothing was written"))
    }

    /// The device of these flags.
    pub(crate) fn device(
        self,
        name: Name,
        platform: PlatformKind,
        zone: Name,
        owner: Option<Name>,
        profile: String,
    ) -> NewDevice {
        let address = self.address.map(|net| AddressSaid { net, gateway: self.gateway });
        let (model, firmware, serial) = (self.model, self.firmware, self.serial);
        NewDevice { name, platform, model, firmware, zone, address, owner, serial, profile }
    }
}

/// Asks for the first device of a site; none where nobody names its model.
pub(crate) fn ask_first(
    platforms: &[PlatformKind],
    zones: &[ZoneSaid],
    person: &Name,
) -> Result<Option<NewDevice>, Problem> {
    let optional = |text: &str| Ok((!text.is_empty()).then(|| text.to_owned()));
    let question = "model of a first device, as its label says it, or nothing";
    let read = |text: &str| match models::known(text) {
        Some((kind, _)) if !platforms.contains(&kind) => Err(format!("this is a model of {}", kind.word())),
        None if !text.is_empty() && platforms.len() > 1 => {
            Err("no model is known by this name; `fieldlock models` lists them".to_owned())
        }
        _ => optional(text),
    };
    let Some(model) = ask(question, Some(""), &read)? else { return Ok(None) };
    let mut flags = DeviceFlags { model: Some(model), ..DeviceFlags::default() };
    let platform = flags.platform_among(platforms)?;
    let name: Name = ask("what it is called", None, &|text| match reserved(text) {
        Some((message, _)) => Err(message),
        None => text.parse(),
    })?;
    let version = |text: &str| if text.is_empty() { Ok(None) } else { text.parse().map(Some) };
    flags.firmware = ask("its firmware, 1.1.0, or nothing", Some(""), &version)?;
    let net = |text: &str| if text.is_empty() { Ok(None) } else { interface(text).map(Some) };
    flags.address = ask("its address, 10.20.7.7/16, or nothing", Some(""), &net)?;
    if flags.address.is_some() {
        let gateway = |text: &str| if text.is_empty() { Ok(None) } else { text.parse().map(Some) };
        flags.gateway = ask("its gateway, or nothing", Some(""), &gateway)?;
    }
    flags.serial = ask("serial number on its label, or nothing", Some(""), &optional)?;
    let Some(zone) = zone_of(zones, flags.net()) else { return Ok(None) };
    Ok(Some(flags.device(name, platform, zone, Some(person.clone()), baseline(platform))))
}
