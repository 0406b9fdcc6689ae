//! Signed contexts as text: secrets that are not printed.

use std::fmt;

use time::OffsetDateTime;
use zeroize::Zeroizing;

/// A turn context: what an agent gets with a request, and trades at the issuer for call contexts.
///
/// No API accepts it: its audience is the issuer. It works only together with the agent's own token. It is not
/// printed.
#[derive(Clone)]
pub struct TurnContext(Signed);

/// A call context: what an agent sends to one API, beside its own token. It is not printed.
#[derive(Clone)]
pub struct CallContext(Signed);

#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) text: Zeroizing<String>,
    pub(crate) exp: i64,
}

macro_rules! signed_text {
    ($name:ident) => {
        impl $name {
            pub(crate) fn new(signed: Signed) -> Self {
                Self(signed)
            }

            /// **The context itself**, for the header of one request. Not for logs, prompts or stores.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0.text
            }

            /// When it ends, in Unix seconds.
            #[must_use]
            pub fn expires_at_unix(&self) -> i64 {
                self.0.exp
            }

            /// When it ends.
            #[must_use]
            pub fn expires_at(&self) -> OffsetDateTime {
                OffsetDateTime::from_unix_timestamp(self.0.exp)
                    .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(
                    f,
                    concat!(stringify!($name), "(<redacted>, until {})"),
                    self.0.exp
                )
            }
        }
    };
}

signed_text!(TurnContext);
signed_text!(CallContext);
