//! Why a request is none of this server's.

/// The host or the origin of a request is not on its list.
#[derive(Debug)]
pub(crate) enum OriginFault {
    /// What `Host` or `:authority` said, escaped and cut.
    Host(String),
    /// What `Origin` said, escaped and cut.
    Origin(String),
}

impl OriginFault {
    pub(super) fn host(found: &[u8]) -> Self {
        Self::Host(shown(found))
    }

    pub(super) fn origin(found: &[u8]) -> Self {
        Self::Origin(shown(found))
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Host(_) => "host_not_allowed",
            Self::Origin(_) => "origin_not_allowed",
        }
    }

    /// For the client.
    pub(crate) fn message(&self) -> &'static str {
        match self {
            Self::Host(_) => "this server does not answer for that host",
            Self::Origin(_) => "pages of that origin may not call this server",
        }
    }

    /// For the log.
    pub(crate) fn explain(&self) -> String {
        match self {
            Self::Host(found) => format!(
                "the request names the host \"{found}\", which is not the resource's: if a proxy in front \
                 changes Host, name its host with `AuthLayer::allow_hosts`"
            ),
            Self::Origin(found) => format!(
                "the request comes from a page of \"{found}\": if it may call, name its origin with \
                 `AuthLayer::allow_origins`"
            ),
        }
    }
}

/// Foreign text in plain ASCII, of one line, with an end.
fn shown(found: &[u8]) -> String {
    const LIMIT: usize = 100;
    let cut = found.get(..LIMIT);
    let dots = if cut.is_some() { "..." } else { "" };
    format!("{}{dots}", cut.unwrap_or(found).escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::OriginFault;

    #[test]
    fn foreign_text_is_one_short_line() {
        let fault = OriginFault::origin("\r\n\u{202e}\"\\ x".as_bytes());
        assert!(fault.explain().bytes().all(|b| (0x20..0x7f).contains(&b)));
        assert!(OriginFault::host(&[b'x'; 5000]).explain().len() < 400);
    }
}
