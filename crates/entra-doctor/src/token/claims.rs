//! Claims in plain words.

use entra_claims::{Claims, KindGuess, Membership};
use serde_json::{Map, Value};

use super::facts::{self, Fact};
use super::{when, words};

/// The documented claims in the order in which they are told, with what they mean where
/// that does not depend on the value (Entra docs "Access token claims reference" and
/// "Optional claims reference").
const WORDS: &[(&str, &str)] = &[
    ("aud", ""),
    ("iss", ""),
    ("tid", ""),
    (
        "oid",
        "the caller's object in that tenant; with tid, the identity",
    ),
    ("sub", "the caller as this API sees it"),
    ("azp", ""),
    ("appid", ""),
    ("azpacr", ""),
    ("appidacr", ""),
    ("idtyp", "app or user, where the API asked for the claim"),
    ("scp", "what the user let the application do: short names"),
    (
        "roles",
        "app permissions of an application, or app roles of a user",
    ),
    ("groups", ""),
    ("hasgroups", "the groups are left out of the token"),
    ("_claim_names", "what is left out of the token"),
    (
        "_claim_sources",
        "an address of a retired service: ask Microsoft Graph instead",
    ),
    (
        "wids",
        "directory roles; ordinary users have some, too, so only the values say something",
    ),
    ("acrs", "authentication contexts that were satisfied"),
    (
        "ver",
        "the form of the token, which the API's registration decides",
    ),
    ("idp", ""),
    ("acct", ""),
    ("xms_idrel", ""),
    ("xms_act_fct", ""),
    ("xms_sub_fct", ""),
    ("xms_tnt_fct", ""),
    (
        "xms_par_app_azp",
        "the blueprint of the agent identity; for audits, not for authorization",
    ),
    (
        "cnf",
        "the token is bound to this key and is no bearer token",
    ),
    ("xms_tb", "seen in tokens that are bound to a certificate"),
    ("xms_cc", ""),
    ("amr", "how the user signed in"),
    ("acr", "0 where the sign-in is below ISO/IEC 29115"),
    ("name", "for display only"),
    (
        "preferred_username",
        "for display only: it can change and be reassigned",
    ),
    ("upn", "for display only: it can change and be reassigned"),
    ("unique_name", "for display only: it is not unique"),
    (
        "email",
        "for display only: whoever takes it for an identity loses accounts",
    ),
    ("given_name", "for display only"),
    ("family_name", "for display only"),
    ("nickname", "for display only"),
    ("verified_primary_email", "for display only"),
    ("verified_secondary_email", "for display only"),
    (
        "xms_edov",
        "whether the owner of the domain vouches for the e-mail address",
    ),
    ("ctry", "the user's country"),
    ("tenant_ctry", "the tenant's country"),
    ("tenant_region_scope", "the tenant's region"),
    ("xms_pl", "the user's language"),
    ("xms_tpl", "the tenant's language"),
    ("xms_pdl", "where the user's data is kept"),
    ("onprem_sid", "the user in the domain that was synchronized"),
    ("ztdid", "the device of an Autopilot deployment"),
    ("ipaddr", "where the user came from"),
    ("fwd", "the client behind a proxy"),
    ("vnet", "the virtual network of the client"),
    ("in_corp", "whether the client was in the corporate network"),
    ("login_hint", "to be handed on in a sign-in, unread"),
    ("sid", "the session that the user signed in to"),
    ("pwd_exp", "when the password expires"),
    ("pwd_url", "where the password is changed"),
    ("uti", "the token's own id, for logs"),
    ("aio", OPAQUE),
    ("rh", OPAQUE),
    ("xms_ftd", OPAQUE),
    ("xms_tcdt", OPAQUE),
    ("xms_rd", OPAQUE),
    ("xms_acd", OPAQUE),
    ("xms_spcu", OPAQUE),
    ("xms_pftexp", OPAQUE),
    ("xms_az_tm", OPAQUE),
    ("xms_az_rid", OPAQUE),
    ("xms_tdbr", OPAQUE),
    ("xms_mirid", "the managed identity, as a resource of Azure"),
    (
        "nonce",
        "of the sign-in; decides nothing about the kind of token",
    ),
    ("c_hash", "as in ID tokens only"),
    ("at_hash", "as in ID tokens only"),
    ("tfp", "the user flow of Azure AD B2C"),
    ("auth_time", ""),
    ("iat", ""),
    ("nbf", ""),
    ("exp", ""),
];

