//! JOSE header of a context: `typ`, `alg` and `kid`, and the members that it must not have.

use std::borrow::Cow;
use std::fmt;

use entra_parts::json::{AnyValue, JsonError, Name, Reader, Seen, Text};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::{JSON_LIMITS, decode};
use crate::key::Algorithm;
use crate::reason::ContextReason;

/// The two kinds of contexts. Each has a `typ` of its own (RFC 8725, section 3.11), so that neither passes for the
/// other, nor an access token for either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Turn,
    Call,
}

impl Kind {
    pub(crate) const fn typ(self) -> &'static str {
        match self {
            Self::Turn => "user-turn+jwt",
            Self::Call => "user-context+jwt",
        }
    }
}

/// What a key may be hinted at or the signature be taken away with: none of it has a use here.
const FORBIDDEN: [&str; 9] = [
    "crit", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "zip", "b64",
];

/// The header, accepted.
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Box<str>,
}

impl Header {
    pub(crate) fn read(
        part: &str,
        kind: Kind,
        allowed: &[Algorithm],
    ) -> Result<Self, ContextReason> {
        let bytes = decode(part).ok_or(ContextReason::Malformed)?;
        let text = str::from_utf8(&bytes).map_err(|_| ContextReason::MalformedHeader)?;
        let reader = Reader::new(JSON_LIMITS);
        let members = reader
            .read(text, Members(&reader))
            .map_err(|_| ContextReason::MalformedHeader)?;
        if members.typ.as_deref() != Some(kind.typ()) {
            return Err(ContextReason::WrongType);
        }
        let algorithm = members.alg.as_deref().and_then(Algorithm::from_name);
        let algorithm = algorithm
            .filter(|algorithm| allowed.contains(algorithm))
            .ok_or(ContextReason::AlgorithmNotAllowed)?;
        let kid = members
            .kid
            .filter(|kid| !kid.is_empty())
            .ok_or(ContextReason::NoKeyId)?;
        if members.forbidden {
            return Err(ContextReason::ForbiddenHeaderMember);
        }
        Ok(Self {
            algorithm,
            kid: kid.into(),
        })
    }
}

#[derive(Default)]
struct RawHeader<'h> {
    typ: Option<Cow<'h, str>>,
    alg: Option<Cow<'h, str>>,
    kid: Option<Cow<'h, str>>,
    forbidden: bool,
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
        let mut header = RawHeader::default();
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let mut text = |name| members.next_value_seed(Text { name, reader });
            match &*name {
                "typ" => header.typ = Some(text("typ")?),
                "alg" => header.alg = Some(text("alg")?),
                "kid" => header.kid = Some(text("kid")?),
                other => {
                    header.forbidden |= FORBIDDEN.contains(&other);
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
