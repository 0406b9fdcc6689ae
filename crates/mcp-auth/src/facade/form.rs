//! What the facade forwards of a token request.

use url::form_urlencoded;

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
pub(crate) enum FormFault {
    NotText,
    Repeated,
    NoGrant,
    OtherGrant,
}

/// The form for Entra ID: known parameters only, and each once.
pub(crate) fn for_entra(form: &[u8]) -> Result<String, FormFault> {
    if !form.is_ascii() {
        return Err(FormFault::NotText);
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
            return Err(FormFault::Repeated);
        }
        seen.push(known);
        if known == "grant_type" {
            if !GRANTS.contains(&&*value) {
                return Err(FormFault::OtherGrant);
            }
            grant_known = true;
        }
        out.append_pair(known, &value);
    }
    if grant_known {
        Ok(out.finish())
    } else {
        Err(FormFault::NoGrant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_parameters_go_on_and_resource_does_not() {
        let form = for_entra(
            b"grant_type=authorization_code&client_id=c&code=a%2Bb%26&code_verifier=v&redirect_uri=http%3A%2F%2Flocalhost%2Fcb\
              &resource=http%3A%2F%2Fh%2Fmcp&%72esource=x&client_assertion=x&assertion=x&requested_token_use=on_behalf_of&x=1",
        );
        assert_eq!(
            form.unwrap(),
            "grant_type=authorization_code&client_id=c&code=a%2Bb%26&code_verifier=v&redirect_uri=http%3A%2F%2Flocalhost%2Fcb"
        );
        let form = for_entra(b"grant_type=refresh_token&refresh_token=r&scope=api%3A%2F%2Fa%2Fb+offline_access&client_secret=s");
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
                for_entra(form.as_bytes()),
                Err(FormFault::OtherGrant),
                "{grant}"
            );
        }
        assert_eq!(for_entra(b"client_id=c"), Err(FormFault::NoGrant));
        assert_eq!(for_entra(b""), Err(FormFault::NoGrant));
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        for form in [
            &b"grant_type=refresh_token&grant_type=refresh_token"[..],
            b"grant_type=refresh_token&client_id=a&client%5Fid=b",
        ] {
            assert_eq!(for_entra(form), Err(FormFault::Repeated));
        }
        assert_eq!(for_entra(b"grant_type=\xff"), Err(FormFault::NotText));
    }
}
