//! Why a device can't be read: every step from its address to its configuration, up to the first that fails.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use super::cli::{Cli, Login, Patience};
use super::live::{self, LiveError};
use super::reach::Reach;
use super::ssh::{LET_IN, Ssh, SshError, TAKE};
use crate::model::paths::{LOGIN_LOCKOUT_AFTER, LOGIN_LOCKOUT_FOR};
use crate::secret::SecretValue;
use crate::site::SiteDevice;
use crate::site::identity::Tells;

/// A step, and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was tried.
    pub what: &'static str,
    /// What was found, or why it failed and what to do.
    pub found: Result<String, (String, String)>,
}

/// Goes through it. Without a password it ends before the login.
pub fn examine(
    device: &SiteDevice,
    reach: &Reach,
    password: Option<&SecretValue>,
    (within, patience): (Duration, Patience),
) -> Vec<Step> {
    let mut steps = Vec::new();
    let key = if reach.keys.is_empty() { "no host key".to_owned() } else { reach.keys.join(", ") };
    good(&mut steps, "described", format!("{}, account `{}`, {key}", reach.at, reach.account));
    match reach.from.or_else(|| own_address(reach.at)) {
        Some(own) => good(&mut steps, "from here", format!("this computer speaks to it as {own}")),
        None => {
            bad(&mut steps, "from here", "this computer has no way to that address", "is the network up?");
            return steps;
        }
    }
    let Some(password) = password else {
        match super::ssh::host_key(reach, within) {
            Ok(shown) if reach.keys.contains(&shown) => good(&mut steps, "host key", shown),
            Ok(shown) => failed(&mut steps, &key_error(reach, shown)),
            Err(error) => failed(&mut steps, &error),
        }
        return steps;
    };
    let login = Login { account: &reach.account, password };
    let wire = match Ssh::open(reach, &login, within) {
        Ok(wire) => wire,
        Err(error) => {
            failed(&mut steps, &error);
            if let (SshError::Refused(_), Some(Err((_, help))), Some(how)) =
                (&error, steps.last_mut().map(|step| &mut step.found), lockout(device))
            {
                help.push_str(&how);
            }
            return steps;
        }
    };
    good(&mut steps, "host key", "it is the one that is described".to_owned());
    good(&mut steps, "login", format!("`{}` is let in", reach.account));
    let text = Cli::start(wire, reach.speech, patience, &login).map_err(LiveError::from).and_then(|mut cli| {
        good(&mut steps, "prompt", cli.prompt());
        live::record(&mut cli)
    });
    match text {
        Ok(text) => {
            let told = live::is_of(device, &text);
            if let Err(error @ LiveError::NoConfiguration) = &told {
                bad(&mut steps, "configuration", &error.to_string(), &error.help());
                return steps;
            }
            good(&mut steps, "configuration", format!("it shows {} lines", text.lines().count()));
            match told {
                Ok(tells) => good(&mut steps, "identity", who(&tells)),
                Err(error) => bad(&mut steps, "identity", &error.to_string(), &error.help()),
            }
        }
        Err(error) => {
            let what = if steps.last().is_some_and(|step| step.what == "prompt") { "configuration" } else { "prompt" };
            bad(&mut steps, what, &error.to_string(), &error.help());
        }
    }
    steps
}

/// How long wrong tries lock an account, as it is described.
fn lockout(device: &SiteDevice) -> Option<String> {
    let complete = device.complete_in("login");
    let said = |path| Some(complete.value(path)?.value.plain());
    Some(format!(" (as it is described: {} after {} tries)", said(LOGIN_LOCKOUT_FOR)?, said(LOGIN_LOCKOUT_AFTER)?))
}

/// What a device tells of itself.
fn who(tells: &Tells) -> String {
    let told = [("model", &tells.model), ("serial number", &tells.serial), ("MAC address", &tells.mac)];
    let told: Vec<String> = told.iter().filter_map(|(what, told)| Some(format!("{what} {}", told.as_ref()?))).collect();
    if told.is_empty() { "it does not tell which device it is".to_owned() } else { told.join(", ") }
}

fn key_error(reach: &Reach, shown: String) -> SshError {
    SshError::Key { at: reach.at, shown, expected: reach.keys.clone() }
}

