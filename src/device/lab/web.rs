//! The web console of a device to rehearse on: the pages of its menu over HTTP, on this machine, where what is typed is
//! judged by the table that the sheet is made of and kept as long as the lab is there.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::LabError;
use crate::dialect::sheet::{self, Console, Refused, Typed};
use crate::dialect::{HIDDEN, Placed, Purpose, Table};
use crate::native::{Form, Piece};
use crate::platform;
use crate::report::page::{ShownConsole, console};
use crate::site::SiteDevice;

/// Longest request that is read.
const LONGEST: usize = 256 << 10;

/// How long a browser says nothing before it is left alone.
const WITHIN: Duration = Duration::from_secs(5);

/// A web console that listens.
pub struct Web {
    /// The device.
    pub name: String,
    /// Where.
    pub at: SocketAddr,
    listener: TcpListener,
    shared: Arc<Shared>,
}

struct Shared {
    name: String,
    model: String,
    at: SocketAddr,
    console: Mutex<Console>,
}

/// What is answered.
struct Answer {
    status: &'static str,
    kind: &'static str,
    to: Option<String>,
    body: String,
}

impl Web {
    /// The console of a device that has pages and no command line, at an address: as the device leaves the factory, or
    /// as it is described. `None` for another device.
    ///
    /// # Errors
    /// The network of this machine does not give it a port.
    pub fn of(device: &SiteDevice, described: bool, listen: SocketAddr) -> Result<Option<Web>, LabError> {
        let on = platform::at(device);
        let table = on.table(Form::Sheet).map(|dialect| &dialect.table);
        let (Some(Table::Sheet(table)), None) = (table, crate::device::Speech::of(device.platform)) else {
            return Ok(None);
        };
        let network = |why: std::io::Error| LabError::Network { name: device.name.to_string(), why: why.to_string() };
        let facts = if described { Some(device.complete()) } else { device.factory.as_deref().cloned() };
        let text = facts.map(|facts| rows(table, &facts)).unwrap_or_default();
        let said: Option<crate::model::Device> = device.complete().decode().ok();
        let asset = said.and_then(|said| said.asset);
        let serial = asset.as_ref().and_then(|asset| asset.serial.clone()).unwrap_or_default();
        let mac = asset.and_then(|asset| asset.mac).map(|mac| mac.to_string()).unwrap_or_default();
        let model = device.model.as_deref().unwrap_or_default().to_owned();
        let firmware = device.firmware.as_ref().map(ToString::to_string).unwrap_or_default();
        let console = Console::new(table, [model.clone(), serial, mac, firmware], &|list| on.keys(device, list), &text);
        let listener = TcpListener::bind(listen).map_err(network)?;
        let (name, at) = (device.name.to_string(), listener.local_addr().map_err(network)?);
        let shared = Arc::new(Shared { name: name.clone(), model, at, console: Mutex::new(console) });
        Ok(Some(Web { name, at, listener, shared }))
    }

    /// Answers whoever comes, as long as the program runs.
    pub fn serve(self) {
        std::thread::spawn(move || {
            for stream in self.listener.incoming().flatten() {
                let shared = Arc::clone(&self.shared);
                // browsers open connections before they have anything to say
                std::thread::spawn(move || shared.talk(stream));
            }
        });
    }
}

/// What settings say on the pages, secrets covered.
fn rows(table: &sheet::Table, facts: &crate::model::Facts) -> String {
    let pieces = sheet::render(table, facts, None, &Placed::default(), Purpose::Write).text.pieces;
    let text = pieces.into_iter().map(|piece| match piece {
        Piece::Shown(text) => text,
        Piece::Hidden(_) | Piece::Secret { .. } => HIDDEN.to_owned(),
    });
    text.collect()
}

