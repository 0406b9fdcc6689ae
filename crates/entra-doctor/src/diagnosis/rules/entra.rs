//! What Entra ID answered, by number, and its sign-in log.

use entra_obo::aadsts;

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};

struct Known(&'static [u32], Code, &'static [&'static str]);

/// Numbers with a better remedy than the catalogue's one sentence.
const KNOWN: &[Known] = &[
    Known(
        &[9_010_010],
        Code::McpResourceMismatch,
        &[
            "make the `resource` of the metadata an identifier URI of the API, set `requestedAccessTokenVersion` to 2 first, and advertise scopes qualified with it",
            "or serve a metadata facade that drops `resource`, as mcp-auth's `facade` does",
        ],
    ),
    Known(
        &[901_002],
        Code::McpResourceRefused,
        &[
            "drop the `resource` parameter: serve a metadata facade that forwards without it, as mcp-auth's `facade` does",
        ],
    ),
    Known(
        &[650_053],
        Code::McpScopeUnqualified,
        &[
            "advertise scopes as `api://<client id>/<scope>`: a short name is read as Microsoft Graph's",
        ],
    ),
    Known(
        &[900_144],
        Code::McpScopeAbsent,
        &["name a qualified scope in the challenge and in `scopes_supported`"],
    ),
    Known(
        &[90_095],
        Code::McpAdminApproval,
        &[
            "serve a metadata facade that drops `prompt=consent`, and grant consent as an administrator",
        ],
    ),
    Known(
        &[500_011],
        Code::ResourceNotFound,
        &[
            "request an identifier URI that is registered in this tenant; a managed identity's endpoint wants it without `/.default`",
            "if the service is Microsoft's, create its service principal: `az ad sp create --id <application id>`",
        ],
    ),
    Known(
        &[650_052],
        Code::ServicePrincipalMissing,
        &[
            "create the service principal; Foundry's is called Azure Machine Learning Services: `az ad sp create --id 18a66f5f-dbdf-4c17-9dd7-1634712a9cbe`",
        ],
    ),
    Known(
        &[50_011],
        Code::RedirectMismatch,
        &[
            "register the reply URL as a web redirect: for a connection it is `properties.redirectUrl`, `https://global.consent.azure-apim.net/redirect/<id>`",
        ],
    ),
    Known(
        &[9_002_327],
        Code::RedirectPlatform,
        &[
            "register the callback under \"Mobile and desktop applications\", not under Web or single-page",
        ],
    ),
    Known(
        &[7_000_215, 7_000_222, 700_027],
        Code::SecretRefused,
        &[
            "set a secret or certificate that is registered and has not expired, and recreate the connection that holds it",
        ],
    ),
    Known(&[54_005], Code::CodeRedeemedTwice, REDEEMED),
    Known(
        &[50_013, 500_131],
        Code::AssertionAudience,
        &[
            "request the user's token for the application that exchanges it: for an agent `api://<blueprint>/access_as_user`",
            "a self-hosted MCP server validates the token for itself and performs its own exchange",
        ],
    ),
    Known(
        &[82_001],
        Code::AgentGrantRefused,
        &[
            "use client_credentials with `fmi_path` and `api://AzureADTokenExchange/.default`, then the agent identity; the token-exchange grant of RFC 8693 is not accepted",
        ],
    ),
    Known(
        &[700_211, 700_213],
        Code::FederationMismatch,
        &[
            "send the request to the agent identity's own tenant, and make issuer and subject of the federated credential equal to the assertion's",
        ],
    ),
    Known(
        &[53_003, 50_076, 50_079, 53_000],
        Code::ConditionalAccess,
        &[
            "have the user sign in again with the claims of the answer, or an administrator change the policy",
        ],
    ),
    Known(
        &[65_001],
        Code::ConsentMissing,
        &[
            "grant the delegated permission; Foundry's is `user_impersonation` of Azure Machine Learning Services (18a66f5f-dbdf-4c17-9dd7-1634712a9cbe), found by its id",
            "an agent identity has no consent page: an administrator pre-authorizes the blueprint's inheritable permissions",
        ],
    ),
];

const REDEEMED: &[&str] = &[
    "sign in once in a new private browser window: a prefetch or a reload sends the code twice",
    "if it stays, the second redemption happens in Microsoft's service: open a support case with the correlation id",
    "check apart from it: a token for https://ai.azure.com, Foundry Agent Consumer on the project, Conditional Access",
];

pub(super) fn numbers(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let mut numbers = facts.numbers.clone();
    if facts.says("has already been redeemed") {
        numbers.push(54_005);
    }
    if facts.says("invalid_client") && numbers.is_empty() {
        numbers.push(7_000_215);
    }
    for number in numbers {
        let entry = aadsts::lookup(number);
        let seen = entry.map_or_else(
            || format!("AADSTS{number}, which the catalogue does not know"),
            ToString::to_string,
        );
        let known = KNOWN.iter().find(|known| known.0.contains(&number));
        let mut finding = Finding::new(
            known.map_or(Code::EntraError, |known| known.1),
            Certainty::Certain,
            seen,
        )
        .source_is("Entra doc \"Microsoft Entra authentication and authorization error codes\"");
        match (known, entry) {
            (Some(known), _) => {
                finding = finding.changes_from(known.2.iter().map(|text| Change::from(*text)));
            }
            (None, Some(entry)) => finding = finding.change(entry.remedy()),
            (None, None) => {}
        }
        if number == 9_002_313 || number == 65_001 {
            finding =
                finding.why("the request was understood, and what it asks for is not granted");
        }
        found.push(finding);
    }
}

/// Applications of Microsoft's that show up in customers' logs.
const FIRST_PARTY: &[&str] = &[
    "cb2ff863-7f30-4ced-ab89-a00194bcf6d9",
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "1950a258-227b-4e31-a9cf-717495945fc2",
];

pub(super) fn sign_ins(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    for entry in facts.sign_ins() {
        if FIRST_PARTY.contains(&entry.app_id.as_str()) {
            found.push(
                Finding::new(
                    Code::SignInNotYours,
                    Certainty::Certain,
                    format!(
                        "the application is one of Microsoft's, and the resource is {}",
                        if entry.resource.is_empty() {
                            "not named"
                        } else {
                            &entry.resource
                        }
                    ),
                )
                .why("its registration is not the customer's to change")
                .change("look for the entry of your own application at the same time")
                .source_is(
                    "Entra doc \"Verify first-party Microsoft applications in sign-in reports\"",
                )
                .remark(),
            );
        }
        if entry.conditional_access_failed {
            found.push(
                Finding::new(
                    Code::ConditionalAccess,
                    Certainty::Certain,
                    "the log says that Conditional Access failed",
                )
                .change("look at the policies that the entry names")
                .source_is("Entra doc \"Sign-in logs\""),
            );
        }
    }
}
