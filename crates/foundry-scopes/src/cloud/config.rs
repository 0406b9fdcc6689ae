//! Serde form of a cloud: a name, or a table with its authority and issuers.

use serde::de::{
    Deserialize, Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer,
};
use serde::{Serialize, Serializer};

use super::known::KnownCloud;
use super::{Cloud, CloudSpec};
use crate::error::ParseError;

/// The object form. `loopback` alone, or `external_id` with its `hosts`, or the four that a
/// cloud must have.
#[derive(serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
struct Object {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    loopback: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hosts: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer_v1: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer_v2: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_cloud: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resources_of: Option<String>,
}

impl Object {
    fn cloud<E: Error>(self) -> Result<Cloud, E> {
        let refuse = |error: ParseError| E::custom(error);
        let others = [
            &self.name,
            &self.authority,
            &self.issuer_v1,
            &self.issuer_v2,
            &self.key_cloud,
        ];
        let alone = others.iter().all(|other| other.is_none());
        if self.external_id.is_none() && !self.hosts.is_empty() {
            return Err(E::custom("`hosts` goes with `external_id`"));
        }
        let cloud = match (self.loopback, self.external_id) {
            (Some(base), None) if alone => Cloud::loopback(&base).map_err(refuse)?,
            (None, Some(authority)) if alone => {
                let hosts = self.hosts.iter().map(String::as_str);
                Cloud::external_id(&authority, hosts).map_err(refuse)?
            }
            (Some(_), _) => return Err(E::custom("`loopback` stands alone")),
            (_, Some(_)) => return Err(E::custom("`external_id` stands alone, or with `hosts`")),
            (None, None) => {
                let need = |field: &'static str| move || E::missing_field(field);
                Cloud::custom(CloudSpec {
                    name: self.name.as_deref().ok_or_else(need("name"))?,
                    authority: self.authority.as_deref().ok_or_else(need("authority"))?,
                    issuer_v1: self.issuer_v1.as_deref().ok_or_else(need("issuer_v1"))?,
                    issuer_v2: self.issuer_v2.as_deref().ok_or_else(need("issuer_v2"))?,
                    key_cloud: self.key_cloud.as_deref(),
                })
                .map_err(refuse)?
            }
        };
        match self.resources_of {
            None => Ok(cloud),
            Some(name) => match KnownCloud::from_name(&name) {
                Some(known) => Ok(cloud.with_catalogue_of(known)),
                None => Err(E::custom(format_args!("no cloud is called {name:?}"))),
            },
        }
    }
}

/// A string with a name that `KnownCloud::from_name` reads, or an object: `loopback` with a
/// base URL; or `external_id` with an authority, and optionally `hosts`; or `name`, `authority`,
/// `issuer_v1`, `issuer_v2`, and optionally `key_cloud`. All can have `resources_of`, the name
/// of a documented cloud.
impl<'de> Deserialize<'de> for Cloud {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Cloud;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of a cloud, or an object that describes one")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Cloud, E> {
                let known = KnownCloud::from_name(name)
                    .ok_or_else(|| E::custom(format_args!("no cloud is called {name:?}")))?;
                Cloud::from_known(known).ok_or_else(|| {
                    E::custom(format_args!(
                        "{known} must be described: name, authority, issuer_v1, issuer_v2"
                    ))
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Cloud, A::Error> {
                Object::deserialize(MapAccessDeserializer::new(map))?.cloud()
            }
        }

        from.deserialize_any(Reader)
    }
}

impl Serialize for Cloud {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let Some(known) = self.known()
            && Cloud::from_known(known).as_ref() == Some(self)
        {
            return to.serialize_str(known.as_str());
        }
        let text = |text: &str| Some(text.to_owned());
        let hosts = self.external_hosts();
        let open = !self.is_loopback() && hosts.is_none();
        let when = |is: bool, value: &str| if is { text(value) } else { None };
        let known = self
            .known()
            .filter(|known| open || *known != KnownCloud::Public);
        Object {
            loopback: when(self.is_loopback(), self.authority()),
            external_id: when(hosts.is_some(), self.authority()),
            hosts: hosts
                .unwrap_or_default()
                .iter()
                .map(ToString::to_string)
                .collect(),
            name: when(open, self.name()),
            authority: when(open, self.authority()),
            issuer_v1: self.issuer_v1().and_then(|v1| when(open, v1.as_str())),
            issuer_v2: when(open, self.issuer_v2().as_str()),
            key_cloud: self.key_cloud().filter(|_| open).map(str::to_owned),
            resources_of: known.map(|known| known.as_str().to_owned()),
        }
        .serialize(to)
    }
}
