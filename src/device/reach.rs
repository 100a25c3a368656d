//! Where a device is, by which key it is known, and who logs in.

use std::net::{IpAddr, SocketAddr};

use super::Speech;
use super::probe::Ports;
use crate::model::accounts::Role;
use crate::model::device::Device;
use crate::model::reach::{Reach as Described, WeakAlgorithm};
use crate::model::services::{Service, Services};
use crate::secret::SecretRef;
use crate::site::SiteDevice;

/// TCP port of SSH where nothing else is said.
const SSH: u16 = 22;

/// How one device is reached.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Its name.
    pub name: String,
    /// How its command line talks.
    pub speech: &'static Speech,
    /// Where it answers.
    pub at: SocketAddr,
    /// From which of our addresses it is spoken to; any, where none is said.
    pub from: Option<IpAddr>,
    /// Fingerprints of its host keys.
    pub keys: Vec<String>,
    /// Weak algorithms that it has nothing better than.
    pub weak: Vec<WeakAlgorithm>,
    /// The account that logs in.
    pub account: String,
    /// The secret that holds its password, where the account is described.
    pub password: Option<SecretRef>,
}

/// Why nobody can say how a device is reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReachError {
    /// No command line of its platform is known.
    #[error("`{0}` has no command line that is known: it is read by an export or a sheet")]
    NoCommandLine(String),
    /// Its address is nowhere.
    #[error("nothing says where `{0}` answers")]
    NoAddress(String),
    /// Nobody is described who could log in.
    #[error("nothing says which account reads `{0}`")]
    NoAccount(String),
    /// The description can't be read as one.
    #[error("the description of `{0}` can't be read: {1}")]
    Unread(String, String),
}

impl ReachError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            ReachError::NoCommandLine(_) => "take what it exports: `fieldlock capture DEVICE --from FILE`",
            ReachError::NoAddress(_) => "write it: `reach { address \"10.20.1.1\" }`",
            ReachError::NoAccount(_) => "write it: `reach { account \"ot-admin\" }`",
            ReachError::Unread(..) => "`fieldlock check` says what is wrong with it",
        }
    }
}

impl Reach {
    /// As a device is described; `at` is where it answers all the same, as a device of a lab does.
    ///
    /// # Errors
    /// Something is said nowhere.
    pub fn of(device: &SiteDevice, at: Option<SocketAddr>) -> Result<Reach, ReachError> {
        let name = || device.name.to_string();
        let speech = Speech::of(device.platform).ok_or_else(|| ReachError::NoCommandLine(name()))?;
        let complete = device.complete();
        let said: Device = complete.decode().map_err(|why| ReachError::Unread(name(), why))?;
        let reach = said.reach.clone();
        let address = address(&said, reach.as_ref());
        let ssh = said.services.as_ref().and_then(|services| services.ssh.as_ref()?.port);
        let port = reach.as_ref().and_then(|reach| reach.port).or(ssh).unwrap_or(SSH);
        let described = address.map(|address| SocketAddr::new(address, port));
        let accounts = || said.accounts.iter().flat_map(|accounts| &accounts.account).filter(|a| a.removed.is_none());
        let asked = reach.as_ref().and_then(|reach| reach.account.clone());
        let first =
            || accounts().find(|account| account.role == Some(Role::Administrator)).and_then(|a| a.name.clone());
        let account = asked.or_else(first).ok_or_else(|| ReachError::NoAccount(name()))?;
        let known = accounts().find(|known| known.name.as_ref() == Some(&account));
        let password = known.and_then(|known| SecretRef::new(&known.password.as_ref()?.0).ok());
        Ok(Reach {
            name: name(),
            speech,
            at: at.or(described).ok_or_else(|| ReachError::NoAddress(name()))?,
            from: None,
            keys: reach.iter().flat_map(|reach| &reach.host_key).map(|key| key.0.clone()).collect(),
            weak: reach.map(|reach| reach.weak).unwrap_or_default(),
            account,
            password,
        })
    }
}

/// Where a device answers, as it is described.
fn address(said: &Device, reach: Option<&Described>) -> Option<IpAddr> {
    let own = said.network.iter().flat_map(|network| &network.interface);
    let own = own.filter_map(|interface| interface.address.as_ref()).map(|net| net.0.addr()).next();
    reach.and_then(|reach| reach.address).map(|address| address.0).or(own)
}

impl Ports {
    /// Where the services of a device are, as it is described: on the ports that everybody uses where nothing is said.
    ///
    /// # Errors
    /// Its address is said nowhere.
    pub fn of(device: &SiteDevice) -> Result<Ports, ReachError> {
        let name = || device.name.to_string();
        let complete = device.complete();
        let said: Device = complete.decode().map_err(|why| ReachError::Unread(name(), why))?;
        let address = address(&said, said.reach.as_ref()).ok_or_else(|| ReachError::NoAddress(name()))?;
        let services = said.services.as_ref();
        let at = |port: Option<u16>, usual| SocketAddr::new(address, port.unwrap_or(usual));
        let port = |of: fn(&Services) -> Option<&Service>| services.and_then(of).and_then(|service| service.port);
        let ssh = said.reach.as_ref().and_then(|reach| reach.port);
        Ok(Ports {
            ssh: at(ssh.or(port(|s| s.ssh.as_ref())), SSH),
            telnet: at(port(|s| s.telnet.as_ref()), 23),
            http: at(port(|s| s.http.as_ref()), 80),
            https: at(services.and_then(|s| s.https.as_ref()?.port), 443),
            snmp: at(port(|s| s.snmp.as_ref()), 161),
        })
    }
}
