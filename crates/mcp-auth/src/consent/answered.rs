//! What Entra ID sends the browser back with.

use std::collections::HashMap;

/// Which answer of Entra ID it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    SignIn,
    Ask,
}

/// An authorization response, as far as it matters.
pub(super) struct Answered {
    pub(super) leg: Leg,
    pub(super) id: String,
    pub(super) secret: String,
    /// `None` for an error response.
    pub(super) code: Option<String>,
}

impl Answered {
    /// Each parameter once (RFC 6749, section 3.1), and a state of the form `leg.id.secret`.
    pub(super) fn read(query: &str) -> Option<Self> {
        let mut all = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if all.insert(name, value).is_some() {
                return None;
            }
        }
        let mut state = all.get("state")?.split('.');
        let (leg, id, secret) = (state.next()?, state.next()?, state.next()?);
        let leg = match leg {
            "s" => Leg::SignIn,
            "a" => Leg::Ask,
            _ => return None,
        };
        let code = all.get("code").filter(|code| !code.is_empty());
        let failed = all.contains_key("error");
        if state.next().is_some() || code.is_some() == failed {
            return None;
        }
        Some(Self {
            leg,
            id: id.to_owned(),
            secret: secret.to_owned(),
            code: code.map(|code| code.clone().into_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_a_code_or_an_error_with_a_state_of_ours() {
        let read = |query: &str| {
            let answered = Answered::read(query)?;
            Some((answered.leg, answered.id, answered.secret, answered.code))
        };
        let of = |leg, code: Option<&str>| {
            Some((
                leg,
                "id".to_owned(),
                "x".to_owned(),
                code.map(str::to_owned),
            ))
        };
        assert_eq!(
            read("code=c%2B1&state=s.id.x&session_state=1"),
            of(Leg::SignIn, Some("c+1"))
        );
        assert_eq!(read("state=a.id.x&code=c"), of(Leg::Ask, Some("c")));
        assert_eq!(read("error=access_denied&state=a.id.x"), of(Leg::Ask, None));
        for none in [
            "",
            "code=c",
            "state=s.id.x",
            "code=&state=s.id.x",
            "code=c&error=e&state=s.id.x",
            "code=c&code=d&state=s.id.x",
            "code=c&state=s.id.x&state=s.id.x",
            "code=c&state=s.id",
            "code=c&state=s.id.x.y",
            "code=c&state=t.id.x",
            "code=c&state=",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
