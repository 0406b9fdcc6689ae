//! Byte form of a cached token, as it is sealed for a shared store.

use std::borrow::Borrow;

use zeroize::Zeroizing;

use crate::cache::Record;
use crate::secret::Secret;
use crate::token::IssuedToken;

/// A generation of a user's tokens: what carries another one is forgotten.
pub(super) type UserEpoch = [u8; 16];

/// The epoch of tokens that are no user's.
pub(super) const NOBODYS: UserEpoch = [0; 16];

impl<T: Borrow<IssuedToken>> Record<T> {
    /// `epoch (16) | asked | expires | refresh at (8 each) | length of the scopes (4) | scopes
    /// | token`, numbers little-endian.
    pub(super) fn write(&self, epoch: &UserEpoch) -> Option<Zeroizing<Vec<u8>>> {
        let token = self.token.borrow();
        let expires_at = token.expires_at_unix();
        let (scopes, token) = (token.scope_text(), token.expose());
        let length = u32::try_from(scopes.len()).ok()?;
        // At once as long as it gets: a buffer that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(44 + scopes.len() + token.len()));
        bytes.extend_from_slice(epoch);
        for time in [self.asked, expires_at, self.refresh_at] {
            bytes.extend_from_slice(&time.to_le_bytes());
        }
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(scopes.as_bytes());
        bytes.extend_from_slice(token.as_bytes());
        Some(bytes)
    }
}

impl Record {
    /// Reads it back. It was authentic: anything odd is of another version of this crate.
    pub(super) fn read(bytes: &[u8]) -> Option<(UserEpoch, Self)> {
        let (epoch, rest) = bytes.split_first_chunk::<16>()?;
        let (asked, rest) = number(rest)?;
        let (expires, rest) = number(rest)?;
        let (refresh_at, rest) = number(rest)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (scopes, token) = rest.split_at_checked(length)?;
        let (scopes, token) = (str::from_utf8(scopes).ok()?, str::from_utf8(token).ok()?);
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) || expires < asked {
            return None;
        }
        let record = Self {
            token: IssuedToken::new(Secret::new(token), scopes, expires),
            asked,
            refresh_at,
        };
        Some((*epoch, record))
    }
}

fn number(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((i64::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(scopes: &str) -> Record {
        Record {
            token: IssuedToken::new(Secret::new("h.p.s"), scopes, 3_600),
            asked: -1,
            refresh_at: i64::MAX,
        }
    }

    #[test]
    fn a_record_comes_back_whole() {
        for scopes in ["", "api://a/x", "api://a/x api://a/\u{fc}"] {
            let bytes = record(scopes).write(&[7; 16]).unwrap();
            let (epoch, back) = Record::read(&bytes).unwrap();
            assert_eq!(epoch, [7; 16]);
            assert_eq!(back.token.expose(), "h.p.s");
            assert_eq!(back.token.scope_text(), scopes);
            let times = (back.asked, back.token.expires_at_unix(), back.refresh_at);
            assert_eq!(times, (-1, 3_600, i64::MAX));
        }
    }

    #[test]
    fn anything_else_is_none() {
        let whole = record("api://a/x").write(&[7; 16]).unwrap();
        let shortest = whole.len() - "h.p.s".len();
        for length in 0..=shortest {
            assert!(Record::read(&whole[..length]).is_none(), "{length}");
        }
        let mut long = whole.to_vec();
        long[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(Record::read(&long).is_none());
        let mut line_break = whole.to_vec();
        *line_break.last_mut().unwrap() = b'\n';
        assert!(Record::read(&line_break).is_none());
        let mut before = whole.to_vec();
        before[24..32].copy_from_slice(&i64::MIN.to_le_bytes());
        assert!(
            Record::read(&before).is_none(),
            "it expires before it was asked for"
        );
    }
}
