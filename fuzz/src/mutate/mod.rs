//! Deterministic mutations of seeds, for runs without a fuzzer.

mod json;
mod rng;

pub use rng::Rng;

/// Bytes that parsers treat in a way of their own.
const ODD: [&[u8]; 24] = [
    b"\0",
    b"\r\n",
    b"\x1b[31m",
    b"\x7f",
    b" ",
    b"\t",
    b"%2f",
    b"%00",
    b"//",
    b"\\",
    b"..",
    b"@",
    b"#",
    b"?",
    b":",
    b"*",
    b"=",
    b".",
    b"\"",
    b"\xff",
    "\u{202e}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{ff0e}".as_bytes(),
    "\u{feff}".as_bytes(),
];

/// One of the seeds, changed in one to four places.
///
/// # Panics
///
/// Without seeds.
#[must_use]
pub fn mutated(seeds: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut data = rng.pick(seeds).clone();
    for _ in 0..=rng.below(4) {
        data = match rng.below(10) {
            0 | 1 => flipped(data, rng),
            2 => truncated(data, rng),
            3 => {
                let other = rng.pick(seeds);
                spliced(&data, other, rng)
            }
            4 | 5 => inserted(data, rng),
            6 => repeated(data, rng),
            // Of what is no JSON nothing is changed here, and a flip is as good.
            _ => json::mutated(&data, rng).unwrap_or_else(|| flipped(data, rng)),
        };
    }
    data
}

fn flipped(mut data: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    if !data.is_empty() {
        let place = rng.below(data.len());
        data[place] ^= 1 << rng.below(8);
    }
    data
}

fn truncated(mut data: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    let place = rng.below(data.len() + 1);
    if rng.below(2) == 0 {
        data.truncate(place);
    } else {
        data.drain(..place);
    }
    data
}

/// The start of one and the end of the other.
fn spliced(data: &[u8], other: &[u8], rng: &mut Rng) -> Vec<u8> {
    let (head, _) = data.split_at(rng.below(data.len() + 1));
    let (_, tail) = other.split_at(rng.below(other.len() + 1));
    [head, tail].concat()
}

fn inserted(mut data: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    let place = rng.below(data.len() + 1);
    let odd = *rng.pick(&ODD);
    data.splice(place..place, odd.iter().copied());
    data
}

/// A part of it a second time, behind itself.
fn repeated(mut data: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    let start = rng.below(data.len() + 1);
    let end = start + rng.below(data.len() + 1 - start);
    let part = data[start..end].to_vec();
    data.splice(end..end, part);
    data
}

#[cfg(test)]
mod tests {
    use super::{Rng, mutated};

    fn mutations(seed: u64) -> Vec<Vec<u8>> {
        let seeds = [
            br#"{"a":{"b":[1,2]},"c":"d"}"#.to_vec(),
            br#"{"e":null}"#.to_vec(),
            Vec::new(),
        ];
        let mut rng = Rng::new(seed);
        (0..1000).map(|_| mutated(&seeds, &mut rng)).collect()
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        assert_eq!(mutations(1), mutations(1));
        assert_ne!(mutations(1), mutations(2));
    }

    /// Else nothing behind the first check of a parser would be reached.
    #[test]
    fn many_mutations_are_still_json_and_many_are_not() {
        let json = |data: &&Vec<u8>| serde_json::from_slice::<serde_json::Value>(data).is_ok();
        let good = mutations(3).iter().filter(json).count();
        assert!((100..900).contains(&good), "{good}");
    }
}
