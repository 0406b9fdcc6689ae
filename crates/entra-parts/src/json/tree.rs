//! A JSON document of which only the members that decide something are kept.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{AnyValue, JsonError, Limits, NUMBER, Name, Reader, Seen};

/// A value, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "JSON has no other values")]
pub enum Node {
    /// `null`.
    Null,
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Object(Vec<(String, Node)>),
    /// Another value, or one too deep to matter.
    Other,
}

/// What is kept of a document, so that it takes no more memory than the members that are
/// asked for. All of it is checked: duplicate members and depth, wherever they stand.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    limits: Limits,
    levels: u8,
    members: &'static [&'static str],
    present: &'static [&'static str],
    items: usize,
}

impl Keep {
    /// The `members` of these names, so many levels of objects and lists down. Of those in
    /// `present` it is kept that they are there.
    #[must_use]
    pub const fn new(
        limits: Limits,
        levels: u8,
        members: &'static [&'static str],
        present: &'static [&'static str],
    ) -> Self {
        Self {
            limits,
            levels,
            members,
            present,
            items: usize::MAX,
        }
    }

    /// Of a list so many items are kept; the rest is only checked.
    #[must_use]
    pub const fn items(mut self, items: usize) -> Self {
        self.items = items;
        self
    }
}

impl Node {
    /// Reads one document; only blanks may follow.
    ///
    /// # Errors
    ///
    /// [`JsonError`]: no JSON, duplicate members, or beyond the limits.
    pub fn read(text: &str, keep: &Keep) -> Result<Self, JsonError> {
        let reader = Reader::new(keep.limits);
        let document = Value {
            reader: &reader,
            keep,
            depth: 0,
            kept: true,
        };
        reader.read(text, document)
    }

    /// A member of an object. There is one at most: a second one was refused.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(member, _)| member == name)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
struct Value<'a> {
    reader: &'a Reader,
    keep: &'a Keep,
    depth: u8,
    kept: bool,
}

impl Value<'_> {
    fn inner<E: de::Error>(self) -> Result<Self, E> {
        let depth = self.reader.deeper(self.depth)?;
        let kept = self.kept && depth <= self.keep.levels;
        Ok(Self {
            depth,
            kept,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Node, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Integer(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Node, E> {
        Ok(i64::try_from(number).map_or(Node::Other, Node::Integer))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Node, E> {
        Ok(if self.kept {
            Node::Text(text.to_owned())
        } else {
            Node::Other
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        let mut nodes = Vec::new();
        // Nothing of a batch is of interest.
        let kept = self.kept && self.depth > 0;
        while kept && nodes.len() < self.keep.items {
            let Some(node) = list.next_element_seed(inner)? else {
                return Ok(Node::List(nodes));
            };
            nodes.push(node);
        }
        let checked = || AnyValue::at(inner.depth, self.reader);
        while list.next_element_seed(checked())?.is_some() {}
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        let mut seen = Seen::new();
        let mut members = Vec::new();
        while let Some(name) = map.next_key_seed(Name)? {
            if name == NUMBER {
                let digits: String = map.next_value()?;
                return Ok(digits.parse().map_or(Node::Other, Node::Integer));
            }
            let kept = inner.kept && self.keep.members.contains(&&*name);
            let there = self.kept && (kept || self.keep.present.contains(&&*name));
            let own = there.then(|| name.clone().into_owned());
            if !seen.first(name) {
                return Err(self.reader.raise(JsonError::Duplicate));
            }
            match own {
                Some(name) => {
                    let node = map.next_value_seed(Value { kept, ..inner })?;
                    members.push((name, node));
                }
                None => map.next_value_seed(AnyValue::at(inner.depth, self.reader))?,
            }
        }
        Ok(Node::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: Keep = Keep::new(
        Limits::depth(100),
        4,
        &["method", "params", "name", "ref", "uri", "_meta"],
        &["result", "error"],
    );

    fn read(text: &str) -> Result<Node, JsonError> {
        Node::read(text, &KEEP)
    }

    #[test]
    fn the_second_of_a_name_is_refused_however_it_is_spelled_and_wherever_it_stands() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"x":{"y":[{"a":1,"b":2,"a":3}]}}"#,
            r#"{"arguments":{"a":1,"a":2}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let many: Vec<_> = (0..100).map(|i| format!(r#""n{i}":0"#)).collect();
        assert!(read(&format!("{{{}}}", many.join(","))).is_ok());
        for i in [0, 15, 16, 99] {
            let text = format!(r#"{{{},"n{i}":1}}"#, many.join(","));
            assert!(read(&text).is_err(), "{i}");
        }
        assert!(read(r#"{"a":{"a":1},"A":{"a":1}}"#).is_ok());
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(100)).is_ok());
        assert!(read(&nested(101)).is_err());
        let objects = format!("{}0{}", r#"{"a":"#.repeat(101), "}".repeat(101));
        assert!(read(&objects).is_err());
    }

    #[test]
    fn only_what_decides_is_kept() {
        let text = r#"{"method":"m","x":{"name":"n"},"error":{"name":"n"},
            "params":{"name":"n","arguments":{"name":"n"},"y":[1,2],
            "ref":{"name":"n","z":"z"},"_meta":{"ref":{"uri":{"uri":{"uri":"u"}}}}}}"#;
        let text_of = |text: &str| Node::Text(text.to_owned());
        let object = |members: &[(&str, Node)]| {
            let members = members.iter();
            Node::Object(
                members
                    .map(|(name, node)| ((*name).to_owned(), node.clone()))
                    .collect(),
            )
        };
        let deep = object(&[("ref", object(&[("uri", object(&[]))]))]);
        let params = object(&[
            ("name", text_of("n")),
            ("ref", object(&[("name", text_of("n"))])),
            ("_meta", deep),
        ]);
        let expected = object(&[
            ("method", text_of("m")),
            ("error", object(&[])),
            ("params", params),
        ]);
        assert_eq!(read(text).unwrap(), expected);
        assert_eq!(read("[1,[2],3]").unwrap(), Node::List(Vec::new()));
    }

    #[test]
    fn a_long_list_is_checked_to_its_end_and_kept_to_its_bound() {
        let keep = KEEP.items(3);
        let list = |items: &str| format!(r#"{{"params":{{"uri":[{items}]}}}}"#);
        let read = |items: &str| Node::read(&list(items), &keep);
        let kept = |items: &str| match read(items).unwrap().member("params").unwrap().member("uri")
        {
            Some(Node::List(list)) => list.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!((kept(r#""a","b""#), kept(r#""a","b","c""#)), (2, 3));
        assert_eq!(kept(&vec!["7"; 1_000].join(",")), 3);
        assert!(read(r#"1,2,3,{"a":1,"a":1}"#).is_err());
        assert!(read("1,2,3,4,").is_err());
    }

    #[test]
    fn numbers_are_numbers_with_any_feature_of_serde_json() {
        assert_eq!(read("7").unwrap(), Node::Integer(7));
        assert_eq!(read("-7").unwrap(), Node::Integer(-7));
        for text in ["7.0", "1e3", "9223372036854775808", "true"] {
            assert_eq!(read(text).unwrap(), Node::Other, "{text}");
        }
        let spelled = format!(r#"{{"{NUMBER}":"7"}}"#);
        assert_eq!(read(&spelled).unwrap(), Node::Integer(7));
    }
}
