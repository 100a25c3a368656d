use super::*;
use crate::expected::expect;
use crate::native::Grade;
use crate::sheet::{ACCESS, FORMAT, RowRule, SheetKind};

fn row(no: u32, field: &str, (verb, value): (Verb, &[&str]), was: Was) -> Row {
    let value: Vec<String> = value.iter().map(|text| (*text).to_owned()).collect();
    Row {
        chain: String::new(),
        field: field.to_owned(),
        grade: Grade::Confirmed,
        id: Row::id_of("login.banner", "Security", field, (verb, &value), 0),
        look: verb.look().to_owned(),
        no,
        path: "login.banner".to_owned(),
        sha256: String::new(),
        temporary: false,
        value,
        verb,
        was,
        why: Vec::new(),
    }
}

/// One of everything that a sheet can hold, and texts from outside wherever one stands.
fn sample() -> Sheet {
    let hostile = "a|b `x` ``` <img src=x> [l](http://e) @all #1 \\";
    let rule = RowRule { id: "NP6-BAN-001".into(), title: "A notice is shown before login".into() };
    let page = |name: &str, risky, rows| Page { menu: name.into(), name: name.into(), risky, rows, warnings: vec![] };
    let accounts = vec![
        row(2, "Account Name", (Verb::Type, &["ot|`x` @admin"]), Was::NotRead),
        Row {
            chain: ACCESS.into(),
            grade: Grade::Likely,
            ..row(3, "ot|`x` @admin: Password", (Verb::Secret, &["d1/ot--x---admin"]), Was::Set)
        },
        row(4, "Old entry", (Verb::Delete, &["10.20.0.77 255.255.255.255"]), Was::Nothing),
        Row {
            sha256: "5f".repeat(32),
            ..row(5, "CA", (Verb::File, &["certs/d1/ot-ca.pem"]), Was::Text(String::new()))
        },
        row(6, "Events", (Verb::SelectExactly, &["Login failed", "Account locked"]), Was::Text("<b>".into())),
        row(7, "Events of none", (Verb::SelectExactly, &[]), Was::Nothing),
        row(8, "Contact", (Verb::Type, &[]), Was::Text("x".repeat(90))),
    ];
    let services = vec![row(9, "Web Console", (Verb::Leave, &["On"]), Was::Text("On".into()))];
    let warning = "Before SAVE log in a second time as <script>|x: the way that you are in by ends here.";
    Sheet {
        allowlist: vec!["10.20.0.10/32".into()],
        demo: false,
        device: "np07".into(),
        files: Vec::new(),
        format: FORMAT.into(),
        head: Head {
            platform: "nport-6000-g2".into(),
            asset: "<script>|x".into(),
            compared: "capture of 2026-03-09 14:02 UTC".into(),
            left: 1,
            ..Head::default()
        },
        kind: SheetKind::Device,
        pages: vec![
            page(
                "Login Message",
                false,
                vec![Row { why: vec![rule], ..row(1, "Text", (Verb::Type, &[hostile]), Was::Text("old".into())) }],
            ),
            page("Account Management > Accounts", false, accounts),
            Page { warnings: vec![warning.into()], ..page("Security > Services", true, services) },
        ],
        places: Vec::new(),
        review: "91c077abe2f4".into(),
        revision: 17,
        site: "west".into(),
        tool: "fieldlock".into(),
        unplaced: vec!["serial.port[1].`x`".into()],
        warnings: vec![hostile.into()],
    }
}

#[test]
fn the_printed_sheet_is_no_markup() {
    let text = sheet(&sample());
    expect("tests/expected/sheet.md", &text);
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        let outside: String = if fenced { String::new() } else { line.split('`').step_by(2).collect() };
        for markup in ["<img", "<script", "](", "@a", "#1"] {
            assert!(!outside.contains(markup), "{line}");
        }
        assert!(fenced || !line.starts_with("| ") || line.matches('|').count() == 8, "{line}");
    }
}

/// The digest on the sheet is of all that is printed.
#[test]
fn whatever_is_printed_changes_the_digest() {
    let whole = sample();
    assert_eq!(Sheet::read(&whole.to_bytes().unwrap()).unwrap(), whole);
    let json: serde_json::Value = serde_json::from_slice(&whole.to_bytes().unwrap()).unwrap();
    let mut places = Vec::new();
    leaves(&json, String::new(), &mut places);
    assert!(places.len() > 100, "{}", places.len());
    for place in places {
        let mut other = json.clone();
        let leaf = other.pointer_mut(&place).unwrap();
        *leaf = match &leaf {
            serde_json::Value::Bool(on) => (!*on).into(),
            serde_json::Value::Number(n) => (n.as_u64().unwrap() + 1).into(),
            serde_json::Value::String(text) => format!("{text}.").into(),
            other => panic!("{other}"),
        };
        if let Ok(other) = serde_json::from_value::<Sheet>(other) {
            assert_ne!(other.digest(), whole.digest(), "{place}");
        }
    }
}

fn leaves(value: &serde_json::Value, at: String, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            map.iter().for_each(|(key, inner)| leaves(inner, format!("{at}/{key}"), found))
        }
        serde_json::Value::Array(all) => {
            all.iter().enumerate().for_each(|(i, inner)| leaves(inner, format!("{at}/{i}"), found));
        }
        _ => found.push(at),
    }
}
