//! What serialises itself, straight into its one spelling.

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Value;

use super::{CanonicalError, MAX_INTEGER, shape};

/// Appends one value.
pub(super) struct Writer<'a>(pub(super) &'a mut Vec<u8>);

impl ser::Error for CanonicalError {
    fn custom<T: std::fmt::Display>(reason: T) -> CanonicalError {
        CanonicalError::Shape { reason: reason.to_string().chars().take(200).collect() }
    }
}

type Done = Result<(), CanonicalError>;

macro_rules! integers {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, n: $type) -> Done {
            integer(u64::try_from(n).ok(), self.0)
        })*
    };
}

fn integer(n: Option<u64>, out: &mut Vec<u8>) -> Done {
    let n = n.filter(|n| *n <= MAX_INTEGER).ok_or(CanonicalError::Value)?;
    out.extend_from_slice(n.to_string().as_bytes());
    Ok(())
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = CanonicalError;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    integers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    integers!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);

    fn serialize_bool(self, value: bool) -> Done {
        self.0.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Done {
        Err(CanonicalError::Value)
    }

    fn serialize_f64(self, _: f64) -> Done {
        Err(CanonicalError::Value)
    }

    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Done {
        super::write_text(text, self.0);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Done {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Done {
        Err(CanonicalError::Value)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        Err(CanonicalError::Value)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        Err(CanonicalError::Value)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        let mut object = Object::begin(self.0, b"}");
        object.member(variant.into(), value)?;
        object.finish()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, CanonicalError> {
        Ok(List::begin(self.0, b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, CanonicalError> {
        Ok(List::begin(self.0, b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, CanonicalError> {
        Ok(List::begin(self.0, b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, CanonicalError> {
        open_variant(variant, self.0);
        Ok(List::begin(self.0, b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, CanonicalError> {
        Ok(Object::begin(self.0, b"}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'a>, CanonicalError> {
        Ok(Object::begin(self.0, b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Object<'a>, CanonicalError> {
        open_variant(variant, self.0);
        Ok(Object::begin(self.0, b"}}"))
    }
}

fn open_variant(variant: &str, out: &mut Vec<u8>) {
    out.push(b'{');
    super::write_text(variant, out);
    out.push(b':');
}

/// A list that is being written.
pub(super) struct List<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
    end: &'static [u8],
}

impl<'a> List<'a> {
    fn begin(out: &'a mut Vec<u8>, end: &'static [u8]) -> List<'a> {
        out.push(b'[');
        List { out, first: true, end }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        value.serialize(Writer(self.out))
    }

    fn finish(self) -> Done {
        self.out.extend_from_slice(self.end);
        Ok(())
    }
}

/// An object that is being written: members as they come, put in order at its end where they did not come so.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    /// Keys, each with where its member begins.
    members: Vec<(std::borrow::Cow<'static, str>, usize)>,
    end: &'static [u8],
}

impl<'a> Object<'a> {
    fn begin(out: &'a mut Vec<u8>, end: &'static [u8]) -> Object<'a> {
        out.push(b'{');
        Object { out, members: Vec::new(), end }
    }

    fn key(&mut self, key: std::borrow::Cow<'static, str>) {
        if !self.members.is_empty() {
            self.out.push(b',');
        }
        let start = self.out.len();
        super::write_text(&key, self.out);
        self.out.push(b':');
        self.members.push((key, start));
    }

    fn member<T: Serialize + ?Sized>(&mut self, key: std::borrow::Cow<'static, str>, value: &T) -> Done {
        self.key(key);
        value.serialize(Writer(self.out))
    }

    fn finish(self) -> Done {
        let Object { out, members, end } = self;
        if !members.is_sorted_by_key(|(key, _)| key.as_bytes()) {
            let ends = members.iter().skip(1).map(|(_, start)| start - 1).chain([out.len()]);
            let mut ordered: Vec<_> = members.iter().zip(ends).map(|((key, start), end)| (key, *start..end)).collect();
            ordered.sort_by_key(|(key, _)| key.as_bytes());
            let begin = members.first().map_or(out.len(), |(_, start)| *start);
            let pieces: Vec<&[u8]> = ordered.iter().map(|(_, range)| &out[range.clone()]).collect();
            let written = pieces.join(&b',');
            out.truncate(begin);
            out.extend_from_slice(&written);
        }
        out.extend_from_slice(end);
        Ok(())
    }
}

impl SerializeSeq for List<'_> {
    type Ok = ();
    type Error = CanonicalError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.item(value)
    }
    fn end(self) -> Done {
        self.finish()
    }
}

impl SerializeTuple for List<'_> {
    type Ok = ();
    type Error = CanonicalError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.item(value)
    }
    fn end(self) -> Done {
        self.finish()
    }
}

impl SerializeTupleStruct for List<'_> {
    type Ok = ();
    type Error = CanonicalError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.item(value)
    }
    fn end(self) -> Done {
        self.finish()
    }
}

impl SerializeTupleVariant for List<'_> {
    type Ok = ();
    type Error = CanonicalError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.item(value)
    }
    fn end(self) -> Done {
        self.finish()
    }
}

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = CanonicalError;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        match serde_json::to_value(key).map_err(shape)? {
            Value::String(key) => self.key(key.into()),
            _ => return Err(CanonicalError::Shape { reason: "a key that is no text".to_owned() }),
        }
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(Writer(self.out))
    }
    fn end(self) -> Done {
        self.finish()
    }
}

impl SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = CanonicalError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
        self.member(key.into(), value)
    }
    fn end(self) -> Done {
        self.finish()
    }
}

impl SerializeStructVariant for Object<'_> {
    type Ok = ();
    type Error = CanonicalError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
        self.member(key.into(), value)
    }
    fn end(self) -> Done {
        self.finish()
    }
}