impl Shared {
    fn talk(&self, mut stream: TcpStream) {
        let patient = stream.set_read_timeout(Some(WITHIN)).and_then(|()| stream.set_write_timeout(Some(WITHIN)));
        if patient.is_err() {
            return;
        }
        let Some(Request { method, target, host, origin, site, body }) = request(&mut stream) else { return };
        let own = [self.at.to_string(), format!("localhost:{}", self.at.port())];
        // a page of somebody else in the same browser is not let in, by whatever name it calls this machine; ours asks
        // without saying where it is
        let is_own = |from: &str| own.iter().any(|own| *from == format!("http://{own}"));
        let is_hidden = |from: &str| from == "null" && site.as_deref() == Some("same-origin");
        let is_ours = own.contains(&host) && origin.is_none_or(|from| is_own(&from) || is_hidden(&from));
        let answer = match is_ours {
            true => self.answer(&method, &target, &body),
            false => Answer::text("403 Forbidden", "this lab answers to nobody else's pages\n"),
        };
        let to = answer.to.map(|to| format!("Location: {to}\r\n")).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n{to}\r\n",
            answer.status,
            answer.kind,
            answer.body.len()
        );
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(answer.body.as_bytes()));
    }

    fn answer(&self, method: &str, target: &str, body: &[u8]) -> Answer {
        let mut console = self.console.lock().unwrap_or_else(PoisonError::into_inner);
        let (path, asked) = target.split_once('?').unwrap_or((target, ""));
        let menus = console.menus();
        let page = path.strip_prefix("/page/").and_then(|n| n.parse::<usize>().ok()).and_then(|n| n.checked_sub(1));
        match (method, path, page.filter(|page| *page < menus.len())) {
            ("GET", "/", _) => self.page(&console, &menus, None, &[], &[], false),
            ("GET", "/favicon.ico", _) => Answer::text("204 No Content", ""),
            ("GET", "/sheet", _) => Answer::text("200 OK", &console.text()),
            ("GET", _, Some(page)) => self.page(&console, &menus, Some(page), &[], &[], asked == "saved"),
            ("POST", _, Some(page)) => {
                let typed: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
                let refused = console.take(menus[page], &typed);
                if refused.is_empty() {
                    return Answer {
                        to: Some(format!("/page/{}?saved", page + 1)),
                        ..Answer::text("303 See Other", "")
                    };
                }
                self.page(&console, &menus, Some(page), &typed, &refused, false)
            }
            _ => Answer::text("404 Not Found", "there is no such page\n"),
        }
    }

    fn page(
        &self,
        state: &Console,
        menus: &[&str],
        page: Option<usize>,
        typed: &Typed,
        refused: &[Refused],
        saved: bool,
    ) -> Answer {
        let controls = page.map(|page| state.controls(menus[page], typed)).unwrap_or_default();
        let page = page.map(|page| (page, &*controls));
        let shown = ShownConsole { device: &self.name, model: &self.model, menus, page, refused, saved };
        let status = if refused.is_empty() { "200 OK" } else { "422 Unprocessable Content" };
        Answer { kind: "text/html", ..Answer::text(status, &console(&shown)) }
    }
}

impl Answer {
    fn text(status: &'static str, body: &str) -> Answer {
        Answer { status, kind: "text/plain", to: None, body: body.to_owned() }
    }
}

/// What a browser asks.
struct Request {
    method: String,
    target: String,
    host: String,
    origin: Option<String>,
    /// Where the browser says that it comes from.
    site: Option<String>,
    body: Vec<u8>,
}

/// Reads a request; `None` for what is none, or is too long, or does not end.
fn request(stream: &mut impl std::io::Read) -> Option<Request> {
    let (mut all, mut part) = (Vec::new(), [0; 16 << 10]);
    loop {
        let read = stream.read(&mut part).ok().filter(|read| *read > 0)?;
        all.extend_from_slice(&part[..read]);
        if all.len() > LONGEST {
            return None;
        }
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut parsed = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(end) = parsed.parse(&all).ok()? else { continue };
        let header = |name: &str| {
            let mut found = parsed.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
            found.next().map(|header| String::from_utf8_lossy(header.value).into_owned())
        };
        let length = header("content-length").map_or(Some(0), |length| length.parse::<usize>().ok())?;
        let Some(body) = all.get(end..end.checked_add(length)?) else { continue };
        return Some(Request {
            method: parsed.method?.to_owned(),
            target: parsed.path?.to_owned(),
            host: header("host").unwrap_or_default(),
            origin: header("origin"),
            site: header("sec-fetch-site"),
            body: body.to_vec(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_form() {
        let text = "POST /page/2 HTTP/1.1\r\nHost: a\r\nOrigin: null\r\nContent-Length: 5\r\n\r\na=b&c";
        let read = request(&mut text.as_bytes()).unwrap();
        assert_eq!((&*read.method, &*read.target, &*read.host, &*read.body), ("POST", "/page/2", "a", &b"a=b&c"[..]));
        assert_eq!(read.origin.as_deref(), Some("null"));
        // cut off, too long, or none
        for bad in [&text[..text.len() - 1], "", "GET", &"x".repeat(LONGEST + 1)] {
            assert!(request(&mut bad.as_bytes()).is_none());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(0u8.., 0..200)) {
            request(&mut &*bytes);
            request(&mut &*[b"POST / HTTP/1.1\r\nContent-Length: ", &bytes[..], b"\r\n\r\n"].concat());
        }
    }
}
