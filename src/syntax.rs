//! KDL 2 text to a spanned [`Tree`]. The only module that names the KDL crates.
//!
//! `neco-kdl` reads; a text that it refuses is read again by `kdl` for several well-worded diagnostics. Size and
//! nesting are bounded first, since both parsers recurse.

mod bounds;
mod diagnose;
pub mod edit;
mod lexis;
mod masks;
mod read;
mod second;
mod slips;
mod suspects;
mod tree;

pub use bounds::{MAX_BYTES, MAX_NESTING, MAX_ON_A_LINE};
pub use tree::{Entry, Node, Scalar, Tree};

use crate::finding::Finding;
use crate::source::{FileId, Span};

/// What became of a text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree; `None` where the text is not well-formed or over a limit. No half of a text is ever given.
    pub tree: Option<Tree>,
    /// What is wrong with it. There may be findings beside a tree (a property written twice).
    pub findings: Vec<Finding>,
    /// Bytes to mask in the source map before anything of this file is shown. Only for text that isn't well-formed:
    /// there no shape is known that would tell a secret from another text.
    pub masks: Vec<Span>,
}

/// What of a text is a comment, or switched off by `/-`: masked before any line of it is shown. For any text.
pub fn comments(text: &str) -> Vec<Span> {
    masks::comments(text)
}

/// Reads a text. `file` goes into every place; any text gives an answer, none panics.
pub fn parse(file: FileId, text: &str) -> Parsed {
    if let Some(finding) = bounds::over(file, text) {
        return Parsed { tree: None, findings: vec![finding], masks: vec![Span::new(0, text.len())] };
    }
    match read::read(file, text) {
        Ok(tree) => {
            let crowded = bounds::crowded(&tree);
            if !crowded.is_empty() {
                return Parsed { tree: None, findings: crowded, masks: vec![Span::new(0, text.len())] };
            }
            Parsed { findings: suspects::suspects(text, &tree), tree: Some(tree), masks: Vec::new() }
        }
        Err(stop) => {
            let (findings, masks) = diagnose::diagnose(file, text, &stop);
            Parsed { tree: None, findings, masks }
        }
    }
}

/// The second reading alone, for its fuzz target: any text is read in short time, and what is said has a place in it.
pub fn fuzz_second(text: &str) {
    for second in second::diagnostics(text) {
        assert!(text.get(second.span.range()).is_some(), "a diagnostic has a place in the text");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_written_twice_is_told_and_the_tree_stays() {
        let text = "server \"10.0.0.1\" port=514 tls=on port=6514";
        let parsed = parse(FileId(0), text);
        assert_eq!(parsed.tree.unwrap().nodes[0].prop("port").unwrap().value, Scalar::Int(6514));
        let [finding] = &parsed.findings[..] else { panic!("one finding, not {:?}", parsed.findings) };
        assert_eq!(finding.code, "syntax.repeated-property");
        assert_eq!(finding.loc.span, Span::new(34, 38));
        assert_eq!(finding.related[0].loc.span, Span::new(18, 22));
    }

    #[test]
    fn limits_are_told_before_any_reader_sees_the_text() {
        let code = |text: &str| parse(FileId(0), text).findings[0].code.to_string();
        assert_eq!(code(&"a{".repeat(100_000)), "syntax.too-deep");
        assert_eq!(code(&"/*".repeat(100_000)), "syntax.too-deep");
        assert_eq!(code(&"/-a{".repeat(100_000)), "syntax.too-deep");
        assert_eq!(code(&"a\n".repeat(MAX_BYTES / 2 + 1)), "syntax.too-large");
        assert_eq!(code(&format!("a {{ b{} }}", " x=1".repeat(MAX_ON_A_LINE + 1))), "syntax.too-many");
        assert!(parse(FileId(0), &format!("a {{ b{} }}", " 1".repeat(MAX_ON_A_LINE))).findings.is_empty());
        let deep = format!("{}{}", "a {".repeat(MAX_NESTING), "}".repeat(MAX_NESTING));
        assert!(parse(FileId(0), &deep).tree.is_some());
        let in_text = format!("a #\"{}\"# // {}", "{".repeat(1000), "{".repeat(1000));
        assert!(parse(FileId(0), &in_text).tree.is_some());
    }

    const DEVICE: &str = r#"// pump station
device "np07" {
    platform "nport-6000-g2" firmware="1.1"
    accounts {
        account "ot-admin" role="administrator" password=(stored)"np07/ot-admin"
        account "old" password="hunter2-canary" role="user"
    }
    login { auto-logout "5 min"; lockout on after=3 }
    snmp {
        community "hunter2-canary" access="read"
        banner """
          hunter2-canary is not named here
          """
    }
    /- services { ssh on }
}
"#;

    fn check_answer(text: &str) -> Parsed {
        let parsed = parse(FileId(0), text);
        assert!(parsed.tree.is_some() || !parsed.findings.is_empty(), "nothing said about {text:?}");
        assert!(parsed.findings.len() <= 20 || parsed.tree.is_some());
        for span in parsed.findings.iter().map(|f| f.loc.span).chain(parsed.masks.iter().copied()) {
            assert!(text.get(span.range()).is_some(), "{span:?} is no place in {text:?}");
        }
        parsed
    }

    /// A slip of the finger: one sign taken out of the text.
    #[test]
    fn one_sign_missing_gives_one_finding_and_shows_no_secret() {
        let (mut broken, mut told) = (0, 0);
        for (at, sign) in DEVICE.char_indices().filter(|(_, c)| "\"{}=();/*".contains(*c)) {
            let text = format!("{}{}", &DEVICE[..at], &DEVICE[at + sign.len_utf8()..]);
            let parsed = check_answer(&text);
            if parsed.tree.is_some() {
                continue;
            }
            broken += 1;
            told += parsed.findings.len();
            let mut map = crate::source::SourceMap::new();
            let id = map.add("a.kdl", text.as_str());
            parsed.masks.iter().for_each(|m| map.mask(crate::source::Loc::new(id, *m)));
            let shown = map.shown(crate::source::Loc::new(id, Span::new(0, text.len())));
            let unnamed = shown.matches("hunter2-canary is").count();
            assert_eq!(shown.matches("hunter2").count(), unnamed, "{shown}");
            assert!(parsed.findings.iter().all(|f| !format!("{f:?}").contains("hunter2")));
        }
        assert_eq!(told, broken);
    }

    proptest::proptest! {
        #[test]
        fn any_text_gets_an_answer(text in "\\PC{0,60}|[{}\"#/*\\\\;=()\\[\\] a1.,\n\r\t-]{0,60}") {
            check_answer(&text);
        }

        #[test]
        fn a_text_with_a_few_signs_changed_gets_an_answer(
            changes in proptest::collection::vec((0..DEVICE.len(), "[{}\"#/*\\\\;=() a1\n-]?"), 1..6),
        ) {
            let mut text = DEVICE.to_owned();
            for (at, sign) in changes {
                let at = at.min(text.len() - 1);
                text.replace_range(at..=at, &sign);
            }
            check_answer(&text);
        }
    }
}
