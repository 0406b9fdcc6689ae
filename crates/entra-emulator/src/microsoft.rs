//! Names that nothing of the emulator may go by.

/// Hosts of Microsoft's token issuers, and the domains that their hosts end with.
const HOSTS: [&str; 12] = [
    "sts.windows.net",
    "login.windows.net",
    "login.windows-ppe.net",
    "sts.windows-ppe.net",
    "login.microsoft.com",
    "microsoftonline.com",
    "microsoftonline.us",
    "microsoftonline.cn",
    "microsoftonline.de",
    "chinacloudapi.cn",
    "ciamlogin.com",
    "b2clogin.com",
];

/// Whether a host or a URL has such a name in it, in any case.
pub(crate) fn is_named_in(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    HOSTS.iter().any(|h| lower.contains(h))
}
