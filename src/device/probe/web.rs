//! What a web server says before anybody logs in, in clear or over TLS: its clock and its first page.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, Stream};

use super::{Found, MOST, PIECES, Sight};
use crate::model::paths;

/// So much of a text is told.
const SHORT: usize = 160;

/// Two clocks that agree differ by no more: a server says whole seconds, and its answer takes a while.
const AGREE: i64 = 2;

/// What a server said over TLS.
pub(super) struct Said {
    /// Its own certificate.
    pub(super) certificate: Option<Vec<u8>>,
    /// What it answered.
    pub(super) answer: Vec<u8>,
}

/// Asks for the first page.
pub(super) fn question(at: SocketAddr) -> Vec<u8> {
    format!("GET / HTTP/1.0\r\nHost: {}\r\n\r\n", at.ip()).into_bytes()
}

/// Asks for the first page over TLS, whoever the server is: that is what is to be seen.
pub(super) fn over_tls(mut stream: TcpStream, at: SocketAddr) -> Option<Said> {
    let provider = Arc::new(ring::default_provider());
    let looking = Arc::new(Looking(Arc::clone(&provider)));
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let config = config.dangerous().with_custom_certificate_verifier(looking).with_no_client_auth();
    let mut session = ClientConnection::new(Arc::new(config), ServerName::IpAddress(at.ip().into())).ok()?;
    let mut answer = Vec::new();
    let mut tls = Stream::new(&mut session, &mut stream);
    if tls.write_all(&question(at)).is_ok() {
        let mut part = [0; 4096];
        for _ in 0..PIECES {
            match tls.read(&mut part) {
                Ok(0) | Err(_) => break,
                Ok(read) => answer.extend_from_slice(&part[..read]),
            }
            if answer.len() >= MOST {
                break;
            }
        }
    }
    let certificate = session.peer_certificates().and_then(|all| all.first()).map(|der| der.to_vec());
    Some(Said { certificate, answer })
}

/// Takes any certificate: nothing that is worth anything is said to the server.
#[derive(Debug)]
struct Looking(Arc<CryptoProvider>);

impl ServerCertVerifier for Looking {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// What an answer tells. `what` names the service, `now` is when it came.
pub(super) fn sights(answer: &[u8], now: Timestamp, what: &str) -> Vec<Sight> {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Vec::new() };
    let date = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then(|| DateTimeParser::new().parse_timestamp(value.trim()).ok())?
    });
    let clock = date.map(|date| Sight::new(paths::TIME_NTP, offset(date, now), Found::Told));
    let page = words(body);
    let page = (!page.is_empty()).then(|| {
        let seen = format!("before the login {what} shows `{}`", short(&page));
        Sight::new(paths::LOGIN_BANNER, seen, Found::Page(page))
    });
    clock.into_iter().chain(page).collect()
}

/// How a clock differs from ours.
fn offset(date: Timestamp, now: Timestamp) -> String {
    let (apart, date) = (date.as_second() - now.as_second(), date.to_string());
    if apart.saturating_abs() <= AGREE {
        return format!("its clock says {date}, as that of this computer does");
    }
    let way = if apart < 0 { "behind" } else { "ahead of" };
    let by = jiff::SignedDuration::from_secs(apart.saturating_abs());
    format!("its clock says {date}: it is {by:#} {way} that of this computer")
}

/// The words of a page that are shown: no tags, no scripts, no styles.
fn words(html: &str) -> String {
    let (mut text, mut rest) = (String::new(), html);
    // letters keep their places
    let small = html.to_ascii_lowercase();
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let small = &small[html.len() - tag.len()..];
        let hidden = ["script", "style"].into_iter().find(|name| small.starts_with(name));
        let end = hidden.map_or(Some(0), |name| small.find(&format!("</{name}")));
        rest = end.and_then(|end| tag[end..].split_once('>')).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    for (entity, sign) in
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        text = text.replace(entity, sign);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As much of a text as is told.
pub(super) fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_with_its_distance_and_a_page_by_its_words() {
        let now: Timestamp = "2026-12-01T10:00:00Z".parse().unwrap();
        let of = |date: &str| sights(format!("HTTP/1.0 200 OK\r\nDate: {date}\r\n\r\n").as_bytes(), now, "HTTP");
        for (date, told) in [
            ("Tue, 01 Dec 2026 10:00:01 GMT", "as that of this computer does"),
            ("Tue, 01 Dec 2026 09:54:30 GMT", "it is 5m 30s behind"),
            ("Thu, 03 Dec 2026 10:00:00 GMT", "it is 48h ahead of"),
        ] {
            let sights = of(date);
            assert!(sights.len() == 1 && sights[0].seen.contains(told), "{sights:?}");
        }
        assert!(of("yesterday").is_empty());
        let html = "<html><style>p{}</style><script>a<b</script><p>Property of\n<b>Example</b> &amp; Co</p>";
        assert_eq!(words(html), "Property of Example & Co");
        assert_eq!(words("<script>never ends"), "");
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_read(bytes in proptest::collection::vec(0u8.., 0..200)) {
            let now = Timestamp::UNIX_EPOCH;
            sights(&bytes, now, "HTTP");
            sights(&[b"HTTP/1.0 200 OK\r\ndate: \r\n\r\n<", &bytes[..]].concat(), now, "HTTP");
        }
    }
}
