//! What single verbs tell programs: a document each, its schema generated from its type into `schema/`.
//!
//! Texts of people and files stand in them as they are; what would act on a terminal is escaped as JSON does.

mod explained;
mod image;
mod secrets;
mod shown;
mod signers;
mod verified;

pub use explained::Explained;
pub use image::ImageDocument;
pub use secrets::{SecretEntry, SecretList};
pub use shown::{ShownDevice, ShownDevices};
pub use signers::{SignerEntry, SignerList, UselessLine};
pub use verified::Verified;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::escape;
use super::json::{Document, ErrorDocument};

/// A document, with a line break at its end.
pub fn text(document: &impl Serialize) -> String {
    escape::json(&serde_json::to_string_pretty(document).unwrap_or_default()) + "\n"
}

/// A document: the name of its schema, who prints it, and the schema.
pub struct Kind {
    /// `secrets`: it lies in `schema/secrets.json`.
    pub name: &'static str,
    /// Who prints it.
    pub by: &'static str,
    /// The JSON Schema.
    pub schema: fn() -> Value,
}

/// All documents.
pub static ALL: [Kind; 8] = [
    Kind { name: "report", by: "what check, build and diff print with --format json", schema: of::<Document> },
    Kind { name: "verified", by: "what verify prints with --format json", schema: of::<Verified> },
    Kind {
        name: "image",
        by: "what image inspect and image open print with --format json",
        schema: of::<ImageDocument>,
    },
    Kind { name: "secrets", by: "what secret list prints with --format json", schema: of::<SecretList> },
    Kind { name: "signers", by: "what trust list prints with --format json", schema: of::<SignerList> },
    Kind { name: "explained", by: "what explain prints with --format json", schema: of::<Explained> },
    Kind { name: "shown", by: "what show prints with --format json", schema: of::<ShownDevices> },
    Kind {
        name: "error",
        by: "what --format json prints where a verb could not do its work",
        schema: of::<ErrorDocument>,
    },
];

fn of<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

/// A text that says something.
fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
