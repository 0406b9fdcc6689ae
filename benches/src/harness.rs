//! Interleaved rounds and their medians.
//!
//! A busy machine slows everything by a factor that changes from moment to moment. So the contestants take
//! turns within each round, a round is a few milliseconds, ratios are taken inside the round, and the
//! median over the rounds counts: what lasts longer than a round hits all of them alike, and what is
//! shorter spoils a few rounds, which the median leaves out.

use crate::clock;

/// One contestant: the operation on the item with the given number; false if it did not do the work.
pub(crate) type Contestant<'a> = Box<dyn Fn(usize) -> bool + 'a>;

pub(crate) struct Measured {
    /// For each contestant the time of one operation, in nanoseconds, for each round.
    rounds: Vec<Vec<f64>>,
}

const ROUNDS: usize = 401;

/// Lets each contestant work on all `items` once per round, starting with another one each time.
pub(crate) fn interleaved(
    items: usize,
    contestants: &[Contestant<'_>],
) -> Result<Measured, String> {
    interleaved_after(&|_| (), items, contestants)
}

/// The same, with something to do before each turn of a contestant that is not measured.
pub(crate) fn interleaved_after(
    prepare: &dyn Fn(usize),
    items: usize,
    contestants: &[Contestant<'_>],
) -> Result<Measured, String> {
    const WARM_UP: usize = 20;
    let mut rounds = vec![Vec::with_capacity(ROUNDS); contestants.len()];
    for round in 0..WARM_UP + ROUNDS {
        for turn in 0..contestants.len() {
            let number = (round + turn) % contestants.len();
            let (Some(run), Some(times)) = (contestants.get(number), rounds.get_mut(number)) else {
                continue;
            };
            prepare(number);
            let start = clock::worked();
            let done = (0..items).filter(|item| run(*item)).count();
            let took = clock::worked().saturating_sub(start);
            if done != items {
                return Err(format!(
                    "contestant {number} did the work for {done} of {items} items"
                ));
            }
            if round >= WARM_UP {
                times.push(took.as_secs_f64() * 1e9 / items as f64);
            }
        }
    }
    Ok(Measured { rounds })
}

impl Measured {
    pub(crate) fn new(rounds: Vec<Vec<f64>>) -> Self {
        Self { rounds }
    }

    /// The median time of one operation, in nanoseconds.
    pub(crate) fn time(&self, contestant: usize) -> f64 {
        self.rounds
            .get(contestant)
            .map(|times| median(times))
            .unwrap_or(f64::NAN)
    }

    /// The median over the rounds of one contestant's time through another's.
    pub(crate) fn ratio(&self, ours: usize, theirs: usize) -> f64 {
        let (Some(ours), Some(theirs)) = (self.rounds.get(ours), self.rounds.get(theirs)) else {
            return f64::NAN;
        };
        let ratios: Vec<f64> = ours
            .iter()
            .zip(theirs)
            .map(|(ours, theirs)| ours / theirs)
            .collect();
        median(&ratios)
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::{Measured, interleaved, median};

    #[test]
    fn a_spoilt_round_does_not_count() {
        let measured = Measured {
            rounds: vec![
                vec![12.0, 24.0, 90.0, 12.0, 12.0],
                vec![10.0, 20.0, 10.0, 10.0, 10.0],
            ],
        };
        assert_eq!(measured.ratio(0, 1), 1.2);
        assert_eq!(measured.time(0), 12.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
    }

    #[test]
    fn who_does_not_do_the_work_is_found() {
        let all = interleaved(3, &[Box::new(|_| true)]);
        let some = interleaved(3, &[Box::new(|_| true), Box::new(|item| item != 1)]);
        assert!(all.is_ok());
        assert!(some.is_err());
    }
}
