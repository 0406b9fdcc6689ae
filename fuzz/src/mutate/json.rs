//! Mutations that know members of JSON objects, so that the result is mostly JSON again.

use std::ops::Range;

use super::Rng;

/// Values at the edge of a type, and of the wrong type.
const ODD: [&str; 22] = [
    "null",
    "true",
    "0",
    "-1",
    "1.0",
    "1e400",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"a\\r\\nb\"",
    "\"\\u001b[31m\\u202e\\u2028\"",
    "[]",
    "{}",
    "[\"\"]",
    "[[[]]]",
    "{\"a\":1,\"a\":2}",
    "{\"$serde_json::private::Number\":\"1\"}",
    "\"eyJhbGciOiJub25lIn0.e30.\"",
];

/// A member: its name with the quotes, and its value.
struct Member {
    name: Range<usize>,
    value: Range<usize>,
}

/// `None` if there is no member to change.
pub(super) fn mutated(data: &[u8], rng: &mut Rng) -> Option<Vec<u8>> {
    let members = members(data);
    if members.is_empty() {
        return None;
    }
    let Member { name, value } = rng.pick(&members);
    let other = &data[rng.pick(&members).value.clone()];
    let odd = rng.pick(&ODD).as_bytes();
    let same = &data[value.clone()];
    let name_text = &data[name.clone()];
    let put = |place: &Range<usize>, parts: &[&[u8]]| {
        let (head, tail) = (&data[..place.start], &data[place.end..]);
        [head, &parts.concat(), tail].concat()
    };
    let before = name.start..name.start;
    Some(match rng.below(9) {
        0 => put(&before, &[name_text, b":", same, b","]),
        1 => put(&before, &[name_text, b":", other, b","]),
        2 => put(&before, &[&case_changed(name_text, rng), b":", other, b","]),
        3 => put(&before, &[&escaped(name_text, rng), b":", odd, b","]),
        4 => put(name, &[&case_changed(name_text, rng)]),
        5 => put(name, &[&escaped(name_text, rng)]),
        6 => put(value, &[other]),
        7 => put(value, &[&b"[".repeat(rng.below(20)), same]),
        _ => put(value, &[odd]),
    })
}

fn case_changed(name: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut name = name.to_vec();
    let place = rng.below(name.len());
    if name[place].is_ascii_alphabetic() {
        name[place] ^= 0x20;
    }
    name
}

/// The same name in another spelling.
fn escaped(name: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut name = name.to_vec();
    let place = rng.below(name.len());
    if name[place].is_ascii_alphanumeric() && !name.contains(&b'\\') {
        let escape = format!("\\u{:04x}", name[place]);
        name.splice(place..=place, escape.into_bytes());
    }
    name
}

/// All members at all depths, as far as the text can be followed.
fn members(data: &[u8]) -> Vec<Member> {
    let mut members = Vec::new();
    let mut place = 0;
    while let Some(start) = data[place..].iter().position(|b| *b == b'"') {
        let name = place + start..end_of_text(data, place + start);
        place = name.end;
        let colon = skip_blanks(data, place);
        if data.get(colon) == Some(&b':') {
            let value = skip_blanks(data, colon + 1);
            members.push(Member {
                name,
                value: value..end_of_value(data, value),
            });
            place = colon + 1;
        }
    }
    members
}

fn skip_blanks(data: &[u8], place: usize) -> usize {
    let blanks = data[place..].iter().take_while(|b| b.is_ascii_whitespace());
    place + blanks.count()
}

/// Behind the quote that closes the text opened at `place`.
fn end_of_text(data: &[u8], place: usize) -> usize {
    let mut place = place + 1;
    while let Some(byte) = data.get(place) {
        match byte {
            b'"' => return place + 1,
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
    data.len()
}

fn end_of_value(data: &[u8], start: usize) -> usize {
    let mut place = start;
    let mut depth = 0_usize;
    while let Some(byte) = data.get(place) {
        match byte {
            b'"' => {
                place = end_of_text(data, place);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' if depth == 0 => return place,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        place += 1;
    }
    data.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_at_every_depth() {
        let data = br#"{ "a" : {"b":[1,{"c":"}\""}]} , "d":2}"#;
        let text = |range: &Range<usize>| str::from_utf8(&data[range.clone()]).unwrap();
        let found = members(data);
        let found: Vec<_> = found
            .iter()
            .map(|m| (text(&m.name), text(&m.value)))
            .collect();
        assert_eq!(
            found,
            [
                ("\"a\"", "{\"b\":[1,{\"c\":\"}\\\"\"}]} "),
                ("\"b\"", "[1,{\"c\":\"}\\\"\"}]"),
                ("\"c\"", "\"}\\\"\""),
                ("\"d\"", "2"),
            ]
        );
    }

    #[test]
    fn broken_text_ends() {
        for data in [
            "\"",
            "\"a\":",
            "\"a\":\"",
            "\"\\",
            "{\"a\":[[[",
            "]\"a\":1]]",
        ] {
            for seed in 0..50 {
                let _ = mutated(data.as_bytes(), &mut Rng::new(seed));
            }
        }
    }

    #[test]
    fn the_second_of_a_name_is_among_the_mutations() {
        let all: Vec<_> = (0..2000)
            .filter_map(|seed| mutated(br#"{"tid":1}"#, &mut Rng::new(seed)))
            .collect();
        for expected in [
            &br#"{"tid":1,"tid":1}"#[..],
            br#"{"Tid":1,"tid":1}"#,
            br#"{"t\u0069d":1}"#,
            br#"{"tid":null}"#,
        ] {
            assert!(
                all.iter().any(|data| data == expected),
                "{}",
                expected.escape_ascii()
            );
        }
    }
}
