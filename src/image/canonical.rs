//! Canonical JSON: one value, one spelling (`schema/image.md`, section 5).
//!
//! The reader parses, writes again and compares; so what it lets pass is exactly what the writer writes, and no
//! rule has to be checked twice.

mod writer;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest integer: what every JSON reader keeps exactly.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Why bytes are not canonical JSON of the wanted type, or a value can't be written as such.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// Not JSON, or a key is missing, unknown, twice, or of another type.
    #[error("{reason}")]
    Shape {
        /// The JSON reader's words.
        reason: String,
    },
    /// The same value has another spelling.
    #[error("not canonical JSON from byte {at} on")]
    Spelling {
        /// The first byte that differs from the canonical spelling.
        at: usize,
    },
    /// `null`, a fraction, a negative or too large number; or a type that says its keys out of order.
    #[error(
        "canonical JSON has no such value: only objects with keys in order, lists, texts, booleans and integers up to \
         2^53 - 1"
    )]
    Value,
}

/// Writes a value in its one spelling.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut out, writer::Canonical::default());
    // the writer's own refusals are errors of its output
    value.serialize(&mut writer).map_err(|error| if error.is_io() { CanonicalError::Value } else { shape(error) })?;
    Ok(out)
}

/// Reads a value, and refuses every spelling but the canonical one.
pub fn read<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, CanonicalError> {
    let value: T = serde_json::from_slice(bytes).map_err(shape)?;
    let again = write(&value)?;
    if again == bytes {
        return Ok(value);
    }
    let at = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(CanonicalError::Spelling { at })
}

/// The reader's words, and no more of the text from outside than fits a line.
fn shape(error: serde_json::Error) -> CanonicalError {
    CanonicalError::Shape { reason: error.to_string().chars().take(200).collect() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        alpha: u64,
        list: Vec<bool>,
        zeta: String,
    }

    #[test]
    fn keys_are_sorted_and_text_is_ascii() {
        let sample = Sample { zeta: "é\u{1f512}\u{7f}\n\u{1}\"\\/".into(), alpha: 7, list: vec![true, false] };
        let text = String::from_utf8(write(&sample).unwrap()).unwrap();
        assert_eq!(text, r#"{"alpha":7,"list":[true,false],"zeta":"\u00e9\ud83d\udd12\u007f\n\u0001\"\\/"}"#);
        assert_eq!(read::<Sample>(text.as_bytes()).unwrap(), sample);
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let good = r#"{"alpha":7,"list":[],"zeta":"e"}"#;
        assert!(read::<Sample>(good.as_bytes()).is_ok());
        for (what, bad) in [
            ("space", r#"{"alpha": 7,"list":[],"zeta":"e"}"#),
            ("newline behind", "{\"alpha\":7,\"list\":[],\"zeta\":\"e\"}\n"),
            ("order", r#"{"list":[],"alpha":7,"zeta":"e"}"#),
            ("twice", r#"{"alpha":7,"alpha":7,"list":[],"zeta":"e"}"#),
            ("unknown", r#"{"alpha":7,"beta":1,"list":[],"zeta":"e"}"#),
            ("missing", r#"{"alpha":7,"zeta":"e"}"#),
            ("escape of a letter", r#"{"alpha":7,"list":[],"zeta":"\u0065"}"#),
            ("upper-case escape", r#"{"alpha":7,"list":[],"zeta":"\u00E9"}"#),
            ("raw non-ASCII", r#"{"alpha":7,"list":[],"zeta":"é"}"#),
            ("half a pair", r#"{"alpha":7,"list":[],"zeta":"\ud83d"}"#),
            ("escaped slash", r#"{"alpha":7,"list":[],"zeta":"\/"}"#),
            ("fraction", r#"{"alpha":7.0,"list":[],"zeta":"e"}"#),
            ("exponent", r#"{"alpha":7e0,"list":[],"zeta":"e"}"#),
            ("leading zero", r#"{"alpha":07,"list":[],"zeta":"e"}"#),
            ("sign", r#"{"alpha":-7,"list":[],"zeta":"e"}"#),
            ("null", r#"{"alpha":null,"list":[],"zeta":"e"}"#),
            ("too large", r#"{"alpha":9007199254740992,"list":[],"zeta":"e"}"#),
            ("byte order mark", "\u{feff}{\"alpha\":7,\"list\":[],\"zeta\":\"e\"}"),
            ("second value", r#"{"alpha":7,"list":[],"zeta":"e"}{}"#),
            ("cut", r#"{"alpha":7,"list":[],"zeta":"e""#),
            ("empty", ""),
        ] {
            assert!(read::<Sample>(bad.as_bytes()).is_err(), "{what}");
        }
    }

    #[test]
    fn keys_out_of_order_are_not_written() {
        for keys in [["b", "a"], ["a", "A"], ["a", "a\n"], ["\"", "!"], ["é", "z"], ["", ""]] {
            let [first, second] = keys.map(|key| (key.to_owned(), json!({ "a": 1, "b": 2 })));
            let ordered = first.0 < second.0;
            let object = Value::Object([first, second].into_iter().collect());
            assert_eq!(write(&object).is_ok(), ordered || keys[0] == keys[1], "{keys:?}");
        }
        assert_eq!(write(&BTreeMap::from([(1, true), (2, true)])), Err(CanonicalError::Value), "keys are texts");
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = "[".repeat(100_000);
        assert!(read::<Value>(deep.as_bytes()).is_err());
    }

    #[test]
    fn values_without_a_spelling_are_not_written() {
        for value in [json!(null), json!(1.5), json!(-1), json!(MAX_INTEGER + 1), json!({"a": [null]})] {
            assert_eq!(write(&value), Err(CanonicalError::Value), "{value}");
        }
        assert!(write(&json!(MAX_INTEGER)).is_ok());
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..=MAX_INTEGER).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in values()) {
            let bytes = write(&value).unwrap();
            prop_assert!(bytes.iter().all(|b| (0x20..0x7f).contains(b)));
            prop_assert_eq!(read::<Value>(&bytes).unwrap(), value);
        }

        #[test]
        fn what_is_read_is_written_back(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = read::<Value>(&bytes) {
                prop_assert_eq!(write(&value).unwrap(), bytes);
            }
        }
    }
}
