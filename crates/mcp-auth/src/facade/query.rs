//! What the facade changes in an authorization request.

use std::borrow::Cow;

use url::form_urlencoded;

/// The query for Entra ID: without `resource`, and without `consent` in `prompt`.
///
/// - `resource` (RFC 8707): Entra ID wants an identifier URI there and refuses a server's
///   URL with AADSTS9010010. The audience follows from the scope anyway.
/// - `prompt=consent`: MCP clients add it whenever they ask for `offline_access`, and it
///   makes Entra ID demand consent anew, which users of tenants with restricted consent
///   cannot give (AADSTS90095). Consent that is really missing is asked for without it.
///
/// Everything else stays, byte for byte: `state`, PKCE, `offline_access`, other prompts.
pub(crate) fn for_entra(query: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::for_entra;

    #[test]
    fn resource_goes_however_it_is_spelled_and_often() {
        assert_eq!(
            for_entra(
                "client_id=1&resource=http%3A%2F%2Fh%2Fmcp&%72esource=x&resource&resource=&state=a%2Bb"
            ),
            "client_id=1&state=a%2Bb"
        );
        assert_eq!(
            for_entra("resources=1&resource_x=2"),
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
            assert_eq!(for_entra(given), expected, "{given}");
        }
    }

    #[test]
    fn everything_else_stays_byte_for_byte() {
        let query = "scope=api%3A%2F%2Fa%2Fmcp.read+offline_access&state=%00%ff+x&redirect_uri=http://localhost/cb&code_challenge=E9-_&x=1&x=2";
        assert_eq!(for_entra(query), query);
        assert_eq!(for_entra(""), "");
    }
}