fn failed(steps: &mut Vec<Step>, error: &SshError) {
    let what = match error {
        SshError::Unreachable { .. } | SshError::Slow { what: TAKE, .. } => "answers",
        SshError::Key { .. } => "host key",
        SshError::Refused(_) | SshError::Slow { what: LET_IN, .. } => "login",
        SshError::Algorithms { .. } | SshError::Slow { .. } | SshError::Failed { .. } => "ssh",
    };
    bad(steps, what, &error.to_string(), &error.hint());
}

fn good(steps: &mut Vec<Step>, what: &'static str, found: String) {
    steps.push(Step { what, found: Ok(found) });
}

fn bad(steps: &mut Vec<Step>, what: &'static str, why: &str, help: &str) {
    steps.push(Step { what, found: Err((why.to_owned(), help.to_owned())) });
}

/// The address that this computer would speak from. Nothing is sent.
fn own_address(to: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = if to.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0; 16], 0).into() };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(to).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::device::Speech;
    use crate::dialect::Tables;
    use crate::model::device::PlatformKind;
    use crate::model::facts::Facts;
    use crate::model::shape::Shape;
    use crate::source::Origin;

    /// The last step of an examination at an address, and what to do.
    fn ends(at: SocketAddr) -> (&'static str, String, String) {
        let kind = PlatformKind::MxRos;
        let Some(speech) = Speech::of(kind) else { unreachable!("it has a command line") };
        let device = SiteDevice::alone("d", Tables::shipped(kind), Facts::empty(Shape::device(), Origin::NONE));
        let reach = Reach {
            name: "d".to_owned(),
            speech,
            at,
            from: None,
            keys: Vec::new(),
            weak: Vec::new(),
            account: "ot".to_owned(),
            password: None,
        };
        let patience = (Duration::from_millis(500), Patience::default());
        let password = SecretValue::copy_of(b"doctor-Canary-1");
        let steps = examine(&device, &reach, Some(&password), patience);
        assert!(!format!("{steps:?}").contains("Canary"), "{steps:?}");
        let Some((last, before)) = steps.split_last() else { unreachable!("no step") };
        assert!(before.iter().all(|step| step.found.is_ok()), "{steps:?}");
        let Err((why, help)) = last.found.clone() else { unreachable!("nothing breaks: {steps:?}") };
        assert!(!help.contains("fieldlock doctor"), "it goes through it already: {help}");
        (last.what, why, help)
    }

    #[test]
    fn an_address_without_a_way_to_it() {
        let (what, why, _) = ends("255.255.255.255:22".parse().unwrap());
        assert!(what == "from here" && why.contains("no way"), "{what} {why}");
    }

    #[test]
    fn a_closed_port() {
        let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (what, why, help) = ends(at);
        assert!(what == "answers" && why.contains("refused") && help.contains("is SSH on"), "{what} {why} {help}");
    }

    /// A port whose packets are thrown away: the queue of a listener that takes nobody is full.
    #[test]
    fn a_filtered_port() {
        let (_runtime, listener) = crate::device::lab::deaf().unwrap();
        let at = listener.local_addr().unwrap();
        let waits = Duration::from_millis(200);
        let held: Vec<TcpStream> = (0..8).map_while(|_| TcpStream::connect_timeout(&at, waits).ok()).collect();
        assert!(held.len() < 8, "its queue is full");
        let (what, why, help) = ends(at);
        assert!(what == "answers" && why.contains("to take the connection"), "{what} {why}");
        assert!(help.contains("firewall") && help.contains("list of hosts"), "{help}");
    }

    #[test]
    fn a_port_that_does_not_speak_ssh() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let (what, why, help) = ends(silent.local_addr().unwrap());
        assert!(what == "ssh" && why.contains("agree on keys") && help.contains("right port"), "{what} {why} {help}");
        let web = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = web.local_addr().unwrap();
        let answer = std::thread::spawn(move || {
            let (mut stream, _) = web.accept().unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        });
        let (what, _, help) = ends(at);
        assert!(what == "ssh" && help.contains("port"), "{what} {help}");
        answer.join().unwrap();
    }
}
