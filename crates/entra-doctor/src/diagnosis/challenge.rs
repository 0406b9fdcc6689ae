//! `WWW-Authenticate` (RFC 9110, section 11.6.1), read as tolerantly as it is written.

/// The first value of each parameter, over all challenges: a diagnosis looks for what was
/// said, and a scheme that stands in front changes nothing of it.
#[derive(Debug, Default)]
pub(crate) struct Challenge(Vec<(String, String)>);

const PARAMETERS: usize = 64;

impl Challenge {
    pub(crate) fn read(text: &str) -> Self {
        let mut found = Vec::new();
        let mut rest = text;
        while found.len() < PARAMETERS {
            let Some((before, after)) = rest.split_once('=') else {
                break;
            };
            let separator = |c: char| c.is_whitespace() || c == ',';
            let name = before
                .trim_end()
                .rsplit(separator)
                .next()
                .unwrap_or_default();
            let after = after.trim_start();
            let (value, left) = match after.strip_prefix('"') {
                Some(quoted) => unquote(quoted),
                None => {
                    let end = after.find(separator).unwrap_or(after.len());
                    let (value, left) = after.split_at(end);
                    (value.to_owned(), left)
                }
            };
            if !name.is_empty() {
                found.push((name.to_ascii_lowercase(), value));
            }
            rest = left;
        }
        Self(found)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }
}

fn unquote(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => value.push(char),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_quoted_or_not() {
        let challenge = Challenge::read(
            r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/t/oauth2/authorize", error=invalid_token, Error_Description="said \"no\", x=1", scope="a b""#,
        );
        for (name, value) in [
            ("realm", ""),
            (
                "authorization_uri",
                "https://login.microsoftonline.com/t/oauth2/authorize",
            ),
            ("error", "invalid_token"),
            ("error_description", "said \"no\", x=1"),
            ("scope", "a b"),
        ] {
            assert_eq!(challenge.get(name), Some(value));
        }
        assert_eq!(challenge.get("x"), None);
        for odd in ["", "Bearer", "=", "a=\"", "a=\"\\", "==,=\"=\""] {
            Challenge::read(odd);
        }
    }
}
