//! Certificates in files: those of authorities that others are checked against, PEM, valid now, strong; and below this
//! module a device's own.

pub(super) mod own;
pub(super) mod private_key;

use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry as oids;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::signature_algorithm::SignatureAlgorithm;

const SHA_2: [oids::Oid<'static>; 3] =
    [oids::OID_NIST_HASH_SHA256, oids::OID_NIST_HASH_SHA384, oids::OID_NIST_HASH_SHA512];

const SIGNED_SHA_2: [oids::Oid<'static>; 6] = [
    oids::OID_PKCS1_SHA256WITHRSA,
    oids::OID_PKCS1_SHA384WITHRSA,
    oids::OID_PKCS1_SHA512WITHRSA,
    oids::OID_SIG_ECDSA_WITH_SHA256,
    oids::OID_SIG_ECDSA_WITH_SHA384,
    oids::OID_SIG_ECDSA_WITH_SHA512,
];

/// What is wrong with the bytes of a certificate file called `name`: they are PEM, and all of them certificates of
/// authorities that are valid `now`, with a key and a signature that nobody forges. `None` where nothing is.
pub fn problem(name: &str, bytes: &[u8], now: jiff::Timestamp) -> Option<String> {
    let looked = each(name, bytes, &mut |certificate| {
        let wrong = validity(certificate, now).or_else(|| authority(certificate)).or_else(|| strength(certificate));
        wrong.map_or(Ok(()), |wrong| Err(format!("a certificate of `{name}` {wrong}")))
    });
    looked.err()
}

/// Which certificate of a file called `name` is valid `now` and ends within so many days. `None` where none does, and
/// where the file holds anything else: that is told of it elsewhere.
pub(super) fn ends_soon(name: &str, bytes: &[u8], now: jiff::Timestamp, days: i64) -> Option<String> {
    let mut soon = None;
    let whole = each(name, bytes, &mut |certificate| {
        let ends = certificate.validity().not_after.timestamp();
        let left = ends.saturating_sub(now.as_second());
        if left >= 0 && left < days.saturating_mul(86_400) && soon.is_none_or(|known| ends < known) {
            soon = Some(ends);
        }
        Ok(())
    });
    whole.ok()?;
    let ends = soon?;
    let left = (ends - now.as_second()) / 86_400;
    Some(format!("a certificate of `{name}` ends on {}, {left} days from now; {days} are asked for", day(ends)))
}

/// Why the bytes of a file called `name` are not certificates in PEM and nothing else. `None` where they are.
pub fn no_certificates(name: &str, bytes: &[u8]) -> Option<String> {
    each(name, bytes, &mut |_| Ok(())).err()
}

/// In a label, wherever the line stands: a reader of PEM passes over a block that is indented.
const PRIVATE_KEY: &[u8] = b"PRIVATE KEY";

type Look<'a> = dyn FnMut(&X509Certificate<'_>) -> Result<(), String> + 'a;

/// Looks at each certificate of a file that holds nothing else.
fn each(name: &str, bytes: &[u8], look: &mut Look<'_>) -> Result<(), String> {
    all(name, bytes, |certificates| certificates.iter().try_for_each(look))?
}

/// Looks at the certificates of a file that holds nothing else: at least one, in their order.
fn all<T>(name: &str, bytes: &[u8], look: impl FnOnce(&[X509Certificate<'_>]) -> T) -> Result<T, String> {
    if bytes.windows(PRIVATE_KEY.len()).any(|part| part == PRIVATE_KEY) {
        return Err(format!("`{name}` holds a private key"));
    }
    let Ok(blocks) = Pem::iter_from_buffer(bytes).collect::<Result<Vec<Pem>, _>>() else {
        return Err(format!("`{name}` is no PEM file"));
    };
    let mut certificates = Vec::with_capacity(blocks.len());
    for block in &blocks {
        if block.label != "CERTIFICATE" {
            return Err(format!("`{name}` holds something other than certificates"));
        }
        let Ok((&[], certificate)) = X509Certificate::from_der(&block.contents) else {
            return Err(format!("`{name}` holds what is no certificate"));
        };
        certificates.push(certificate);
    }
    if certificates.is_empty() { Err(format!("`{name}` holds no certificate in PEM")) } else { Ok(look(&certificates)) }
}

fn validity(certificate: &X509Certificate<'_>, now: jiff::Timestamp) -> Option<String> {
    let validity = certificate.validity();
    let (begins, ends) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    match now.as_second() {
        now if now > ends => Some(format!("ended on {}", day(ends))),
        now if now < begins => Some(format!("begins on {}", day(begins))),
        _ => None,
    }
}

/// Others can be checked against the certificate of an authority only: a leaf says nothing of them.
fn authority(certificate: &X509Certificate<'_>) -> Option<String> {
    let is = matches!(certificate.basic_constraints(), Ok(Some(constraints)) if constraints.value.ca);
    if !is {
        return Some("is no CA's: its basic constraints do not say so".to_owned());
    }
    let signs = match certificate.key_usage() {
        Ok(Some(usage)) => usage.value.key_cert_sign(),
        Ok(None) => true,
        Err(_) => false,
    };
    (!signs).then(|| "is no CA's: its key may not sign certificates".to_owned())
}

/// NIST SP 800-131A: RSA from 2048 bits on, elliptic curves from 256, signatures of the SHA-2 family.
fn strength(certificate: &X509Certificate<'_>) -> Option<String> {
    weak_key(certificate, 2048, 256).or_else(|| weak_signature(certificate))
}

/// Why a key is none of RSA or on an elliptic curve with so many bits.
fn weak_key(certificate: &X509Certificate<'_>, rsa: usize, curve: usize) -> Option<String> {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => {
            let digits: Vec<u8> = key.modulus.iter().copied().skip_while(|b| *b == 0).collect();
            let bits = digits.len() * 8 - digits.first().map_or(0, |b| b.leading_zeros() as usize);
            (bits < rsa).then(|| format!("has an RSA key of {bits} bits; at least {rsa} are needed"))
        }
        Ok(PublicKey::EC(point)) => {
            let bits = point.key_size();
            (bits < curve).then(|| format!("has an elliptic curve of {bits} bits; at least {curve} are needed"))
        }
        _ => Some("has a key that is neither RSA nor on an elliptic curve".to_owned()),
    }
}

