//! Claims that are read from the payload on demand: acrs, amr, wids and other rare ones.

use serde_json::Value;

use super::Claims;

impl Claims {
    /// `acrs`: the authentication contexts that were satisfied, read now.
    #[must_use]
    pub fn acrs(&self) -> Vec<String> {
        self.read_texts("acrs")
    }

    /// `amr`: how the user signed in (`pwd`, `mfa`, ...), read now. An open list, in v1
    /// tokens only; to demand a second factor, require an authentication context.
    #[must_use]
    pub fn amr(&self) -> Vec<String> {
        self.read_texts("amr")
    }

    /// `wids`: the template ids of the directory roles that the caller holds, read now.
    /// Ordinary users and applications have some too: only the values say something.
    #[must_use]
    pub fn wids(&self) -> Vec<String> {
        self.read_texts("wids")
    }

    /// `verified_primary_email`, read now. For display only.
    #[must_use]
    pub fn verified_primary_email(&self) -> Vec<String> {
        self.read_texts("verified_primary_email")
    }

    /// `verified_secondary_email`, read now. For display only.
    #[must_use]
    pub fn verified_secondary_email(&self) -> Vec<String> {
        self.read_texts("verified_secondary_email")
    }

    /// `auth_time`: when the user last signed in, in Unix seconds, read now.
    #[must_use]
    pub fn auth_time(&self) -> Option<i64> {
        self.get("auth_time")?.as_i64()
    }

    /// `pwd_exp`: when the password expires, read now. Microsoft's documents disagree on
    /// whether it is a time or a number of seconds: for display only.
    #[must_use]
    pub fn pwd_exp(&self) -> Option<i64> {
        self.get("pwd_exp")?.as_i64()
    }

    /// `in_corp`: whether the client was in the corporate network, read now. A hint.
    #[must_use]
    pub fn in_corp(&self) -> Option<bool> {
        self.get("in_corp").as_ref().and_then(truth)
    }

    /// `xms_edov`: whether the owner of the domain of `email` vouches for it, read now. It
    /// makes no identity of the address; it is of use for moving accounts off it (Entra doc
    /// "Migrate away from using email claims for user identification or authorization").
    #[must_use]
    pub fn xms_edov(&self) -> Option<bool> {
        self.get("xms_edov").as_ref().and_then(truth)
    }

    /// `extn.<name>`: a directory extension, read now. What it means is the tenant's.
    ///
    /// ```
    /// use entra_claims::UnverifiedToken;
    ///
    /// // {"alg":"RS256"} and {"extn.costCentre":["4711"]}
    /// let token = "eyJhbGciOiJSUzI1NiJ9.eyJleHRuLmNvc3RDZW50cmUiOlsiNDcxMSJdfQ.c2ln";
    /// let token = UnverifiedToken::decode(token)?;
    /// let value = token.claims().extension("costCentre");
    /// assert_eq!(value, Some(serde_json::json!(["4711"])));
    /// # Ok::<(), entra_claims::DecodeError>(())
    /// ```
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<Value> {
        self.get(&format!("extn.{name}"))
    }

    /// Nothing where the claim is missing or no array of texts.
    fn read_texts(&self, name: &str) -> Vec<String> {
        self.get(name).and_then(texts).unwrap_or_default()
    }
}

pub(super) fn texts(value: Value) -> Option<Vec<String>> {
    let Value::Array(items) = value else {
        return None;
    };
    let text = |item| match item {
        Value::String(text) => Some(text),
        _ => None,
    };
    items.into_iter().map(text).collect()
}

/// Entra ID writes these in several ways: `true`, `1`, `"1"`, `"true"`.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::Number(number) => match number.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Value::String(text) => match text.as_str() {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        },
        _ => None,
    }
}
