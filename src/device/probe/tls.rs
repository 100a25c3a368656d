//! A hello of our own for each version of TLS, and what a server says to it: libraries of today speak no old one.

use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::model::value::Sha256;

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 1.0.
    V1_0,
    /// 1.1.
    V1_1,
    /// 1.2.
    V1_2,
    /// 1.3.
    V1_3,
}

impl Version {
    /// The oldest first.
    pub const ALL: [Version; 4] = [Version::V1_0, Version::V1_1, Version::V1_2, Version::V1_3];

    /// `1.2`.
    pub fn name(self) -> &'static str {
        match self {
            Version::V1_0 => "1.0",
            Version::V1_1 => "1.1",
            Version::V1_2 => "1.2",
            Version::V1_3 => "1.3",
        }
    }

    /// Whether nobody should speak it any more (RFC 8996).
    pub fn is_broken(self) -> bool {
        matches!(self, Version::V1_0 | Version::V1_1)
    }

    fn number(self) -> u16 {
        match self {
            Version::V1_0 => 0x0301,
            Version::V1_1 => 0x0302,
            Version::V1_2 => 0x0303,
            Version::V1_3 => 0x0304,
        }
    }

    fn of(number: u16) -> Option<Version> {
        Version::ALL.into_iter().find(|version| version.number() == number)
    }
}

/// What opens a connection: one version, and every common cipher of it.
pub struct Hello {
    /// The only version that is offered.
    pub version: Version,
    /// Bytes that nobody has seen.
    pub random: [u8; 32],
}

/// What a server says to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// It goes on in this version; with its certificate, in those that show it in clear.
    Agreed {
        /// The version.
        version: Version,
        /// DER of the first certificate.
        certificate: Option<Vec<u8>>,
    },
    /// It refuses.
    Refused,
    /// It does not speak TLS, or says nothing.
    Nothing,
}

const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_HELLO_DONE: u8 = 14;
const SUPPORTED_VERSIONS: u16 = 43;

/// Suites up to 1.2, the sound ones first; behind them those of old devices. Then those of 1.3.
const SUITES: [u16; 20] = [
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009e, 0x009f, 0xc009, 0xc013, 0xc00a, 0xc014, 0x0033, 0x0039,
    0x009c, 0x009d, 0x002f, 0x0035, 0x000a, 0x0005,
];
const SUITES_1_3: [u16; 3] = [0x1301, 0x1302, 0x1303];

impl Hello {
    /// The bytes that are sent.
    pub fn bytes(&self) -> Vec<u8> {
        let modern = self.version == Version::V1_3;
        let number = self.version.number().min(Version::V1_2.number());
        let mut body = number.to_be_bytes().to_vec();
        body.extend(self.random);
        body.push(0);
        let suites = if modern { &SUITES_1_3[..] } else { &SUITES[..] };
        body.extend(sized16(&numbers(suites)));
        body.extend([1, 0]);
        // groups, forms of points, and what signatures are made with
        let mut extensions = extension(10, &sized16(&numbers(&[29, 23, 24, 25])));
        extensions.extend(extension(11, &[1, 0]));
        if number >= Version::V1_2.number() {
            let signatures = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0807, 0x0203, 0x0201];
            extensions.extend(extension(13, &sized16(&numbers(&signatures))));
        }
        if modern {
            extensions.extend(extension(SUPPORTED_VERSIONS, &[2, 3, 4]));
            // any 32 bytes are a key of X25519: nothing is ever said with it
            let mut share = numbers(&[29]);
            share.extend(sized16(&self.random));
            extensions.extend(extension(51, &sized16(&share)));
        }
        body.extend(sized16(&extensions));
        let mut message = vec![CLIENT_HELLO, 0];
        message.extend(sized16(&body));
        let mut record = vec![HANDSHAKE, 3, 1];
        record.extend(sized16(&message));
        record
    }
}

/// Reads what a server said.
pub fn server_hello(answer: &[u8]) -> Shown {
    let Some((kind, messages)) = handshake(answer) else { return Shown::Nothing };
    if kind == ALERT {
        return Shown::Refused;
    }
    let mut found = None;
    let mut certificate = None;
    for (message, body) in split(&messages) {
        match message {
            SERVER_HELLO => found = version(body),
            CERTIFICATE => {
                // of a list of three-byte lengths, the first
                certificate = body.get(3..).and_then(|list| {
                    let length = usize::from(*list.first()?) << 16
                        | usize::from(u16::from_be_bytes([*list.get(1)?, *list.get(2)?]));
                    list.get(3..3 + length).map(<[u8]>::to_vec)
                });
            }
            _ => {}
        }
    }
    found.map_or(Shown::Nothing, |version| Shown::Agreed { version, certificate })
}

