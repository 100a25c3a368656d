//! What a terminal shows of the bytes that a device sends: lines that are done, and the one that is still being
//! written. Carriage returns, backspaces and escape sequences act as they do on a screen, so that what a pager wiped is
//! gone.

/// Most bytes that are taken of one session, whatever they show.
const MOST: usize = 8 << 20;

/// Most characters of one line.
const LONGEST: usize = 64 << 10;

/// A screen that forgets nothing and has no width.
#[derive(Debug, Default)]
pub struct Screen {
    lines: Vec<String>,
    current: Vec<char>,
    column: usize,
    escape: Escape,
    /// Bytes of a character that has not come whole.
    cut: Vec<u8>,
    taken: usize,
}

/// Where in an escape sequence the screen is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    /// Behind ESC.
    Begun,
    /// Behind `ESC [`: parameters up to a letter.
    Control,
    /// Behind `ESC ]`: a text up to BEL or ESC `\`.
    Text,
}

impl Screen {
    /// Shows what came.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.taken = self.taken.saturating_add(bytes.len());
        let mut all = std::mem::take(&mut self.cut);
        all.extend_from_slice(bytes);
        let mut rest = &all[..];
        while !rest.is_empty() {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    text.chars().for_each(|c| self.show(c));
                    break;
                }
                Err(error) => {
                    let (good, bad) = rest.split_at(error.valid_up_to());
                    String::from_utf8_lossy(good).chars().for_each(|c| self.show(c));
                    let Some(length) = error.error_len() else {
                        self.cut = bad.to_vec();
                        break;
                    };
                    self.show(char::REPLACEMENT_CHARACTER);
                    rest = &bad[length..];
                }
            }
        }
    }

    /// Lines that are done, without blanks at their ends.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The line that is still being written, without blanks at its end.
    pub fn current(&self) -> String {
        let text: String = self.current.iter().collect();
        text.trim_end().to_owned()
    }

    /// Whether more came than is taken.
    pub fn is_full(&self) -> bool {
        self.taken >= MOST
    }

    fn show(&mut self, c: char) {
        match (self.escape, c) {
            (Escape::None, '\u{1b}') | (Escape::Text, '\u{1b}') => self.escape = Escape::Begun,
            (Escape::Begun, '[') => self.escape = Escape::Control,
            (Escape::Begun, ']') => self.escape = Escape::Text,
            (Escape::Begun, _) | (Escape::Text, '\u{7}') => self.escape = Escape::None,
            (Escape::Control, c) if ('\u{40}'..='\u{7e}').contains(&c) => {
                self.escape = Escape::None;
                // the rest of the line is wiped; other sequences move or colour
                if c == 'K' {
                    self.current.truncate(self.column);
                }
            }
            (Escape::Control | Escape::Text, _) => {}
            (Escape::None, '\n') => {
                let line = self.current();
                if !self.is_full() {
                    self.lines.push(line);
                }
                self.current.clear();
                self.column = 0;
            }
            (Escape::None, '\r') => self.column = 0,
            (Escape::None, '\u{8}') => self.column = self.column.saturating_sub(1),
            (Escape::None, c) if c == '\t' || !c.is_control() => self.put(if c == '\t' { ' ' } else { c }),
            (Escape::None, _) => {}
        }
    }

    fn put(&mut self, c: char) {
        if self.column >= LONGEST {
            return;
        }
        match self.current.get_mut(self.column) {
            Some(place) => *place = c,
            None => self.current.push(c),
        }
        self.column += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> (Vec<String>, String) {
        let mut screen = Screen::default();
        screen.feed(bytes);
        (screen.lines().to_vec(), screen.current())
    }

    #[test]
    fn what_was_wiped_is_gone() {
        let wiped: [&[u8]; 4] = [
            b"a\r\n--More--\r        \rip telnet\r\n",
            b"a\r\n--More--\x08\x08\x08\x08\x08\x08\x08\x08        \x08\x08\x08\x08\x08\x08\x08\x08ip telnet\r\n",
            b"a\n\x1b[7m--More--\x1b[m\r\x1b[Kip telnet\n",
            b"a\n\x1b]0;title\x07ip telnet  \n",
        ];
        for bytes in wiped {
            assert_eq!(shown(bytes), (vec!["a".to_owned(), "ip telnet".to_owned()], String::new()));
        }
        assert_eq!(shown(b"Firewall/VPN Router 00000# ").1, "Firewall/VPN Router 00000#");
        assert_eq!(shown(b"\xc3\xa4\xff\r\n").0, ["\u{e4}\u{fffd}"]);
    }

    proptest::proptest! {
        #[test]
        fn where_bytes_are_cut_changes_nothing(bytes in proptest::collection::vec(0u8.., 0..200), cut in 0usize..200) {
            let cut = cut.min(bytes.len());
            let mut screen = Screen::default();
            screen.feed(&bytes[..cut]);
            screen.feed(&bytes[cut..]);
            proptest::prop_assert_eq!(shown(&bytes), (screen.lines().to_vec(), screen.current()));
        }
    }
}
