//! Payload parser: one pass, known claims become spans, the rest is checked and kept.

use std::fmt;

use entra_parts::json::{AnyValue, Int, JsonError, List, Name, Reader, Seen, Text, TextIfAny};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::Claims;
use super::known::{IntClaim, Known, ListClaim, MarkClaim, ShownClaim, TextClaim};
use super::span::{Places, Span};
use crate::decode::JSON_LIMITS;

/// What the pass fills in.
pub(super) struct Table {
    pub(super) texts: [Span; TextClaim::COUNT],
    pub(super) ints: [Option<i64>; IntClaim::COUNT],
    pub(super) lists: [Option<Vec<Span>>; ListClaim::COUNT],
    pub(super) marks: u8,
    pub(super) shown: [Span; ShownClaim::COUNT],
}

impl Claims {
    /// Reads the decoded payload.
    pub(crate) fn parse(mut json: String) -> Result<Self, JsonError> {
        let reader = Reader::new(JSON_LIMITS);
        let (table, extra) = reader.read(&json, Payload::new(&json, &reader))?;
        let len = json.len();
        json.push_str(&extra);
        Ok(Self {
            buffer: json,
            len,
            table,
        })
    }
}

struct Payload<'de, 'a> {
    reader: &'a Reader,
    places: Places<'de>,
    /// Boxed, because serde hands this on by value several times.
    table: Box<Table>,
}

impl<'de, 'a> Payload<'de, 'a> {
    fn new(json: &'de str, reader: &'a Reader) -> Self {
        Self {
            reader,
            places: Places::new(json),
            table: Box::new(Table {
                texts: [Span::NONE; TextClaim::COUNT],
                ints: [None; IntClaim::COUNT],
                lists: [const { None }; ListClaim::COUNT],
                marks: 0,
                shown: [Span::NONE; ShownClaim::COUNT],
            }),
        }
    }

    fn text<A: MapAccess<'de>>(&mut self, claim: TextClaim, from: &mut A) -> Result<(), A::Error> {
        let text = from.next_value_seed(Text {
            name: claim.name(),
            reader: self.reader,
        })?;
        if let Some(place) = self.table.texts.get_mut(claim as usize) {
            *place = self.places.keep(text);
        }
        Ok(())
    }

    fn int<A: MapAccess<'de>>(&mut self, claim: IntClaim, from: &mut A) -> Result<(), A::Error> {
        let value = from.next_value_seed(Int {
            name: claim.name(),
            reader: self.reader,
        })?;
        if let Some(place) = self.table.ints.get_mut(claim as usize) {
            *place = Some(value);
        }
        Ok(())
    }

    fn list<A: MapAccess<'de>>(&mut self, claim: ListClaim, from: &mut A) -> Result<(), A::Error> {
        let mut spans = Vec::new();
        from.next_value_seed(List {
            name: claim.name(),
            reader: self.reader,
            each: |text| spans.push(self.places.keep(text)),
        })?;
        if let Some(place) = self.table.lists.get_mut(claim as usize) {
            *place = Some(spans);
        }
        Ok(())
    }

    fn mark<A: MapAccess<'de>>(&mut self, claim: MarkClaim, from: &mut A) -> Result<(), A::Error> {
        from.next_value_seed(AnyValue::new(self.reader))?;
        self.table.marks |= 1 << (claim as u8);
        Ok(())
    }

    fn shown<A: MapAccess<'de>>(
        &mut self,
        claim: ShownClaim,
        from: &mut A,
    ) -> Result<(), A::Error> {
        let text = from.next_value_seed(TextIfAny::new(self.reader))?;
        if let (Some(text), Some(place)) = (text, self.table.shown.get_mut(claim as usize)) {
            *place = self.places.keep(text);
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Payload<'de, '_> {
    type Value = (Box<Table>, String);

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Payload<'de, '_> {
    type Value = (Box<Table>, String);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of claims")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut known = 0_u64;
        let mut others = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let Some(claim) = Known::find(&name) else {
                // Two readers that fold case would disagree on the tenant (the identity
                // model of .NET refuses this too, IDX40011).
                if name.eq_ignore_ascii_case("tid") {
                    return Err(self.reader.raise(JsonError::CaseVariant("tid")));
                }
                if !others.first(name) {
                    return Err(self.reader.raise(JsonError::Duplicate));
                }
                members.next_value_seed(AnyValue::new(self.reader))?;
                continue;
            };
            if known & claim.bit() != 0 {
                return Err(self.reader.raise(JsonError::Duplicate));
            }
            known |= claim.bit();
            match claim {
                Known::Text(claim) => self.text(claim, &mut members)?,
                Known::Int(claim) => self.int(claim, &mut members)?,
                Known::List(claim) => self.list(claim, &mut members)?,
                Known::Mark(claim) => self.mark(claim, &mut members)?,
                Known::Shown(claim) => self.shown(claim, &mut members)?,
            }
        }
        Ok((self.table, self.places.extra()))
    }
}
