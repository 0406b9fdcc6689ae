//! Looks for secrets in text, whatever form they took on the way into it.

use std::collections::{BTreeMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// So many bytes of a secret count as the secret.
const WINDOW: usize = 12;

/// Every run of twelve bytes of a secret counts as the secret: as it is, in hexadecimal, in
/// base64 of either alphabet at any offset, and percent-encoded. Neither may the text hold
/// anything by which foreign text passes for a line of its own.
#[track_caller]
pub fn assert_clean<S: AsRef<[u8]>>(what: &str, text: &str, secrets: &[S]) {
    for (length, needles) in needles(secrets) {
        for window in text.as_bytes().windows(length) {
            let found = std::str::from_utf8(window).unwrap_or_default();
            assert!(
                !needles.contains(window),
                "{what} shows a secret, as {found}: {text}"
            );
        }
    }
    assert!(!text.chars().any(forges), "{what} forges lines: {text:?}");
}

type Needles = BTreeMap<usize, HashSet<Vec<u8>>>;

fn needles<S: AsRef<[u8]>>(secrets: &[S]) -> Needles {
    let mut needles = Needles::new();
    let mut add = |needle: &[u8]| {
        let of_length = needles.entry(needle.len()).or_default();
        of_length.insert(needle.to_vec());
    };
    for secret in secrets {
        let secret = secret.as_ref();
        assert!(secret.len() >= WINDOW, "too short to be looked for");
        for window in secret.windows(WINDOW) {
            add(window);
            let hex: String = window.iter().map(|byte| format!("{byte:02x}")).collect();
            add(hex.as_bytes());
            add(hex.to_uppercase().as_bytes());
            let percent: String = url::form_urlencoded::byte_serialize(window).collect();
            add(percent.as_bytes());
        }
        for offset in 0..3 {
            let rest = secret.get(offset..).unwrap_or_default();
            for encoded in [STANDARD_NO_PAD.encode(rest), URL_SAFE_NO_PAD.encode(rest)] {
                // Four characters are three bytes.
                let windows = encoded.as_bytes().windows(WINDOW / 3 * 4);
                windows.step_by(4).for_each(&mut add);
            }
        }
    }
    needles
}

fn forges(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
