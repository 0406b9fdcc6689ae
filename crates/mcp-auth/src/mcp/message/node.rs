//! Strict JSON, of which only what decisions need is kept.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Containers inside containers that a message may have. `rmcp` reads no more than
/// `serde_json`'s 128.
const DEPTH: u8 = 100;

/// How deep values are kept: a message, its `params`, an object in them, a list in that.
const KEPT: u8 = 4;

/// Members that decide something; the others are only checked, so that a message takes no
/// more memory than its names.
const READ: [&str; 12] = [
    "jsonrpc",
    "id",
    "method",
    "params",
    "name",
    "uri",
    "taskId",
    "ref",
    "notifications",
    "resourceSubscriptions",
    "_meta",
    "io.modelcontextprotocol/protocolVersion",
];

/// Members of which it only matters that they are there.
const THERE: [&str; 2] = ["result", "error"];

/// With `arbitrary_precision`, which any crate of an application may switch on, a number
/// arrives as an object with this one member.
const NUMBER: &str = "$serde_json::private::Number";

/// A value, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Null,
    Integer(i64),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
    /// Something else, or too deep to matter.
    Other,
}

impl Node {
    /// Reads one document and nothing behind it.
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let node = Reader::OUTERMOST.deserialize(&mut json)?;
        json.end()?;
        Ok(node)
    }

    /// A member of an object. There is one at most: a second one was refused.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(member, _)| member == name)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads one value, refuses a second member of a name wherever it stands, and deep nesting.
#[derive(Clone, Copy)]
struct Reader {
    depth: u8,
    kept: bool,
}

impl Reader {
    const OUTERMOST: Self = Self {
        depth: 0,
        kept: true,
    };

    fn inner<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        let depth = self.depth + 1;
        let kept = self.kept && depth <= KEPT;
        Ok(Self { depth, kept })
    }
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Node, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
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
        while let Some(node) = list.next_element_seed(inner)? {
            // Nothing of a batch is of interest.
            if self.kept && self.depth > 0 {
                nodes.push(node);
            }
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        let mut seen = Seen::default();
        let mut members = Vec::new();
        while let Some(name) = map.next_key_seed(Name)? {
            if name == NUMBER {
                let digits: String = map.next_value()?;
                return Ok(digits.parse().map_or(Node::Other, Node::Integer));
            }
            let kept = inner.kept && READ.contains(&&*name);
            let there = self.kept && (kept || THERE.contains(&&*name));
            let own = there.then(|| name.clone().into_owned());
            if !seen.first(name) {
                return Err(de::Error::custom("an object has two members of one name"));
            }
            let node = map.next_value_seed(Reader { kept, ..inner })?;
            members.extend(own.map(|name| (name, node)));
        }
        Ok(Node::Object(members))
    }
}

/// A member's name, with its escapes read.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Names of one object met so far: a list while it is short, then a set, so that a hostile
/// object stays linear.
#[derive(Default)]
struct Seen<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Seen<'de> {
    fn first(&mut self, name: Cow<'de, str>) -> bool {
        if self.few.contains(&name) {
            return false;
        }
        if self.few.len() < 16 {
            self.few.push(name);
            return true;
        }
        self.many.insert(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_of_a_name_is_refused_however_it_is_spelled_and_wherever_it_stands() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"x":{"y":[{"a":1,"b":2,"a":3}]}}"#,
            r#"{"arguments":{"a":1,"a":2}}"#,
        ] {
            assert!(Node::read(text).is_err(), "{text}");
        }
        let many: Vec<_> = (0..100).map(|i| format!(r#""n{i}":0"#)).collect();
        assert!(Node::read(&format!("{{{}}}", many.join(","))).is_ok());
        for i in [0, 15, 16, 99] {
            let text = format!(r#"{{{},"n{i}":1}}"#, many.join(","));
            assert!(Node::read(&text).is_err(), "{i}");
        }
        assert!(Node::read(r#"{"a":{"a":1},"A":{"a":1}}"#).is_ok());
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Node::read(&nested(100)).is_ok());
        assert!(Node::read(&nested(101)).is_err());
        let objects = format!("{}0{}", r#"{"a":"#.repeat(101), "}".repeat(101));
        assert!(Node::read(&objects).is_err());
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
        assert_eq!(Node::read(text).unwrap(), expected);
        assert_eq!(Node::read("[1,[2],3]").unwrap(), Node::List(Vec::new()));
    }

    #[test]
    fn numbers_are_numbers_with_any_feature_of_serde_json() {
        assert_eq!(Node::read("7").unwrap(), Node::Integer(7));
        assert_eq!(Node::read("-7").unwrap(), Node::Integer(-7));
        for text in ["7.0", "1e3", "9223372036854775808", "true"] {
            assert_eq!(Node::read(text).unwrap(), Node::Other, "{text}");
        }
        let spelled = format!(r#"{{"{NUMBER}":"7"}}"#);
        assert_eq!(Node::read(&spelled).unwrap(), Node::Integer(7));
    }
}
