//! Normalization of names and URIs, against look-alike spellings of a listed one.

/// A name without what servers might overlook: case, and everything that is no letter or
/// digit of ASCII, with percent escapes read first.
pub(super) fn folded(name: &str) -> String {
    unescaped(name)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Whether a name is visible ASCII only: no blank, no control character, no look-alike.
pub(super) fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a URI could be resolved to another one.
pub(super) fn is_roundabout(uri: &str) -> bool {
    let lower = uri.to_ascii_lowercase();
    let escaped = ["%2e", "%2f", "%5c"].iter().any(|e| lower.contains(e));
    let dots = uri
        .split(['/', '?', '#', ';'])
        .any(|s| s == "." || s == "..");
    escaped || dots || uri.contains('\\') || !is_plain(uri)
}

/// A URI in the spelling that a server may resolve it to: without escapes and case.
pub(super) fn resolved(uri: &str) -> String {
    unescaped(uri).to_ascii_lowercase()
}

fn unescaped(name: &str) -> String {
    let mut rest = name;
    let mut text = String::new();
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        text.push_str(before);
        let digits = escape
            .get(1..3)
            .and_then(|d| u8::from_str_radix(d, 16).ok());
        if let Some(byte) = digits {
            text.push(char::from(byte));
            rest = escape.get(3..).unwrap_or_default();
        } else {
            text.push('%');
            rest = escape.get(1..).unwrap_or_default();
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_fold_to_one() {
        for name in [
            "delete_all",
            "Delete_All",
            "delete-all",
            "deleteAll",
            " delete_all",
            "delete_all\0",
            "delete%5Fall",
            "d%65lete_all",
            "delete.all/",
        ] {
            assert_eq!(folded(name), "deleteall", "{name}");
        }
        assert_ne!(folded("delete_all2"), "deleteall");
        assert_eq!(folded("100%"), "100");
        assert_eq!(folded("%zz%é"), "zz");
    }

    #[test]
    fn blanks_controls_and_look_alikes_are_not_plain() {
        assert!(is_plain("a_b-c.d/e%5F"));
        for name in ["a b", "a\0", "а", "a\u{200b}", "é"] {
            assert!(!is_plain(name), "{name:?}");
        }
    }

    #[test]
    fn uris_that_lead_elsewhere_are_found() {
        for uri in [
            "file:///a/../b",
            "file:///a/..",
            "file:///a/./b",
            "file:///a/%2E%2e/b",
            "file:///a%2fb",
            "file:///a%5Cb",
            "file:///a\\b",
            "file:///a/..;x/b",
            "file:///a/ b",
        ] {
            assert!(is_roundabout(uri), "{uri}");
        }
        for uri in [
            "file:///a/b",
            "file:///a/..b/c...",
            "x://a?b=1",
            "file:///a%20b",
        ] {
            assert!(!is_roundabout(uri), "{uri}");
        }
    }
}
