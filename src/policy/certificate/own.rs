//! The certificate that a device shows of itself: the first of its file, and behind it those that lead to its root.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;

use super::{all, authority, day, each, ends_soon, strength, validity, weak_key, weak_signature};
use crate::model::value::Sha256;

/// Names and addresses of a certificate that a sentence lists.
const LISTED: usize = 4;

/// What can be said of a chain.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::policy) enum Chain {
    /// It leads to the root.
    Whole,
    /// It does not, and why.
    Broken(String),
    /// A signature is of a kind that is not verified here: whose, and what it is.
    Unverified(String),
}

/// Whether the certificates of a file are a device's own and those that vouch for it, each signed by the next, and the
/// last by one of `root`, whose certificates are good. One that signed itself has no chain: that is told elsewhere.
pub(in crate::policy) fn chain(file: (&str, &[u8]), root: (&str, &[u8]), now: jiff::Timestamp) -> Chain {
    let (name, bytes) = file;
    let looked = all(name, bytes, |own| all(root.0, root.1, |roots| leads(name, own, root.0, roots, now)));
    looked.and_then(|inner| inner).unwrap_or_else(Chain::Broken)
}

fn leads(
    name: &str,
    own: &[X509Certificate<'_>],
    root: &str,
    roots: &[X509Certificate<'_>],
    now: jiff::Timestamp,
) -> Chain {
    let Some((first, behind)) = own.split_first() else { return Chain::Whole };
    if authority(first).is_none() {
        return Chain::Broken(format!("the first certificate of `{name}` is a CA's; the device's own comes first"));
    }
    if matches!(first.extended_key_usage(), Ok(Some(uses)) if !uses.value.server_auth && !uses.value.any) {
        return Chain::Broken(format!(
            "the certificate of `{name}` is not for servers: its extended key usage says so"
        ));
    }
    if signed_itself(first) {
        return Chain::Whole;
    }
    let mut at = first;
    for next in behind {
        let wrong = validity(next, now).or_else(|| authority(next)).or_else(|| strength(next));
        if let Some(wrong) = wrong {
            return Chain::Broken(format!("a certificate of `{name}` behind the first {wrong}"));
        }
        match signed(at, next) {
            Some(true) => at = next,
            Some(false) => {
                let message = format!("the certificates of `{name}` are no chain: one is not signed by the next");
                return Chain::Broken(message);
            }
            None => return unverified(name),
        }
    }
    let said: Vec<Option<bool>> = roots.iter().map(|root| signed(at, root)).collect();
    match () {
        () if said.contains(&Some(true)) || roots.contains(at) => Chain::Whole,
        () if said.contains(&None) => unverified(name),
        () => Chain::Broken(format!("no certificate of `{root}` signed the last one of `{name}`")),
    }
}

fn unverified(name: &str) -> Chain {
    Chain::Unverified(format!("a certificate of `{name}` has a signature of a kind that is not verified here"))
}

fn signed_itself(certificate: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == certificate.subject().as_raw()
}

/// Whether one is signed by the other; `None` where its kind of signature is not verified here: curves of 521 bits.
fn signed(certificate: &X509Certificate<'_>, by: &X509Certificate<'_>) -> Option<bool> {
    if certificate.issuer().as_raw() != by.subject().as_raw() {
        return Some(false);
    }
    match certificate.verify_signature(Some(by.public_key())) {
        Ok(()) => Some(true),
        Err(X509Error::SignatureUnsupportedAlgorithm) => None,
        Err(_) => Some(false),
    }
}

/// Looks at a device's own certificate. `None` as well where the file holds none: [`chain`] tells that.
fn own(name: &str, bytes: &[u8], look: impl Fn(&X509Certificate<'_>) -> Option<String>) -> Option<String> {
    let wrong = all(name, bytes, |all| all.first().and_then(look)).ok()??;
    Some(format!("the certificate of `{name}` {wrong}"))
}

/// That a certificate was issued by nobody but its own holder.
pub(in crate::policy) fn self_signed(name: &str, bytes: &[u8]) -> Option<String> {
    own(name, bytes, |own| signed_itself(own).then(|| "signed itself: no authority issued it".to_owned()))
}

/// That its key has fewer bits than are asked for.
pub(in crate::policy) fn weak(name: &str, bytes: &[u8], rsa: usize, curve: usize) -> Option<String> {
    own(name, bytes, |own| weak_key(own, rsa, curve))
}

/// That one of the file is signed over a hash that others can forge.
pub(in crate::policy) fn forgeable(name: &str, bytes: &[u8]) -> Option<String> {
    all(name, bytes, |_| ()).ok()?;
    let wrong = |wrong| Err(format!("a certificate of `{name}` {wrong}"));
    each(name, bytes, &mut |one| weak_signature(one).map_or(Ok(()), wrong)).err()
}

/// That one of the file is not valid yet, ended, or ends within so many days.
pub(in crate::policy) fn ends(name: &str, bytes: &[u8], now: jiff::Timestamp, days: i64) -> Option<String> {
    all(name, bytes, |_| ()).ok()?;
    let wrong = |wrong| Err(format!("a certificate of `{name}` {wrong}"));
    let over = each(name, bytes, &mut |one| validity(one, now).map_or(Ok(()), wrong)).err();
    over.or_else(|| ends_soon(name, bytes, now, days))
}

/// That it is valid for more than so many days from its first on.
pub(in crate::policy) fn lives_longer(name: &str, bytes: &[u8], days: i64) -> Option<String> {
    own(name, bytes, |own| {
        let validity = own.validity();
        let (begins, ends) = (validity.not_before.timestamp(), validity.not_after.timestamp());
        let lives = ends.saturating_sub(begins) / 86_400;
        let (begins, ends) = (day(begins), day(ends));
        (lives > days).then(|| format!("is valid from {begins} to {ends}, {lives} days; {days} at most are asked for"))
    })
}

/// That it is for none of these addresses and host names: whoever connects can't tell the device from another.
pub(in crate::policy) fn for_another(name: &str, bytes: &[u8], addresses: &[IpAddr], hosts: &[&str]) -> Option<String> {
    own(name, bytes, |own| {
        let Ok(Some(names)) = own.subject_alternative_name() else {
            return Some("names no device: it has no subject alternative name".to_owned());
        };
        let names = &names.value.general_names;
        let is_ours = |name: &GeneralName<'_>| match name {
            GeneralName::DNSName(name) => hosts.iter().any(|host| is_host(name, host)),
            GeneralName::IPAddress(bytes) => address(bytes).is_some_and(|address| addresses.contains(&address)),
            _ => false,
        };
        if names.iter().any(is_ours) {
            return None;
        }
        let said = names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(format!("`{name}`")),
            GeneralName::IPAddress(bytes) => Some(format!("`{}`", address(bytes)?)),
            _ => None,
        });
        Some(match said.take(LISTED).collect::<Vec<_>>().as_slice() {
            [] => "names no address and no host".to_owned(),
            said => format!("is for {}, and no address or name of the device", said.join(", ")),
        })
    })
}

