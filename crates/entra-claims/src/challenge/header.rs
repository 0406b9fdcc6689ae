//! Strict parser of `WWW-Authenticate` (RFC 9110, sections 11.2 to 11.6.1).
//!
//! What comes out decides that a token is asked for with claims that the server chose. So a
//! field is understood as a whole or not at all: no searching for `claims="`, which would
//! find it inside of another parameter's text.

use std::borrow::Cow;

use super::InvalidChallenge;

/// One challenge of a field: its scheme and its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge<'a> {
    pub(super) scheme: &'a str,
    parameters: Vec<(&'a str, Cow<'a, str>)>,
}

impl Challenge<'_> {
    /// The value of a parameter, whose name may be in any case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }
}

/// The longest field that is read, in bytes: a claims challenge at its limit in base64, and
/// room for the rest.
pub(super) const LIMIT: usize = 16 * 1024;

const CHALLENGES: usize = 16;
const PARAMETERS: usize = 32;

const MALFORMED: InvalidChallenge = InvalidChallenge::new("the field is malformed");
const TOO_MANY: InvalidChallenge = InvalidChallenge::new("the field has too many parts");

/// All challenges of one field.
pub(super) fn read(text: &str) -> Result<Vec<Challenge<'_>>, InvalidChallenge> {
    if text.len() > LIMIT {
        return Err(InvalidChallenge::new("the field is too long"));
    }
    let mut rest = Rest(text);
    let mut found: Vec<Challenge<'_>> = Vec::new();
    rest.skip_commas();
    while !rest.0.is_empty() {
        let name = rest.token().ok_or(MALFORMED)?;
        // A name before `=` goes on with the challenge before it; any other begins one.
        match (rest.equals(), found.last_mut()) {
            (true, Some(challenge)) => challenge.add(name, rest.value()?)?,
            (true, None) => return Err(MALFORMED),
            (false, _) => found.push(rest.challenge(name)?),
        }
        if found.len() > CHALLENGES {
            return Err(TOO_MANY);
        }
        rest.end_of_element()?;
    }
    Ok(found)
}

impl<'a> Challenge<'a> {
    /// Each parameter stands once (RFC 9110, section 11.2): of two, either could be meant.
    fn add(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), InvalidChallenge> {
        if self.get(name).is_some() {
            return Err(InvalidChallenge::new("a parameter stands twice"));
        }
        if self.parameters.len() == PARAMETERS {
            return Err(TOO_MANY);
        }
        self.parameters.push((name, value));
        Ok(())
    }
}

/// What is left to read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'a str {
        let end = self.0.bytes().position(|byte| !keep(byte));
        let (taken, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        taken
    }

    fn eat(&mut self, wanted: char) -> bool {
        match self.0.strip_prefix(wanted) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn blanks(&mut self) -> bool {
        !self
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .is_empty()
    }

    fn token(&mut self) -> Option<&'a str> {
        Some(self.take_while(is_token_byte)).filter(|token| !token.is_empty())
    }

    /// Empty elements of a list mean nothing (RFC 9110, section 5.6.1.2).
    fn skip_commas(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t' | b','));
    }

    /// A comma, or the end.
    fn end_of_element(&mut self) -> Result<(), InvalidChallenge> {
        self.blanks();
        if !self.0.is_empty() && !self.eat(',') {
            return Err(MALFORMED);
        }
        self.skip_commas();
        Ok(())
    }

    /// `=`, with the blanks that are bad style and allowed around it.
    fn equals(&mut self) -> bool {
        let before = self.0;
        self.blanks();
        if self.eat('=') {
            self.blanks();
            return true;
        }
        self.0 = before;
        false
    }

    /// What follows a scheme: nothing, one token68, or a first parameter.
    fn challenge(&mut self, scheme: &'a str) -> Result<Challenge<'a>, InvalidChallenge> {
        let mut challenge = Challenge {
            scheme,
            parameters: Vec::new(),
        };
        if !self.blanks() || self.0.is_empty() || self.0.starts_with(',') {
            return Ok(challenge);
        }
        if self.token68() {
            return Ok(challenge);
        }
        let name = self.token().ok_or(MALFORMED)?;
        if !self.equals() {
            return Err(MALFORMED);
        }
        challenge.add(name, self.value()?)?;
        Ok(challenge)
    }

    /// Takes a token68, as other schemes have it: it is followed by nothing.
    fn token68(&mut self) -> bool {
        let before = self.0;
        let text =
            self.take_while(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
        self.take_while(|byte| byte == b'=');
        let after = self.0;
        self.blanks();
        if !text.is_empty() && (self.0.is_empty() || self.0.starts_with(',')) {
            self.0 = after;
            return true;
        }
        self.0 = before;
        false
    }

    fn value(&mut self) -> Result<Cow<'a, str>, InvalidChallenge> {
        if !self.eat('"') {
            return self.token().map(Cow::Borrowed).ok_or(MALFORMED);
        }
        let end = self.0.find(['"', '\\']).ok_or(MALFORMED)?;
        let (plain, rest) = self.0.split_at(end);
        if let Some(rest) = rest.strip_prefix('"') {
            self.0 = rest;
            return quotable(plain).map(|()| Cow::Borrowed(plain));
        }
        self.0 = rest;
        let mut text = plain.to_owned();
        loop {
            let mut chars = self.0.chars();
            let char = chars.next().ok_or(MALFORMED)?;
            let char = match char {
                '"' => {
                    self.0 = chars.as_str();
                    break;
                }
                '\\' => chars.next().ok_or(MALFORMED)?,
                other => other,
            };
            text.push(char);
            self.0 = chars.as_str();
        }
        quotable(&text)?;
        Ok(Cow::Owned(text))
    }
}

