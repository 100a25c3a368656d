//! A look at a device from outside, which changes nothing and logs in nowhere: which ports answer, which versions of
//! TLS and algorithms of SSH it speaks, which well-known communities its agent answers to, what it says before anybody
//! logs in. Only addresses that descriptions of the site name are looked at.

mod snmp;
mod ssh;
mod tls;
mod web;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use jiff::Timestamp;

pub use snmp::COMMUNITIES;
pub use ssh::{Offered, WEAK, read as offer};
pub use tls::{Hello, Shown, Version, server_hello};

use super::ssh::look::{Greeting, greeting};
use crate::model::paths;

/// How long an answer is waited for.
const WITHIN: Duration = Duration::from_secs(3);

/// Most bytes that are read of one answer.
const MOST: usize = 64 << 10;

/// Most pieces that an answer comes in: one that is dealt out byte by byte keeps nobody for hours.
const PIECES: usize = 64;

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
    /// What of it can be held against a description.
    pub found: Found,
}

/// What can be held against a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing: it is told.
    Told,
    /// Whether a service answers.
    On(bool),
    /// What nobody should see from outside, whatever is described: a version or an algorithm that is broken.
    Broken,
    /// The fingerprint of a host key.
    HostKey(String),
    /// All of a text before the login.
    Banner(String),
    /// The text of a page before the login: what a script adds to it is not seen.
    Page(String),
}

impl Sight {
    fn new(path: &'static str, seen: impl Into<String>, found: Found) -> Sight {
        Sight { path, seen: seen.into(), found }
    }
}

/// Looks at a device. `random` are 32 bytes that nobody has seen; `now` is the clock of this computer.
pub fn look(ports: &Ports, random: [u8; 32], now: &dyn Fn() -> Timestamp) -> Vec<Sight> {
    let mut all = Vec::new();
    for (path, at, what) in [
        (paths::SERVICES_SSH, ports.ssh, "SSH"),
        (paths::SERVICES_TELNET, ports.telnet, "Telnet"),
        (paths::SERVICES_HTTP, ports.http, "HTTP"),
        (paths::SERVICES_HTTPS, ports.https, "HTTPS"),
    ] {
        let Some(stream) = open(at) else {
            all.push(Sight::new(path, format!("port {} does not answer ({what})", at.port()), Found::On(false)));
            continue;
        };
        all.push(Sight::new(path, format!("port {} answers ({what})", at.port()), Found::On(true)));
        match what {
            "SSH" => {
                all.extend(of_ssh(stream));
                all.extend(greeted(at));
            }
            "Telnet" => all.extend(
                asked(stream, b"", |all| first_line(all).is_some())
                    .and_then(|answer| first_line(&answer))
                    .map(|line| Sight::new(path, format!("before any login it shows `{line}`"), Found::Told)),
            ),
            "HTTP" => {
                let answer = asked(stream, &web::question(at), |_| false);
                all.extend(answer.into_iter().flat_map(|answer| web::sights(&answer, now(), what)));
            }
            _ => {
                // some servers talk to one at a time
                drop(stream);
                all.extend(of_tls(at, random, now));
            }
        }
    }
    let answered = COMMUNITIES.iter().flat_map(|community| {
        snmp::answers(ports.snmp, community, WITHIN / 3).into_iter().map(move |version| (version, *community))
    });
    let answered: Vec<(&str, &str)> = answered.collect();
    for (version, community) in &answered {
        let seen = format!("SNMP {version} answers to the community `{community}`, which everybody knows");
        all.push(Sight::new(paths::SERVICES_SNMP, seen, Found::Broken));
    }
    if answered.is_empty() {
        let seen = format!("SNMP answers to none of {}", COMMUNITIES.join(", "));
        all.push(Sight::new(paths::SERVICES_SNMP, seen, Found::Told));
    }
    all
}

fn of_ssh(stream: TcpStream) -> Vec<Sight> {
    let path = paths::SERVICES_SSH;
    // nothing but our own name is sent
    let answer = asked(stream, b"SSH-2.0-fieldlock\r\n", |all| offer(all).is_some());
    let Some(offered) = answer.and_then(|answer| offer(&answer)) else {
        return vec![Sight::new(path, "it does not speak SSH 2", Found::Broken)];
    };
    let mut all = vec![Sight::new(path, format!("it calls itself `{}`", offered.software), Found::Told)];
    let weak = offered.weak().into_iter();
    all.extend(weak.map(|name| Sight::new(path, format!("it offers the weak `{name}`"), Found::Broken)));
    all
}

