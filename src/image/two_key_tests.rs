//! AES-GCM does not commit to its key: one ciphertext that opens under two keys, made here, and what refuses it.

use aes_gcm::aead::Key as AesKey;
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};

use super::aead;
use super::digest::Digest;
use super::forge::*;
use super::keys::{DataKey, Key, slot_keys};
use super::seal::seal_slot;
use super::slots::WRAPPED_LEN;

/// Multiplication in GCM's field, first bit the highest.
fn mul(x: u128, y: u128) -> u128 {
    let mut product = 0;
    let mut v = y;
    for i in (0..128).rev() {
        if x >> i & 1 == 1 {
            product ^= v;
        }
        v = if v & 1 == 1 { v >> 1 ^ 0xe1 << 120 } else { v >> 1 };
    }
    product
}

fn power(x: u128, mut n: u128) -> u128 {
    let (mut result, mut square) = (1 << 127, x);
    while n > 0 {
        if n & 1 == 1 {
            result = mul(result, square);
        }
        square = mul(square, square);
        n >>= 1;
    }
    result
}

fn inverse(x: u128) -> u128 {
    power(x, u128::MAX - 1)
}

fn encrypted(key: &[u8; 32], block: u128) -> u128 {
    let mut block = block.to_be_bytes().into();
    Aes256::new(&AesKey::<Aes256Gcm>::from(*key)).encrypt_block(&mut block);
    u128::from_be_bytes(block.into())
}

/// The tag of these ciphertext blocks under a key, with our zero nonce and no additional data.
fn tag(key: &[u8; 32], blocks: &[u128]) -> u128 {
    let h = encrypted(key, 0);
    let bits = blocks.len() as u128 * 128;
    let hash = blocks.iter().chain([&bits]).fold(0, |sum, block| mul(sum ^ block, h));
    hash ^ encrypted(key, 1)
}

/// Ciphertext and tag that both keys open: the last block is the one that makes both tags equal.
fn for_two_keys(one: &[u8; 32], two: &[u8; 32], blocks: usize) -> Vec<u8> {
    let mut text: Vec<u128> = (1..=blocks as u128).map(|n| n * 0x0123_4567_89ab_cdef).collect();
    text[blocks - 1] = 0;
    let difference = tag(one, &text) ^ tag(two, &text);
    let weight = power(encrypted(one, 0), 2) ^ power(encrypted(two, 0), 2);
    text[blocks - 1] = mul(difference, inverse(weight));
    assert_eq!(tag(one, &text), tag(two, &text));
    text.iter().chain([&tag(one, &text)]).flat_map(|block| block.to_be_bytes()).collect()
}

#[test]
fn a_payload_for_two_data_keys_is_refused_by_its_commitment() {
    let good = Forge::good(1);
    let (one, two) = (good.commit_with, [0x22; 32]);
    let mut pieces = good.pieces();
    let head = Digest::of(&pieces.head);
    let payload_key = |data_key: &[u8; 32]| DataKey(Key::from_bytes(*data_key)).payload_key(&head);
    pieces.payload = for_two_keys(payload_key(&one).expose(), payload_key(&two).expose(), good.padded.len() / 16);
    for data_key in [&one, &two] {
        assert!(aead::open(payload_key(data_key), &pieces.payload).is_ok(), "one ciphertext, two keys");
    }
    pieces.mac_with = two;
    assert_eq!(class(&pieces.clone().resealed().join()), "commit", "the key that is not committed to");
    pieces.mac_with = one;
    assert_eq!(class(&pieces.resealed().join()), "padding", "the other sees what was made for it");
}

#[test]
fn a_slot_for_two_passphrases_is_refused_by_its_commitment() {
    let good = Forge::good(1);
    let mut pieces = good.pieces();
    let body = Digest::of(&pieces.body());
    let (ours, theirs) = (key().key, Key::from_bytes([0x33; 32]));
    let pre = passphrase_params().write();
    let wrap = |pk: &Key| slot_keys(pk, &body, &pre).wrap;
    let wrapped: [u8; WRAPPED_LEN] = for_two_keys(wrap(&ours).expose(), wrap(&theirs).expose(), 2).try_into().unwrap();
    assert!(aead::open(wrap(&ours), &wrapped).is_ok() && aead::open(wrap(&theirs), &wrapped).is_ok());
    // The commitment is theirs: the wrapped key would open for us as well, and is not tried.
    let data_key = DataKey(Key::from_bytes(good.mac_with));
    pieces.slots[0] = seal_slot(passphrase_params(), &theirs, &body, &data_key);
    pieces.slots[0].wrapped = wrapped;
    assert_eq!(class(&pieces.join()), "passphrase");
}

#[test]
fn our_tag_is_the_tag_of_the_cipher() {
    let blocks = [1u128, 2, 3];
    let sealed: Vec<u8> =
        blocks.iter().chain([&tag(&[7; 32], &blocks)]).flat_map(|block| block.to_be_bytes()).collect();
    assert!(aead::open(Key::from_bytes([7; 32]), &sealed).is_ok());
    assert_eq!(mul(0x1234, inverse(0x1234)), 1 << 127);
    assert_eq!(Nonce::<aes_gcm::aead::consts::U12>::default().len(), 12);
}