const OPAQUE: &str = "for Microsoft's own use";

/// All claims: the documented ones in a fixed order with their meaning, then the others.
pub(super) fn facts(claims: &Claims, kind: KindGuess, now: i64) -> Vec<Fact> {
    let mut payload: Map<String, Value> =
        serde_json::from_str(claims.as_json()).unwrap_or_default();
    let mut facts = Vec::new();
    for (name, words) in WORDS {
        if let Some(value) = payload.remove(*name) {
            let words = match *words {
                "" => meaning(name, claims, kind, now),
                words => words.to_owned(),
            };
            let fact = Fact::new(name, text(name, &value), words);
            facts.push(if facts::is_personal(name) {
                fact.hidden(facts::shown_instead(&value))
            } else {
                fact
            });
        }
    }
    // Whatever a tenant puts into its tokens may be anybody's personal data.
    facts.extend(payload.iter().map(|(name, value)| {
        Fact::new(name, text(name, value), "").hidden(facts::shown_instead(value))
    }));
    facts
}

fn text(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {
            let texts: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            texts.join(" ")
        }
        Value::Number(number) if TIMES.iter().any(|(time, ..)| *time == name) => number
            .as_i64()
            .map_or_else(|| number.to_string(), when::date),
        other => other.to_string(),
    }
}

/// With what is said of a time that is past, and of one that is ahead.
const TIMES: [(&str, &str, &str); 4] = [
    ("auth_time", "signed in", "will sign in"),
    ("iat", "issued", "will be issued"),
    ("nbf", "valid since", "valid from"),
    ("exp", "expired", "expires"),
];

fn meaning(name: &str, claims: &Claims, kind: KindGuess, now: i64) -> String {
    match name {
        "aud" => match kind {
            KindGuess::IdToken(_) => "the client application that somebody signed in to".to_owned(),
            _ => claims.aud().map(words::audience).unwrap_or_default(),
        },
        "iss" => claims.iss().map(facts::issuer).unwrap_or_default(),
        "tid" if claims.is_personal_account() => {
            "the tenant of personal Microsoft accounts".to_owned()
        }
        "tid" => "the tenant that the caller acts in".to_owned(),
        "azp" => claims.azp().map(words::client).unwrap_or_default(),
        "appid" => claims.appid().map(words::client).unwrap_or_default(),
        "azpacr" | "appidacr" => words::proof(claims.client_authentication()).to_owned(),
        "groups" => match claims.get("groups").as_ref().and_then(Value::as_array) {
            Some(groups) => format!("{} groups that the user is in", groups.len()),
            None => "no list of groups".to_owned(),
        },
        "idp" | "acct" => membership(claims.membership()).to_owned(),
        "xms_cc" if claims.understands_claims_challenges() => {
            "the client understands claims challenges".to_owned()
        }
        "xms_cc" => "what the client can handle".to_owned(),
        "xms_idrel" => words::relation(claims.relation()),
        "xms_act_fct" => words::facets("the client application", claims.actor_facets()),
        "xms_sub_fct" => words::facets("the subject", claims.subject_facets()),
        "xms_tnt_fct" => words::facets("the tenant", claims.tenant_facets()),
        _ => time(name, claims, now),
    }
}

fn time(name: &str, claims: &Claims, now: i64) -> String {
    let value = match name {
        "iat" => claims.iat(),
        "nbf" => claims.nbf(),
        "exp" => claims.exp(),
        _ => claims.auth_time(),
    };
    let words = TIMES.iter().find(|(time, ..)| *time == name);
    match (value, words) {
        (Some(unix), Some((_, past, future))) => {
            let words = if unix > now { future } else { past };
            format!("{words} {}", when::relative(unix, now))
        }
        _ => String::new(),
    }
}

fn membership(membership: Membership) -> &'static str {
    match membership {
        Membership::Member => "the user is a member of this tenant",
        Membership::Guest => "the user is a guest of this tenant",
        Membership::Unknown => "does not tell whether the user is a guest",
    }
}
