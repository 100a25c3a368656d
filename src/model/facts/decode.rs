//! Facts to the typed structs of the model. Bad, foreign and held values are absent there; origins stay behind.

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer, StringDeserializer};
use serde::de::{Error as _, IntoDeserializer, Visitor, value::Error};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};

use super::{Facts, Group, Item, Setting, Value};
use crate::model::shape::Shape;

impl Facts {
    /// The typed form of all known values.
    ///
    /// # Errors
    /// Only where the shape and the struct are not of one declaration: a bug, met by tests.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, String> {
        T::deserialize(OfGroup { shape: self.shape, group: &self.root }).map_err(|e| e.to_string())
    }
}

#[derive(Clone, Copy)]
struct OfGroup<'a> {
    shape: &'static Shape,
    group: &'a Group,
}

#[derive(Clone, Copy)]
struct OfSetting<'a> {
    shape: &'static Shape,
    setting: &'a Setting,
}

#[derive(Clone, Copy)]
struct OfValue<'a>(&'a Value);

fn typed(value: &Value) -> bool {
    !matches!(value, Value::Bad | Value::Foreign(_) | Value::Held)
}

impl<'de> Deserializer<'de> for OfGroup<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let fields = &self.shape.group(self.group.shape).fields;
        let shape = self.shape;
        let known = self.group.iter().filter(|(_, s)| match s {
            Setting::Value(fact) => typed(&fact.value),
            _ => true,
        });
        let entries = known.map(|(ix, setting)| (fields[ix as usize].name, OfSetting { shape, setting }));
        visitor.visit_map(MapDeserializer::new(entries))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for OfSetting<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for OfSetting<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.setting {
            Setting::Value(fact) => OfValue(&fact.value).deserialize_any(visitor),
            Setting::Group(group) => OfGroup { shape: self.shape, group }.deserialize_any(visitor),
            Setting::Items(items) => {
                let shape = self.shape;
                let groups = items.items.iter().map(|Item { group, .. }| Element { shape, group });
                visitor.visit_seq(SeqDeserializer::new(groups))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.setting {
            Setting::Value(fact) => word(&fact.value, visitor),
            _ => Err(Error::custom("a group where a word belongs")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

fn word<'de, V: Visitor<'de>>(value: &'de Value, visitor: V) -> Result<V::Value, Error> {
    match value {
        Value::Word(word) => visitor.visit_enum(StrDeserializer::new(word)),
        _ => Err(Error::custom("no word")),
    }
}

#[derive(Clone, Copy)]
struct Element<'a> {
    shape: &'static Shape,
    group: &'a Group,
}

impl<'de> IntoDeserializer<'de, Error> for Element<'de> {
    type Deserializer = OfGroup<'de>;
    fn into_deserializer(self) -> OfGroup<'de> {
        OfGroup { shape: self.shape, group: self.group }
    }
}

impl<'de> IntoDeserializer<'de, Error> for OfValue<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for OfValue<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Switch(on) => visitor.visit_bool(*on),
            Value::Int(n) => visitor.visit_i64(*n),
            Value::Text(t) | Value::Secret(t) => visitor.visit_borrowed_str(t),
            Value::Word(w) => visitor.visit_borrowed_str(w),
            Value::List(list) => {
                let values = list.iter().filter(|f| typed(&f.value)).map(|f| OfValue(&f.value));
                visitor.visit_seq(SeqDeserializer::new(values))
            }
            Value::Bad | Value::Foreign(_) | Value::Held => visitor.visit_none(),
            other => StringDeserializer::new(other.plain()).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        word(self.0, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}
