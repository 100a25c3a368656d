//! Whether a private key is that of a certificate: told by the public half that it carries. What is decoded is erased.

use base64ct::{Base64, Encoding};
use x509_parser::asn1_rs::{Any, Class, FromDer, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::public_key::PublicKey;
use zeroize::Zeroizing;

use super::all;
use crate::secret::SecretValue;

/// What a key is to a certificate.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::policy) enum Pairing {
    /// Its own.
    Own,
    /// Another one's.
    Anothers,
    /// It can't be told, and why. Says nothing of the key itself.
    Unknown(&'static str),
}

/// Holds a key in PEM (PKCS #8, PKCS #1, RFC 5915) against the first certificate of a file called `name`. `None` where
/// the file holds none, which is told elsewhere.
pub(in crate::policy) fn pairing(name: &str, bytes: &[u8], key: &SecretValue) -> Option<Pairing> {
    all(name, bytes, |all| all.first().map(|own| with(own, key))).ok()?
}

fn with(own: &X509Certificate<'_>, key: &SecretValue) -> Pairing {
    let text = key.expose_text().unwrap_or_default();
    if text.contains("ENCRYPTED") {
        return Pairing::Unknown("is encrypted itself; the store of secrets encrypts it already");
    }
    let Some(der) = decoded(text) else { return Pairing::Unknown("is no private key in PEM") };
    match (fields(&der).and_then(|fields| half(&fields)), own.public_key().parsed()) {
        (Some(Half::Rsa(modulus, exponent)), Ok(PublicKey::RSA(public))) => {
            is(number(modulus) == number(public.modulus) && number(exponent) == number(public.exponent))
        }
        (Some(Half::Curve(point)), Ok(PublicKey::EC(public))) => is(point == public.data()),
        (Some(_), Ok(PublicKey::RSA(_) | PublicKey::EC(_))) => Pairing::Anothers,
        _ => Pairing::Unknown("is no key of RSA or of a curve that carries its public half"),
    }
}

fn is(own: bool) -> Pairing {
    if own { Pairing::Own } else { Pairing::Anothers }
}

/// The public half of a private key.
enum Half<'k> {
    /// Modulus and exponent.
    Rsa(&'k [u8], &'k [u8]),
    /// A point of a curve.
    Curve(&'k [u8]),
}

/// The bytes of the block that holds the key.
fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, behind) = text.split_once("PRIVATE KEY-----")?;
    let (body, _) = behind.split_once("-----END ")?;
    let mut plain = Zeroizing::new(String::with_capacity(body.len()));
    plain.extend(body.chars().filter(|c| !c.is_ascii_whitespace()));
    let mut der = Zeroizing::new(vec![0; plain.len()]);
    let length = Base64::decode(plain.as_bytes(), &mut der).ok()?.len();
    der.truncate(length);
    Some(der)
}

/// What a sequence holds, none of it copied.
fn fields(der: &[u8]) -> Option<Vec<Any<'_>>> {
    let (_, outer) = Any::from_der(der).ok()?;
    let mut rest = (outer.tag() == Tag::Sequence).then_some(outer.data)?;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (behind, field) = Any::from_der(rest).ok()?;
        found.push(field);
        rest = behind;
    }
    Some(found)
}

fn half<'k>(key: &[Any<'k>]) -> Option<Half<'k>> {
    let tags: Vec<Tag> = key.iter().take(3).map(Any::tag).collect();
    match tags.as_slice() {
        // PKCS #8: version, algorithm, and the key itself in what follows
        [Tag::Integer, Tag::Sequence, Tag::OctetString] => half_within(&fields(key[2].data)?),
        _ => half_within(key),
    }
}

fn half_within<'k>(key: &[Any<'k>]) -> Option<Half<'k>> {
    match key {
        // RFC 5915: version, private part, [0] the curve, [1] the public half as a string of bits
        [_, private, rest @ ..] if private.tag() == Tag::OctetString => {
            let public = rest.iter().find(|field| field.class() == Class::ContextSpecific && field.tag().0 == 1)?;
            let (_, bits) = Any::from_der(public.data).ok()?;
            Some(Half::Curve(bits.data.strip_prefix(&[0])?))
        }
        // PKCS #1: version, modulus, exponent, and six more numbers
        [_, modulus, exponent, rest @ ..] if rest.len() >= 6 => Some(Half::Rsa(modulus.data, exponent.data)),
        _ => None,
    }
}

/// A number without zeros in front.
fn number(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! own {
        ($name:literal) => {
            &include_bytes!(concat!("../../../tests/fixtures/certificates/own/", $name, ".pem"))[..]
        };
    }

    fn of(file: &[u8], key: &[u8]) -> Option<Pairing> {
        pairing("c.pem", file, &SecretValue::copy_of(key))
    }

    #[test]
    fn a_key_is_told_in_each_of_its_forms() {
        for (file, key) in [
            (own!("np07"), own!("np07-key")),
            (own!("np07-and-issuer"), own!("np07-key-sec1")),
            (own!("np07-rsa"), own!("np07-rsa-key")),
            (own!("np07-rsa"), own!("np07-rsa-key-pkcs1")),
        ] {
            assert_eq!(of(file, key), Some(Pairing::Own));
            let crlf = String::from_utf8(key.to_vec()).unwrap().replace('\n', "\r\n");
            assert_eq!(of(file, crlf.trim_end().as_bytes()), Some(Pairing::Own));
        }
        for key in [own!("np08-key"), own!("np07-rsa-key"), own!("np07-rsa-key-pkcs1")] {
            assert_eq!(of(own!("np07"), key), Some(Pairing::Anothers));
        }
        assert_eq!(of(own!("np07-rsa"), own!("np07-key")), Some(Pairing::Anothers));
    }

    #[test]
    fn what_can_not_be_told_is_said_to_be_unknown() {
        for key in [own!("np07-key-encrypted"), own!("np07"), b"Canary-7f3k", b""] {
            assert!(matches!(of(own!("np07"), key), Some(Pairing::Unknown(_))));
        }
        assert_eq!(of(b"hello", own!("np07-key")), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_an_answer(bytes in proptest::collection::vec(0u8.., 0..200)) {
            of(own!("np07"), &bytes);
            let body = Base64::encode_string(&bytes);
            of(own!("np07"), format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----").as_bytes());
        }
    }
}
