use super::*;

fn sample() -> Answers {
    let tick = |seq| Tick { seq, at: "2026-11-30T09:00:41Z".into(), by: "ke".into() };
    let row = |no: u32, status| RowAnswer {
        no,
        id: format!("7675855{no}"),
        field: "Mode".into(),
        status,
        why: String::new(),
        place: String::new(),
        name: String::new(),
        value: String::new(),
        serial_last: String::new(),
        by: "ke".into(),
        at: "2026-11-30T09:00:30Z".into(),
        seq: 4,
    };
    let log = |seq, what| LogEntry {
        seq,
        at: "2026-11-30T09:00:30Z".into(),
        by: "ke".into(),
        what,
        row: None,
        from: None,
        to: None,
        page: None,
        tick: None,
        on: None,
        name: None,
        file: None,
        rows: None,
        seconds: None,
        browser: None,
    };
    Answers {
        format: FORMAT.into(),
        sheet: OfSheet {
            kind: SheetKind::Device,
            site: "west".into(),
            device: "np07".into(),
            serial: "TBAAB0004417".into(),
            revision: 3,
            review: Digest::of(b"r").to_string(),
            sheet: Digest::of(b"s"),
            tool: "fieldlock 0.1.0".into(),
            demo: false,
        },
        save: Save { number: 1, at: "2026-11-30T09:26:50Z".into(), previous: String::new() },
        clock: Clock { zone_min: -300, offset_s: -7 },
        before: Before { label: true, initials: "ke".into(), ..Before::default() },
        pages: vec![PageAnswer { page: "Security > Services".into(), saved: Some(tick(8)), seen: None }],
        rows: vec![
            row(1, Status::Done),
            RowAnswer { name: "Betriebsart".into(), value: "an".into(), ..row(2, Status::Renamed) },
            RowAnswer { value: "7".into(), why: "the least it takes".into(), ..row(3, Status::Other) },
        ],
        log: vec![
            LogEntry { browser: Some("Chrome/156".into()), ..log(1, LogKind::Opened) },
            LogEntry { row: Some(1), to: Some(Status::Done), ..log(4, LogKind::Answer) },
            LogEntry {
                page: Some("Security > Services".into()),
                tick: Some(PageTick::Saved),
                on: Some(true),
                ..log(8, LogKind::Page)
            },
            LogEntry { page: Some("Security > Services".into()), ..log(9, LogKind::PageOpenAgain) },
            LogEntry { seconds: Some(90), ..log(10, LogKind::ClockWentBack) },
            log(11, LogKind::TookOver),
            LogEntry { file: Some("np07.json".into()), rows: Some(2), ..log(12, LogKind::Loaded) },
            LogEntry { name: Some("label".into()), on: Some(true), ..log(13, LogKind::Before) },
        ],
    }
}

#[test]
fn answers_are_read_back() {
    let text = sample().to_text();
    assert_eq!(Answers::read(text.as_bytes()), Ok(sample()));
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(Answers::read(windows.as_bytes()), Ok(sample()), "an editor changed line ends");
    let name = sample().file_name(text.as_bytes());
    let own = Digest::of(text.as_bytes()).to_string();
    assert_eq!(name, format!("np07-r3-{}-answers-1-{}.json", &Digest::of(b"s").to_string()[..12], &own[..12]));
}

#[test]
fn what_no_page_saves_is_refused() {
    let refused = |wanted: &str, change: fn(&mut Answers)| {
        let mut answers = sample();
        change(&mut answers);
        match Answers::read(&serde_json::to_vec(&answers).unwrap()) {
            Err(AnswersError::Value { what }) => assert!(what.contains(wanted), "{wanted}: {what}"),
            other => panic!("{wanted}: {other:?}"),
        }
    };
    refused("format", |a| a.format = "fieldlock-answers.v2".into());
    refused("text", |a| a.before.name = "x".repeat(201));
    refused("text", |a| a.before.differs = "a\u{1b}[31m".into());
    refused("text", |a| a.rows[1].name = "a\nb".into());
    refused("text", |a| a.rows[2].why = "a\u{9f}b".into());
    refused("text", |a| a.log[0].browser = Some("x".repeat(201)));
    refused("text", |a| a.before.laptop = "\u{7f}".into());
    refused("site", |a| a.sheet.device = "../np07".into());
    refused("serial", |a| a.sheet.serial = "\r".into());
    refused("review", |a| a.sheet.review = "x".into());
    refused("number", |a| a.save.number = 0);
    refused("save", |a| a.save.at = "yesterday".into());
    refused("save", |a| a.save.previous = "00".into());
    refused("zone", |a| a.clock.zone_min = i32::MIN);
    refused("offset", |a| a.clock.offset_s = i64::MIN);
    refused("page", |a| a.pages.push(a.pages[0].clone()));
    refused("page", |a| a.pages[0].page = String::new());
    refused("tick", |a| a.pages[0].saved.as_mut().unwrap().at = "2026-02-30T00:00:00Z".into());
    refused("row", |a| a.rows[1].id = a.rows[0].id.clone());
    refused("row", |a| a.rows[0].id = "7675855C".into());
    refused("row", |a| a.rows[0].no = 0);
    refused("row", |a| a.rows[0].why = "done has no words".into());
    refused("row", |a| a.rows[2].name = "another value has no name".into());
    refused("entry", |a| a.log[1].row = None);
    refused("entry", |a| a.log[1].to = None);
    refused("entry", |a| a.log[5].page = Some("x".into()));
    refused("order", |a| a.log.swap(1, 2));
    refused("order", |a| a.log[2].seq = 4);
    refused("log", |a| a.log = vec![a.log[5].clone(); MAX_LOG + 1]);
}

#[test]
fn what_is_no_answers_at_all() {
    let text = sample().to_text();
    let json = |text: &str| assert!(matches!(Answers::read(text.as_bytes()), Err(AnswersError::Json { .. })), "{text}");
    for bad in ["", "[]", "null", "{}", "\"x\"", &text[..text.len() / 2], &format!("{text}{{}}")] {
        json(bad);
    }
    for (one, other) in [
        ("\"done\"", "\"DONE\""),
        ("\"opened\"", "\"open\""),
        ("\"tool\"", "\"tools\""),
        ("\"number\": 1", "\"number\": 1, \"number\": 1"),
        ("\"number\": 1", "\"number\": -1"),
        ("\"number\": 1", "\"number\": 1.5"),
        ("\"label\": true", "\"label\": \"true\""),
        ("\"why\"", "\"because\""),
    ] {
        assert!(text.contains(one), "{one}");
        json(&text.replacen(one, other, 1));
    }
    assert_eq!(Answers::read(&vec![b' '; MAX_LEN + 1]), Err(AnswersError::TooLarge));
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    json(&deep);
}

/// A reader's words could repeat what stands in a file, and that may be a password.
#[test]
fn no_text_of_a_file_is_repeated() {
    let text = sample().to_text().replace("\"done\"", "\"hunter2-secret\"");
    let told = Answers::read(text.as_bytes()).unwrap_err().to_string();
    assert!(!told.contains("hunter2"), "{told}");
}
