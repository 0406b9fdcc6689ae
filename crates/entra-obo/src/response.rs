//! Token response (RFC 6749, section 5.1, as Entra ID writes it).

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_claims::PrincipalKey;
use foundry_scopes::{ObjectId, TenantId};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::secret::Secret;

const TOKEN_LIMIT: usize = 64 * 1024;

/// The longest life that is believed: continuous access evaluation gives up to 28 hours.
pub(crate) const LONGEST: Duration = Duration::from_secs(28 * 3600);

/// A usable answer.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) token: Secret,
    pub(crate) lasts: Duration,
    pub(crate) refresh_in: Option<Duration>,
    /// Absent when it is what was asked for.
    pub(crate) scope: Option<String>,
    /// Whom the answer names beside the token, if it does.
    pub(crate) named: Vec<PrincipalKey>,
}

/// Members that are not asked for (a refresh token) are not even read. An ID token and
/// `client_info` are, since they say whose token it is.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    id_token: Option<Cow<'a, str>>,
    #[serde(borrow)]
    client_info: Option<Cow<'a, str>>,
    #[serde(borrow)]
    access_token: Option<Cow<'a, str>>,
    #[serde(borrow)]
    token_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    expires_in: Option<&'a RawValue>,
    #[serde(borrow)]
    refresh_in: Option<&'a RawValue>,
    #[serde(borrow)]
    scope: Option<Cow<'a, str>>,
}

impl Granted {
    /// Reads the body of a 200, or says why it cannot be used.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
        let text = text.trim_start_matches('\u{feff}').trim_start();
        // Derived readers would take an array for the members in their order.
        if !text.starts_with('{') {
            return Err("it is not a JSON object");
        }
        let wire: Wire<'_> = serde_json::from_str(text)
            .map_err(|_| "it is not the JSON object of a token response")?;
        let token = wire.access_token.ok_or("it has no access token")?;
        if token.is_empty() || token.len() > TOKEN_LIMIT {
            return Err("its access token is empty or too long");
        }
        // It goes into a header: neither blanks nor line breaks.
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("its access token holds characters that no token has");
        }
        if !wire
            .token_type
            .is_some_and(|kind| kind.eq_ignore_ascii_case("Bearer"))
        {
            return Err("its token type is not Bearer");
        }
        let lasts = wire
            .expires_in
            .and_then(seconds)
            .filter(|lasts| !lasts.is_zero())
            .ok_or("it does not say how long the token lasts")?;
        Ok(Self {
            token: Secret::new(token),
            lasts: lasts.min(LONGEST),
            refresh_in: wire.refresh_in.and_then(seconds),
            scope: wire.scope.map(Cow::into_owned),
            named: named(wire.id_token.as_deref(), wire.client_info.as_deref()),
        })
    }

    /// Whether everything that the answer names is this user.
    pub(crate) fn is_of(&self, user: PrincipalKey) -> bool {
        self.named.iter().all(|named| *named == user)
    }
}

/// The user of an ID token (`tid`, `oid`) and of `client_info` (`utid`, `uid`). Neither is
/// verified: they come with the token, and only a difference says something.
fn named(id_token: Option<&str>, client_info: Option<&str>) -> Vec<PrincipalKey> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(alias = "utid")]
        tid: Option<TenantId>,
        #[serde(alias = "uid")]
        oid: Option<ObjectId>,
    }
    let payload = id_token.map(|token| token.split('.').nth(1).unwrap_or_default());
    let mut users = Vec::new();
    for text in [payload, client_info].into_iter().flatten() {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
        let named = bytes
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Named>(&bytes).ok());
        // Without the scope `profile` an ID token says less; what cannot be read says nothing.
        if let Some(Named {
            tid: Some(tenant),
            oid: Some(object),
        }) = named
        {
            users.push(PrincipalKey { tenant, object });
        }
    }
    users
}

