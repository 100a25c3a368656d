//! AES-256-GCM under single-use keys: the nonce is zero, so a key that sealed is taken by value and gone.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use zeroize::Zeroizing;

use super::header::TAG_LEN;
use super::keys::Key;

/// The tag did not fit: another key, or changed bytes. Nothing was decrypted.
pub(super) struct Forged;

/// Encrypts in place and puts the tag behind. The buffer is erased plaintext no longer: it is ciphertext.
pub(super) fn seal(key: Key, mut message: Zeroizing<Vec<u8>>) -> Vec<u8> {
    message.reserve_exact(TAG_LEN);
    let mut message = std::mem::take(&mut *message);
    #[expect(clippy::expect_used, reason = "messages are at most 16 MiB, AES-GCM takes 64 GiB")]
    cipher(&key).encrypt_in_place(&Nonce::default(), b"", &mut message).expect("a message below 64 GiB");
    message
}

/// Checks the tag, then decrypts, into a buffer that is erased on drop.
pub(super) fn open(key: Key, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Forged> {
    let mut message = Zeroizing::new(sealed.to_vec());
    cipher(&key).decrypt_in_place(&Nonce::default(), b"", &mut *message).map_err(|_| Forged)?;
    Ok(message)
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(key.expose().into())
}

#[cfg(test)]
mod tests {
    use aes_gcm::aead::{Aead, Payload};

    use super::*;
    use crate::image::test_support::unhex;

    /// The GCM specification (McGrew and Viega, appendix B), test cases 13 to 16; 13 and 14 have our zero nonce and
    /// no additional data, so they go through our own functions too.
    #[test]
    fn aes_256_gcm_is_the_published_one() {
        let plain = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525\
                     b16aedf5aa0de657ba637b391aafd255";
        let text = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838\
                    c5f61e6393ba7a0abcc9f662898015ad";
        let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
        let nonce = "cafebabefacedbaddecaf888";
        let aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
        let zero = "00".repeat(32);
        let cases = [
            (zero.as_str(), "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
            (
                zero.as_str(),
                "000000000000000000000000",
                "",
                "00000000000000000000000000000000",
                "cea7403d4d606b6e074ec5d3baf39d18",
                "d0d1c8a799996bf0265b98b5d48ab919",
            ),
            (key, nonce, "", plain, text, "b094dac5d93471bdec1a502270e3cc6c"),
            (key, nonce, aad, &plain[..120], &text[..120], "76fc6ece0f4e1768cddf8853bb2d551b"),
        ];
        for (key, nonce, aad, plain, text, tag) in cases {
            let (key, nonce, aad, plain) = (unhex(key), unhex(nonce), unhex(aad), unhex(plain));
            let sealed = [unhex(text), unhex(tag)].concat();
            let cipher = Aes256Gcm::new_from_slice(&key).unwrap();
            let nonce = Nonce::try_from(&nonce[..]).unwrap();
            assert_eq!(cipher.encrypt(&nonce, Payload { msg: &plain, aad: &aad }).unwrap(), sealed);
            if nonce == Nonce::default() && aad.is_empty() {
                let ours = || Key::from_bytes(key.clone().try_into().unwrap());
                assert_eq!(seal(ours(), Zeroizing::new(plain.clone())), sealed);
                assert_eq!(open(ours(), &sealed).ok().map(|m| m.to_vec()), Some(plain));
            }
        }
    }

    #[test]
    fn no_changed_bit_opens() {
        let sealed = seal(Key::from_bytes([1; 32]), Zeroizing::new(b"32 bytes of a data key, or so...".to_vec()));
        for bit in 0..sealed.len() * 8 {
            let mut forged = sealed.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(open(Key::from_bytes([1; 32]), &forged).is_err(), "{bit}");
        }
        for n in 0..sealed.len() {
            assert!(open(Key::from_bytes([1; 32]), &sealed[..n]).is_err(), "{n}");
        }
        assert!(open(Key::from_bytes([2; 32]), &sealed).is_err());
    }
}
