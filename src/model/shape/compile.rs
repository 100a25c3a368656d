//! JSON Schema to [`Shape`]: a strict reader of the subset that the model uses. Anything else is refused loudly,
//! by a panic at first use, which the test `every_shape_compiles` meets before any user can.

use foldhash::HashMap;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value};

use super::{At, FieldIx, FieldShape, GroupId, GroupShape, Kind, ScalarKind, Shape, Word};

/// The shape of a root type.
pub(super) fn of<T: JsonSchema>() -> Shape {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    let defs = match schema.get_mut("$defs").map(Value::take) {
        Some(Value::Object(defs)) => defs,
        _ => Map::new(),
    };
    let Value::Object(root) = &schema else { refuse("root is not an object", &schema) };
    let mut compiler = Compiler { defs, known: Vec::new(), groups: Vec::new() };
    let root = compiler.group(root, "root");
    Shape { groups: compiler.groups, root }
}

struct Compiler {
    defs: Map<String, Value>,
    known: Vec<(String, GroupId)>,
    groups: Vec<GroupShape>,
}

#[expect(clippy::panic, reason = "a model that its own reader can't read is a bug that a test meets first")]
fn refuse(why: &str, at: &Value) -> ! {
    panic!("the model's schema has what its reader does not know: {why}: {at}")
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn text(schema: &Map<String, Value>, key: &str) -> Option<&'static str> {
    schema.get(key).and_then(Value::as_str).map(leak)
}

