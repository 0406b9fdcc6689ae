//! Why a client principal is not taken.

use foundry_scopes::TenantId;

/// Why `X-MS-CLIENT-PRINCIPAL` does not say who is calling.
///
/// Answer `Missing` and whatever is malformed with 401, and `TenantNotAllowed` with 403. No
/// text of the header is in it, but for a tenant id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientPrincipalError {
    /// No such header: the request did not pass App Service authentication, or the site
    /// lets anonymous requests through.
    #[error("the request has no X-MS-CLIENT-PRINCIPAL header")]
    Missing,
    /// More than one such header.
    #[error("the request has more than one X-MS-CLIENT-PRINCIPAL header")]
    Repeated,
    /// Longer than the platform would make it.
    #[error("the X-MS-CLIENT-PRINCIPAL header has {length} bytes, and at most {limit} are read")]
    #[non_exhaustive]
    TooLong {
        /// Of the header, in bytes.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Not standard base64 with padding.
    #[error("the X-MS-CLIENT-PRINCIPAL header is not base64")]
    NotBase64,
    /// No JSON object of the documented form: with a member twice, of another type, or
    /// something behind it.
    #[error("the X-MS-CLIENT-PRINCIPAL header holds no client principal: {reason}")]
    #[non_exhaustive]
    Malformed {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Another identity provider than Entra ID (`aad`) signed the user in.
    #[error("the user did not sign in with Microsoft Entra ID")]
    OtherProvider,
    /// A claim that tells the caller apart is missing, is no GUID, or stands there with two
    /// values.
    #[error("the client principal has no usable {claim}")]
    #[non_exhaustive]
    NoIdentity {
        /// The claim's short name.
        claim: &'static str,
    },
    /// A tenant that the policy leaves out.
    #[error("the tenant {tenant} is not accepted")]
    #[non_exhaustive]
    TenantNotAllowed {
        /// Whose user called.
        tenant: TenantId,
    },
}
