//! What a server of SSH offers, which it says before any key is exchanged.

/// Algorithms that are broken or nearly so, by their names.
pub const WEAK: [&str; 22] = [
    "diffie-hellman-group1-sha1",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha1",
    "ssh-rsa",
    "ssh-dss",
    "3des-cbc",
    "aes128-cbc",
    "aes192-cbc",
    "aes256-cbc",
    "blowfish-cbc",
    "cast128-cbc",
    "arcfour",
    "arcfour128",
    "arcfour256",
    "hmac-sha1",
    "hmac-sha1-96",
    "hmac-md5",
    "hmac-md5-96",
    "hmac-sha1-etm@openssh.com",
    "hmac-md5-etm@openssh.com",
    "rijndael-cbc@lysator.liu.se",
    "none",
];

/// Longest packet that is read.
const MOST: usize = 64 << 10;

/// What a server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// What it calls itself.
    pub software: String,
    /// All its algorithms: key exchange, host keys, ciphers, proofs.
    pub algorithms: Vec<String>,
}

impl Offered {
    /// Those that are weak.
    pub fn weak(&self) -> Vec<&str> {
        WEAK.into_iter().filter(|weak| self.algorithms.iter().any(|name| name == weak)).collect()
    }
}

/// What a server said up to its offer; `None` where that is not whole.
pub fn read(bytes: &[u8]) -> Option<Offered> {
    let mut rest = bytes;
    // lines of text may stand before its name
    let software = loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let line = String::from_utf8_lossy(&rest[..end]).trim_end().to_owned();
        rest = &rest[end + 1..];
        if line.starts_with("SSH-") {
            break line;
        }
    };
    if !software.starts_with("SSH-2.0-") && !software.starts_with("SSH-1.99-") {
        return None;
    }
    let length = usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()?;
    let packet = rest.get(4..4 + length.min(MOST))?;
    // padding, the number of the message, 16 random bytes
    let mut lists = packet.get(18..).filter(|_| packet.get(1) == Some(&20))?;
    let mut algorithms = Vec::new();
    // key exchange, host keys, ciphers and proofs in both directions
    for _ in 0..6 {
        let length = usize::try_from(u32::from_be_bytes(lists.get(..4)?.try_into().ok()?)).ok()?;
        let names = String::from_utf8_lossy(lists.get(4..)?.get(..length)?).into_owned();
        algorithms.extend(names.split(',').filter(|name| !name.is_empty()).map(str::to_owned));
        lists = &lists[4 + length..];
    }
    algorithms.sort();
    algorithms.dedup();
    Some(Offered { software, algorithms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_read_behind_other_lines() {
        let mut packet = vec![4, 20];
        packet.extend([0; 16]);
        for names in [
            "curve25519-sha256,diffie-hellman-group14-sha1",
            "ssh-rsa",
            "aes128-ctr",
            "aes128-ctr",
            "hmac-sha1",
            "hmac-sha1",
        ] {
            packet.extend(u32::try_from(names.len()).unwrap().to_be_bytes());
            packet.extend(names.as_bytes());
        }
        let mut bytes = b"hello\r\nSSH-2.0-dropbear_2013.60\r\n".to_vec();
        bytes.extend(u32::try_from(packet.len()).unwrap().to_be_bytes());
        bytes.extend(&packet);
        let offered = read(&bytes).unwrap();
        assert_eq!(offered.software, "SSH-2.0-dropbear_2013.60");
        assert_eq!(offered.weak(), ["diffie-hellman-group14-sha1", "ssh-rsa", "hmac-sha1"]);
        assert_eq!(read(&bytes[..bytes.len() - 1]), None, "it is not whole");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(0u8.., 0..200)) {
            read(&bytes);
            read(&[b"SSH-2.0-x\n\0\0\0\x80\x04\x14".as_slice(), &bytes].concat());
        }
    }
}
