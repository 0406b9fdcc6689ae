//! Turns that wait for consent: what was asked, by which user's partition.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// So many are kept; beyond that the oldest go.
const KEPT: usize = 1_000;

#[derive(Default)]
pub struct Turns(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_id: HashMap<String, Turn>,
    oldest_first: VecDeque<String>,
}

struct Turn {
    partition: String,
    question: String,
}

impl Turns {
    pub fn keep(&self, id: &str, partition: &str, question: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = Turn {
            partition: partition.to_owned(),
            question: question.to_owned(),
        };
        kept.by_id.insert(id.to_owned(), turn);
        kept.oldest_first.push_back(id.to_owned());
        if kept.oldest_first.len() > KEPT
            && let Some(oldest) = kept.oldest_first.pop_front()
        {
            kept.by_id.remove(&oldest);
        }
    }

    /// The question of an earlier response of the same user. Another user's is not there.
    pub fn question(&self, id: &str, partition: &str) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = kept
            .by_id
            .get(id)
            .filter(|turn| turn.partition == partition)?;
        Some(turn.question.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Turns};

    #[test]
    fn a_turn_is_its_users_and_the_oldest_go_first() {
        let turns = Turns::default();
        turns.keep("first", "alice", "why?");
        assert_eq!(turns.question("first", "alice").as_deref(), Some("why?"));
        assert_eq!(turns.question("first", "bob"), None);
        assert_eq!(turns.question("first", ""), None);
        for n in 0..KEPT {
            turns.keep(&n.to_string(), "bob", "");
        }
        assert_eq!(turns.question("first", "alice"), None);
    }
}
