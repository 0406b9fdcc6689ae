//! Services that name both sides: the audience that came and the one that they want, the
//! tenant, the action, the address.

use crate::diagnosis::accept;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

use super::shared::{said, shown};

/// An audience that a text names, of the token and of the service.
struct Named {
    came: Option<String>,
    wanted: Vec<String>,
}

/// Texts of services and validators that refuse an audience.
pub(super) fn audience(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    // Entra ID's errors name audiences of assertions.
    if !facts.errors.is_empty() {
        return;
    }
    let Some(named) = named(facts) else { return };
    let came = named.came.or_else(|| {
        facts
            .claims()
            .and_then(|claims| claims.aud().map(str::to_owned))
    });
    let wanted: Vec<&str> = named.wanted.iter().map(String::as_str).collect();
    let same = |a: &str, b: &str| {
        a.trim_end_matches('/')
            .eq_ignore_ascii_case(b.trim_end_matches('/'))
    };
    if let Some(aud) = &came
        && wanted.iter().any(|it| same(it, aud) && *it != aud)
        && facts.says("including forward slash")
        && let Some(right) = wanted.first()
    {
        found.push(
            said(
                Code::AudienceSlash,
                format!(
                    "the token's audience is `{}`, and the service wants `{}`",
                    shown(aud),
                    shown(right)
                ),
            )
            .why("the service compares the audience with its slash at the end")
            .change(Change::scope(format!("{right}/.default"))),
        );
        return;
    }
    if let Some(aud) = &came
        && wanted.iter().any(|it| same(it, aud))
    {
        // A list of what may be wrong, of which the audience is right.
        return;
    }
    let of_microsoft = wanted
        .first()
        .is_some_and(|it| !accept::resources(it).is_empty());
    let list = wanted
        .iter()
        .map(|it| format!("`{}`", shown(it)))
        .collect::<Vec<_>>()
        .join(" or ");
    let seen = match (&came, wanted.is_empty()) {
        (Some(came), false) => format!(
            "the token's audience is `{}`{}, and the service wants {list}",
            shown(came),
            in_words(came)
        ),
        (Some(came), true) => format!(
            "the token's audience is `{}`{}, which the API does not accept",
            shown(came),
            in_words(came)
        ),
        (None, false) => format!("the service wants the audience {list}"),
        (None, true) => return,
    };
    if of_microsoft || wanted.is_empty() && facts.wanted().is_some() {
        let scope = wanted.first().map_or_else(
            || facts.wanted().map(|(_, scope)| scope).unwrap_or_default(),
            |it| scope_of(it),
        );
        if came.is_none() && facts.token().is_none() && facts.requested().is_none() {
            found.push(
                said(Code::AudienceUnchecked, format!("{seen}; no token was given that could be compared"))
                    .why("the text lists what may be wrong: the token is missing, malformed, expired, or for another audience")
                    .change(Change::scope(scope)),
            );
            let last = found.len() - 1;
            if let Some(finding) = found.get_mut(last) {
                finding.certainty_is(Certainty::Likely);
            }
            return;
        }
        found.push(
            said(Code::AudienceWrong, seen)
                .why("a service accepts tokens for itself only")
                .change(Change::scope(scope)),
        );
        return;
    }
    // An API of one's own, whose validator compares with what it was configured with.
    if let Some(came) = &came {
        let spelling = wanted.iter().any(|it| same_application(it, came));
        let mut finding = said(
            if spelling || accept::resources(came).is_empty() {
                Code::AudienceNotAccepted
            } else {
                Code::AudienceWrong
            },
            seen,
        );
        if spelling {
            finding = finding
                .why("both are names of one registration: version 2 tokens carry the client id, version 1 tokens the identifier URI that was requested")
                .change(Change::setting("the audiences that the API's validation accepts", format!("`{}` and {list}", shown(came))));
        } else if accept::resources(came).is_empty() {
            finding = finding
                .why("the token was issued for another registration than the API is configured with")
                .change(if wanted.is_empty() { "configure the API with the client id and identifier URI of its own registration, and request a scope of that registration".to_owned() } else { format!("request a scope of the API's own registration ({list})") })
                .change("or, where both are names of the API, accept both in its validation");
        } else {
            let best = wanted.iter().find(|it| !it.is_empty()).map_or_else(
                || super::shared::best_audience(facts),
                |it| (*it).to_owned(),
            );
            finding = finding
                .why("the token is for a service of Microsoft's, and the API accepts tokens for its own registration only")
                .change(Change::scope(scope_of(&best)));
        }
        found.push(finding);
    }
}

fn in_words(aud: &str) -> String {
    accept::named(aud)
        .map(|name| format!(" ({name})"))
        .unwrap_or_default()
}