/// Whether a name in DNS is a host's: its own, or that with a domain behind it.
fn is_host(name: &str, host: &str) -> bool {
    let label = name.split_once('.').map_or(name, |(label, _)| label);
    name.eq_ignore_ascii_case(host) || label.eq_ignore_ascii_case(host)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok().map(|address| address.to_canonical())
}

/// A digest of its public key, by which two that have one private key are told.
pub(in crate::policy) fn public_key(name: &str, bytes: &[u8]) -> Option<String> {
    let digest = |own: &X509Certificate<'_>| Sha256::of(own.public_key().raw).to_string();
    all(name, bytes, |all| all.first().map(digest)).ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! own {
        ($name:literal) => {
            &include_bytes!(concat!("../../../tests/fixtures/certificates/own/", $name, ".pem"))[..]
        };
    }

    fn at(text: &str) -> jiff::Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_chain_is_followed_by_its_signatures() {
        let root = own!("root");
        let led = |file: &[u8], root: &[u8]| chain(("np07.pem", file), ("ca.pem", root), at("2027-03-09T12:00:00Z"));
        for good in
            [own!("np07"), own!("np07-and-issuer"), own!("np07-and-root"), own!("np07-rsa"), own!("np07-self-signed")]
        {
            assert_eq!(led(good, root), Chain::Whole);
        }
        let both = [own!("root-of-the-same-name"), root].concat();
        assert_eq!(led(own!("np07"), &both), Chain::Whole, "one of several roots");
        for (file, root, words) in [
            (own!("np07"), own!("root-of-the-same-name"), "no certificate of `ca.pem` signed"),
            (own!("np07-without-issuer"), root, "no certificate of `ca.pem` signed"),
            (&[own!("np07"), own!("np08")].concat(), root, "is no CA's"),
            (&[own!("np07-without-issuer"), root].concat(), root, "not signed by the next"),
            (own!("issuer-before-np07"), root, "the device's own comes first"),
            (own!("np07-as-a-ca"), root, "the device's own comes first"),
            (own!("np07-for-clients"), root, "not for servers"),
            (b"hello", root, "`np07.pem` holds no certificate"),
            (own!("np07-key"), root, "`np07.pem` holds a private key"),
            (own!("np07"), b"hello", "`ca.pem` holds no certificate"),
        ] {
            let said = led(file, root);
            assert!(matches!(&said, Chain::Broken(why) if why.contains(words)), "{words}: {said:?}");
        }
        let said = led(own!("np07-under-521"), own!("root-521"));
        assert!(matches!(said, Chain::Unverified(_)), "{said:?}");
        let file = [own!("np07-and-issuer")].concat();
        let said = chain(("np07.pem", &file), ("ca.pem", root), at("2126-03-09T12:00:00Z"));
        assert!(matches!(&said, Chain::Broken(why) if why.contains("behind the first ended on")), "{said:?}");
    }

    /// Whatever byte of what is signed is another one, the root did not sign it.
    #[test]
    fn a_changed_certificate_is_not_the_roots() {
        let (root, now) = (own!("root"), at("2027-03-09T12:00:00Z"));
        let block = x509_parser::pem::Pem::iter_from_buffer(own!("np07")).next().unwrap().unwrap();
        let encode = |der: &[u8]| {
            let body = <base64ct::Base64 as base64ct::Encoding>::encode_string(der);
            format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
        };
        assert_eq!(chain(("a", encode(&block.contents).as_bytes()), ("b", root), now), Chain::Whole);
        let signed = block.parse_x509().unwrap().tbs_certificate.as_ref().len();
        for at in 4..4 + signed {
            let mut der = block.contents.clone();
            der[at] ^= 1;
            let said = chain(("a", encode(&der).as_bytes()), ("b", root), now);
            assert_ne!(said, Chain::Whole, "byte {at}");
        }
    }

    #[test]
    fn what_is_asked_of_the_first_is_told() {
        let (addresses, now) = (["10.20.7.7".parse().unwrap()], at("2027-03-09T12:00:00Z"));
        let of = |bytes: &[u8], hosts: &[&str]| for_another("c.pem", bytes, &addresses, hosts);
        assert_eq!(of(own!("np07"), &[]), None);
        assert_eq!(of(own!("np07-by-name"), &["np07"]), None);
        assert_eq!(for_another("c.pem", own!("np07"), &[], &["NP07"]), None);
        assert_eq!(self_signed("c.pem", own!("np07")), None);
        assert_eq!(weak("c.pem", own!("np07-rsa"), 2048, 256), None);
        assert_eq!(forgeable("c.pem", own!("np07-and-issuer")), None);
        assert_eq!(ends("c.pem", own!("np07-two-years"), at("2028-11-01T00:00:00Z"), 30), None);
        assert_eq!(lives_longer("c.pem", own!("np07-two-years"), 825), None);
        for (said, words) in [
            (of(own!("np08"), &["np07"]), "is for `10.20.7.8`, `np08`, and no address"),
            (of(own!("np07-by-name"), &["np0"]), "is for `NP07.ot.example`"),
            (of(own!("np07-without-names"), &["np07"]), "no subject alternative name"),
            (self_signed("c.pem", own!("np07-self-signed")), "signed itself"),
            (weak("c.pem", own!("np07-rsa-1024"), 2048, 256), "RSA key of 1024 bits; at least 2048"),
            (weak("c.pem", own!("np07-rsa"), 3072, 256), "RSA key of 2048 bits; at least 3072"),
            (weak("c.pem", own!("np07"), 2048, 384), "curve of 256 bits; at least 384"),
            (forgeable("c.pem", own!("np07-over-sha-1")), "no SHA-2"),
            (ends("c.pem", own!("np07-two-years"), now, 1000), "663 days from now; 1000 are asked for"),
            (ends("c.pem", own!("np07-two-years"), at("2026-03-09T12:00:00Z"), 30), "begins on 2027-01-01"),
            (ends("c.pem", own!("np07-two-years"), at("2030-03-09T12:00:00Z"), 30), "ended on 2029-01-01"),
            (lives_longer("c.pem", own!("np07-two-years"), 700), "from 2027-01-01 to 2029-01-01, 731 days"),
        ] {
            assert!(said.as_deref().is_some_and(|said| said.contains(words)), "{words}: {said:?}");
        }
        // a file that holds none is told by its chain, once
        assert_eq!((self_signed("c", b"x"), forgeable("c", b"x"), ends("c", b"x", now, 30)), (None, None, None));
    }

    #[test]
    fn one_key_has_one_digest() {
        let of = |bytes: &[u8]| public_key("c.pem", bytes).unwrap();
        assert_eq!(of(own!("np07")), of(own!("np08-with-the-key-of-np07")));
        assert_ne!(of(own!("np07")), of(own!("np08")));
        assert_eq!(public_key("c.pem", b"hello"), None);
    }
}
