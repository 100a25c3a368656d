//! A look at a device from outside, which changes nothing and logs in nowhere: which ports answer, which versions of
//! TLS and algorithms of SSH it speaks, which well-known communities its agent answers to, what it says before anybody
//! logs in. Only addresses that descriptions of the site name are looked at.

mod ssh;
mod snmp;
mod tls;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub use snmp::COMMUNITIES;
pub use ssh::{Offered, WEAK, read as offer};
pub use tls::{Hello, Shown, Version, server_hello};

use crate::model::paths;

/// How long an answer is waited for.
const WITHIN: Duration = Duration::from_secs(3);

/// Most bytes that are read of one answer.
const MOST: usize = 64 << 10;

/// Where services are looked for.
#[derive(Debug, Clone)]
pub struct Ports {
    /// Command line over SSH.
    pub ssh: SocketAddr,
    /// Command line in clear.
    pub telnet: SocketAddr,
    /// Web console in clear.
    pub http: SocketAddr,
    /// Web console over TLS.
    pub https: SocketAddr,
    /// SNMP agent, over UDP.
    pub snmp: SocketAddr,
}

/// Something that was seen, and what it says of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The setting that it is about, as rules name it.
    pub path: &'static str,
    /// What was seen, in one sentence.
    pub seen: String,
    /// Whether it is on, for a service.
    pub on: Option<bool>,
    /// What nobody should see from outside, whatever is described: a version or an algorithm that is broken.
    pub broken: bool,
}

impl Sight {
    fn new(path: &'static str, seen: impl Into<String>, on: Option<bool>, broken: bool) -> Sight {
        Sight { path, seen: seen.into(), on, broken }
    }
}

/// Looks at a device. `random` are 32 bytes that nobody has seen.
pub fn look(ports: &Ports, random: [u8; 32]) -> Vec<Sight> {
    let mut all = Vec::new();
    for (path, at, what) in [
        (paths::SERVICES_SSH, ports.ssh, "SSH"),
        (paths::SERVICES_TELNET, ports.telnet, "Telnet"),
        (paths::SERVICES_HTTP, ports.http, "HTTP"),
        (paths::SERVICES_HTTPS, ports.https, "HTTPS"),
    ] {
        let Some(stream) = open(at) else {
            all.push(Sight::new(path, format!("port {} does not answer ({what})", at.port()), Some(false), false));
            continue;
        };
        all.push(Sight::new(path, format!("port {} answers ({what})", at.port()), Some(true), false));
        match what {
            "SSH" => all.extend(of_ssh(stream)),
            "Telnet" => all.extend(
                first_line(stream)
                    .map(|line| Sight::new(path, format!("before any login it shows `{line}`"), None, false)),
            ),
            "HTTP" => all.extend(
                date(stream, at).map(|date| Sight::new(paths::TIME_NTP, format!("its clock says {date}"), None, false)),
            ),
            _ => {
                // some servers talk to one at a time
                drop(stream);
                all.extend(of_tls(at, random));
            }
        }
    }
    let answered = COMMUNITIES.iter().flat_map(|community| {
        snmp::answers(ports.snmp, community, WITHIN / 3).into_iter().map(move |version| (version, *community))
    });
    let answered: Vec<(&str, &str)> = answered.collect();
    for (version, community) in &answered {
        let seen = format!("SNMP {version} answers to the community `{community}`, which everybody knows");
        all.push(Sight::new(paths::SERVICES_SNMP, seen, Some(true), true));
    }
    if answered.is_empty() {
        let seen = format!("SNMP answers to none of {}", COMMUNITIES.join(", "));
        all.push(Sight::new(paths::SERVICES_SNMP, seen, None, false));
    }
    all
}

fn of_ssh(stream: TcpStream) -> Vec<Sight> {
    let path = paths::SERVICES_SSH;
    let Some(offered) = ssh::offered(stream) else {
        return vec![Sight::new(path, "it does not speak SSH 2", None, true)];
    };
    let mut all = vec![Sight::new(path, format!("it calls itself `{}`", offered.software), None, false)];
    all.extend(
        offered.weak().into_iter().map(|name| Sight::new(path, format!("it offers the weak `{name}`"), None, true)),
    );
    all
}

fn of_tls(at: SocketAddr, random: [u8; 32]) -> Vec<Sight> {
    let path = paths::SERVICES_HTTPS_TLS_MIN;
    let mut all = Vec::new();
    for version in Version::ALL {
        let shown = open(at)
            .and_then(|stream| asked(stream, &Hello { version, random }.bytes()))
            .map(|answer| server_hello(&answer));
        let name = version.name();
        match shown {
            Some(Shown::Agreed { version: agreed, certificate }) if agreed == version => {
                all.push(Sight::new(path, format!("it speaks TLS {name}"), None, version.is_broken()));
                all.extend(
                    certificate
                        .and_then(|der| tls::certificate(&der))
                        .map(|told| Sight::new(paths::CERTIFICATE, told, None, false)),
                );
            }
            Some(Shown::Refused | Shown::Agreed { .. }) => {
                all.push(Sight::new(path, format!("it refuses TLS {name}"), None, false));
            }
            Some(Shown::Nothing) | None => {
                all.push(Sight::new(path, format!("it answers TLS {name} with nothing that is TLS"), None, false));
            }
        }
    }
    all
}

fn open(at: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect_timeout(&at, WITHIN).ok()?;
    stream.set_read_timeout(Some(WITHIN)).ok()?;
    stream.set_write_timeout(Some(WITHIN)).ok()?;
    Some(stream)
}

/// Sends, and reads until the other end is silent or closes.
fn asked(mut stream: TcpStream, bytes: &[u8]) -> Option<Vec<u8>> {
    stream.write_all(bytes).ok()?;
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    while all.len() < MOST && !tls::is_whole(&all) {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(read) => all.extend_from_slice(&part[..read]),
        }
    }
    Some(all)
}

fn first_line(mut stream: TcpStream) -> Option<String> {
    let mut part = [0; 1024];
    let read = stream.read(&mut part).ok()?;
    // what Telnet negotiates stands before
    let text: String =
        part[..read].iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\n')).map(|b| char::from(*b)).collect();
    text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

/// The clock of a web server, as it says.
fn date(mut stream: TcpStream, at: SocketAddr) -> Option<String> {
    stream.write_all(format!("HEAD / HTTP/1.0\r\nHost: {}\r\n\r\n", at.ip()).as_bytes()).ok()?;
    let mut answer = Vec::new();
    let mut part = [0; 1024];
    while answer.len() < MOST {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&part[..read]),
        }
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    text.lines().take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then(|| value.trim().to_owned())
    })
}