fn flag(schema: &Map<String, Value>, key: &str) -> bool {
    schema.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// A schema without `null`: what an `Option` holds.
fn unwrap_option(schema: &Map<String, Value>) -> Map<String, Value> {
    let mut schema = schema.clone();
    if let Some(Value::Array(any)) = schema.get("anyOf").cloned() {
        let mut held = any.iter().filter(|s| s.get("type").and_then(Value::as_str) != Some("null"));
        let (Some(Value::Object(one)), None) = (held.next(), held.next()) else {
            refuse("anyOf that is no option", &Value::Object(schema))
        };
        schema.remove("anyOf");
        for (k, v) in one {
            schema.entry(k.clone()).or_insert(v.clone());
        }
    }
    if let Some(Value::Array(types)) = schema.get("type") {
        let held: Vec<&Value> = types.iter().filter(|t| t.as_str() != Some("null")).collect();
        let [one] = held[..] else { refuse("several types", &Value::Object(schema)) };
        let one = one.clone();
        schema.insert("type".to_owned(), one);
    }
    if let Some(Value::Array(words)) = schema.get("enum").cloned() {
        schema.insert("enum".to_owned(), words.into_iter().filter(|w| !w.is_null()).collect());
    }
    schema
}

impl Compiler {
    /// Follows a reference; extensions beside it win over the ones behind it.
    fn resolve(&self, schema: &Map<String, Value>) -> (Map<String, Value>, Option<String>) {
        let mut schema = unwrap_option(schema);
        let Some(name) = schema.get("$ref").and_then(Value::as_str).map(str::to_owned) else { return (schema, None) };
        let key = name.trim_start_matches("#/$defs/");
        let Some(Value::Object(target)) = self.defs.get(key) else { refuse("dangling $ref", &Value::Object(schema)) };
        schema.remove("$ref");
        for (k, v) in target {
            schema.entry(k.clone()).or_insert(v.clone());
        }
        (schema, Some(key.to_owned()))
    }

    fn group(&mut self, schema: &Map<String, Value>, name: &str) -> GroupId {
        if let Some((_, id)) = self.known.iter().find(|(n, _)| n == name) {
            return *id;
        }
        let id = self.groups.len() as GroupId;
        self.known.push((name.to_owned(), id));
        let doc = text(schema, "description").unwrap_or("");
        self.groups.push(GroupShape {
            fields: Vec::new(),
            tag: None,
            open: None,
            secrets: false,
            passes: schema.get("x-passes").and_then(Value::as_bool) == Some(true),
            doc,
            by_name: HashMap::default(),
        });
        let line = schema.get("x-node").and_then(Value::as_str) == Some("line");
        let (fields, tag) = match schema.get("oneOf") {
            Some(Value::Array(variants)) => (self.tagged(variants, line), Some(0)),
            _ => (self.properties(schema, line), None),
        };
        let open = text(schema, "x-open").map(|list| {
            let at = fields.iter().position(|f| f.name == list);
            at.unwrap_or_else(|| refuse("x-open names no field", &Value::Object(schema.clone()))) as u16
        });
        let secrets = fields.iter().any(|f| match f.kind {
            Kind::Group(inner) | Kind::Groups(inner) => self.groups[inner as usize].secrets,
            Kind::Scalar(_) | Kind::Scalars(_) => f.secret.is_some(),
        });
        let group = &mut self.groups[id as usize];
        // of two variants' fields of one name the first stands for both
        group.by_name = fields.iter().enumerate().rev().map(|(ix, field)| (field.name, ix as FieldIx)).collect();
        group.fields = fields;
        group.secrets = secrets;
        group.tag = tag;
        group.open = open;
        id
    }

    fn properties(&mut self, schema: &Map<String, Value>, line: bool) -> Vec<FieldShape> {
        let Some(Value::Object(properties)) = schema.get("properties") else { return Vec::new() };
        let mut fields = Vec::new();
        for (name, property) in properties {
            let Value::Object(property) = property else { refuse("property", property) };
            fields.push(self.field(name, property, line));
        }
        fields
    }

    /// A tagged enum: the tag first, then the fields of all variants, each with the words it belongs to.
    fn tagged(&mut self, variants: &[Value], line: bool) -> Vec<FieldShape> {
        let mut words = Vec::new();
        let mut fields: Vec<FieldShape> = Vec::new();
        for variant in variants {
            let Value::Object(variant) = variant else { refuse("variant", variant) };
            let Some(Value::Object(properties)) = variant.get("properties") else {
                refuse("variant", &Value::Object(variant.clone()))
            };
            let word = properties.iter().find_map(|(_, p)| p.get("const").and_then(Value::as_str)).map(leak);
            let Some(word) = word else { refuse("variant without a tag", &Value::Object(variant.clone())) };
            words.push(Word { word, doc: text(variant, "description").unwrap_or("") });
            for (name, property) in properties.iter().filter(|(_, p)| p.get("const").is_none()) {
                let Value::Object(property) = property else { refuse("property", property) };
                let mut field = self.field(name, property, line);
                match fields.iter_mut().find(|f| f.name == field.name) {
                    Some(twin) if twin.kind == field.kind => twin.only.push(word),
                    Some(_) => refuse("one name, two kinds", &Value::Object(property.clone())),
                    None => {
                        field.only.push(word);
                        fields.push(field);
                    }
                }
            }
        }
        let all = words.len();
        for field in &mut fields {
            if field.only.len() == all {
                field.only.clear();
            }
        }
        let mut tag = plain_field("kind", Kind::Scalar(ScalarKind::Word(words)));
        tag.at = At::Arg;
        fields.insert(0, tag);
        fields
    }

    fn field(&mut self, name: &str, property: &Map<String, Value>, line: bool) -> FieldShape {
        let (schema, target) = self.resolve(property);
        let kind = self.kind(&schema, target.as_deref(), name);
        let mut field = plain_field(leak(name), kind);
        field.doc = text(&schema, "description").unwrap_or("");
        field.key = flag(&schema, "x-key");
        field.note = flag(&schema, "x-note");
        field.intent = flag(&schema, "x-intent");
        field.ordered = flag(&schema, "x-ordered");
        field.fixed = flag(&schema, "x-fixed");
        field.zero_never = flag(&schema, "x-zero-never");
        field.required = flag(&schema, "x-required");
        field.word = text(&schema, "x-word");
        field.secret = text(&schema, "x-secret");
        field.secret_when = text(&schema, "x-secret-when");
        field.spread = flag(&schema, "x-spread");
        field.choice = text(&schema, "x-choice");
        field.beside = text(&schema, "x-beside");
        field.refers = text(&schema, "x-ref");
        field.last = flag(&schema, "x-last");
        field.at = match schema.get("x-at").and_then(Value::as_str) {
            Some("arg") => At::Arg,
            Some("prop") => At::Prop,
            Some("child") => At::Child,
            Some(_) => refuse("x-at", &Value::Object(schema)),
            None if field.key => At::Arg,
            None if line && matches!(field.kind, Kind::Scalar(_)) => At::Prop,
            None => At::Child,
        };
        field
    }

    fn kind(&mut self, schema: &Map<String, Value>, target: Option<&str>, name: &str) -> Kind {
        match schema.get("type").and_then(Value::as_str) {
            Some("array") => {
                let Some(Value::Object(items)) = schema.get("items") else {
                    refuse("array without items", &Value::Object(schema.clone()))
                };
                let (mut items, target) = self.resolve(items);
                // length bounds of a list of texts are written on the list
                for (on_list, on_item) in [("minItems", "minLength"), ("maxItems", "maxLength")] {
                    if let Some(bound) = schema.get(on_list) {
                        items.insert(on_item.to_owned(), bound.clone());
                    }
                }
                match self.kind(&items, target.as_deref(), name) {
                    Kind::Group(id) => Kind::Groups(id),
                    Kind::Scalar(kind) => Kind::Scalars(kind),
                    _ => refuse("list of lists", &Value::Object(schema.clone())),
                }
            }
            Some("object") => Kind::Group(self.group(schema, target.unwrap_or(name))),
            None if is_tagged(schema) => Kind::Group(self.group(schema, target.unwrap_or(name))),
            _ => Kind::Scalar(scalar(schema)),
        }
    }
}

fn is_tagged(schema: &Map<String, Value>) -> bool {
    let one_of = schema.get("oneOf").and_then(Value::as_array);
    one_of.is_some_and(|v| v.iter().all(|v| v.get("properties").is_some()))
}

fn plain_field(name: &'static str, kind: Kind) -> FieldShape {
    FieldShape {
        name,
        doc: "",
        at: At::Child,
        kind,
        key: false,
        note: false,
        intent: false,
        ordered: false,
        fixed: false,
        zero_never: false,
        required: false,
        word: None,
        secret: None,
        secret_when: None,
        only: Vec::new(),
        spread: false,
        choice: None,
        beside: None,
        refers: None,
        last: false,
    }
}

fn scalar(schema: &Map<String, Value>) -> ScalarKind {
    if let Some(format) = schema.get("x-format").and_then(Value::as_str) {
        return match format {
            "switch" => ScalarKind::Switch,
            "duration" => ScalarKind::Time,
            "network" => ScalarKind::Network,
            "address" => ScalarKind::Address,
            "date" => ScalarKind::Date,
            "moment" => ScalarKind::Moment,
            "version" => ScalarKind::Version,
            "version-range" => ScalarKind::VersionRange,
            "name" => ScalarKind::Name,
            "path" => ScalarKind::Path,
            "mac" => ScalarKind::Mac,
            "sha-256" => ScalarKind::Sha256,
            "key-fingerprint" => ScalarKind::KeyFingerprint,
            "sha-512" => ScalarKind::Sha512,
            "serial-line" => ScalarKind::SerialLine,
            "vlan" => ScalarKind::Vlan,
            "vlans" => ScalarKind::Vlans,
            "ports" => ScalarKind::Ports,
            "port-numbers" => ScalarKind::PortNumbers,
            "rate" => ScalarKind::Rate,
            "span" => ScalarKind::Span,
            "secret" => ScalarKind::Secret,
            _ => refuse("x-format", &Value::Object(schema.clone())),
        };
    }
    // an enum is wholly documented (oneOf of constants) or not at all; a mixed one has lost its order
    if let Some(Value::Array(words)) = schema.get("oneOf") {
        return ScalarKind::Word(words.iter().map(documented_word).collect());
    }
    if schema.contains_key("enum") {
        refuse("words without documentation", &Value::Object(schema.clone()));
    }
    let number = |key: &str| schema.get(key).and_then(Value::as_i64);
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") => match (number("minimum"), number("maximum")) {
            (Some(min), Some(max)) => ScalarKind::Int { min, max },
            _ => refuse("number without a range", &Value::Object(schema.clone())),
        },
        Some("string") => {
            let length = |key: &str, or: usize| number(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(or);
            if let Some(word) = schema.get("const").and_then(Value::as_str) {
                return ScalarKind::Word(vec![Word {
                    word: leak(word),
                    doc: text(schema, "description").unwrap_or(""),
                }]);
            }
            ScalarKind::Text { min: length("minLength", 0), max: length("maxLength", 4096) }
        }
        _ => refuse("type", &Value::Object(schema.clone())),
    }
}

