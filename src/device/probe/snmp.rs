//! Whether an agent answers to a community that everybody knows: one question for its own description, by version.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// Communities that agents are shipped with, and that are tried first by everybody.
pub const COMMUNITIES: [&str; 2] = ["public", "private"];

/// The number of our question, which its answer repeats.
const NUMBER: [u8; 4] = [0x46, 0x4c, 0x50, 0x31];

/// The versions that it answers in.
pub(super) fn answers(at: SocketAddr, community: &str, within: Duration) -> Vec<&'static str> {
    let versions = [("v1", 0), ("v2c", 1)];
    versions
        .into_iter()
        .filter(|(_, number)| answers_in(at, community, *number, within))
        .map(|(name, _)| name)
        .collect()
}

fn answers_in(at: SocketAddr, community: &str, version: u8, within: Duration) -> bool {
    let any: SocketAddr = if at.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0; 16], 0).into() };
    let Ok(socket) = UdpSocket::bind(any) else { return false };
    let mut answer = [0; 2048];
    // only what comes from there is read
    let asked = socket.connect(at).and_then(|()| socket.set_read_timeout(Some(within)));
    let asked = asked.and_then(|()| socket.send(&question(community, version)));
    asked.is_ok() && socket.recv(&mut answer).is_ok_and(|read| is_answer(&answer[..read]))
}

/// `sysDescr.0` is asked for, in BER.
fn question(community: &str, version: u8) -> Vec<u8> {
    let name = [0x2b, 6, 1, 2, 1, 1, 1, 0];
    let bound = tagged(0x30, &[tagged(6, &name), vec![5, 0]].concat());
    let body = [tagged(2, &NUMBER), vec![2, 1, 0], vec![2, 1, 0], tagged(0x30, &bound)].concat();
    tagged(0x30, &[vec![2, 1, version], tagged(4, community.as_bytes()), tagged(0xa0, &body)].concat())
}

/// Whether it is an answer to our question.
fn is_answer(bytes: &[u8]) -> bool {
    let is_sequence = bytes.first() == Some(&0x30);
    let answers = bytes.contains(&0xa2) && bytes.windows(6).any(|part| part[..2] == [2, 4] && part[2..] == NUMBER);
    is_sequence && answers
}

fn tagged(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut all = vec![tag, u8::try_from(body.len()).ok().filter(|length| *length < 0x80).unwrap_or(0x7f)];
    all.extend_from_slice(body);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_no_answer_and_its_answer_is() {
        let mut bytes = question("public", 1);
        assert!(!is_answer(&bytes) && bytes[1] as usize == bytes.len() - 2);
        let kind = bytes.iter().position(|byte| *byte == 0xa0).unwrap();
        bytes[kind] = 0xa2;
        assert!(is_answer(&bytes));
        assert!(!is_answer(b"") && !is_answer(&[0x30, 0xa2]));
    }
}
