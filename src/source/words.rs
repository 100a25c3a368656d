//! Words in a name that let us expect a secret behind it: for texts of which no table and no shape says more.

/// Words that name a secret by themselves.
const ALONE: [&str; 24] = [
    "pass",
    "pw",
    "pwd",
    "psk",
    "pin",
    "puk",
    "key",
    "keys",
    "token",
    "tokens",
    "credential",
    "credentials",
    "passcode",
    "apikey",
    "authkey",
    "privkey",
    "sharedkey",
    "presharedkey",
    "passwort",
    "kennwort",
    "wachtwoord",
    "senha",
    "clave",
    "contrasena",
];
/// What a longer word ends with that names one: `userpassword`.
const ENDS: [&str; 10] = [
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passphrases",
    "secret",
    "secrets",
    "community",
    "communities",
    "passcodes",
];

/// Whether a name or line has a word that lets us expect a secret. `Key` in `RADIUS Key` and `privKey` is such a word,
/// letters within `monkey` are none.
pub fn names_secret(text: &str) -> bool {
    words(text).any(|(_, word)| is_secretive(word))
}

/// Where what follows the first such word begins; `None` where there is none, or nothing follows.
pub fn behind_secret_word(text: &str) -> Option<usize> {
    let (at, word) = words(text).find(|(_, word)| is_secretive(word))?;
    let rest = &text[at + word.len()..];
    let begins = rest.find(|c: char| !c.is_whitespace() && !matches!(c, '=' | ':'))?;
    Some(at + word.len() + begins)
}

fn is_secretive(word: &str) -> bool {
    let same = |other: &&str| word.eq_ignore_ascii_case(other);
    let ends = |end: &&str| {
        word.len() >= end.len() && word.is_ascii() && word[word.len() - end.len()..].eq_ignore_ascii_case(end)
    };
    ALONE.iter().any(same) || ENDS.iter().any(ends)
}

/// Words with where they begin: runs of letters, parted where a capital follows a small letter.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = rest.find(|(_, c)| c.is_alphabetic())?;
        let (mut end, mut before) = (start + first.len_utf8(), first);
        while let Some((at, c)) = rest.peek().copied()
            && c.is_alphabetic()
            && !(before.is_lowercase() && c.is_uppercase())
        {
            (end, before) = (at + c.len_utf8(), c);
            rest.next();
        }
        Some((start, &text[start..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_by_their_words() {
        for name in [
            "password",
            "Console Password",
            "PIN",
            "RADIUS Key",
            "privKey",
            "ntp-auth_keys",
            "userpassword",
            "User Pass #1",
            "snmp-server community",
            "auth-mode psk",
            "PRE-SHARED SECRET",
            "wpaPSK",
            "password2",
        ] {
            assert!(names_secret(name), "{name}");
        }
        for name in [
            "ping",
            "mapping",
            "monkey",
            "bypass",
            "ip igmp-snooping",
            "shipping",
            "secretary",
            "compass",
            "passive",
            "tokenised",
            "keyboard",
            "spinning",
            "",
            "123",
            "é",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }

    #[test]
    fn what_follows_the_word_is_the_secret() {
        for (line, secret) in [
            ("username x password Moxa1234", "Moxa1234"),
            ("PIN=1234", "1234"),
            ("the key: abc", "abc"),
            ("snmp-server community \"public\" rw", "\"public\" rw"),
        ] {
            assert_eq!(behind_secret_word(line).map(|at| &line[at..]), Some(secret));
        }
        for line in ["show ntp-auth-keys", "auth-mode psk ", "ip ping-response 3", ""] {
            assert_eq!(behind_secret_word(line), None, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_an_answer(text in "\\PC{0,60}") {
            proptest::prop_assert!(behind_secret_word(&text).is_none_or(|at| text.is_char_boundary(at) && at < text.len()));
        }
    }
}
