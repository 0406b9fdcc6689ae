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

/// A URI in the one spelling that stands for all that a server may take for the same resource
/// (RFC 3986, section 6.2, and what servers do beyond it): without escapes, case, query, fragment,
/// userinfo, default port, parameters of segments, doubled and trailing slashes, and dots at the end
/// of a segment; `file:/x` and `file://localhost/x` are `file:///x`.
pub(super) fn resolved(uri: &str) -> String {
    let mut text = unescaped(uri);
    // An escape of an escape: a server behind a proxy may read it twice.
    for _ in 0..3 {
        let further = unescaped(&text);
        if further == text {
            break;
        }
        text = further;
    }
    let text = text.to_ascii_lowercase();
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (text, _) = text.split_at(end);
    let Some((scheme, rest)) = text.split_once(':') else {
        return path(text);
    };
    let (authority, below) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if is_default(scheme, port) => host,
        _ => host,
    };
    let host = match (scheme, host) {
        ("file", "localhost") => "",
        _ => host,
    };
    [scheme, ":", &*path(&format!("{host}/{below}"))].concat()
}

fn is_default(scheme: &str, port: &str) -> bool {
    let default = match scheme {
        "http" | "ws" => "80",
        "https" | "wss" => "443",
        "ftp" => "21",
        _ => "",
    };
    port.trim_start_matches('0') == default || port.is_empty()
}

/// The segments that are not empty, each without its parameters and the dots at its end.
fn path(text: &str) -> String {
    let segments = text.split('/').map(|segment| {
        let end = segment.find(';').unwrap_or(segment.len());
        segment.split_at(end).0.trim_end_matches(['.', ' '])
    });
    let segments: Vec<_> = segments.filter(|segment| !segment.is_empty()).collect();
    segments.join("/")
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
    fn spellings_of_one_resource_resolve_to_one() {
        for uri in [
            "orders://archive/payroll",
            "ORDERS://Archive/Payroll",
            "orders://archive/%70ayroll",
            "orders://archive/%2570ayroll",
            "orders://archive/payroll?",
            "orders://archive/payroll?x=1",
            "orders://archive/payroll#x",
            "orders://archive/payroll/",
            "orders://archive//payroll",
            "orders:archive/payroll",
            "orders:/archive/payroll",
            "orders://archive./payroll.",
            "orders://u:p@archive/payroll",
            "orders://archive:/payroll",
            "orders://archive/payroll;v=1",
        ] {
            assert_eq!(resolved(uri), "orders:archive/payroll", "{uri}");
        }
        for uri in [
            "file:///x/y",
            "file:/x/y",
            "file://localhost/x/y",
            "file:x/y",
        ] {
            assert_eq!(resolved(uri), "file:x/y", "{uri}");
        }
        for (uri, means) in [
            ("https://h:443/a", "https:h/a"),
            ("https://h:0443/a", "https:h/a"),
            ("https://h:8443/a", "https:h:8443/a"),
            ("http://h:443/a", "http:h:443/a"),
            ("orders://", "orders:"),
            ("no scheme/", "no scheme"),
        ] {
            assert_eq!(resolved(uri), means, "{uri}");
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