fn quotable(text: &str) -> Result<(), InvalidChallenge> {
    match text
        .bytes()
        .any(|byte| byte.is_ascii_control() && byte != b'\t')
    {
        false => Ok(()),
        true => Err(MALFORMED),
    }
}

/// RFC 9110, section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, Vec<(String, String)>)> {
        let read = read(text).unwrap();
        let owned = |challenge: Challenge<'_>| {
            let pairs = challenge.parameters.into_iter();
            let pairs = pairs.map(|(name, value)| (name.to_owned(), value.into_owned()));
            (challenge.scheme.to_owned(), pairs.collect())
        };
        read.into_iter().map(owned).collect()
    }

    fn one(scheme: &str, pairs: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        (scheme.to_owned(), pairs.iter().map(owned).collect())
    }

    #[test]
    fn the_grammar_is_read_in_all_its_forms() {
        for text in ["", " ", ",", " , ,\t"] {
            assert_eq!(told(text), [], "{text:?}");
        }
        assert_eq!(told("Bearer"), [one("Bearer", &[])]);
        assert_eq!(told("Bearer "), [one("Bearer", &[])]);
        assert_eq!(told("Bearer a="), [one("Bearer", &[])], "a token68");
        assert_eq!(
            told("Negotiate, Bearer a=b"),
            [one("Negotiate", &[]), one("Bearer", &[("a", "b")])]
        );
        assert_eq!(
            told("Negotiate YII+/x==, , bearer a=\"1, b=2\" , c = d,Basic realm=\"x\""),
            [
                one("Negotiate", &[]),
                one("bearer", &[("a", "1, b=2"), ("c", "d")]),
                one("Basic", &[("realm", "x")]),
            ]
        );
        assert_eq!(
            told(r#"Bearer realm="", d="say \"no\" \\ \x", e="""#),
            [one(
                "Bearer",
                &[("realm", ""), ("d", r#"say "no" \ x"#), ("e", "")]
            )]
        );
    }

    #[test]
    fn what_is_not_the_grammar_is_refused_as_a_whole() {
        for text in [
            "=",
            "a=b",
            "\"Bearer\"",
            "Bearer a=\"",
            "Bearer a=\"\\",
            "Bearer a=\"b\"c=d",
            "Bearer a=b c=d",
            "Bearer a b=c",
            "Bearer a=b, c=\"d",
            "Bearer a=b; c=d",
            "Bearer a=b, A=c",
            "Bearer {\"a\"}",
            "Bearer a=\"\u{1}\"",
            "Bearer a=\"\\\n\"",
            "Bear\u{e9}r a=b",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn everything_is_bounded() {
        let challenges = |count: usize| vec!["Bearer"; count].join(",");
        assert_eq!(read(&challenges(CHALLENGES)).unwrap().len(), CHALLENGES);
        assert!(read(&challenges(CHALLENGES + 1)).is_err());
        let parameters = |count: usize| {
            let all: Vec<_> = (0..count).map(|n| format!("p{n}=v")).collect();
            format!("Bearer {}", all.join(","))
        };
        assert!(read(&parameters(PARAMETERS)).is_ok());
        assert!(read(&parameters(PARAMETERS + 1)).is_err());
        let long = |length: usize| format!("Bearer a=\"{}\"", "x".repeat(length - 11));
        assert!(read(&long(LIMIT)).is_ok());
        assert!(read(&long(LIMIT + 1)).is_err());
    }
}
