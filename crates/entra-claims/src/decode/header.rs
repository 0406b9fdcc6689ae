//! The JOSE header (RFC 7515, section 4).

use std::borrow::Cow;
use std::fmt;

use entra_parts::json::{AnyValue, JsonError, Name, Reader, Seen, Text};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::{DecodeError, JSON_LIMITS, Part, base64};

/// The header of a token.
///
/// Key hints in it (`jku`, `jwk`, `x5u`, `x5c`) are not even kept: a key comes from the
/// configured authority or from nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    alg: Option<Box<str>>,
    kid: Option<Box<str>>,
    typ: Option<Box<str>>,
    marks: Marks,
}

impl Header {
    pub(crate) fn decode(segment: &str) -> Result<Self, DecodeError> {
        let bytes = base64::decode(segment, Part::Header)?;
        let header = RawHeader::parse(&bytes)?;
        let owned = |text: Option<Cow<'_, str>>| text.map(|text| Box::from(&*text));
        Ok(Self {
            alg: owned(header.alg),
            kid: owned(header.kid),
            typ: owned(header.typ),
            marks: header.marks,
        })
    }

    /// `alg`: the signature's algorithm. A validator takes its own from configuration.
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// `kid`: the name of the signing key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `typ`: `JWT` for access tokens and ID tokens alike.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Whether `typ` says `pop`: the envelope of a proof of possession, which holds the access
    /// token in its claim `at`.
    #[must_use]
    pub fn is_proof_of_possession(&self) -> bool {
        is_proof_of_possession(self.typ())
    }

    /// Whether the header carries a `nonce`, as tokens for Microsoft Graph do. Their
    /// signature can be checked by Graph only.
    #[must_use]
    pub fn is_graph_style(&self) -> bool {
        self.marks.has(Marks::NONCE)
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("alg", &self.alg)
            .field("kid", &self.kid)
            .field("typ", &self.typ)
            .finish_non_exhaustive()
    }
}

pub(crate) fn is_proof_of_possession(typ: Option<&str>) -> bool {
    typ.is_some_and(|typ| typ.eq_ignore_ascii_case("pop"))
}

/// The header as it is read, borrowed from its decoded bytes.
pub(crate) struct RawHeader<'h> {
    pub(crate) alg: Option<Cow<'h, str>>,
    pub(crate) kid: Option<Cow<'h, str>>,
    pub(crate) typ: Option<Cow<'h, str>>,
    pub(crate) marks: Marks,
}

impl<'h> RawHeader<'h> {
    pub(crate) fn parse(bytes: &'h [u8]) -> Result<Self, DecodeError> {
        let text = str::from_utf8(bytes).map_err(|_| DecodeError::Json(Part::Header))?;
        let reader = Reader::new(JSON_LIMITS);
        reader
            .read(text, Members(&reader))
            .map_err(|problem| DecodeError::from_json(Part::Header, problem))
    }
}

/// Header members that matter by being there, whatever their value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u8);

impl Marks {
    pub(crate) const CRIT: Self = Self(1);
    pub(crate) const ZIP: Self = Self(1 << 1);
    pub(crate) const B64: Self = Self(1 << 2);
    pub(crate) const ENC: Self = Self(1 << 3);
    pub(crate) const NONCE: Self = Self(1 << 4);

    pub(crate) fn has(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }

    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "crit" => Self::CRIT,
            "zip" => Self::ZIP,
            "b64" => Self::B64,
            "enc" => Self::ENC,
            "nonce" => Self::NONCE,
            _ => return None,
        })
    }
}

struct Members<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = RawHeader<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = RawHeader<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let reader = self.0;
        let mut header = RawHeader {
            alg: None,
            kid: None,
            typ: None,
            marks: Marks::default(),
        };
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let mut text = |name| members.next_value_seed(Text { name, reader });
            match &*name {
                "alg" => header.alg = Some(text("alg")?),
                "kid" => header.kid = Some(text("kid")?),
                "typ" => header.typ = Some(text("typ")?),
                other => {
                    if let Some(mark) = Marks::of(other) {
                        header.marks.0 |= mark.0;
                    }
                    members.next_value_seed(AnyValue::new(reader))?;
                }
            }
            if !seen.first(name) {
                return Err(reader.raise(JsonError::Duplicate));
            }
        }
        Ok(header)
    }
}
