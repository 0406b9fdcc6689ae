//! AADSTS codes: meaning, remedy and who acts, parsed once, binary search.
//!
//! The numbers inform people. Decisions are made on `error`, `suberror`, `claims` and the
//! status, because one number comes with different answers (50076 and 53003 have been seen
//! as `interaction_required` and as `invalid_grant`), and Entra ID's documentation tells
//! not to branch on them ("Microsoft Entra authentication and authorization error codes").

use std::fmt;
use std::sync::LazyLock;

/// One AADSTS number: what it means, what to do, and who can do it.
///
/// ```
/// use entra_obo::aadsts::{self, Actor, Category};
///
/// let entry = aadsts::lookup(65001).unwrap();
/// assert_eq!(entry.category(), Category::Consent);
/// assert_eq!(entry.actor(), Actor::User);
/// assert!(entry.to_string().starts_with("AADSTS65001: nobody consented"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aadsts {
    number: u32,
    name: &'static str,
    category: Category,
    actor: Actor,
    mark: &'static str,
    meaning: &'static str,
    remedy: &'static str,
}

impl Aadsts {
    /// The number, without the `AADSTS` in front.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The symbolic name, as the sign-in logs show it; a descriptive one where Microsoft
    /// publishes none.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What the failure is about.
    #[must_use]
    pub fn category(&self) -> Category {
        self.category
    }

    /// Who can do something about it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// Whether a new client assertion, made of the credential as it is now, may be accepted.
    #[must_use]
    pub fn mended_by_new_proof(&self) -> bool {
        self.mark == "new-proof"
    }

    /// What happened, in one sentence.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// What to do, in one sentence.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.remedy
    }
}

impl fmt::Display for Aadsts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AADSTS{}: {}", self.number, self.meaning)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
        }

        impl $name {
            /// The word for it in the catalogue.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            fn from_word(word: &str) -> Option<Self> {
                Some(match word {
                    $($word => Self::$variant,)+
                    _ => return None,
                })
            }
        }
    };
}

words! {
    /// What a failure is about.
    Category {
        /// Entra Agent ID: blueprints and agent identities.
        Agent = "agent",
        /// The user assertion of an exchange.
        Assertion = "assertion",
        /// The client's secret, certificate or assertion.
        Client = "client",
        /// Conditional Access, multifactor authentication and devices.
        ConditionalAccess = "conditional-access",
        /// The request or the registration.
        Configuration = "configuration",
        /// Permissions that have not been granted yet.
        Consent = "consent",
        /// Federated identity credentials.
        Federation = "federation",
        /// Scopes and resources.
        Resource = "resource",
        /// Codes, refresh tokens and sessions.
        Session = "session",
        /// Restrictions between tenants.
        Tenant = "tenant",
        /// The service itself; it passes.
        Transient = "transient",
        /// The user's account.
        User = "user",
    }
}

words! {
    /// Who can do something about a failure.
    Actor {
        /// An administrator of the tenant.
        Administrator = "administrator",
        /// The client that sent the token: it needs a new one, without its user.
        Caller = "caller",
        /// The developer of this application.
        Developer = "developer",
        /// The user, by signing in, consenting or mending the account.
        User = "user",
        /// No one acts; waiting helps.
        Wait = "wait",
    }
}

/// `number,name,category,actor,mark,"meaning","remedy"`, sorted by number; no quotes inside. The
/// mark is `new-proof` or empty.
const DATA: &str = include_str!("../data/aadsts.csv");

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
pub fn lookup(number: u64) -> Option<&'static Aadsts> {
    let at = CATALOGUE
        .binary_search_by_key(&number, |entry| entry.number().into())
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
    let mut fields = line.splitn(6, ',');
    let number = fields.next()?.parse().ok()?;
    let name = fields.next()?;
    let category = Category::from_word(fields.next()?)?;
    let actor = Actor::from_word(fields.next()?)?;
    let mark = fields.next()?;
    let texts = fields.next()?.strip_prefix('"')?.strip_suffix('"')?;
    let (meaning, remedy) = texts.split_once("\",\"")?;
    Some(Aadsts {
        number,
        name,
        category,
        actor,
        mark,
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
        assert!(DATA.starts_with("code,name,category,actor,mark,meaning,remedy\n"));
    }

    #[test]
    fn the_list_is_sorted_and_every_number_is_found() {
        assert!(CATALOGUE.is_sorted_by(|a, b| a.number < b.number));
        for entry in all() {
            assert_eq!(lookup(entry.number().into()), Some(entry));
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
    fn the_mark_is_a_known_word() {
        assert!(all().all(|entry| ["", "new-proof"].contains(&entry.mark)));
        let entry = |number| lookup(number).unwrap();
        assert!(!entry(7_000_222).mended_by_new_proof());
        assert!(entry(700_024).mended_by_new_proof());
        assert!(entry(700_027).mended_by_new_proof());
    }

    #[test]
    fn a_broken_line_is_no_entry() {
        for line in [
            "",
            "x,Name,user,user,,\"a\",\"b\"",
            "1,Name,nonsense,user,,\"a\",\"b\"",
            "1,Name,user,nobody,,\"a\",\"b\"",
            "1,Name,user,user,,a,b",
            "1,Name,user,user,,\"a\"",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
