//! Decoding without verification.

use entra_claims::{Claims, Groups, UnverifiedToken};
use serde_json::{Map, Value};

use crate::check::{base64_of, base64url, one_line, prints_safely};
use crate::unique::names_are_unique;

/// `{"typ":"JWT","alg":"RS256","kid":"key-1"}`
pub(super) const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIn0";

/// `UnverifiedToken::decode` and every accessor, on `data` as a token, as the JSON of a payload
/// and as the JSON of a header.
///
/// What is decoded has one spelling, and the accessors say what a second reader of the same JSON
/// says.
pub fn token(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        decode(text);
    }
    let segment = base64url(data);
    decode(&format!("{HEADER}.{segment}."));
    decode(&format!("{segment}.e30."));
}

pub(super) fn decode(text: &str) {
    let token = match UnverifiedToken::decode(text) {
        Ok(token) => token,
        Err(error) => return prints_safely(&error),
    };
    let mut segments = text.split('.');
    header_agrees(&token, segments.next().unwrap_or_default());
    let claims = token.claims();
    let payload = segments.next();
    assert_eq!(payload, Some(base64url(claims.as_json()).as_str()));
    claims_agree(claims);
    one_line(&format!("{token:?} {claims:?} {:?}", token.kind_guess()));
    let signature = segments.next().unwrap_or_default();
    let second = base64_of(signature).map(base64url);
    assert_eq!(
        token.signature_form().is_ok(),
        second.as_deref() == Some(signature)
    );
}

fn object(json: &[u8]) -> Map<String, Value> {
    assert!(names_are_unique(json), "decoded with a name twice");
    match serde_json::from_slice(json) {
        Ok(Value::Object(members)) => members,
        other => panic!("decoded, yet a second reader says {other:?}"),
    }
}

fn header_agrees(token: &UnverifiedToken, segment: &str) {
    let header = token.header();
    let json = base64_of(segment).expect("decoded, so it is base64url");
    assert_eq!(base64url(&json), segment);
    let second = object(&json);
    for (name, read) in [
        ("alg", header.alg()),
        ("kid", header.kid()),
        ("typ", header.typ()),
    ] {
        assert_eq!(read, second.get(name).and_then(Value::as_str), "{name}");
    }
    assert_eq!(header.is_graph_style(), second.contains_key("nonce"));
}

fn claims_agree(claims: &Claims) {
    let second = object(claims.as_json().as_bytes());
    let folded = |name: &&String| name.eq_ignore_ascii_case("tid") && *name != "tid";
    assert_eq!(second.keys().find(folded), None);

    let text = |name: &str| second.get(name).and_then(Value::as_str);
    for (name, read) in [
        ("aud", claims.aud()),
        ("iss", claims.iss()),
        ("tid", claims.tid()),
        ("oid", claims.oid()),
        ("sub", claims.sub()),
        ("azp", claims.azp()),
        ("appid", claims.appid()),
        ("scp", claims.scp()),
        ("ver", claims.ver()),
        ("idtyp", claims.idtyp()),
        ("uti", claims.uti()),
        ("name", claims.name()),
        ("preferred_username", claims.preferred_username()),
        ("upn", claims.upn()),
        ("idp", claims.idp()),
        ("xms_par_app_azp", claims.parent_app()),
        ("acr", claims.acr()),
        ("aio", claims.aio()),
        ("ctry", claims.ctry()),
        ("email", claims.email()),
        ("family_name", claims.family_name()),
        ("fwd", claims.fwd()),
        ("given_name", claims.given_name()),
        ("ipaddr", claims.ipaddr()),
        ("login_hint", claims.login_hint()),
        ("nickname", claims.nickname()),
        ("onprem_sid", claims.onprem_sid()),
        ("pwd_url", claims.pwd_url()),
        ("rh", claims.rh()),
        ("sid", claims.sid()),
        ("tenant_ctry", claims.tenant_ctry()),
        ("tfp", claims.tfp()),
        ("tenant_region_scope", claims.tenant_region_scope()),
        ("unique_name", claims.unique_name()),
        ("vnet", claims.vnet()),
        ("xms_pdl", claims.xms_pdl()),
        ("xms_pl", claims.xms_pl()),
        ("xms_tpl", claims.xms_tpl()),
        ("ztdid", claims.ztdid()),
    ] {
        assert_eq!(read, text(name), "{name}");
    }
    assert_eq!(claims.azp_or_appid(), text("azp").or(text("appid")));
    for (name, read) in [
        ("exp", claims.exp()),
        ("nbf", claims.nbf()),
        ("iat", claims.iat()),
    ] {
        assert_eq!(read, second.get(name).and_then(Value::as_i64), "{name}");
    }
    let list = |name: &str| {
        let items = second.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str)
    };
    assert!(claims.roles().eq(list("roles")));
    assert!(claims.xms_cc().eq(list("xms_cc")));
    assert!(
        claims
            .scopes()
            .all(|scope| !scope.is_empty() && !scope.contains(' '))
    );
    let capable = claims.xms_cc().any(|it| it.eq_ignore_ascii_case("cp1"));
    assert_eq!(claims.understands_claims_challenges(), capable);
    let strict = |name: &str| {
        let items = second.get(name).and_then(Value::as_array);
        let texts: Option<Vec<String>> = items
            .into_iter()
            .flatten()
            .map(|item| item.as_str().map(str::to_owned))
            .collect();
        texts.unwrap_or_default()
    };
    for (name, read) in [
        ("acrs", claims.acrs()),
        ("amr", claims.amr()),
        ("wids", claims.wids()),
    ] {
        assert_eq!(read, strict(name), "{name}");
    }
    if let Groups::Listed(groups) = claims.groups() {
        assert_eq!(groups, strict("groups"));
    }
    let proof = text("azpacr").or(text("appidacr"));
    assert_eq!(
        claims.client_authentication().is_some(),
        matches!(proof, Some("0" | "1" | "2"))
    );
    assert_eq!(claims.is_bound_to_a_key(), second.contains_key("cnf"));
    for (name, read) in [
        ("xms_act_fct", claims.actor_facets()),
        ("xms_sub_fct", claims.subject_facets()),
        ("xms_tnt_fct", claims.tenant_facets()),
        ("xms_idrel", claims.relation()),
    ] {
        assert!(read.is_none() || second.contains_key(name), "{name}");
    }
    for (name, value) in &second {
        assert_eq!(claims.get(name).as_ref(), Some(value), "{name}");
    }
    if !second.contains_key("absent") {
        assert_eq!(claims.get("absent"), None);
    }
}
