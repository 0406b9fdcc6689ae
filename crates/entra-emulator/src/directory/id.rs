//! GUIDs as Entra spells them.

use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// The hyphenated GUID of `text` in lower case, or nothing: braces, `urn:uuid:` and the
/// form without hyphens are not what Entra takes.
pub(crate) fn canonical_guid(text: &str) -> Option<String> {
    if text.len() != 36 {
        return None;
    }
    Uuid::try_parse(text)
        .ok()
        .map(|id| id.hyphenated().to_string())
}

/// A GUID that is always the same for the same parts, for objects whose id nobody chose.
pub(crate) fn derived_guid(parts: &[&str]) -> String {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(part.as_bytes());
        context.update(b"\n");
    }
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .hyphenated()
        .to_string()
}

/// Ids are kept in lower case, however a file spells them.
pub(super) fn lower<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from).map(|id| id.to_ascii_lowercase())
}

pub(super) fn lower_maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let id = Option::<String>::deserialize(from)?;
    Ok(id.map(|id| id.to_ascii_lowercase()))
}

pub(super) fn lower_each<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let mut ids = Vec::<String>::deserialize(from)?;
    ids.iter_mut().for_each(|id| id.make_ascii_lowercase());
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_a_guid() {
        let id = "0A1B2C3D-0000-4000-8000-000000000001";
        assert_eq!(canonical_guid(id).unwrap(), id.to_ascii_lowercase());
        for bad in [
            "",
            "0a1b2c3d000040008000000000000001",
            "{0a1b2c3d-0000-4000-8000-000000000001}",
            "urn:uuid:0a1b2c3d-0000-4000-8000-000000000001",
            "0a1b2c3d-0000-4000-8000-00000000000g",
        ] {
            assert_eq!(canonical_guid(bad), None, "{bad}");
        }
    }

    #[test]
    fn derived_ids_depend_on_each_part() {
        assert_eq!(derived_guid(&["a", "b"]), derived_guid(&["a", "b"]));
        assert_ne!(derived_guid(&["a", "b"]), derived_guid(&["ab", ""]));
        assert!(canonical_guid(&derived_guid(&["a"])).is_some());
    }
}
