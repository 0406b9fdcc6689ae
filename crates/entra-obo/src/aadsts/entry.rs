//! One number of the catalogue.

use std::fmt;

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
    pub(super) number: u32,
    pub(super) name: &'static str,
    pub(super) category: Category,
    pub(super) actor: Actor,
    pub(super) meaning: &'static str,
    pub(super) remedy: &'static str,
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

            pub(super) fn from_word(word: &str) -> Option<Self> {
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
        /// Permissions that nobody has granted yet.
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
        /// Whoever sent the token: it needs a new one, which takes no user.
        Caller = "caller",
        /// The developer of this application.
        Developer = "developer",
        /// The user, by signing in, consenting or mending the account.
        User = "user",
        /// Nobody; waiting helps.
        Wait = "wait",
    }
}
