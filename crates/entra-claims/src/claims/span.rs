//! Byte ranges of claim texts in the decoded payload.

use std::borrow::Cow;

/// A range of bytes in the buffer; tokens are far smaller than `u32::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) const NONE: Self = Self {
        start: u32::MAX,
        end: 0,
    };

    fn new(start: usize, len: usize) -> Self {
        match (u32::try_from(start), u32::try_from(start + len)) {
            (Ok(start), Ok(end)) => Self { start, end },
            _ => Self::NONE,
        }
    }

    /// The text at this place, if there is one.
    pub(crate) fn of(self, buffer: &str) -> Option<&str> {
        buffer.get(self.start as usize..self.end as usize)
    }
}

/// Turns texts met while parsing `json` into places: a borrowed one is a part of it, an
/// unescaped one is kept in `extra`, which is appended to the buffer afterwards.
pub(crate) struct Places<'de> {
    json: &'de str,
    extra: String,
}

impl<'de> Places<'de> {
    pub(crate) fn new(json: &'de str) -> Self {
        Self {
            json,
            extra: String::new(),
        }
    }

    pub(crate) fn keep(&mut self, text: Cow<'de, str>) -> Span {
        match text {
            // The address only gives the offset; the bytes are read from the buffer.
            Cow::Borrowed(text) => {
                let start = (text.as_ptr() as usize).wrapping_sub(self.json.as_ptr() as usize);
                Span::new(start, text.len())
            }
            Cow::Owned(text) => {
                let start = self.json.len() + self.extra.len();
                self.extra.push_str(&text);
                Span::new(start, text.len())
            }
        }
    }

    pub(crate) fn extra(self) -> String {
        self.extra
    }
}