fn documented_word(schema: &Value) -> Word {
    match (schema.get("const").and_then(Value::as_str), schema.get("description").and_then(Value::as_str)) {
        (Some(word), Some(doc)) => Word { word: leak(word), doc: leak(doc) },
        _ => refuse("word without documentation", schema),
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;

    #[test]
    fn every_shape_compiles() {
        for shape in [
            Shape::device(),
            Shape::site(),
            Shape::waiver(),
            Shape::attestation(),
            Shape::capture(),
            Shape::lock(),
            Shape::adoption(),
        ] {
            assert!(shape.groups.iter().all(|g| !g.fields.is_empty()));
        }
    }

    #[test]
    fn ranges_words_and_tags_survive_the_schema() {
        let shape = Shape::device();
        let at = |path: &str| shape.field_at(&shape.fields(path).unwrap_or_else(|| panic!("{path}"))).unwrap();
        assert_eq!(at("services.https.port").kind, Kind::Scalar(ScalarKind::Int { min: 1, max: 65535 }));
        assert_eq!(at("login.lockout.after").at, At::Prop);
        assert_eq!(at("login.lockout.enabled").at, At::Arg);
        assert_eq!(at("login.auto-logout").word, Some("never"));
        let Kind::Scalar(ScalarKind::Word(roles)) = &at("accounts.account.role").kind else { panic!() };
        assert_eq!(roles[0].word, "administrator");
        let Kind::Group(mode) = at("serial.port.mode").kind else { panic!() };
        assert_eq!(shape.group(mode).tag, Some(0));
        assert_eq!(at("serial.port.mode.local-port").only, ["udp"]);
        assert!(at("serial.port").fixed && at("zone").note);
    }
}
