//! `act`: the agent that acts, and those before it (RFC 8693, section 4.1).

use std::borrow::Cow;
use std::fmt;

use entra_parts::json::{AnyValue, JsonError, Name, Reader, Seen, Text};
use foundry_scopes::{ClientId, TenantId};
use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::agent::AgentId;

/// So many agents at most, the acting one included.
const MAX_ACTORS: usize = 3;

/// The acting agent, and the earlier ones, newest first. Only the first decides about access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor {
    pub(crate) agent: AgentId,
    pub(crate) earlier: Vec<AgentId>,
}

impl Actor {
    pub(crate) const fn new(agent: AgentId) -> Self {
        Self {
            agent,
            earlier: Vec::new(),
        }
    }

    /// The next agent of the chain; `None` where it would be too long.
    pub(crate) fn followed_by(&self, agent: AgentId) -> Option<Self> {
        let mut earlier = Vec::with_capacity(self.earlier.len() + 1);
        earlier.push(self.agent);
        earlier.extend(&self.earlier);
        (earlier.len() < MAX_ACTORS).then_some(Self { agent, earlier })
    }

    pub(crate) fn written(&self) -> Written {
        let earlier = self.earlier.iter().rev().fold(None, |inner, agent| {
            Some(Box::new(Written::of(*agent, inner)))
        });
        Written::of(self.agent, earlier)
    }
}

/// As it is written: nested, the acting agent outermost.
#[derive(Serialize)]
pub(crate) struct Written {
    sub: String,
    tid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Box<Written>>,
}

impl Written {
    fn of(agent: AgentId, act: Option<Box<Self>>) -> Self {
        Self {
            sub: agent.client().to_string(),
            tid: agent.tenant().to_string(),
            act,
        }
    }
}

/// Reads `act`, at `depth` agents outside of this one.
pub(super) struct ActorMembers<'a> {
    reader: &'a Reader,
    depth: usize,
}

impl<'a> ActorMembers<'a> {
    pub(super) const fn new(reader: &'a Reader) -> Self {
        Self { reader, depth: 0 }
    }
}

impl<'de> DeserializeSeed<'de> for ActorMembers<'_> {
    type Value = Actor;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        let reader = self.reader;
        json.deserialize_map(self).inspect_err(|_| {
            reader.raise::<D::Error>(JsonError::Type("act"));
        })
    }
}

impl<'de> Visitor<'de> for ActorMembers<'_> {
    type Value = Actor;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an actor")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Actor, A::Error> {
        let reader = self.reader;
        if self.depth >= MAX_ACTORS {
            return Err(reader.raise(JsonError::Depth));
        }
        let mut sub: Option<Cow<'de, str>> = None;
        let mut tid: Option<Cow<'de, str>> = None;
        let mut inner: Option<Actor> = None;
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let mut text = |name| members.next_value_seed(Text { name, reader });
            match &*name {
                "sub" => sub = Some(text("act.sub")?),
                "tid" => tid = Some(text("act.tid")?),
                "act" => {
                    let depth = self.depth + 1;
                    inner = Some(members.next_value_seed(ActorMembers { reader, depth })?);
                }
                _ => members.next_value_seed(AnyValue::new(reader))?,
            }
            if !seen.first(name) {
                return Err(reader.raise(JsonError::Duplicate));
            }
        }
        let client = sub.as_deref().and_then(ClientId::from_token);
        let tenant = tid.as_deref().and_then(TenantId::from_token);
        let (Some(client), Some(tenant)) = (client, tenant) else {
            return Err(reader.raise(JsonError::Type("act")));
        };
        let agent = AgentId::new(client, tenant);
        let earlier = inner.map_or_else(Vec::new, |inner| {
            std::iter::once(inner.agent).chain(inner.earlier).collect()
        });
        Ok(Actor { agent, earlier })
    }
}
