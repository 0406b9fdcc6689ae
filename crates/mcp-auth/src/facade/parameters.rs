//! Parameters of authorization and token requests that go on to Entra ID.

use std::borrow::Cow;

use url::form_urlencoded;

/// The query for Entra ID: without `resource`, and without `consent` in `prompt`.
///
/// - `resource` (RFC 8707): Entra ID wants an identifier URI there and refuses a server's
///   URL with AADSTS9010010. The audience follows from the scope anyway.
/// - `prompt=consent`: MCP clients add it whenever they ask for `offline_access`, and it
///   makes Entra ID demand consent again, which users of tenants with restricted consent
///   cannot give (AADSTS90095). Consent that is really missing is asked for without it.
///
/// Everything else stays, byte for byte: `state`, PKCE, `offline_access`, other prompts.
pub(crate) fn authorization_query(query: &str) -> String {
    let mut kept: Vec<Cow<'_, str>> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        // Decoded, so that `%72esource` is `resource` too.
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else {
            continue;
        };
        match &*name {
            "resource" => {}
            "prompt" => {
                let rest = without_consent(&value);
                if rest == *value {
                    kept.push(pair.into());
                } else if !rest.is_empty() {
                    let encoded: String =
                        form_urlencoded::byte_serialize(rest.as_bytes()).collect();
                    kept.push(format!("prompt={encoded}").into());
                }
            }
            _ => kept.push(pair.into()),
        }
    }
    kept.join("&")
}

/// OpenID Connect Core 1.0, section 3.1.2.1: `prompt` is a list separated by blanks.
fn without_consent(prompt: &str) -> String {
    if !prompt.split(' ').any(|word| word == "consent") {
        return prompt.to_owned();
    }
    let kept: Vec<_> = prompt
        .split(' ')
        .filter(|word| *word != "consent" && !word.is_empty())
        .collect();
    kept.join(" ")
}

/// The parameters of the grants below (RFC 6749, sections 4.1.3, 4.4.2 and 6; RFC 7636,
/// section 4.5; client authentication in the body, RFC 6749, section 2.3.1).
///
/// `resource` is not among them, nor are assertions: an on-behalf-of exchange or a client
/// assertion never belongs here.
const FORWARDED: [&str; 8] = [
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "scope",
];

/// What an MCP client does: sign a user in, stay signed in, or act as itself (MCP
/// authorization extension "OAuth client credentials").
const GRANTS: [&str; 3] = ["authorization_code", "refresh_token", "client_credentials"];

/// Why a token request is not forwarded (RFC 6749, section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormError {
    NotText,
    Repeated,
    NoGrant,
    OtherGrant,
}

/// The form for Entra ID: known parameters only, and each once.
pub(crate) fn token_form(form: &[u8]) -> Result<String, FormError> {
    if !form.is_ascii() {
        return Err(FormError::NotText);
    }
    let mut out = form_urlencoded::Serializer::new(String::new());
    let mut seen: Vec<&str> = Vec::new();
    let mut grant_known = false;
    for (name, value) in form_urlencoded::parse(form) {
        let Some(known) = FORWARDED.into_iter().find(|known| *known == name) else {
            continue;
        };
        // RFC 6749, section 3.2: parameters MUST NOT be included more than once.
        if seen.contains(&known) {
            return Err(FormError::Repeated);
        }
        seen.push(known);
        if known == "grant_type" {
            if !GRANTS.contains(&&*value) {
                return Err(FormError::OtherGrant);
            }
            grant_known = true;
        }
        out.append_pair(known, &value);
    }
    if grant_known {
        Ok(out.finish())
    } else {
        Err(FormError::NoGrant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_goes_however_it_is_spelled_and_often() {
        assert_eq!(
            authorization_query(
                "client_id=1&resource=http%3A%2F%2Fh%2Fmcp&%72esource=x&resource&resource=&state=a%2Bb"
            ),
            "client_id=1&state=a%2Bb"
        );
        assert_eq!(
            authorization_query("resources=1&resource_x=2"),
            "resources=1&resource_x=2"
        );
    }

    #[test]
    fn only_consent_goes_from_the_prompt() {
        for (given, expected) in [
            ("prompt=consent", ""),
            ("prompt=login+consent", "prompt=login"),
            ("prompt=consent%20select_account", "prompt=select_account"),
            (
                "%70rompt=login%20consent%20select_account",
                "prompt=login+select_account",
            ),
            ("prompt=login", "prompt=login"),
            (
                "prompt=select_account%20login",
                "prompt=select_account%20login",
            ),
            ("prompt=none", "prompt=none"),
            ("prompt=consents", "prompt=consents"),
            ("prompt=", "prompt="),
        ] {
            assert_eq!(authorization_query(given), expected, "{given}");
        }
    }

    #[test]
    fn everything_else_stays_byte_for_byte() {
        let query = "scope=api%3A%2F%2Fa%2Fmcp.read+offline_access&state=%00%ff+x&redirect_uri=http://localhost/cb&code_challenge=E9-_&x=1&x=2";
        assert_eq!(authorization_query(query), query);
        assert_eq!(authorization_query(""), "");
    }

    #[test]
    fn known_parameters_go_on_and_resource_does_not() {
        let form = token_form(
            b"grant_type=authorization_code&client_id=c&code=a%2Bb%26&code_verifier=v&redirect_uri=http%3A%2F%2Flocalhost%2Fcb\
              &resource=http%3A%2F%2Fh%2Fmcp&%72esource=x&client_assertion=x&assertion=x&requested_token_use=on_behalf_of&x=1",
        );
        assert_eq!(
            form.unwrap(),
            "grant_type=authorization_code&client_id=c&code=a%2Bb%26&code_verifier=v&redirect_uri=http%3A%2F%2Flocalhost%2Fcb"
        );
        let form = token_form(b"grant_type=refresh_token&refresh_token=r&scope=api%3A%2F%2Fa%2Fb+offline_access&client_secret=s");
        assert_eq!(
            form.unwrap(),
            "grant_type=refresh_token&refresh_token=r&scope=api%3A%2F%2Fa%2Fb+offline_access&client_secret=s"
        );
    }

    #[test]
    fn other_grants_are_not_forwarded() {
        for grant in [
            "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer",
            "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code",
            "password",
            "",
        ] {
            let form = format!("grant_type={grant}&client_id=c");
            assert_eq!(
                token_form(form.as_bytes()),
                Err(FormError::OtherGrant),
                "{grant}"
            );
        }
        assert_eq!(token_form(b"client_id=c"), Err(FormError::NoGrant));
        assert_eq!(token_form(b""), Err(FormError::NoGrant));
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        for form in [
            &b"grant_type=refresh_token&grant_type=refresh_token"[..],
            b"grant_type=refresh_token&client_id=a&client%5Fid=b",
        ] {
            assert_eq!(token_form(form), Err(FormError::Repeated));
        }
        assert_eq!(token_form(b"grant_type=\xff"), Err(FormError::NotText));
    }
}