/// A number, or a number as text; fractions are cut off, negative numbers are refused.
pub(crate) fn seconds(raw: &RawValue) -> Option<Duration> {
    let number: f64 = raw.get().trim_matches('"').parse().ok()?;
    // `min` would turn NaN into a number.
    if !number.is_finite() {
        return None;
    }
    Duration::try_from_secs_f64(number.min(1e15))
        .ok()
        .map(|time| Duration::from_secs(time.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(change: &str, to: &str) -> String {
        r#"{"token_type":"Bearer","scope":"api://a/x","expires_in":3599,"ext_expires_in":3599,"access_token":"h.p.s"}"#
            .replace(change, to)
    }

    #[test]
    fn the_documented_answer_and_its_variants_are_read() {
        let lasts = |body: &str| Granted::parse(body.as_bytes()).unwrap().lasts.as_secs();
        assert_eq!(lasts(&body("", "")), 3599);
        assert_eq!(lasts(&body("3599,\"ext", "\"3599\",\"ext")), 3599);
        assert_eq!(lasts(&body("3599,\"ext", "3599.9,\"ext")), 3599);
        assert_eq!(lasts(&body("3599,\"ext", "1e18,\"ext")), 28 * 3600);
        assert_eq!(
            lasts(&body("3599,\"ext", "18446744073709551615,\"ext")),
            28 * 3600
        );
        assert_eq!(lasts(&body("Bearer", "bearer")), 3599);
        let full = body(
            "\"expires_in\"",
            "\"refresh_in\":\"1800\",\"refresh_token\":\"r\",\"expires_in\"",
        );
        let granted = Granted::parse(full.as_bytes()).unwrap();
        assert_eq!(granted.refresh_in, Some(Duration::from_secs(1800)));
        assert_eq!(granted.scope.as_deref(), Some("api://a/x"));
        assert_eq!(granted.token.expose(), "h.p.s");
        assert!(!format!("{granted:?}").contains("h.p.s"));
        let without = body("\"scope\":\"api://a/x\",", "");
        assert_eq!(Granted::parse(without.as_bytes()).unwrap().scope, None);
        assert_eq!(lasts(&format!("\u{feff}{}", body("", ""))), 3599);
    }

    #[test]
    fn an_answer_that_cannot_be_used_says_why() {
        let long = format!("\"{}\"", "x".repeat(TOKEN_LIMIT + 1));
        for (text, why) in [
            (String::new(), "JSON"),
            ("<html>".to_owned(), "JSON"),
            ("[]".to_owned(), "JSON"),
            (r#"["h.p.s","Bearer",3599,null,null]"#.to_owned(), "JSON"),
            (body("\"access_token\"", "\"a\""), "no access token"),
            (body("\"h.p.s\"", "\"\""), "empty"),
            (body("\"h.p.s\"", &long), "too long"),
            (body("\"h.p.s\"", "7"), "JSON"),
            (body("h.p.s", "h.p s"), "characters"),
            (body("h.p.s", "h.p\\r\\ns"), "characters"),
            (body("h.p.s", "h\u{e9}"), "characters"),
            (body("\"token_type\":\"Bearer\",", ""), "Bearer"),
            (body("Bearer", "mac"), "Bearer"),
            (body("Bearer", "PoP"), "Bearer"),
            (body("\"expires_in\":3599,", ""), "how long"),
            (body("3599,\"ext", "0,\"ext"), "how long"),
            (body("3599,\"ext", "-1,\"ext"), "how long"),
            (body("3599,\"ext", "\"NaN\",\"ext"), "how long"),
            (body("3599,\"ext", "{},\"ext"), "how long"),
            (body("3599,\"ext", "\"inf\",\"ext"), "how long"),
            (
                body("\"scope\"", "\"access_token\":\"other\",\"scope\""),
                "JSON",
            ),
        ] {
            let reason = Granted::parse(text.as_bytes()).unwrap_err();
            assert!(reason.contains(why), "{text}: {reason}");
        }
        assert!(Granted::parse(&[0xff]).is_err());
    }

    #[test]
    fn an_answer_that_names_another_user_is_noticed() {
        const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
        const ALICE: &str = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";
        const OTHER: &str = "cccccccc-0000-1111-2222-dddddddddddd";
        let user = PrincipalKey {
            tenant: TenantId::parse(TENANT).unwrap(),
            object: ObjectId::parse(ALICE).unwrap(),
        };
        let encoded = |text: String| URL_SAFE_NO_PAD.encode(text);
        let id_token = |tid: &str, oid: &str| {
            let payload = encoded(format!(r#"{{"aud":"a","tid":"{tid}","oid":"{oid}"}}"#));
            body("{", &format!(r#"{{"id_token":"e30.{payload}.s","#))
        };
        let client_info = |utid: &str, uid: &str| {
            let info = encoded(format!(r#"{{"uid":"{uid}","utid":"{utid}"}}"#));
            body("{", &format!(r#"{{"client_info":"{info}","#))
        };
        for (text, same) in [
            (body("", ""), true),
            (id_token(TENANT, ALICE), true),
            (client_info(TENANT, ALICE), true),
            (id_token(TENANT, OTHER), false),
            (id_token(OTHER, ALICE), false),
            (client_info(TENANT, OTHER), false),
            (client_info(OTHER, ALICE), false),
        ] {
            let granted = Granted::parse(text.as_bytes()).unwrap();
            assert_eq!(granted.is_of(user), same, "{text}");
        }
        let unreadable = body("{", r#"{"id_token":"x.y.z","client_info":"?","#);
        assert!(
            Granted::parse(unreadable.as_bytes())
                .unwrap()
                .named
                .is_empty()
        );
    }
}
