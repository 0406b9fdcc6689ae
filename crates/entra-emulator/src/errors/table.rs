//! Every error that the emulator gives, in one place: number, HTTP status, `error`,
//! `suberror`, text, and where the text comes from.
//!
//! `{0}`, `{1}` and so on in a text are replaced. Sources: `captured` (seen in answers of
//! the real service that others published), `docs` (Entra doc "Error codes" and the flow's
//! own page), `own` (the number is documented, the words are the emulator's).

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) code: u32,
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) suberror: Option<&'static str>,
    /// Whether the answer carries `error_uri`; captured answers differ.
    pub(crate) uri: Uri,
    pub(crate) text: &'static str,
}

/// Whether an answer carries `error_uri`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Uri {
    Shown,
    Absent,
}

macro_rules! rows {
    ($($name:ident = $code:literal, $status:literal, $error:literal, $sub:expr, $uri:ident, $text:literal, $source:literal;)*) => {
        $(
            #[doc = concat!("AADSTS", stringify!($code), "; text: ", $source)]
            pub(crate) const $name: Row = Row {
                code: $code, status: $status, error: $error, suberror: $sub, uri: Uri::$uri, text: $text,
            };
        )*
        /// All rows, for looking one up by its number.
        pub(crate) const ALL: &[Row] = &[$($name),*];
    };
}