fn weak_signature(certificate: &X509Certificate<'_>) -> Option<String> {
    let algorithm = &certificate.signature_algorithm;
    let sound = match SignatureAlgorithm::try_from(algorithm) {
        Ok(SignatureAlgorithm::RSASSA_PSS(params)) => SHA_2.contains(params.hash_algorithm_oid()),
        _ => SIGNED_SHA_2.contains(&algorithm.algorithm),
    };
    (!sound).then(|| "is signed over MD5, SHA-1 or something else that is no SHA-2".to_owned())
}

fn day(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    jiff::tz::TimeZone::UTC.to_datetime(at).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2027-03-09T12:00:00Z";

    macro_rules! said {
        ($name:literal) => {
            said!($name, NOW)
        };
        ($name:literal, $now:expr) => {{
            let bytes = include_bytes!(concat!("../../tests/fixtures/certificates/", $name, ".pem"));
            problem("ca.pem", bytes, $now.parse().unwrap())
        }};
    }

    #[test]
    fn an_authority_with_a_strong_key_and_signature_is_good() {
        assert_eq!(said!("good-ec-256"), None);
        assert_eq!(said!("good-ec-521-without-key-usage"), None);
        assert_eq!(said!("good-rsa-2048"), None);
        assert_eq!(said!("good-rsa-2048-pss"), None);
    }

    #[test]
    fn nothing_lies_beside_certificates() {
        let good = include_str!("../../tests/fixtures/certificates/good-ec-256.pem");
        let tried = |text: &str| no_certificates("ca.pem", text.as_bytes());
        assert_eq!(tried(good), None);
        assert_eq!(tried(&format!("ours\n{good}{good}")), None);
        let block = |label: &str, indent: &str| {
            format!("{good}{indent}-----BEGIN {label}-----\n{indent}AAAA\n{indent}-----END {label}-----\n")
        };
        for (text, words) in [
            (block("PRIVATE KEY", ""), "a private key"),
            (block("EC PRIVATE KEY", "  "), "a private key"),
            (block("ENCRYPTED PRIVATE KEY", ""), "a private key"),
            (block("OPENSSH PRIVATE KEY", ""), "a private key"),
            (block("X509 CRL", ""), "something other"),
            (block("CERTIFICATE", ""), "no certificate"),
            ("site \"west\"\n".to_owned(), "no certificate in PEM"),
        ] {
            assert!(tried(&text).is_some_and(|said| said.contains(words)), "{words}: {:?}", tried(&text));
        }
    }

    #[test]
    fn the_end_is_told_before_it_comes() {
        let bytes = include_bytes!("../../tests/fixtures/certificates/good-ec-256.pem");
        let pem = Pem::iter_from_buffer(bytes).next().unwrap().unwrap();
        let ends = pem.parse_x509().unwrap().validity().not_after.timestamp();
        let told = |before: i64| {
            let now = jiff::Timestamp::from_second(ends - before).unwrap();
            ends_soon("ca.pem", bytes, now, 30)
        };
        let month = 30 * 86_400;
        assert_eq!((told(month), told(-1)), (None, None));
        assert!(told(month - 1).is_some_and(|said| said.contains("29 days from now; 30 are asked for")));
        assert!(told(0).is_some_and(|said| said.contains(", 0 days")));
        assert_eq!(ends_soon("ca.pem", b"hello", jiff::Timestamp::UNIX_EPOCH, 30), None);
    }

    #[test]
    fn whatever_is_weaker_is_told() {
        for (wrong, words) in [
            (said!("leaf"), "is no CA's: its basic"),
            (said!("no-constraints"), "is no CA's: its basic"),
            (said!("ca-that-may-not-sign"), "may not sign"),
            (said!("rsa-1024"), "RSA key of 1024"),
            (said!("rsa-2047"), "RSA key of 2047"),
            (said!("ec-224"), "curve of 224"),
            (said!("over-sha-1"), "no SHA-2"),
            (said!("over-md5"), "no SHA-2"),
            (said!("pss-over-sha-1"), "no SHA-2"),
            (said!("good-ec-256", "2010-01-01T00:00:00Z"), "begins on"),
            (said!("good-ec-256", "2126-01-01T00:00:00Z"), "ended on"),
        ] {
            assert!(wrong.as_deref().is_some_and(|w| w.contains(words)), "{words}: {wrong:?}");
        }
    }
}
