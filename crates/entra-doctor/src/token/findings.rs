//! Findings on a token alone.

use entra_claims::{Claims, Groups, KindGuess, PrincipalKind, UnverifiedToken};
use foundry_scopes::catalogue;

use super::{facts, when};
use crate::diagnosis::Code;
use crate::finding::{Finding, Severity};
use crate::reading::token::Form;

/// All findings, problems first.
pub(crate) fn of(token: &UnverifiedToken, guess: KindGuess, now: i64, form: Form) -> Vec<Finding> {
    let mut found = all(token, guess, now);
    found.retain(|finding| is_known(finding.code(), form));
    found
}

/// What is known of a token depends on how much of it was given.
fn is_known(code: Code, form: Form) -> bool {
    let of_signature = matches!(code, Code::SignatureForm | Code::SignatureLength);
    let of_whole = matches!(
        code,
        Code::Algorithm
            | Code::Unsigned
            | Code::NoExpiry
            | Code::NoIssuer
            | Code::Unclear
            | Code::IssuerUnknown
            | Code::IdToken
    );
    match form {
        Form::Whole => true,
        Form::Unsigned | Form::Shortened => !of_signature,
        Form::Decoded => !of_signature && !of_whole,
    }
}

fn all(token: &UnverifiedToken, guess: KindGuess, now: i64) -> Vec<Finding> {
    let claims = token.claims();
    let mut found = Vec::new();
    algorithm(token, &mut found);
    signature(token, &mut found);
    if guess == KindGuess::ProofOfPossession {
        // Its claims are the proof's and not a token's.
        found.push(Finding::problem(
            Code::ProofOfPossession,
            "`typ` is pop: this is the envelope of a proof of possession; send the access token itself, its claim `at`, with the scheme Bearer, or ask for a token that is not bound to a key",
        ).source_is("Entra doc \"Access tokens\""));
        return found;
    }
    times(claims, now, &mut found);
    issuer(claims, &mut found);
    kind(claims, guess, &mut found);
    if claims.is_bound_to_a_key() {
        found.push(Finding::problem(
            Code::BoundToken,
            "there is `cnf`: the token is bound to a key, and an API that takes bearer tokens refuses it; ask for one without proof of possession",
        ).source_is("RFC 7800, section 3"));
    }
    if token.header().is_graph_style() {
        found.push(Finding::note(
            Code::GraphToken,
            "there is a `nonce` in the header: only Microsoft Graph can check the signature of this token",
        ).source_is("Entra doc \"Access tokens\", validation"));
    }
    if claims.groups() == Groups::Overage {
        found.push(Finding::note(
            Code::GroupsOverage,
            "the caller is in more groups than a token holds: ask Microsoft Graph for them, a missing `groups` is not an empty one",
        ).source_is("Entra doc \"Configure group claims\""));
    }
    found.sort_by_key(|finding| finding.severity() != Severity::Problem);
    found
}

fn algorithm(token: &UnverifiedToken, found: &mut Vec<Finding>) {
    match token.header().alg() {
        Some("RS256") => {}
        Some(alg) if alg.eq_ignore_ascii_case("none") => found.push(
            Finding::problem(
                Code::Unsigned,
                "`alg` is none: the token is unsigned, and no service may accept it",
            )
            .source_is("RFC 8725, section 3.2"),
        ),
        _ => found.push(
            Finding::problem(
                Code::Algorithm,
                "`alg` is not RS256: Entra ID did not sign this for an API of yours",
            )
            .source_is("RFC 8725, section 3.1"),
        ),
    }
}

fn signature(token: &UnverifiedToken, found: &mut Vec<Finding>) {
    let Some(length) = token.signature_len() else {
        found.push(Finding::problem(
            Code::SignatureForm,
            "the signature is not base64url: the token was cut or changed when it was copied, and no service accepts it",
        ).source_is("RFC 7515, section 5.2"));
        return;
    };
    let rsa = token.header().alg() == Some("RS256");
    if !rsa || matches!(length, 256 | 384 | 512) {
        return;
    }
    let text = format!("the signature has {length} bytes: the token was cut off");
    // RFC 7518, section 3.3: no key is shorter.
    found.push(if length < 256 {
        Finding::problem(
            Code::SignatureLength,
            format!("{text}, and no service accepts it"),
        )
        .source_is("RFC 7518, section 3.3")
    } else {
        Finding::note(Code::SignatureLength, text).source_is("RFC 7518, section 3.3")
    });
}

fn times(claims: &Claims, now: i64, found: &mut Vec<Finding>) {
    match claims.exp() {
        Some(exp) if exp <= now => found.push(
            Finding::problem(
                Code::Expired,
                format!("it expired {}: ask for a new one", when::relative(exp, now)),
            )
            .source_is("RFC 7519, section 4.1.4"),
        ),
        Some(_) => {}
        None => found.push(
            Finding::problem(
                Code::NoExpiry,
                "there is no `exp`: Entra ID always writes one",
            )
            .source_is("RFC 7519, section 4.1.4"),
        ),
    }
    if let Some(nbf) = claims.nbf().filter(|nbf| *nbf > now) {
        found.push(
            Finding::problem(
                Code::NotYetValid,
                format!(
                    "it becomes valid {}: check the clock of this machine",
                    when::relative(nbf, now)
                ),
            )
            .source_is("RFC 7519, section 4.1.5"),
        );
    }
}

fn issuer(claims: &Claims, found: &mut Vec<Finding>) {
    let Some(iss) = claims.iss() else {
        found.push(
            Finding::problem(
                Code::NoIssuer,
                "there is no `iss`: this did not come from Entra ID",
            )
            .source_is("RFC 7519, section 4.1.1"),
        );
        return;
    };
    let Some((tenant, ..)) = facts::tenant_in(iss) else {
        if facts::of_customers(iss).is_some() {
            return;
        }
        found.push(Finding::note(
            Code::IssuerUnknown,
            "`iss` is no issuer of a known cloud: a service that trusts Entra ID refuses it, unless this is a local one",
        ).source_is("Entra doc \"National clouds\""));
        return;
    };
    if claims.tid().is_some_and(|tid| tid != tenant.to_string()) {
        found.push(
            Finding::problem(
                Code::TenantMismatch,
                "the tenant in `iss` is not the one in `tid`: a careful service refuses that",
            )
            .source_is("Entra doc \"Access token claims reference\""),
        );
    }
}

fn kind(claims: &Claims, guess: KindGuess, found: &mut Vec<Finding>) {
    match guess {
        KindGuess::IdToken(_) => found.push(Finding::problem(
            Code::IdToken,
            "it is an ID token: send the access token instead, asked for with a scope of the API",
        ).source_is("Entra doc \"ID tokens\"")),
        KindGuess::Access(PrincipalKind::App | PrincipalKind::Agent)
            // What an application may do at a service of Microsoft's is the service's to know.
            if claims.roles().next().is_none()
                && claims.aud().is_none_or(|aud| catalogue::by_audience(aud).next().is_none()) =>
        {
            found.push(Finding::note(
                Code::AppWithoutRole,
                "there is no `roles`: every application of the tenant gets such a token, so assign an app role and require it",
            ).source_is("Entra doc \"Secure applications and APIs by validating claims\""));
        }
        KindGuess::Unclear(_) => found.push(Finding::note(
            Code::Unclear,
            "the claims do not settle whether a user is behind it: a careful service refuses that",
        ).source_is("Entra doc \"Access token claims reference\"")),
        _ => {}
    }
}
