use super::*;

/// What ends either of them early would let text after it run, or be shown as text.
#[test]
fn script_and_style_are_one_element_each() {
    let scripts = [SCRIPT, shell::SCRIPT].map(|text| (text, "</script"));
    let styles = [STYLE, shell::STYLE].map(|text| (text, "</style"));
    for (text, ends) in scripts.into_iter().chain(styles) {
        assert!(!text.to_lowercase().contains(ends) && !text.contains("<!--"), "{ends}");
    }
    for net in [
        "http://",
        "https://",
        "fetch(",
        "@import",
        "import(",
        "eval(",
        "innerHTML",
        "insertAdjacent",
        "document.write",
    ] {
        let allowed = net == "http://"
            && SCRIPT.matches("http://").count() == 1
            && SCRIPT.contains("new URL(`http://[${text}]/`)");
        assert!(allowed || !SCRIPT.contains(net) && !STYLE.contains(net), "{net}");
        assert!(!shell::SCRIPT.contains(net) && !shell::STYLE.contains(net), "{net}");
    }
}

mod hostile {
    use super::*;
    use crate::dialect::sheet::Verb;
    use crate::native::Grade;
    use crate::report::escape::{acts, hostile};
    use crate::sheet::{FORMAT, FleetDevice, Head, Page, Place, Row, RowRule, Sheet, SheetFile, SheetKind, Was};

    /// A sheet that says one text wherever it says any.
    fn saying(text: &str, kind: SheetKind) -> Sheet {
        let text = text.to_owned();
        let row = |no: u32, verb| Row {
            chain: text.clone(),
            field: text.clone(),
            grade: Grade::Likely,
            id: format!("0000000{no}"),
            look: text.clone(),
            no,
            path: text.clone(),
            sha256: text.clone(),
            temporary: true,
            value: vec![text.clone()],
            verb,
            was: Was::Text(text.clone()),
            why: vec![RowRule { id: text.clone(), title: text.clone() }],
        };
        let verbs = [Verb::Type, Verb::SelectExactly, Verb::File, Verb::Secret, Verb::Delete];
        let device = FleetDevice {
            address: "https://10.20.7.7".into(),
            device: "np07".into(),
            last: text.clone(),
            no: 1,
            revision: 1,
            serial: text.clone(),
            sheet: Digest::of(b"x"),
            was: vec![Was::Text(text.clone())],
        };
        Sheet {
            allowlist: vec![text.clone()],
            demo: false,
            device: text.clone(),
            files: vec![SheetFile { name: text.clone(), sha256: Digest::of(b"x") }],
            format: FORMAT.into(),
            head: Head {
                address: "https://10.20.7.7".into(),
                asset: text.clone(),
                compared: text.clone(),
                factory: text.clone(),
                firmware: text.clone(),
                idle: text.clone(),
                left: 1,
                location: text.clone(),
                login: text.clone(),
                model: text.clone(),
                not_after: text.clone(),
                not_before: text.clone(),
                platform: text.clone(),
                serial: text.clone(),
            },
            kind,
            pages: vec![Page {
                menu: text.clone(),
                name: text.clone(),
                risky: true,
                rows: (1..).zip(verbs).map(|(no, verb)| row(no, verb)).collect(),
                warnings: vec![text.clone()],
            }],
            places: vec![Place { devices: vec![device], name: text.clone() }],
            review: text.clone(),
            revision: 1,
            site: text.clone(),
            tool: text.clone(),
            unplaced: vec![text.clone()],
            warnings: vec![text],
        }
    }

    /// The tags of a page, whatever stands in them; remarks on what can't be seen come and go.
    fn tags(page: &str) -> Vec<String> {
        let tags = page.split('<').skip(1).map(|tag| tag.chars().take_while(|c| !matches!(c, ' ' | '>')).collect());
        tags.filter(|tag: &String| !matches!(&**tag, "em" | "/em")).collect()
    }

    /// Whatever a text says, the page has the tags that it has for a harmless one; its quotes end no attribute.
    #[test]
    fn texts_from_outside_are_text() {
        for kind in [SheetKind::Device, SheetKind::Fleet] {
            let without = |page: String| page.replacen(SCRIPT, "", 1).replacen(STYLE, "", 1);
            let long = "\u{e9}".repeat(50);
            let plain = tags(&without(page(&saying(&long, kind))));
            for text in hostile() {
                let page = without(page(&saying(&format!("{long}{text}"), kind)));
                assert!(tags(&page) == plain, "{text}");
                let told = page.split("data-text=\"").next().unwrap_or_default();
                assert!(!told.chars().any(|c| acts(c) && c != '\n'), "{text:?}");
            }
        }
    }

    /// The same sheet, the same page; its digest stands on it, and its policy names the script and the style.
    #[test]
    fn a_page_says_what_it_is() {
        let sheet = saying("x", SheetKind::Device);
        let text = page(&sheet);
        assert_eq!(text, page(&sheet));
        assert!(text.contains(&format!("data-sheet=\"{}\"", sheet.digest())));
        assert_eq!(text.matches("<script").count(), 1);
        assert!(text.contains("default-src 'none'; style-src 'sha256-") && !text.contains("unsafe"));
    }
}
