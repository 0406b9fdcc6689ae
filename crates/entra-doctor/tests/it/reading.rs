//! Pasted text: first findings with their values, refusals, what is fine, times, snippets.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use entra_doctor::{Case, Code, Diagnosis, Outcome, Report};
use serde_json::json;

use crate::pastes::{set, still_wrong, words};
use crate::symptoms::{NOW, jwt};

const API: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

#[test]
fn the_own_set_is_answered_right() {
    judge("own");
}

#[test]
fn the_second_set_is_answered_right() {
    judge("second");
}

#[test]
fn the_third_set_is_answered_right() {
    judge("third");
}

#[test]
fn the_fourth_set_is_answered_right() {
    judge("fourth");
}

#[test]
fn the_fifth_set_is_answered_right() {
    judge("fifth");
}

/// The answer as the program prints it.
fn written(diagnosis: &Diagnosis) -> String {
    let mut out = Vec::new();
    diagnosis.write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// `DOCTOR_SHOW=part-of-an-id` prints wrong answers. Every paste is answered right, but those that are listed; and nothing harmful is said.
fn judge(name: &str) {
    let pastes = set(name);
    let listed = still_wrong(name);
    let (mut wrong, mut faults, mut harmful) = (BTreeSet::new(), String::new(), Vec::new());
    for paste in &pastes {
        let diagnosis = paste.case().diagnose();
        let harm = paste.harm(&diagnosis);
        let fault = paste.fault(&diagnosis);
        if let Some(harm) = harm {
            harmful.push(format!("{}: {harm:?}", paste.id));
        }
        if let Some(fault) = fault.or(harm.map(|harm| format!("says {harm:?}"))) {
            let new = if listed.contains(&paste.id) {
                ""
            } else {
                "NEW "
            };
            let _ = writeln!(faults, "{new}{} ({}): {fault}", paste.id, paste.principle);
            if std::env::var("DOCTOR_SHOW").is_ok_and(|id| paste.id.contains(&id)) {
                println!("{}\n{}", paste.text(), written(&diagnosis));
            }
            wrong.insert(paste.id.clone());
        }
    }
    let rate = format!(
        "{name}: {} of {} right",
        pastes.len() - wrong.len(),
        pastes.len()
    );
    println!("{rate}");
    assert!(
        harmful.is_empty(),
        "{rate}; harmful: {harmful:#?}\n{faults}"
    );
    assert_eq!(wrong, listed, "{rate}\n{faults}");
    assert!(wrong.len() * 100 <= pastes.len() * 15, "{rate}");
}

#[test]
fn a_refusal_is_never_fine() {
    for status in [400, 401, 403, 404, 409, 418, 500] {
        let answer = entra_doctor::Answer::new().status(status);
        let diagnosis = Case::new().at(NOW).answer(answer).diagnose();
        assert!(!diagnosis.is_fine(), "{status}");
        assert!(!diagnosis.findings().is_empty());
    }
}

/// Whatever words a service has: beside a token that fits, what tells of trouble is not called fine.
#[test]
fn what_is_not_understood_is_not_called_fine() {
    let right = jwt("https://cognitiveservices.azure.com", &json!({}));
    for said in [
        "ORA-28759: failure to open file",
        "390144 (08004): JWT rejected by the account",
        "SaslHandshake: mechanism not permitted, closing",
        "Fehler: Zugriff auf das Konto nicht m\u{f6}glich",
        "\u{c9}chec de la connexion au service",
        "panic: runtime error: token source returned nil",
        "E0412 the upstream aborted the stream",
        "our gateway cannot reach the model, any idea?",
        "ERRO[0007] handshake ended early",
    ] {
        let paste = format!("https://fabrikam.openai.azure.com/ with {right}\n{said}");
        let diagnosis = Case::new().at(NOW).paste(&paste).diagnose();
        assert!(!diagnosis.is_fine(), "{said}: {diagnosis:?}");
        assert_ne!(diagnosis.outcome(), Outcome::Fine, "{said}");
        let unread: Vec<_> = diagnosis.unread().iter().map(|it| it.line).collect();
        assert_eq!(unread, [2], "{said}");
    }
    for said in [
        "no errors so far",
        "\"error\": null",
        "it answers, thanks",
        "nothing failed",
        "is the terraform state refreshed?",
    ] {
        let paste = format!("https://fabrikam.openai.azure.com/ with {right}\n{said}");
        let diagnosis = Case::new().at(NOW).paste(&paste).diagnose();
        assert_eq!(diagnosis.outcome(), Outcome::Fine, "{said}");
    }
}

#[test]
fn what_is_fine_is_called_fine() {
    let right = jwt("https://cognitiveservices.azure.com", &json!({}));
    for paste in [
        format!("curl https://fabrikam.openai.azure.com/openai/deployments/d/chat/completions -H 'Authorization: Bearer {right}'\nHTTP/1.1 200 OK"),
        format!("https://fabrikam.openai.azure.com/ with {right}"),
        "{\"appId\":\"c0ffee00-1111-2222-3333-444444444444\",\"status\":{\"errorCode\":0},\"conditionalAccessStatus\":\"success\",\"resourceDisplayName\":\"Microsoft Graph\"}".to_owned(),
    ] {
        let diagnosis = Case::new().at(NOW).paste(&paste).diagnose();
        assert!(diagnosis.is_fine(), "{paste}: {diagnosis:?}");
        assert_eq!(diagnosis.outcome(), Outcome::Fine, "{paste}");
        assert!(!diagnosis.agrees().is_empty() || !diagnosis.ruled_out().is_empty(), "{paste}");
    }
}

#[test]
fn the_time_of_the_failure_counts() {
    let token = jwt(
        "https://cognitiveservices.azure.com",
        &json!({ "exp": 1_751_887_848_i64, "nbf": 1_751_884_000_i64 }),
    );
    let text = |time: &str| {
        format!(
            "{time} POST https://fabrikam.openai.azure.com/openai/v1/responses 401 Unauthorized\nAuthorization: Bearer {token}"
        )
    };
    let codes = |time: &str| {
        let diagnosis = Case::new().at(NOW).paste(&text(time)).diagnose();
        diagnosis
            .findings()
            .iter()
            .map(entra_doctor::Finding::code)
            .collect::<Vec<_>>()
    };
    assert!(!codes("2025-07-07T10:40:00Z").contains(&Code::Expired));
    assert_eq!(codes("2025-07-07T12:40:00Z").first(), Some(&Code::Expired));
}

#[test]
fn what_is_there_stays_in_what_is_pasted() {
    let app = json!({ "appId": API, "identifierUris": ["api://orders", "https://orders.fabrikam.example"], "api": { "requestedAccessTokenVersion": 2 } });
    let tool = json!({ "openapi": { "auth": { "type": "managed_identity", "security_scheme": { "audience": "api://ordrs" } } } });
    let case = Case::new().at(NOW).paste(&format!("{app}\n{tool}"));
    let diagnosis = case.diagnose();
    let pasted: Vec<_> = diagnosis
        .findings()
        .iter()
        .flat_map(entra_doctor::Finding::changes)
        .filter_map(|change| change.paste())
        .collect();
    let update = pasted
        .iter()
        .find(|text| text.contains("--identifier-uris"))
        .unwrap();
    assert!(
        update.contains("api://orders https://orders.fabrikam.example api://ordrs"),
        "{update}"
    );
}

#[test]
fn tokens_in_joined_strings_are_read_whole() {
    let token = jwt("https://management.azure.com", &json!({}));
    let (first, rest) = token.split_at(150);
    let (second, third) = rest.split_at(100);
    for text in [
        format!("token = \"{first}\" +\n  \"{second}\" +\n  \"{third}\""),
        format!("token = ('{first}'\n         '{second}'\n         '{third}')"),
        format!("TOKEN={first}\\\n{second}\\\n{third}"),
    ] {
        let paste = format!("{text}\nhttps://fabrikam.openai.azure.com/openai/deployments/d 401");
        let diagnosis = Case::new().at(NOW).paste(&paste).diagnose();
        assert_eq!(
            diagnosis.findings()[0].code(),
            Code::AudienceWrong,
            "{text}"
        );
    }
}

#[test]
fn texts_of_entra_id_in_other_languages_give_their_values() {
    for (text, holds) in [
        (
            "AADSTS65001: Der Benutzer oder Administrator hat der Verwendung der Anwendung mit der ID \u{201e}c0ffee00-1111-2222-3333-444444444444\u{201c} nicht zugestimmt.",
            "c0ffee00-1111-2222-3333-444444444444",
        ),
        (
            "AADSTS50011: Der in der Anforderung angegebene Umleitungs-URI \"https://planner.fabrikam.example/cb\" stimmt nicht mit den f\u{fc}r die Anwendung konfigurierten \u{fc}berein.",
            "https://planner.fabrikam.example/cb",
        ),
        (
            "AADSTS500011: Le principal de ressource nomm\u{e9} https://invoices.azurewebsites.net est introuvable dans le locataire nomm\u{e9} Fabrikam.",
            "https://invoices.azurewebsites.net",
        ),
        (
            "AADSTS700016: L'application avec l'identificateur \u{ab} c0ffee00-1111-2222-3333-444444444444 \u{bb} est introuvable dans l'annuaire.",
            "c0ffee00-1111-2222-3333-444444444444",
        ),
        ("Der Server sagt: Zugriff verweigert", "403"),
    ] {
        let diagnosis = Case::new().at(NOW).paste(text).diagnose();
        let first = &diagnosis.findings()[0];
        assert!(words(first).contains(holds), "{text}: {first:?}");
    }
}
