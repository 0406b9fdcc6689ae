//! The cloud of a policy: a name, or a table with one entry.

use foundry_scopes::{Cloud, CloudSpec};

use super::fields::{Fields, Mistakes, array, choice, parsed, text};
use super::node::Node;

const NEEDED: &str = "\"public\", \"usgov\", \"china\", or a table (object) with one entry: `custom`, `external_id` or `loopback`";

#[derive(Clone, Copy)]
enum Named {
    Public,
    UsGovernment,
    China,
}

pub(super) fn read(node: &Node, path: &str, mistakes: &mut Mistakes) -> Option<Cloud> {
    let entries = match node {
        Node::Text(_) => {
            let words = [
                ("public", Named::Public),
                ("usgov", Named::UsGovernment),
                ("china", Named::China),
            ];
            return Some(match choice(node, path, &words, mistakes)? {
                Named::Public => Cloud::public(),
                Named::UsGovernment => Cloud::us_government(),
                Named::China => Cloud::china(),
            });
        }
        Node::Table(entries) => entries,
        other => {
            mistakes.add(path, format!("needs {NEEDED}, and is {other}"));
            return None;
        }
    };
    let known = ["custom", "external_id", "loopback"];
    Fields::read(node, path, &known, mistakes)?;
    // Two clouds, or one and something that is not read.
    let [(name, node)] = entries.as_slice() else {
        let found = entries.len();
        mistakes.add(path, format!("needs {NEEDED}, and has {found} entries"));
        return None;
    };
    let path = format!("{path}.{name}");
    match name.as_str() {
        "loopback" => parsed(node, &path, mistakes, Cloud::loopback),
        "external_id" => external_id(node, &path, mistakes),
        "custom" => custom(node, &path, mistakes),
        _ => None,
    }
}

fn external_id(node: &Node, path: &str, mistakes: &mut Mistakes) -> Option<Cloud> {
    let fields = Fields::read(node, path, &["authority", "hosts"], mistakes)?;
    let authority = required(&fields, "authority", mistakes);
    let if_empty = "leave the field out if the authority has no further host";
    let hosts = fields
        .optional("hosts")
        .and_then(|node| array(node, &fields.path("hosts"), if_empty, mistakes, text));
    let cloud = Cloud::external_id(authority?, hosts.unwrap_or_default());
    noted(cloud, path, mistakes)
}

fn custom(node: &Node, path: &str, mistakes: &mut Mistakes) -> Option<Cloud> {
    let known = ["name", "authority", "issuer_v1", "issuer_v2", "key_cloud"];
    let fields = Fields::read(node, path, &known, mistakes)?;
    let name = required(&fields, "name", mistakes);
    let authority = required(&fields, "authority", mistakes);
    let issuer_v1 = required(&fields, "issuer_v1", mistakes);
    let issuer_v2 = required(&fields, "issuer_v2", mistakes);
    let key_cloud = fields
        .optional("key_cloud")
        .and_then(|node| text(node, &fields.path("key_cloud"), mistakes));
    let cloud = Cloud::custom(CloudSpec {
        name: name?,
        authority: authority?,
        issuer_v1: issuer_v1?,
        issuer_v2: issuer_v2?,
        key_cloud,
    });
    noted(cloud, path, mistakes)
}

fn required<'n>(fields: &Fields<'n>, name: &str, mistakes: &mut Mistakes) -> Option<&'n str> {
    let node = fields.required(name, mistakes)?;
    text(node, &fields.path(name), mistakes)
}

fn noted<E: std::fmt::Display>(
    cloud: Result<Cloud, E>,
    path: &str,
    mistakes: &mut Mistakes,
) -> Option<Cloud> {
    cloud.map_err(|error| mistakes.add(path, error)).ok()
}
