//! The `response_type` parameter (OAuth 2.0 Multiple Response Type Encoding Practices).

use crate::call::Params;

/// What the authorization endpoint is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ResponseType {
    pub(super) code: bool,
    pub(super) id_token: bool,
    /// An access token, which is never given here (AADSTS700051).
    pub(super) token: bool,
}

impl ResponseType {
    /// The types in any order, each once; `none` is no type at all.
    pub(super) fn read(params: &Params) -> Option<Self> {
        let text = params.get("response_type")?;
        let mut read = Self::default();
        if text == "none" {
            return Some(read);
        }
        for word in text.split(' ') {
            let member = match word {
                "code" => &mut read.code,
                "id_token" => &mut read.id_token,
                "token" => &mut read.token,
                _ => return None,
            };
            if std::mem::replace(member, true) {
                return None;
            }
        }
        Some(read)
    }

    /// Whether tokens travel through the browser, which is why `query` is not allowed.
    pub(super) fn has_tokens(self) -> bool {
        self.id_token || self.token
    }

    /// `none`: consent is recorded and nothing is given.
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_in_any_order() {
        let read = |text: &str| ResponseType::read(&Params::parse(text.as_bytes()));
        let hybrid = read("response_type=id_token+code").unwrap();
        assert!(hybrid.code && hybrid.id_token && hybrid.has_tokens());
        assert!(read("response_type=none").unwrap().is_none());
        for bad in [
            "",
            "response_type=saml",
            "response_type=code+code",
            "response_type=code++x",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
