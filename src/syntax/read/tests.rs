use super::*;
use proptest::prelude::*;

fn tree(text: &str) -> Tree {
    match read(FileId(0), text) {
        Ok(tree) => tree,
        Err(stop) => panic!("{text:?} stops at {} with {:?}", stop.at, stop.kind),
    }
}

fn only(text: &str) -> Node {
    let mut nodes = tree(text).nodes;
    assert_eq!(nodes.len(), 1, "{text:?} should be one node");
    nodes.remove(0)
}

/// A node's meaning, places left out.
fn meaning(node: &Node) -> String {
    let children: Option<Vec<String>> = node.children.as_ref().map(|c| c.iter().map(meaning).collect());
    let entries: Vec<String> = node.entries.iter().map(entry_meaning).collect();
    format!("({:?}){:?} {entries:?} {children:?}", node.ty, node.name)
}

fn entry_meaning(entry: &Entry) -> String {
    format!("{:?}=({:?}){:?} {}", entry.name.as_ref().map(|(n, _)| n), entry.ty, entry.value, entry.quoted)
}

/// Every span, cut out and read alone, is what it stands for.
fn spans_read_alone(text: &str, nodes: &[Node]) {
    for node in nodes {
        let cut = |span: Span| &text[span.range()];
        let name = only(cut(node.name_span));
        assert_eq!((&name.name, name.entries.len()), (&node.name, 0), "name in {text:?}");
        assert_eq!(meaning(&only(cut(node.span))), meaning(node), "node in {text:?}");
        let header = Node { children: None, ..node.clone() };
        assert_eq!(meaning(&only(cut(node.header))), meaning(&header), "header in {text:?}");
        for entry in &node.entries {
            let whole = only(&format!("x {}", cut(entry.span)));
            assert_eq!(entry_meaning(&whole.entries[0]), entry_meaning(entry), "entry in {text:?}");
            let value = only(&format!("x {}", cut(entry.value_span)));
            assert_eq!(value.entries[0].value, entry.value, "value in {text:?}");
            assert_eq!(value.entries.len(), 1);
            if let Some((name, span)) = &entry.name {
                assert_eq!(&only(cut(*span)).name, name, "key in {text:?}");
            }
        }
        spans_read_alone(text, node.children());
    }
}

#[test]
fn spans_of_a_plain_line() {
    let text = "a\n  (drop)\"host\" (x)\"10.0.0.1\" tls = (y)on /-gone /* c */ 0x1F { b } /-{ c }\n";
    let node = &tree(text).nodes[1];
    let cut = |span: Span| &text[span.range()];
    assert_eq!(cut(node.name_span), "\"host\"");
    assert_eq!(cut(node.header), "(drop)\"host\" (x)\"10.0.0.1\" tls = (y)on /-gone /* c */ 0x1F");
    assert_eq!(cut(node.entries[0].value_span), "\"10.0.0.1\"");
    assert_eq!(cut(node.entries[0].span), "(x)\"10.0.0.1\"");
    assert_eq!(cut(node.entries[1].name.as_ref().unwrap().1), "tls");
    assert_eq!(cut(node.entries[1].value_span), "on");
    assert_eq!(cut(node.entries[1].span), "tls = (y)on");
    assert_eq!((cut(node.entries[2].value_span), &node.entries[2].value), ("0x1F", &Scalar::Int(31)));
    assert_eq!(node.entries.iter().map(|e| e.quoted).collect::<Vec<_>>(), [true, false, false]);
}

#[test]
fn spans_hold_in_every_spelling() {
    let texts = [
        "\u{feff}a 1",
        "/- kdl-version 2\na 1",
        "a \\\n  b \\ // why\n c",
        "a \"x\\\"y\" \"\\u{e9}\" \"a \\\n   b\" \"\"",
        "a #\"\\x \"y\" \"# ##\"a\"#b\"## #\"\"#",
        "a \"\"\"\n  one\n    two \\\" \"\"\\\"\n  \"\"\" b",
        "a x=#\"\"\"\n  one \"\"\n  \"\"\"# y=1",
        "( /* c */ \"t)\" ) /* d */ \"na)me\" ( u ) \"v\"",
        "a k /* c */ = /* d */ (t) /* e */ 1",
        "a \"k =\"=\"= v\" #\"k\"#=2",
        "a /-b /-c=1 d /- { e } { f; g { h } } /- { i }",
        "/-a b { c }\nd; /- e\nf{g}\nh",
        "a -1 +1 1_000 1.5e-10 0b1010_1 0o17 -0xff #inf #-inf #nan #true #false #null",
        "a - + . -a .b +.c --x ~ é 中文 a-b.c,d:e <x> $y%",
        "a 99999999999999999999999 -9223372036854775808 9223372036854775808",
        "a\r\nb\u{85}c\u{2028}d\u{c}e",
        "a { b { c { } } ; d } ; e",
        "a\u{a0}b\u{3000}c",
        "a /* x /* y */ z */ b // end",
        "a;b; c;",
        "a {\n}\nb {}\n",
        "\"\" \"\"=\"\"",
    ];
    for text in texts {
        let tree = tree(text);
        assert!(!tree.nodes.is_empty());
        spans_read_alone(text, &tree.nodes);
    }
}