/// Whether nothing more is to come that anybody reads.
pub(super) fn is_whole(answer: &[u8]) -> bool {
    match handshake(answer) {
        Some((HANDSHAKE, messages)) => {
            let all = split(&messages);
            let modern = all.iter().any(|(kind, body)| *kind == SERVER_HELLO && version(body) == Some(Version::V1_3));
            modern || all.iter().any(|(kind, _)| *kind == SERVER_HELLO_DONE)
        }
        Some(_) => true,
        None => false,
    }
}

/// Who a certificate is of, until when it holds, and its digest.
pub(super) fn certificate(der: &[u8]) -> Option<String> {
    let (_, read) = X509Certificate::from_der(der).ok()?;
    let until = jiff::Timestamp::from_second(read.validity().not_after.timestamp()).ok()?;
    let own = if read.subject() == read.issuer() { "signed by itself" } else { "signed by another" };
    let day = until.to_string();
    let day = day.split('T').next().unwrap_or_default();
    Some(format!("its certificate is of `{}`, {own}, until {day}, SHA-256 {}", read.subject(), Sha256::of(der)))
}

/// The kind of the first record, and the messages of all records of the handshake.
fn handshake(answer: &[u8]) -> Option<(u8, Vec<u8>)> {
    let (mut rest, mut first, mut messages) = (answer, None, Vec::new());
    while let [kind, 3, _, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(body) = after.get(..length) else { break };
        first.get_or_insert(*kind);
        if *kind == HANDSHAKE {
            messages.extend_from_slice(body);
        }
        rest = &after[length..];
    }
    first.filter(|kind| matches!(*kind, HANDSHAKE | ALERT)).map(|kind| (kind, messages))
}

fn split(mut messages: &[u8]) -> Vec<(u8, &[u8])> {
    let mut all = Vec::new();
    while let [kind, high, middle, low, after @ ..] = messages {
        let length = usize::from(*high) << 16 | usize::from(u16::from_be_bytes([*middle, *low]));
        let Some(body) = after.get(..length) else { break };
        all.push((*kind, body));
        messages = &after[length..];
    }
    all
}

/// The version of a server's hello: its own number, or that of the extension.
fn version(body: &[u8]) -> Option<Version> {
    let own = Version::of(u16::from_be_bytes([*body.first()?, *body.get(1)?]))?;
    let session = usize::from(*body.get(34)?);
    // session, suite, compression, and how long the extensions are
    let mut rest = body.get(35 + session + 3 + 2..).unwrap_or_default();
    while let [a, b, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(value) = after.get(..length) else { break };
        if u16::from_be_bytes([*a, *b]) == SUPPORTED_VERSIONS {
            return Version::of(u16::from_be_bytes(value.try_into().ok()?));
        }
        rest = &after[length..];
    }
    Some(own)
}

fn numbers(all: &[u16]) -> Vec<u8> {
    all.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// Behind its length in two bytes.
fn sized16(bytes: &[u8]) -> Vec<u8> {
    let mut all = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes().to_vec();
    all.extend_from_slice(bytes);
    all
}

fn extension(number: u16, body: &[u8]) -> Vec<u8> {
    let mut all = number.to_be_bytes().to_vec();
    all.extend(sized16(body));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_refuses_and_anything_else_is_no_tls() {
        assert_eq!(server_hello(&[21, 3, 1, 0, 2, 2, 70]), Shown::Refused);
        for bytes in [&b""[..], b"SSH-2.0-x\r\n", b"HTTP/1.0 400 Bad Request\r\n", &[22, 3, 1, 0, 200, 2]] {
            assert_eq!(server_hello(bytes), Shown::Nothing, "{bytes:?}");
        }
        // our own hello is no answer
        let hello = Hello { version: Version::V1_3, random: [7; 32] }.bytes();
        assert_eq!(server_hello(&hello), Shown::Nothing);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(0u8.., 0..300)) {
            let mut framed = vec![22, 3, 3, (bytes.len() >> 8) as u8, bytes.len() as u8];
            framed.extend(&bytes);
            for answer in [&bytes, &framed] {
                server_hello(answer);
                is_whole(answer);
            }
            certificate(&bytes);
        }
    }
}
