//! Columns, counted as a terminal counts them.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// The text with spaces up to a column.
pub(super) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Left and right on one line of `columns`, at least three spaces between them.
pub(super) fn apart(left: &str, right: &str, columns: usize) -> String {
    if right.is_empty() {
        return left.to_owned();
    }
    let gap = columns.saturating_sub(width(left) + width(right)).max(3);
    format!("{left}{}{right}", " ".repeat(gap))
}

/// The text, or its beginning with `...` where it is wider.
pub(super) fn clip(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if width(&out) + 4 > columns {
            break;
        }
        out.push(c);
    }
    out + "..."
}

/// `1 device`, `2 devices`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The words broken into lines of at most `columns`; none is parted. Without words there is no line.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let options = Options::new(columns)
        .break_words(false)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(|line| line.into_owned()).collect()
}

/// Rows with their columns aligned, two spaces between; the last column is left as it is.
pub(super) fn table(rows: &[Vec<String>], indent: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..columns).map(|c| rows.iter().filter_map(|r| r.get(c)).map(|t| width(t)).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = " ".repeat(indent);
        for (c, cell) in row.iter().enumerate() {
            let last = c + 1 == row.len();
            line.push_str(&if last { cell.clone() } else { pad(cell, widths[c] + 2) });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_a_terminal() {
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(apart("a", "b", 6), "a    b");
        assert_eq!(apart("aaaaaa", "b", 6), "aaaaaa   b");
        assert_eq!(clip("abcdefgh", 6), "abc...");
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""; 0]);
        assert_eq!(table(&[vec!["a".into(), "b".into()], vec!["ccc".into(), "d".into()]], 1), " a    b\n ccc  d\n");
    }
}
