//! ID tokens: who signed in on a page of this server's own.

use foundry_scopes::{ClientId, ObjectId};

use super::{Validator, claims};
use crate::claims::Claims;
use crate::key::KeySet;
use crate::principal::PrincipalKey;
use crate::reject::{Detail, Reason, Rejection};

/// What only the program that began a sign-in knows about it.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the two things that bind an ID token to its sign-in"
)]
pub struct ExpectedSignIn<'a> {
    /// The client that began it: the ID token's only audience.
    pub client: ClientId,
    /// The `nonce` of the authorization request.
    pub nonce: &'a str,
}

/// Who signed in.
///
/// No caller of an API: an ID token never becomes a [`VerifiedToken`](crate::VerifiedToken).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    key: PrincipalKey,
    user_name: Option<String>,
}

impl SignedIn {
    /// The identity: tenant and object.
    #[must_use]
    pub fn key(&self) -> PrincipalKey {
        self.key
    }

    /// `preferred_username`, to be used as a `login_hint` and for nothing else: it changes,
    /// and it is personal data.
    #[must_use]
    pub fn user_name(&self) -> Option<&str> {
        self.user_name.as_deref()
    }
}

impl Validator {
    /// Verifies an ID token that the token endpoint gave for a sign-in that this program
    /// began (OpenID Connect Core 1.0, section 3.1.3.7): signature, issuer, tenant policy,
    /// the client as its audience, times, and the nonce. What an API is sent is never
    /// verified like this.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify); another sign-in's nonce is [`Reason::MissingClaim`].
    pub fn verify_id_token(
        &self,
        token: &str,
        keys: &KeySet,
        expected: ExpectedSignIn<'_>,
    ) -> Result<SignedIn, Rejection> {
        let who = self.signed_in(token, keys, &mut None, expected)?;
        self.needs_no_registry()
            .map_err(Rejection::after_signature)?;
        Ok(who)
    }

    /// The same, with the claims if they were decoded before. **A registry is not asked**: the
    /// caller asks.
    pub(crate) fn signed_in(
        &self,
        token: &str,
        keys: &KeySet,
        claims: &mut Option<Claims>,
        expected: ExpectedSignIn<'_>,
    ) -> Result<SignedIn, Rejection> {
        let check =
            |claims: &Claims| claims::check_id_token(self, claims, keys.issuer(), expected.client);
        let (claims, checked, _) = self.signed(token, keys, claims, check)?;
        let nonce = claims.get("nonce");
        if nonce.as_ref().and_then(serde_json::Value::as_str) != Some(expected.nonce) {
            let detail = Detail::advice("this ID token is of another sign-in").needed("nonce");
            return Err(Rejection::with(Reason::MissingClaim, detail).after_signature());
        }
        let Some(object) = claims.oid().and_then(ObjectId::from_token) else {
            let detail = Detail::advice("missing, or not a GUID in lower case").needed("oid");
            return Err(Rejection::with(Reason::MissingIdentity, detail).after_signature());
        };
        Ok(SignedIn {
            key: PrincipalKey {
                tenant: checked.tenant,
                object,
            },
            user_name: claims.preferred_username().map(ToOwned::to_owned),
        })
    }
}
