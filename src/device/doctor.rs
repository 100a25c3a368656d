//! Why a device can't be read: every step from its address to its configuration, up to the first that fails.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use super::cli::{Cli, Login, Patience};
use super::live::{self, LiveError, WITHIN};
use super::reach::Reach;
use super::ssh::{Ssh, SshError};
use crate::secret::SecretValue;

/// A step, and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was tried.
    pub what: &'static str,
    /// What was found, or why it failed and what to do.
    pub found: Result<String, (String, String)>,
}

/// Goes through it. Without a password it ends before the login.
pub fn examine(reach: &Reach, password: Option<&SecretValue>, patience: Patience) -> Vec<Step> {
    let mut steps = Vec::new();
    let key = if reach.keys.is_empty() { "no host key".to_owned() } else { reach.keys.join(", ") };
    good(&mut steps, "described", format!("{}, account `{}`, {key}", reach.at, reach.account));
    match reach.from.or_else(|| own_address(reach.at)) {
        Some(own) => good(&mut steps, "from here", format!("this computer speaks to it as {own}")),
        None => bad(&mut steps, "from here", "this computer has no way to that address", "is the network up?"),
    }
    let Some(password) = password else {
        match super::ssh::host_key(reach, WITHIN) {
            Ok(shown) if reach.keys.contains(&shown) => good(&mut steps, "host key", shown),
            Ok(shown) => failed(&mut steps, &key_error(reach, shown)),
            Err(error) => failed(&mut steps, &error),
        }
        return steps;
    };
    let login = Login { account: &reach.account, password };
    let wire = match Ssh::open(reach, &login, WITHIN) {
        Ok(wire) => wire,
        Err(error) => {
            failed(&mut steps, &error);
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
        Ok(text) => good(&mut steps, "configuration", format!("it shows {} lines", text.lines().count())),
        Err(error) => {
            let what = if steps.last().is_some_and(|step| step.what == "prompt") { "configuration" } else { "prompt" };
            bad(&mut steps, what, &error.to_string(), &error.help());
        }
    }
    steps
}

fn key_error(reach: &Reach, shown: String) -> SshError {
    SshError::Key { at: reach.at, shown, expected: reach.keys.clone() }
}

fn failed(steps: &mut Vec<Step>, error: &SshError) {
    let what = match error {
        SshError::Unreachable { .. } | SshError::Slow { what: "take the connection", .. } => "answers",
        SshError::Key { .. } => "host key",
        SshError::Refused(_) | SshError::Slow { what: "let us in", .. } => "login",
        SshError::Algorithms { .. } | SshError::Slow { .. } | SshError::Failed { .. } => "ssh",
    };
    bad(steps, what, &error.to_string(), &error.help());
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