/// One registration under two names: the client id, and an identifier URI with it.
fn same_application(a: &str, b: &str) -> bool {
    match (scan::guid(a), scan::guid(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

fn scope_of(aud: &str) -> String {
    let known = accept::resources(aud).first().and_then(|resource| {
        let cloud = resource.clouds().find(|cloud| {
            resource
                .identifiers(*cloud)
                .iter()
                .chain(resource.other_spellings(*cloud))
                .any(|uri| uri.trim_end_matches('/') == aud.trim_end_matches('/'))
        });
        resource.scope_in(cloud.unwrap_or(foundry_scopes::KnownCloud::Public))
    });
    match known {
        Some(scope) => scope.to_string(),
        None if scan::is_guid(aud) => format!("api://{aud}/.default"),
        None => format!("{}/.default", aud.trim_end_matches('/')),
    }
}

fn split(list: &str) -> Vec<String> {
    list.replace(" or ", ",")
        .split(|c: char| c.is_whitespace() || ",'\"`[](){}".contains(c))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.contains("://") || scan::is_guid(word))
        .map(str::to_owned)
        .collect()
}

/// What each kind of text says of the audience.
fn named(facts: &Facts<'_>) -> Option<Named> {
    let text = facts.said.as_str();
    if let Some(list) = scan::between(text, "audience is incorrect (", ")") {
        return Some(Named {
            came: None,
            wanted: split(list),
        });
    }
    // Azure Resource Manager.
    let obtained = [
        "obtained for wrong audience or resource",
        "obtained from wrong audience or resource",
    ];
    if let Some(rest) = obtained.iter().find_map(|mark| scan::after(text, mark)) {
        let line = rest.split('\n').next().unwrap_or(rest);
        let quoted = scan::all_quoted(line);
        let bare = split(line);
        let mut all: Box<dyn Iterator<Item = &str>> = if quoted.is_empty() {
            Box::new(bare.iter().map(String::as_str))
        } else {
            Box::new(quoted.into_iter())
        };
        let came = all.next().map(str::to_owned);
        return Some(Named {
            came,
            wanted: all
                .take(4)
                .filter(|it| it.contains("://"))
                .map(str::to_owned)
                .collect(),
        });
    }
    // Batch compares slash and all.
    if let Some(rest) = scan::after(text, "specified token audience") {
        let all = scan::all_quoted(rest.split('\n').next().unwrap_or(rest));
        return Some(Named {
            came: all.first().map(|it| (*it).to_owned()),
            wanted: all.get(1).map(|it| (*it).to_owned()).into_iter().collect(),
        });
    }
    // Key Vault: AKV10022.
    if let Some(rest) = scan::after(text, "Invalid audience. Expected") {
        let (expected, came) = rest.split_once("found")?;
        return Some(Named {
            came: split(came.split('\n').next()?).into_iter().next(),
            wanted: split(expected),
        });
    }
    // .NET: IDX10214.
    if scan::contains(text, "IDX10214") {
        let rest = scan::after(text, "IDX10214")?;
        let came = scan::quoted_after(rest, "Audiences:").filter(|it| !it.contains("PII"));
        let valid = ["ValidAudience:", "ValidAudiences:"]
            .iter()
            .filter_map(|mark| scan::quoted_after(rest, mark));
        let wanted = valid
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|it| !it.is_empty() && *it != "null" && !it.contains("PII"));
        let named = Named {
            came: came.map(str::to_owned),
            wanted: wanted.map(str::to_owned).collect(),
        };
        if named.came.is_some() || !named.wanted.is_empty() {
            return Some(named);
        }
        // The log hides the values; the settings name them.
        return Some(Named {
            came: None,
            wanted: facts.accepted().into_iter().map(str::to_owned).collect(),
        });
    }
    // jsonwebtoken of Node.
    if let Some(rest) = scan::after(text, "jwt audience invalid. expected:") {
        return Some(Named {
            came: None,
            wanted: split(rest.split('\n').next()?),
        });
    }
    // Go and Python.
    if let Some(rest) = scan::after(text, "expected audience") {
        let line = rest.split('\n').next()?;
        let mut all = scan::all_quoted(line).into_iter().map(str::to_owned);
        let wanted = all.next()?;
        return Some(Named {
            came: all.next(),
            wanted: vec![wanted],
        });
    }
    let refused = [
        "audience validation failed",
        "invalid audience",
        "invalid_audience",
        "audience doesn't match",
        "audience is invalid",
        "unexpected \"aud\" claim",
        "access token validation failure. invalid audience",
    ];
    // The challenge of a service names the resource that its tokens are for.
    let challenged = ["resource_id", "resource"]
        .iter()
        .find_map(|name| facts.challenge.get(name))
        .filter(|resource| resource.contains("://") && facts.status() == Some(401));
    if let Some(resource) = challenged {
        return Some(Named {
            came: None,
            wanted: vec![resource.to_owned()],
        });
    }
    refused
        .iter()
        .any(|phrase| facts.says(phrase))
        .then(|| Named {
            came: None,
            wanted: match facts.wanted() {
                Some((_, scope)) => vec![scope.trim_end_matches("/.default").to_owned()],
                None => facts.accepted().into_iter().map(str::to_owned).collect(),
            },
        })
}
