//! A cloud in a policy: a name, or a table.

use std::fmt;

use foundry_scopes::{Cloud, CloudSpec};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Unexpected, Visitor};

/// Reads `public`, `usgov`, `china` or a table with one entry.
pub(super) struct CloudField(pub(super) Cloud);

/// What the one entry of a table may be called.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Custom,
    ExternalId,
    Loopback,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Custom {
    name: String,
    authority: String,
    issuer_v1: String,
    issuer_v2: String,
    #[serde(default)]
    key_cloud: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExternalId {
    authority: String,
    #[serde(default)]
    hosts: Vec<String>,
}

impl<'de> Deserialize<'de> for CloudField {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NameOrTable).map(Self)
    }
}

struct NameOrTable;

impl<'de> Visitor<'de> for NameOrTable {
    type Value = Cloud;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`public`, `usgov`, `china`, or a table `custom`, `external_id` or `loopback`")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Cloud, E> {
        match name {
            "public" => Ok(Cloud::public()),
            "usgov" => Ok(Cloud::us_government()),
            "china" => Ok(Cloud::china()),
            other => Err(E::invalid_value(Unexpected::Str(other), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Cloud, A::Error> {
        let cloud = match members.next_key()? {
            Some(Name::Loopback) => Cloud::loopback(&members.next_value::<String>()?),
            Some(Name::ExternalId) => {
                let own: ExternalId = members.next_value()?;
                Cloud::external_id(&own.authority, own.hosts.iter().map(String::as_str))
            }
            Some(Name::Custom) => {
                let custom: Custom = members.next_value()?;
                Cloud::custom(CloudSpec {
                    name: &custom.name,
                    authority: &custom.authority,
                    issuer_v1: &custom.issuer_v1,
                    issuer_v2: &custom.issuer_v2,
                    key_cloud: custom.key_cloud.as_deref(),
                })
            }
            None => return Err(de::Error::invalid_length(0, &"a table with one entry")),
        };
        let cloud = cloud.map_err(de::Error::custom)?;
        // Two clouds, or one and something that nobody reads.
        if members.next_key::<IgnoredAny>()?.is_some() {
            return Err(de::Error::custom(
                "a cloud is a table with one entry, and this has more",
            ));
        }
        Ok(cloud)
    }
}
