//! Federated credentials: which issuer, subject or audience does not match.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::code_text::EntraError;
use crate::finding::Finding;
use crate::reading::scan;

use super::{said, seen};

const FAMILY: [u32; 11] = [
    70_021, 700_211, 700_212, 700_213, 700_214, 700_222, 700_226, 7_002_121, 7_002_131, 7_002_137,
    7_002_138,
];

pub(super) fn read(error: &EntraError) -> Option<Finding> {
    let told = scan::contains(&error.text, "federated identity");
    if !FAMILY.contains(&error.number) && !told {
        return None;
    }
    let text = &error.text;
    let field = |name: &str| format!("`{name}` of the application's federated credential");
    let demanded = scan::quoted_after(text, "federated identity credential Subject is")
        .or_else(|| scan::quoted_after(text, "Subject is"));
    let subject = scan::quoted_after(text, "assertion subject");
    let issuer = scan::quoted_after(text, "assertion issuer");
    let audience = scan::quoted_after(text, "assertion audience");
    // The older text: `Assertion Issuer: x. Assertion Subject: y. Assertion Audience: z.`
    let listed = |mark: &str| scan::word_after(text, mark).filter(|word| !word.is_empty());
    let older = subject.is_none() && issuer.is_none() && scan::contains(text, "Assertion Subject:");
    if let (true, Some(subject), Some(issuer)) = (
        older,
        listed("Assertion Subject:"),
        listed("Assertion Issuer:"),
    ) {
        return Some(
            said(Code::FederationMismatch, format!("no federated credential has the subject `{subject}` and the issuer `{issuer}`"))
                .why("Entra ID compares issuer, subject and audience of the assertion with the federated credentials of the application, letter by letter")
                .change(Change::setting(field("subject"), format!("`{subject}`, exactly as written")))
                .change(Change::setting(field("issuer"), format!("`{issuer}`, exactly as written, slash at the end included"))),
        );
    }
    let finding = match (subject, issuer, audience) {
        (Some(subject), ..) => {
            let right = demanded.unwrap_or(subject);
            let mut finding = said(Code::FederationMismatch, format!("no federated credential has the subject `{subject}`"))
                .change(Change::setting(field("subject"), format!("`{right}`, exactly as written")));
            if error.number == 7_002_138 {
                finding = finding.change("upper and lower case count: only the case differs");
            }
            finding
        }
        (None, Some(issuer), _) => said(Code::FederationMismatch, format!("no federated credential has the issuer `{issuer}`"))
            .change(Change::setting(field("issuer"), format!("`{issuer}`, exactly as written, slash at the end included")))
            .change("for an agent identity: send the request to the agent identity's own tenant"),
        (None, None, Some(audience)) => said(Code::FederationMismatch, format!("no federated credential has the audience `{audience}`"))
            .change("ask the issuer for a token with the audience `api://AzureADTokenExchange`, which is what the credential holds unless it was changed"),
        _ => said(Code::FederationMismatch, seen(error))
            .change("make issuer, subject and audience of the federated credential equal to the assertion's `iss`, `sub` and `aud`; case and slashes count")
            .change("for an agent identity: send the request to the agent identity's own tenant"),
    };
    Some(finding.why("Entra ID compares issuer, subject and audience of the assertion with the federated credentials of the application, letter by letter"))
}