/// What it shows to whoever is about to log in.
fn greeted(at: SocketAddr) -> Vec<Sight> {
    let Some(Greeting { key, banner }) = greeting(at, WITHIN) else { return Vec::new() };
    let key = Sight::new(paths::SERVICES_SSH, format!("its host key is {key}"), Found::HostKey(key));
    let banner = match banner {
        Some(text) => Sight::new(
            paths::LOGIN_BANNER,
            format!("before the login SSH shows `{}`", web::short(&text)),
            Found::Banner(text),
        ),
        None => Sight::new(paths::LOGIN_BANNER, "before the login SSH shows no text", Found::Told),
    };
    vec![key, banner]
}

fn of_tls(at: SocketAddr, random: [u8; 32], now: &dyn Fn() -> Timestamp) -> Vec<Sight> {
    let path = paths::SERVICES_HTTPS_TLS_MIN;
    let (mut all, mut shown_certificate) = (Vec::new(), None);
    for version in Version::ALL {
        let shown = open(at)
            .and_then(|stream| asked(stream, &Hello { version, random }.bytes(), tls::is_whole))
            .map(|answer| server_hello(&answer));
        let name = version.name();
        match shown {
            Some(Shown::Agreed { version: agreed, certificate }) if agreed == version => {
                let found = if version.is_broken() { Found::Broken } else { Found::Told };
                all.push(Sight::new(path, format!("it speaks TLS {name}"), found));
                shown_certificate = shown_certificate.or(certificate);
            }
            Some(Shown::Refused | Shown::Agreed { .. }) => {
                all.push(Sight::new(path, format!("it refuses TLS {name}"), Found::Told));
            }
            Some(Shown::Nothing) | None => {
                all.push(Sight::new(path, format!("it answers TLS {name} with nothing that is TLS"), Found::Told));
            }
        }
    }
    // from 1.3 on the certificate goes over the wire encrypted, and the page does in each version
    let said = open(at).and_then(|stream| web::over_tls(stream, at));
    let own = said.as_ref().and_then(|said| said.certificate.clone());
    let told = own.or(shown_certificate).and_then(|der| tls::certificate(&der));
    all.extend(told.map(|told| Sight::new(paths::CERTIFICATE, told, Found::Told)));
    all.extend(said.into_iter().flat_map(|said| web::sights(&said.answer, now(), "HTTPS")));
    all
}

fn open(at: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect_timeout(&at, WITHIN).ok()?;
    stream.set_read_timeout(Some(WITHIN)).ok()?;
    stream.set_write_timeout(Some(WITHIN)).ok()?;
    Some(stream)
}

/// Sends, and reads until the answer is whole, or the other end is silent or closes.
fn asked(mut stream: TcpStream, bytes: &[u8], is_whole: fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    stream.write_all(bytes).ok()?;
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    for _ in 0..PIECES {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(read) => all.extend_from_slice(&part[..read]),
        }
        if all.len() >= MOST || is_whole(&all) {
            break;
        }
    }
    Some(all)
}

fn first_line(answer: &[u8]) -> Option<String> {
    // what Telnet negotiates stands before
    let text: String =
        answer.iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\n')).map(|b| char::from(*b)).collect();
    text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server of this machine that says these pieces one after the other and then nothing, without closing.
    fn said(pieces: &'static [&[u8]], is_whole: fn(&[u8]) -> bool) -> Vec<u8> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = open(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for piece in pieces {
                    let _ = server.write_all(piece);
                }
            });
            asked(stream, b"", is_whole).unwrap()
        })
    }

    #[test]
    fn an_answer_is_read_until_it_is_whole() {
        let greeting = said(&[b"\xff\xfd\x01", b"\r\nlogin: "], |all| first_line(all).is_some());
        assert_eq!(first_line(&greeting).as_deref(), Some("login:"));
        assert_eq!(first_line(b"\xff\xfd\x01\r\n"), None);
    }

    #[test]
    fn an_answer_without_end_is_read_no_further() {
        const PIECE: &[u8] = &[b'x'; 8192];
        let answer = said(&[PIECE; 12], |_| false);
        assert!((MOST..MOST + 4096).contains(&answer.len()), "{}", answer.len());
    }
}
