//! Typed fields of a configuration tree: every mistake is noted with its path, and reading goes on.

use std::fmt::Display;

use super::node::Node;

/// What is wrong, each as `path: what was needed, what is there, what to write`.
#[derive(Debug, Default)]
pub(super) struct Mistakes(pub(super) Vec<String>);

impl Mistakes {
    pub(super) fn add(&mut self, path: &str, what: impl Display) {
        self.0.push(match path {
            "" => what.to_string(),
            path => format!("{path}: {what}"),
        });
    }

    fn needs(&mut self, path: &str, needed: &str, found: &Node, hint: Option<String>) {
        let hint = hint.map_or_else(String::new, |hint| format!(": {hint}"));
        self.add(path, format!("needs {needed}, and is {found}{hint}"));
    }
}

/// One table, whose fields are known.
pub(super) struct Fields<'n> {
    path: String,
    entries: &'n [(String, Node)],
}

impl<'n> Fields<'n> {
    /// Notes what is no table, unknown fields and fields that are given twice.
    pub(super) fn read(
        node: &'n Node,
        path: &str,
        known: &[&str],
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let Node::Table(entries) = node else {
            mistakes.needs(path, "a table (object)", node, None);
            return None;
        };
        for (place, (name, _)) in entries.iter().enumerate() {
            let before = entries.iter().take(place);
            if before.filter(|(other, _)| other == name).count() == 1 {
                mistakes.add(&join(path, name), "is given twice");
            } else if !known.contains(&name.as_str()) {
                let hint = match nearest(name, known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the fields here are {}", known.join(", ")),
                };
                mistakes.add(&join(path, name), format!("unknown field; {hint}"));
            }
        }
        let path = path.to_owned();
        Some(Self { path, entries })
    }

    pub(super) fn path(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// A field that may be left out, or null.
    pub(super) fn optional(&self, name: &str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|(known, _)| known == name);
        entry
            .map(|(_, node)| node)
            .filter(|node| **node != Node::Null)
    }

    pub(super) fn required(&self, name: &str, mistakes: &mut Mistakes) -> Option<&'n Node> {
        let found = self.optional(name);
        if found.is_none() {
            mistakes.add(&self.path(name), "is missing");
        }
        found
    }
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

pub(super) fn text<'n>(node: &'n Node, path: &str, mistakes: &mut Mistakes) -> Option<&'n str> {
    match node {
        Node::Text(text) => Some(text),
        other => {
            mistakes.needs(path, "text", other, quoted(other));
            None
        }
    }
}

/// A text that `parse` reads, with its own words for what is wrong.
pub(super) fn parsed<T, E: Display>(
    node: &Node,
    path: &str,
    mistakes: &mut Mistakes,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    match parse(text(node, path, mistakes)?) {
        Ok(value) => Some(value),
        Err(error) => {
            mistakes.add(path, error);
            None
        }
    }
}

/// A whole number within bounds, which are part of the message.
pub(super) fn whole(
    node: &Node,
    path: &str,
    bounds: (u64, u64),
    mistakes: &mut Mistakes,
) -> Option<u64> {
    let (least, most) = bounds;
    let needed = format!("a whole number from {least} to {most}");
    let hint = match node {
        Node::Int(value) => match u64::try_from(*value) {
            Ok(value) if (least..=most).contains(&value) => return Some(value),
            _ => None,
        },
        Node::Float(value) if value.fract() == 0.0 => Some(format!("write {value:.0}")),
        Node::Text(text) if text.parse::<u64>().is_ok() => {
            Some(format!("write {text} without quotes"))
        }
        _ => None,
    };
    mistakes.needs(path, &needed, node, hint);
    None
}

/// The items of an array that is not empty, each read by `item`.
pub(super) fn array<'n, T>(
    node: &'n Node,
    path: &str,
    if_empty: &str,
    mistakes: &mut Mistakes,
    mut item: impl FnMut(&'n Node, &str, &mut Mistakes) -> Option<T>,
) -> Option<Vec<T>> {
    let Node::Array(items) = node else {
        let hint = match node {
            Node::Text(text) => Some(format!("write [{text:?}]")),
            _ => None,
        };
        mistakes.needs(path, "an array", node, hint);
        return None;
    };
    if items.is_empty() {
        mistakes.add(path, format!("the array is empty: {if_empty}"));
        return None;
    }
    let mut read = Vec::with_capacity(items.len());
    for (place, node) in items.iter().enumerate() {
        read.extend(item(node, &format!("{path}[{place}]"), mistakes));
    }
    // What could not be read was noted.
    Some(read)
}

/// One of these words.
pub(super) fn choice<T: Copy>(
    node: &Node,
    path: &str,
    words: &[(&str, T)],
    mistakes: &mut Mistakes,
) -> Option<T> {
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let hint = match node {
        Node::Text(text) => match words.iter().find(|(word, _)| word == text) {
            Some((_, value)) => return Some(*value),
            None => nearest(text, &known).map(|meant| format!("write {meant:?}")),
        },
        Node::Int(_) | Node::Float(_) => {
            let bare = |text: &str| text.strip_suffix(".0").unwrap_or(text).to_owned();
            let found = match node {
                Node::Int(value) => value.to_string(),
                Node::Float(value) => bare(&format!("{value:?}")),
                _ => String::new(),
            };
            let meant = known.iter().find(|word| bare(word) == found);
            meant.map(|meant| format!("write {meant:?} with quotes"))
        }
        _ => None,
    };
    let quoted: Vec<String> = known.iter().map(|word| format!("{word:?}")).collect();
    mistakes.needs(path, &quoted.join(" or "), node, hint);
    None
}

/// How to write a value as text.
fn quoted(node: &Node) -> Option<String> {
    match node {
        Node::Int(value) => Some(format!("write \"{value}\" with quotes")),
        Node::Float(value) => Some(format!("write \"{value:?}\" with quotes")),
        Node::Bool(value) => Some(format!("write \"{value}\" with quotes")),
        _ => None,
    }
}

/// The known word that was probably meant: another case, a part, or at most two characters
/// changed.
fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = word.to_ascii_lowercase();
    let same = |known: &&&str| {
        let known = known.to_ascii_lowercase();
        !word.is_empty() && (known.starts_with(&word) || word.starts_with(&known))
    };
    if let Some(found) = known.iter().find(same) {
        return Some(found);
    }
    let near = known.iter().map(|known| (distance(&word, known), *known));
    let (changes, found) = near.min()?;
    (changes <= 2 && word.len() > 3).then_some(found)
}

/// How many characters have to be put in, taken out or replaced.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(MAX_WORD).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().take(MAX_WORD).enumerate() {
        let mut before = i;
        let mut left = i + 1;
        for (b, above) in other.iter().zip(row.iter_mut().skip(1)) {
            let replaced = before + usize::from(a != *b);
            before = *above;
            left = replaced.min(left + 1).min(*above + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Longer words are compared up to here.
const MAX_WORD: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted() {
        for (one, other, expected) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "abd", 1),
            ("abc", "ab", 1),
            ("abc", "xabc", 1),
            ("kitten", "sitting", 3),
            ("tennants", "tenants", 1),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }
}