#[test]
fn an_error_keeps_its_place_behind_wide_characters_and_crlf() {
    let at = |text: &str| read(FileId(0), text).err().map(|s| s.at);
    assert_eq!(at("é 中\r\nb )"), Some("é 中\r\nb ".len()));
    assert_eq!(at("a \"x\" )"), Some(6));
    assert_eq!(at("a {"), Some(3));
    assert_eq!(at(")"), Some(0));
}

fn text_strategy() -> BoxedStrategy<String> {
    let plain = "[a-zé \\t]{0,6}".prop_map(|t| format!("\"{t}\""));
    let escaped = prop_oneof![Just("\"a\\\"b\""), Just("\"\\u{1F600}\\\\\""), Just("\"\\\n  x\""), Just("\"=){};/-\"")];
    let raw = "[a-z\\\\{} =]{0,5}".prop_map(|t| format!("#\"{t}\"#"));
    let raw2 = "[a-z]{0,3}".prop_map(|t| format!("##\"{t}\"#x\"##"));
    let lines = "[a-z\\\\]{0,4}".prop_map(|t| format!("#\"\"\"\n  {t}\n  q\n  \"\"\"#"));
    let escaped_lines = Just("\"\"\"\n\ta \\\"\\\"\\\" b\n\n\t\"\"\"".to_owned());
    let bare = "[a-z_<>:é][a-z0-9._-]{1,5}x".prop_map(|t| t);
    let quoted = prop_oneof![plain, escaped.prop_map(str::to_owned), raw, raw2, lines, escaped_lines];
    prop_oneof![quoted, bare].boxed()
}

fn gap_strategy() -> BoxedStrategy<String> {
    let pieces = [" ", "  ", "\t", " /* c { */ ", " \\\n ", " \\ // x\n ", "\u{a0}", " /* /* \" */ */ "];
    prop::sample::select(pieces.to_vec()).prop_map(str::to_owned).boxed()
}

fn note_strategy() -> BoxedStrategy<String> {
    let inner =
        prop_oneof![text_strategy().prop_map(|t| format!("({t})")), text_strategy().prop_map(|t| format!("( {t} )"))];
    prop_oneof![4 => Just(String::new()), 1 => inner, 1 => Just("(t) ".to_owned())].boxed()
}

fn value_strategy() -> BoxedStrategy<String> {
    let number = prop::sample::select(vec!["0", "-17", "1_0", "0xAf", "0b1", "1.5", "2e9", "#true", "#null", "#-inf"]);
    (note_strategy(), prop_oneof![text_strategy(), number.prop_map(str::to_owned)])
        .prop_map(|(t, v)| format!("{t}{v}"))
        .boxed()
}

fn entry_strategy() -> BoxedStrategy<String> {
    let equals = prop::sample::select(vec!["=", " = ", "/* k */=", "= "]);
    prop_oneof![
        value_strategy(),
        (text_strategy(), equals, value_strategy()).prop_map(|(k, e, v)| format!("{k}{e}{v}")),
        value_strategy().prop_map(|v| format!("/-{v}")),
        value_strategy().prop_map(|v| format!("/- {v}")),
    ]
    .boxed()
}

fn node_strategy() -> BoxedStrategy<String> {
    let head = (note_strategy(), text_strategy(), prop::collection::vec((gap_strategy(), entry_strategy()), 0..5))
        .prop_map(|(t, n, e)| format!("{t}{n}{}", e.into_iter().map(|(g, e)| g + &e).collect::<String>()));
    head.prop_recursive(3, 12, 3, |inner| {
        let ends = prop::sample::select(vec!["\n", ";", " ; ", " // x\n", "\r\n"]);
        let block = prop::collection::vec((inner.clone(), ends), 0..4)
            .prop_map(|nodes| nodes.into_iter().map(|(n, e)| n + e).collect::<String>());
        (inner, gap_strategy(), block, any::<bool>()).prop_map(|(head, gap, block, drop)| {
            if head.contains('{') && head.ends_with('}') {
                return head;
            }
            format!("{head}{gap}{}{{ {block} }}", if drop { "/-" } else { "" })
        })
    })
    .boxed()
}

proptest! {
    #[test]
    fn any_span_cut_out_reads_as_what_it_stands_for(nodes in prop::collection::vec(node_strategy(), 1..4)) {
        let text = nodes.join("\n");
        let tree = tree(&text);
        prop_assert_eq!(tree.nodes.len(), nodes.len());
        spans_read_alone(&text, &tree.nodes);
        let pieces: Vec<Piece> = pieces(&text, 0).collect();
        let (slips, _) = crate::syntax::slips::slips(&text, &pieces, &[]);
        prop_assert!(slips.is_empty(), "{:?}", slips);
    }

    #[test]
    fn pieces_cover_every_byte_of_any_text(text in "\\PC*|[{}\"#/*\\\\;=() a1\n\r-]{0,40}") {
        let mut at = 0;
        for piece in pieces(&text, 0) {
            prop_assert_eq!(piece.start, at);
            prop_assert!(piece.end > at && text.is_char_boundary(piece.end));
            at = piece.end;
        }
        prop_assert_eq!(at, text.len());
    }
}
