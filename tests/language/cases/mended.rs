//! Texts with what would be right beside them.

use std::collections::BTreeMap;

/// A text in which `// right: ...` stands below a line that is wrong.
pub(crate) struct Text<'t> {
    /// Its lines as they are read, each with its end.
    pub(crate) lines: Vec<&'t str>,
    /// What takes the place of a line, by its number from 0; nothing takes it away.
    pub(crate) right: BTreeMap<usize, Vec<&'t str>>,
}

impl<'t> Text<'t> {
    /// Parts a text; lines for which `skipped` holds are in neither.
    pub(crate) fn of(text: &'t str, skipped: impl Fn(&str) -> bool) -> Text<'t> {
        let mut parted = Text { lines: Vec::new(), right: BTreeMap::new() };
        for line in text.split_inclusive('\n') {
            match line.trim_start().strip_prefix("// right:") {
                Some(right) => {
                    let above = parted.lines.len().saturating_sub(1);
                    parted.right.entry(above).or_default().push(right.strip_prefix(' ').unwrap_or(right).trim_end());
                }
                None if skipped(line.trim_end()) => {}
                None => parted.lines.push(line),
            }
        }
        parted
    }

    /// The text as it is wrong.
    pub(crate) fn wrong(&self) -> String {
        self.lines.concat()
    }

    /// The text as it would be right, where that is said.
    pub(crate) fn right(&self) -> Option<String> {
        let mut out = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            match self.right.get(&number) {
                None => out.push_str(line),
                Some(right) => right.iter().filter(|r| !r.is_empty()).for_each(|r| out.extend([*r, "\n"])),
            }
        }
        (!self.right.is_empty()).then_some(out)
    }
}
