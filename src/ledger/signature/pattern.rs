//! Patterns of names and namespaces as ssh-keygen has them: `*`, `?`, lists with commas, `!` in front of what is not
//! meant.

/// The longest pattern of a list that is looked at, in bytes; a list with a longer one fits nothing.
const LONGEST: usize = 1023;

/// Whether a list of patterns means this text: one of them fits, and none that begins with `!` does.
pub(super) fn listed(text: &[u8], list: &[u8]) -> bool {
    let mut meant = false;
    let mut patterns = list.split(|b| *b == b',').peekable();
    while let Some(pattern) = patterns.next() {
        // a list has no empty pattern at its end
        if pattern.is_empty() && patterns.peek().is_none() {
            break;
        }
        let (pattern, negated) = match pattern {
            [b'!', rest @ ..] => (rest, true),
            _ => (pattern, false),
        };
        if pattern.len() >= LONGEST {
            return false;
        }
        match (fits(text, pattern), negated) {
            (true, true) => return false,
            (true, false) => meant = true,
            (false, _) => {}
        }
    }
    meant
}

/// Whether one pattern fits a text. Takes the product of both lengths at most.
fn fits(text: &[u8], pattern: &[u8]) -> bool {
    let (mut t, mut p) = (0, 0);
    // the last star, and where the text behind it begins
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (text, pattern, wanted) in [
            ("", "", true),
            ("", "*", true),
            ("", "?", false),
            ("ci@example", "*@example", true),
            ("ci@example", "c?@example", true),
            ("ci@example", "?@example", false),
            ("ci@example", "*e", true),
            ("ci@example", "*x*a*e", true),
            ("ci@example", "**", true),
            ("ci@example", "*?", true),
            ("ci@example", "ci@example*?", false),
            ("a*", "a*", true),
            ("aXbXc", "a*X?", true),
        ] {
            assert_eq!(fits(text.as_bytes(), pattern.as_bytes()), wanted, "{text} {pattern}");
        }
        let long = "*a".repeat(2_000);
        assert!(!fits(&[b'a'; 2_000], (long + "b").as_bytes()));
    }

    #[test]
    fn lists() {
        let long = "a".repeat(LONGEST);
        for (text, list, wanted) in [
            ("bob", "alice,bob", true),
            ("bob", "bob,!b*", false),
            ("bob", "!alice", false),
            ("bob", "!alice,*", true),
            ("!bob", "!bob,*", true),
            ("", "", false),
            ("", "alice,", false),
            ("", "alice,,bob", true),
            ("bob", "!,bob", true),
            ("bob", &format!("bob,{long}"), false),
            ("bob", &format!("bob,{}", &long[1..]), true),
            ("bob", " bob", false),
        ] {
            assert_eq!(listed(text.as_bytes(), list.as_bytes()), wanted, "{text} {list}");
        }
    }
}