rows! {
    // The request itself.
    POST_ONLY = 900561, 400, "invalid_request", None, Shown, "The endpoint only accepts POST requests. Received a {0} request.", "docs";
    MISSING_PARAMETER = 900144, 400, "invalid_request", None, Shown, "The request body must contain the following parameter: '{0}'.", "captured";
    BAD_PARAMETER = 90100, 400, "invalid_request", None, Shown, "{0} parameter is empty or not valid.", "docs";
    UNSUPPORTED_GRANT = 70003, 400, "unsupported_grant_type", None, Absent, "The app requested an unsupported grant type '{0}'.", "captured";
    UNSUPPORTED_RESPONSE_TYPE = 70005, 400, "unsupported_response_type", None, Shown, "The app returned an unsupported response type: '{0}' is not available here.", "own";
    RESPONSE_MODE_QUERY = 70007, 400, "invalid_request", None, Shown, "'query' is not a supported value of 'response_mode' when requesting a token.", "docs";
    TOKEN_NOT_ENABLED = 700051, 400, "unsupported_response_type", None, Shown, "response_type 'token' is not enabled for the application.", "captured";
    ID_TOKEN_NOT_ENABLED = 700054, 400, "unsupported_response_type", None, Shown, "response_type 'id_token' is not enabled for the application.", "captured";
    RESOURCE_MISMATCH = 9010010, 400, "invalid_target", None, Shown, "The resource parameter provided in the request doesn't match with the requested scopes.", "captured";
    INVALID_INSTANCE = 50049, 400, "invalid_instance", None, Shown, "Unknown or invalid instance.", "docs";
    // The tenant.
    TENANT_NOT_FOUND = 90002, 400, "invalid_request", None, Shown, "Tenant '{0}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.", "captured";
    TENANT_MALFORMED = 900023, 400, "invalid_request", None, Shown, "Specified tenant identifier '{0}' is neither a valid DNS name, nor a valid external domain.", "captured";
    GRANT_NEEDS_TENANT = 9001023, 400, "invalid_request", None, Shown, "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.", "docs";
    TENANT_NOT_NAMED = 50059, 400, "invalid_request", None, Shown, "No tenant-identifying information found in either the request or implied by any provided credentials.", "captured";
    // The client and its credential.
    CLIENT_MALFORMED = 700038, 400, "unauthorized_client", None, Absent, "{0} is not a valid application identifier.", "captured";
    CLIENT_UNKNOWN = 700016, 400, "unauthorized_client", None, Shown, "Application with identifier '{0}' was not found in the directory '{1}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.", "captured";
    SECRET_WRONG = 7000215, 401, "invalid_client", None, Shown, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{0}'.", "captured";
    SECRET_EXPIRED = 7000222, 401, "invalid_client", None, Shown, "The provided client secret keys for app '{0}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.", "captured";
    CREDENTIAL_MISSING_APP = 7000216, 401, "invalid_client", None, Shown, "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.", "captured";
    CREDENTIAL_MISSING = 7000218, 401, "invalid_client", None, Shown, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.", "captured";
    CLIENT_IS_PUBLIC = 700025, 401, "invalid_client", None, Shown, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.", "captured";
    TWO_CREDENTIALS = 9002324, 401, "invalid_client", None, Shown, "Request should not contain more than one client credential parameters, this includes 'client_secret', 'client_assertion' and 'request' parameters.", "captured";
    CROSS_ORIGIN_NOT_SPA = 9002326, 400, "invalid_request", None, Shown, "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{0}'.", "captured";
    SPA_NEEDS_CROSS_ORIGIN = 9002327, 400, "invalid_request", None, Shown, "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.", "captured";
    CLIENT_SIGNATURE = 700027, 401, "invalid_client", None, Shown, "{0} [Reason - {1}, Thumbprint of key used by client: '{2}']", "captured";
    CLIENT_ASSERTION_TIME = 700024, 401, "invalid_client", None, Shown, "Client assertion is not within its valid time range. Current time: {0}, assertion valid from {1}, expiry time of assertion {2}.", "captured";
    CLIENT_ASSERTION_NAME = 700021, 401, "invalid_client", None, Shown, "Client assertion application identifier doesn't match 'client_id' parameter.", "docs";
    CLIENT_ASSERTION_AUDIENCE = 700023, 401, "invalid_client", None, Shown, "Client assertion audience claim does not match Realm issuer.", "docs";
    CERTIFICATE_WINDOW = 1000502, 401, "invalid_client", None, Shown, "The provided certificate is not within its specified validity window.", "docs";
    CERTIFICATE_SUBJECT = 700030, 401, "invalid_client", None, Shown, "Invalid certificate - subject name in certificate is not authorized.", "docs";
    JWT_ALGORITHM = 5002738, 400, "invalid_request", None, Shown, "Invalid JWT token. '{0}' is not a supported signature algorithm. Supported signing algorithms are: 'RS256, PS256'", "captured";
    JWT_KEY = 5002730, 400, "invalid_request", None, Shown, "Invalid JWT token. Unsupported key for the signing algorithm.", "docs";
    FEDERATED_NONE = 70025, 401, "invalid_client", None, Shown, "The client '{0}'({1}) has no configured federated identity credentials.", "captured";
    FEDERATED_ISSUER = 700211, 401, "invalid_client", None, Shown, "No matching federated identity record found for presented assertion issuer '{0}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.", "captured";
    FEDERATED_AUDIENCE = 700212, 401, "invalid_client", None, Shown, "No matching federated identity record found for presented assertion audience '{0}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.", "captured";
    FEDERATED_SUBJECT = 700213, 401, "invalid_client", None, Shown, "No matching federated identity record found for presented assertion subject '{0}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.", "captured";
    FEDERATED_RESOURCE = 700227, 401, "invalid_client", None, Shown, "A token with this audience cannot be used as a federated identity credential.", "docs";
    FEDERATED_USER = 700229, 401, "invalid_client", None, Shown, "Only app-only tokens can be used as Federated Identity Credentials for Microsoft Entra issuer.", "docs";
    FEDERATED_UNREACHABLE = 50166, 400, "invalid_request", None, Shown, "Request to External OIDC endpoint failed.", "captured";
    APP_DISABLED = 7000112, 400, "unauthorized_client", None, Shown, "Application '{0}' ({1}) is disabled.", "docs";
    // Agents.
    AGENT_APP_ONLY = 82001, 400, "unauthorized_client", None, Shown, "Agentic application '{0}' is not permitted to request app-only tokens for resource '{1}'.", "captured";
    AGENT_GRANT = 82002, 400, "unauthorized_client", None, Shown, "Application '{0}' is not permitted to use this grant: it is not the agent identity, or not the blueprint, that the grant needs.", "own";
    AGENT_AUTHORIZE = 82014, 400, "unauthorized_client", None, Shown, "Agentic application '{0}' is not permitted to sign users in interactively.", "own";
    // Scope and resource.
    SCOPE_INVALID = 70011, 400, "invalid_scope", None, Shown, "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {0} is not valid.{1}", "captured";
    SCOPE_NOT_DEFAULT = 1002012, 400, "invalid_scope", None, Shown, "The provided value for scope {0} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", "captured";
    SCOPE_TWO_RESOURCES = 28000, 400, "invalid_request", None, Shown, "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {0} is not valid.", "captured";
    SCOPE_UNKNOWN = 650053, 400, "invalid_client", None, Absent, "The application '{0}' asked for scope '{1}' that doesn't exist on the resource '{2}'. Contact the app vendor.", "captured";
    SCOPE_TWO_DEFAULTS = 700022, 400, "invalid_request", None, Shown, "The provided value for the input parameter scope is not valid because it contains more than one resource. Scope {0} is not valid.", "docs";
    RESOURCE_PARAMETER = 901002, 400, "invalid_request", None, Shown, "The 'resource' request parameter is not supported.", "docs";
    RESOURCE_NOT_DECLARED = 650057, 400, "invalid_resource", None, Shown, "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration. Client app ID: {0}({1}). Resource value from request: {2}. Resource app ID: {3}.", "captured";
    DECLARATION_STALE = 65005, 400, "invalid_resource", None, Shown, "The application's required resource access list names scope '{0}', which resource '{1}' does not have.", "own";
    RESOURCE_UNKNOWN = 500011, 400, "invalid_resource", None, Shown, "The resource principal named {0} was not found in the tenant named {1}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.", "captured";
    // The user and consent.
    USER_UNKNOWN = 50034, 400, "invalid_grant", None, Shown, "The user account {0} does not exist in the {1} directory. To sign into this application, the account must be added to the directory.", "captured";
    USER_ELSEWHERE = 50020, 400, "invalid_grant", None, Shown, "User account '{0}' from identity provider '{1}' does not exist in tenant '{2}' and cannot access the application '{3}'({4}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account.", "docs";
    USER_DISABLED = 50057, 400, "invalid_grant", None, Shown, "The user account is disabled.", "docs";
    NO_SESSION = 50058, 400, "login_required", None, Shown, "A silent sign-in request was sent but no user is signed in. The cookies used to represent the user's session were not sent in the request to Azure AD. This can happen if the user is using Internet Explorer or Edge, and the web app sending the silent sign-in request is in different IE security zone than the Azure AD endpoint (login.microsoftonline.com).", "captured";
    CONSENT_MISSING = 65001, 400, "invalid_grant", Some("consent_required"), Absent, "The user or administrator has not consented to use the application with ID '{0}' named '{1}'. Send an interactive authorization request for this user and resource.", "captured";
    CONSENT_DECLINED = 65004, 400, "access_denied", None, Shown, "User declined to consent to access the app.", "captured";
    USER_DELETED = 500341, 400, "invalid_grant", None, Shown, "The user account {0} has been deleted from the {1} directory. To sign into this application, the account must be added to the directory.", "captured";
    PERMISSIONS_MISCONFIGURED = 1003031, 400, "access_denied", None, Shown, "Misconfigured required resource access in client application registration.", "captured";
    // The device code flow.
    DEVICE_PENDING = 70016, 400, "authorization_pending", None, Shown, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.", "captured";
    DEVICE_BAD_CODE = 70018, 400, "bad_verification_code", None, Shown, "Invalid verification code due to User typing in wrong user code for device code flow. Authorization isn't approved.", "docs";
    DEVICE_EXPIRED = 70020, 400, "expired_token", None, Shown, "The provided value for the input parameter 'device_code' is not valid. This device code has expired.", "captured";
    ADMIN_CONSENT_NEEDED = 90094, 400, "access_denied", Some("consent_required"), Absent, "Admin consent is required for the permissions requested by this application. An admin must grant consent before users can use it.", "docs";
    USER_NOT_ASSIGNED = 50105, 400, "invalid_grant", None, Shown, "Your administrator has configured the application {0} ('{1}') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '{2}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator.", "captured";
    APP_NOT_ASSIGNED = 501051, 400, "invalid_grant", None, Shown, "Application '{0}'({1}) is not assigned to a role for the application '{2}'({3}).", "captured";
    PASSWORD_WRONG = 50126, 400, "invalid_grant", None, Shown, "Error validating credentials due to invalid username or password.", "captured";
    PASSWORD_EXPIRED = 50055, 400, "invalid_grant", Some("user_password_expired"), Shown, "The password is expired.", "docs";
    MFA_ENROLMENT = 50079, 400, "interaction_required", Some("basic_action"), Shown, "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '{0}'.", "docs";
    DEVICE_NOT_COMPLIANT = 53000, 400, "interaction_required", Some("message_only"), Shown, "Device is not in required device state: compliant. Conditional Access policy requires a compliant device, and the device is not compliant.", "docs";
    EXTERNAL_CHALLENGE = 50158, 400, "interaction_required", Some("basic_action"), Shown, "External security challenge not satisfied. User will be redirected to another page or authentication provider to satisfy additional authentication challenges.", "docs";
    SECURITY_POLICY = 530032, 400, "interaction_required", Some("message_only"), Shown, "Your organization's administrator has set security defaults that block this request.", "own";
    MFA_NEEDED = 50076, 400, "interaction_required", Some("basic_action"), Shown, "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{0}'.", "captured";
    // Authorization codes and refresh tokens.
    REDIRECT_MISMATCH = 50011, 400, "invalid_request", None, Shown, "The redirect URI '{0}' specified in the request does not match the redirect URIs configured for the application '{1}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal.", "captured";
    REPLY_MISMATCH = 500112, 400, "invalid_grant", None, Shown, "The reply address '{0}' does not match the reply address '{1}' provided when requesting Authorization code.", "docs";
    PKCE_NEEDED = 9002325, 400, "invalid_request", None, Shown, "Proof Key for Code Exchange is required for cross-origin authorization code redemption.", "captured";
    CHALLENGE_SIZE = 501491, 400, "invalid_request", None, Shown, "Invalid size of Code_Challenge parameter.", "docs";
    PKCE_WRONG = 501481, 400, "invalid_grant", None, Shown, "The Code_Verifier does not match the code_challenge supplied in the authorization request.", "docs";
    CODE_REDEEMED = 54005, 400, "invalid_grant", None, Shown, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.", "docs";
    CODE_EXPIRED = 70008, 400, "invalid_grant", None, Shown, "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.", "captured";
    GRANT_INVALID = 70000, 400, "invalid_grant", Some("bad_token"), Shown, "The provided value for the input parameter '{0}' is not valid.", "docs";
    GRANT_MALFORMED = 9002313, 400, "invalid_grant", None, Shown, "Invalid request. Request is malformed or invalid.", "captured";
    TOKEN_FOR_ITSELF = 90009, 400, "invalid_request", None, Shown, "Application '{0}'({1}) is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.", "captured";
    SPA_REFRESH_EXPIRED = 700084, 400, "invalid_grant", Some("token_expired"), Shown, "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page. The token was issued on {0}.", "docs";
    REFRESH_EXPIRED = 700082, 400, "invalid_grant", Some("token_expired"), Shown, "The refresh token has expired due to inactivity. The token was issued on {0} and was inactive for 90.00:00:00.", "captured";
    SIGN_IN_TOO_OLD = 70043, 400, "invalid_grant", Some("token_expired"), Shown, "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on {0} and the maximum allowed lifetime for this request is {1}.", "docs";
    SESSION_TOO_OLD = 70044, 400, "interaction_required", None, Shown, "The session has expired or is invalid due to sign-in frequency checks by conditional access.", "docs";
    // The assertion of on-behalf-of.
    ASSERTION_MALFORMED = 50027, 400, "invalid_request", None, Shown, "JWT token is invalid or malformed.", "captured";
    ASSERTION_SIGNATURE = 50013, 400, "invalid_grant", None, Shown, "Assertion failed signature validation. [Reason - {0}]", "captured";
    ASSERTION_TIME = 500133, 400, "invalid_grant", None, Shown, "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token. Current time: {0}, expiry time of assertion {1}.", "captured";
    ASSERTION_AUDIENCE = 500131, 400, "invalid_grant", None, Shown, "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '{0}' and the expected audience is '{1}' or one of the Application Uris of this application with App ID '{1}' ({2}). The downstream client must request a token for the expected audience (the application that made the OBO call) and this application should use that token as the assertion.", "captured";
    ASSERTION_APP_ONLY = 7000114, 400, "unauthorized_client", None, Shown, "Application '{0}' is not allowed to make application on-behalf-of calls.", "captured";
    ASSERTION_IS_ID_TOKEN = 240002, 400, "invalid_grant", None, Shown, "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant.", "docs";
    // For ordered faults.
    MFA_FAILED = 50074, 400, "interaction_required", Some("basic_action"), Shown, "Strong authentication is required and the user did not pass the MFA challenge.", "docs";
    LOOP = 50196, 400, "invalid_grant", None, Shown, "The server terminated an operation because it encountered a client request loop. Please contact your app vendor.", "captured";
    TRANSIENT = 90033, 503, "temporarily_unavailable", None, Shown, "A transient error has occurred. Please try again.", "docs";
    SERVICE_ERROR = 50000, 500, "server_error", None, Shown, "There was an error issuing a token or an issue with our sign-in service.", "captured";
    SERVICE_BUSY = 90006, 503, "temporarily_unavailable", None, Shown, "The service is temporarily unavailable. Please retry later.", "docs";
    BUDGET = 90024, 503, "temporarily_unavailable", None, Shown, "A transient error has occurred. Please try again.", "docs";
    TENANT_THROTTLED = 90055, 429, "temporarily_unavailable", None, Shown, "There are too many incoming requests.", "docs";
    RETRYABLE = 50033, 503, "temporarily_unavailable", None, Shown, "A transient error has occurred. Please try again.", "docs";
    BLOCKED = 53003, 400, "interaction_required", Some("message_only"), Shown, "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.", "captured";
    SESSION_REVOKED = 50173, 400, "invalid_grant", Some("bad_token"), Shown, "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{0}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{1}'.", "captured";
}

/// The number of every error that the emulator can answer with, in no order.
///
/// Something that explains Entra's errors can prove with it that it knows these.
/// [`Fault::aadsts`](crate::Fault::aadsts) takes other numbers too.
///
/// ```
/// assert!(entra_emulator::error_codes().any(|number| number == 65001));
/// ```
#[must_use]
pub fn error_codes() -> impl ExactSizeIterator<Item = u32> {
    ALL.iter().map(|row| row.code)
}

/// The row of a number.
pub(crate) fn by_code(code: u32) -> Option<Row> {
    ALL.iter().find(|r| r.code == code).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_one_row() {
        for row in ALL {
            assert_eq!(
                ALL.iter().filter(|r| r.code == row.code).count(),
                1,
                "{}",
                row.code
            );
            assert!((400..600).contains(&row.status));
        }
    }
}
