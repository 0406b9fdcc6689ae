//! Strict base64url.

#[cfg(feature = "validate")]
use base64_simd::Out;
use base64_simd::URL_SAFE_NO_PAD;

use super::{DecodeError, Part};

/// Decodes one segment: base64url without padding, blanks or stray trailing bits
/// (RFC 7515, section 2; RFC 4648, section 3.5), so that a token has one spelling.
pub(crate) fn decode(segment: &str, part: Part) -> Result<Vec<u8>, DecodeError> {
    URL_SAFE_NO_PAD
        .decode_to_vec(segment)
        .map_err(|_| DecodeError::Base64(part))
}

/// How many bytes [`decode`] would give, if it would accept the segment.
pub(crate) fn decoded_length(segment: &str, part: Part) -> Result<usize, DecodeError> {
    let segment = segment.as_bytes();
    URL_SAFE_NO_PAD
        .check(segment)
        .and_then(|()| URL_SAFE_NO_PAD.decoded_length(segment))
        .map_err(|_| DecodeError::Base64(part))
}

/// As [`decode`], into a buffer of the caller.
#[cfg(feature = "validate")]
pub(crate) fn decode_into<'b>(
    segment: &str,
    buffer: &'b mut [u8],
    part: Part,
) -> Result<&'b [u8], DecodeError> {
    let segment = segment.as_bytes();
    let len = URL_SAFE_NO_PAD
        .decoded_length(segment)
        .map_err(|_| DecodeError::Base64(part))?;
    // `decode` panics on a buffer that is too small.
    let buffer = buffer
        .get_mut(..len)
        .ok_or(DecodeError::SegmentTooLong(part))?;
    URL_SAFE_NO_PAD
        .decode(segment, Out::from_slice(buffer))
        .map(|bytes| &*bytes)
        .map_err(|_| DecodeError::Base64(part))
}

#[cfg(any(feature = "jsonwebtoken", feature = "test-tokens"))]
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_that_of_the_bytes() {
        for length in 0..70 {
            let text = URL_SAFE_NO_PAD.encode_to_string(vec![7; length]);
            assert_eq!(decoded_length(&text, Part::Signature), Ok(length));
        }
    }

    #[test]
    fn only_the_one_spelling_is_decoded() {
        assert_eq!(decode("QQ", Part::Payload).unwrap(), b"A");
        assert_eq!(decode("-_8", Part::Payload).unwrap(), [0xfb, 0xff]);
        for bad in BAD {
            assert_eq!(
                decode(bad, Part::Payload),
                Err(DecodeError::Base64(Part::Payload)),
                "{bad:?}"
            );
            assert!(decoded_length(bad, Part::Payload).is_err(), "{bad:?}");
        }
    }

    /// Every text of up to 8 characters that decodes encodes back to itself, at every
    /// length and for every last character, with and without a run of whole blocks before.
    #[test]
    fn what_decodes_encodes_back_to_itself() {
        for run in [0, 4, 16, 32, 64] {
            for rest in 1..=4 {
                for last in 0..=127_u8 {
                    let text = "A".repeat(run + rest - 1) + &char::from(last).to_string();
                    if let Ok(bytes) = decode(&text, Part::Payload) {
                        assert_eq!(URL_SAFE_NO_PAD.encode_to_string(bytes), text);
                    }
                }
            }
        }
    }

    #[cfg(feature = "validate")]
    #[test]
    fn a_buffer_of_the_caller_is_as_strict_and_never_overrun() {
        let mut buffer = [0; 16];
        assert_eq!(
            decode_into("QUJD", &mut buffer, Part::Header),
            Ok(&b"ABC"[..])
        );
        for bad in BAD {
            assert!(
                decode_into(bad, &mut buffer, Part::Header).is_err(),
                "{bad:?}"
            );
        }
        assert_eq!(
            decode_into("QUJD", &mut [0; 2], Part::Signature),
            Err(DecodeError::SegmentTooLong(Part::Signature))
        );
    }

    /// Padding, stray trailing bits, impossible lengths, other alphabets, blanks.
    const BAD: [&str; 18] = [
        "QQ==", "QR", "QS", "Qf", "QUJ", "QUK", "Q", "QUFB Q", "QUFBQ", "+_8", "-/8", "QQ\n",
        " QQ", "QUFB\r\n", "QU\u{e9}", "Q=", "Q\0", "QUI=",
    ];
}
