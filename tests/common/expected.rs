//! Texts that are committed and made by the program: expected outputs, schemas, lists in pages, tables. One command
//! writes all of them anew.

#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that can't read what is expected has failed")]

use std::path::Path;
use std::sync::Mutex;

/// What writes all of them anew.
pub(crate) const BLESS: &str = "FIELDLOCK_BLESS=1 cargo test";

/// The same for the one program whose test this is.
pub(crate) fn bless() -> String {
    match env!("CARGO_CRATE_NAME") {
        "fieldlock" => format!("{BLESS} --lib"),
        program => format!("{BLESS} --test {program}"),
    }
}

/// Compares with a committed text, or writes it.
pub(crate) fn expect(path: &str, text: &str) {
    if let Some(difference) = difference(path, text) {
        panic!("{difference}\n{} writes it anew", bless());
    }
}

/// The same for a part of a page, between `<!-- NAME: generated -->` and `<!-- end of NAME -->`.
pub(crate) fn expect_part(path: &str, name: &str, text: &str) {
    // a page has several parts, and each is written into what the others have left
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock();
    let (begin, end) = (format!("<!-- {name}: generated -->\n"), format!("<!-- end of {name} -->"));
    let page = committed(path);
    let parts = page.split_once(&begin).and_then(|(head, rest)| Some((head, rest.split_once(&end)?.1)));
    let (head, tail) = parts.unwrap_or_else(|| panic!("{path} has no part `{name}`"));
    expect(path, &[head, &begin, text, &end, tail].concat());
}

/// How a committed text differs; none where it was written anew.
pub(crate) fn difference(path: &str, text: &str) -> Option<String> {
    let known = committed(path);
    if known == text {
        return None;
    }
    if std::env::var_os("FIELDLOCK_BLESS").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("writable");
        return None;
    }
    let lines = similar::TextDiff::from_lines(known.as_str(), text);
    Some(format!("{path} is not what the program makes:\n{}", lines.unified_diff()))
}

fn committed(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(file).unwrap_or_default()
}
