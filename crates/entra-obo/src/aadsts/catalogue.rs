//! The compiled-in list, read once and searched by halves.

use std::sync::LazyLock;

use super::{Aadsts, Actor, Category};

/// `number,name,category,actor,"meaning","remedy"`, sorted by number; no quotes inside.
const DATA: &str = include_str!("../../data/aadsts.csv");

static CATALOGUE: LazyLock<Vec<Aadsts>> =
    LazyLock::new(|| DATA.lines().skip(1).filter_map(parse).collect());

/// Looks a number up.
///
/// ```
/// use entra_obo::aadsts;
///
/// assert_eq!(aadsts::lookup(7_000_215).unwrap().name(), "InvalidClientSecret");
/// assert!(aadsts::lookup(1).is_none());
/// ```
#[must_use]
pub fn lookup(number: u32) -> Option<&'static Aadsts> {
    let at = CATALOGUE
        .binary_search_by_key(&number, Aadsts::number)
        .ok()?;
    CATALOGUE.get(at)
}

/// Every number of the catalogue, in ascending order.
///
/// ```
/// use entra_obo::aadsts::{self, Category};
///
/// let consent = aadsts::all().filter(|entry| entry.category() == Category::Consent);
/// assert!(consent.count() > 5);
/// ```
pub fn all() -> impl ExactSizeIterator<Item = &'static Aadsts> {
    CATALOGUE.iter()
}

fn parse(line: &'static str) -> Option<Aadsts> {
    let mut fields = line.splitn(5, ',');
    let number = fields.next()?.parse().ok()?;
    let name = fields.next()?;
    let category = Category::from_word(fields.next()?)?;
    let actor = Actor::from_word(fields.next()?)?;
    let texts = fields.next()?.strip_prefix('"')?.strip_suffix('"')?;
    let (meaning, remedy) = texts.split_once("\",\"")?;
    Some(Aadsts {
        number,
        name,
        category,
        actor,
        meaning,
        remedy,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        let lines = DATA.lines().count() - 1;
        assert_eq!(all().len(), lines);
        assert_eq!(lines, 212);
        let told = format!("explains {lines} of them");
        assert!(include_str!("../lib.rs").contains(&told), "{told}");
        assert!(DATA.starts_with("code,name,category,actor,meaning,remedy\n"));
    }

    #[test]
    fn the_list_is_sorted_and_every_number_is_found() {
        assert!(CATALOGUE.is_sorted_by(|a, b| a.number < b.number));
        for entry in all() {
            assert_eq!(lookup(entry.number()), Some(entry));
        }
    }

    #[test]
    fn every_text_is_one_plain_sentence() {
        for entry in all() {
            for text in [entry.name(), entry.meaning(), entry.remedy()] {
                assert!(!text.is_empty(), "{entry:?}");
                assert!(text.is_ascii(), "{entry:?}");
                assert!(!text.contains(['"', '\\']), "{entry:?}");
                assert!(!text.bytes().any(|b| b.is_ascii_control()), "{entry:?}");
                assert!(!text.ends_with('.'), "{entry:?}");
            }
        }
    }

    /// These numbers also come without claims (seen with 50076).
    #[test]
    fn a_remedy_with_claims_tells_what_to_do_without_any() {
        let with_claims = all().filter(|entry| entry.remedy().contains("claims"));
        let mut count = 0;
        for entry in with_claims.filter(|e| e.category() == Category::ConditionalAccess) {
            assert!(entry.remedy().contains("if there are any"), "{entry:?}");
            count += 1;
        }
        assert_eq!(count, 9);
        let remedy = lookup(50076).unwrap().remedy();
        assert!(remedy.ends_with("else have the user sign in again"));
    }

    #[test]
    fn an_unknown_scope_sends_to_the_registration() {
        for number in [70011, 650_053] {
            let entry = lookup(number).unwrap();
            assert!(entry.meaning().contains("does not exist"), "{entry:?}");
            let place = "check that the scope exists at the API's registration";
            assert!(entry.remedy().ends_with(place), "{entry:?}");
        }
    }

    #[test]
    fn words_and_variants_agree() {
        for entry in all() {
            let category = entry.category();
            assert_eq!(Category::from_word(category.as_str()), Some(category));
            assert_eq!(
                Actor::from_word(entry.actor().as_str()),
                Some(entry.actor())
            );
        }
    }

    #[test]
    fn a_broken_line_is_no_entry() {
        for line in [
            "",
            "x,Name,user,user,\"a\",\"b\"",
            "1,Name,nonsense,user,\"a\",\"b\"",
            "1,Name,user,nobody,\"a\",\"b\"",
            "1,Name,user,user,a,b",
            "1,Name,user,user,\"a\"",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
